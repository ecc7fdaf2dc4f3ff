/// Why a theory has no answer for what it was given.
public enum TheoryError: Error, Hashable {
  /// The Hessian has an eigenvalue that is not above 0, so there is no stationary state around this point.
  case notAMinimum(smallestEigenvalue: Double)
  /// There is no noise, so entropy production is not defined.
  case singularDiffusion
  /// The drift leaves the directions that the noise reaches: by this share of its size.
  case driftLeavesNoise(share: Double)
  /// An iteration that did not end within its budget.
  case notConverged(String, iterations: Int, residual: Double)
  /// Too little data for an estimate.
  case tooFew(String, found: Int, needed: Int)
  /// A case that the theory does not cover, and what to use instead.
  case unsupported(String)
  /// A trajectory that left every bound.
  case diverged(step: UInt64)
}

extension TheoryError: CustomStringConvertible {
  /// One sentence for the user.
  public var description: String {
    switch self {
    case .notAMinimum(let value):
      "the Hessian's smallest eigenvalue is \(value), so this is not a minimum; expected a value above 0"
    case .singularDiffusion:
      "the diffusion matrix is zero (singular diffusion), so entropy production is not defined; use smaller batches"
    case .driftLeavesNoise(let share):
      "a share \(share) of the drift lies where there is no noise; project on the directions with noise first"
    case .notConverged(let what, let iterations, let residual):
      "\(what) did not converge in \(iterations) iterations; the residual is \(residual)"
    case .tooFew(let what, let found, let needed):
      "\(found) \(what) were given; at least \(needed) are needed"
    case .unsupported(let reason):
      reason
    case .diverged(let step):
      "step \(step): the trajectory is not finite or a million times as far out as its start; reduce the step size"
    }
  }
}
