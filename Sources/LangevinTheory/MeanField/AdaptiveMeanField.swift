import LangevinCore
import LangevinPlatform

/// Adaptive variances: self-reinforcing selection of inputs.
///
/// If many units put weight on a coordinate, the common variance tau_j of that coordinate grows, which makes it cheaper for
/// each unit to do so. The variances are new order parameters, with a Gamma prior of stiffness nu on 1/tau_j:
///
///     tau_j = (nu tbar + E_rho[w_j^2])/(nu + 1)
///     free energy += (nu N/2) sum_j [ln(tau_j/tbar) + tbar/tau_j - 1]
///
/// The published theory has this mechanism, but its formulas were not at hand: the prior of the variances and its stiffness nu
/// are this module's own formulation, and results depend on nu. nu -> infinity is the plain theory. The free energy is not convex: two starts may end on two branches.
extension ParityMeanField {
  /// One branch of the theory with adaptive variances.
  public struct AdaptiveSolution: Hashable, Sendable {
    /// The solution of the theory at these variances; its free energy is without the penalty.
    public let solution: Solution
    /// tau
    public let variances: CoordinateVariances
    /// The free energy with the penalty of the variances.
    public let freeEnergy: Double
    /// The largest difference of ln tau from the logarithm of what it should be.
    public let residual: Double
    /// How often the inner problem was solved.
    public let iterations: Int
  }

  /// Both branches; the one of lower free energy is the prediction. The other is nil where both starts end at one solution.
  public func solveAdaptive(
    stiffness nu: Double
  ) throws -> (prediction: AdaptiveSolution, metastable: AdaptiveSolution?) {
    let tbar = model.weightVariance
    let disordered = try solveAdaptive(stiffness: nu, from: CoordinateVariances(relevant: tbar, irrelevant: tbar))
    let aligned = (nu * tbar + model.inputVariance / Double(max(degree, 1))) / (nu + 1)
    let ordered = try solveAdaptive(stiffness: nu, from: CoordinateVariances(relevant: aligned, irrelevant: tbar))
    let gap = max(
      abs(log(ordered.variances.relevant / disordered.variances.relevant)),
      abs(log(ordered.variances.irrelevant / disordered.variances.irrelevant)))
    if gap < 0.01 { return (disordered, nil) }
    return ordered.freeEnergy < disordered.freeEnergy ? (ordered, disordered) : (disordered, ordered)
  }

  /// The branch that a start leads to; a neighbouring solution as start follows a branch.
  ///
  /// The equation for tau is iterated, which keeps to the branch, and then polished by Broyden's method, since near the onset
  /// and for small nu the iteration crawls.
  public func solveAdaptive(
    stiffness nu: Double, from start: CoordinateVariances
  ) throws -> AdaptiveSolution {
    try require(nu >= 0.05 && nu.isFinite, "the stiffness nu", is: nu, expected: "0.05 or more, finite")
    try checkPositive(start.relevant, "the relevant variance")
    try checkPositive(start.irrelevant, "the irrelevant variance")
    let tbar = model.weightVariance
    var field = self
    var iterations = 0
    /// ln of the right side at ln tau, and the solution there.
    func update(_ logarithms: [Double]) throws -> (target: [Double], solution: Solution) {
      let variances = CoordinateVariances(
        relevant: exp(logarithms[0]), irrelevant: exp(logarithms[1]))
      field = try field.holding(variances)
      iterations += 1
      let solution = try field.solve(variances: variances)
      let squares = [solution.weightSquares.relevant, solution.weightSquares.irrelevant]
      return (squares.map { log((nu * tbar + $0) / (nu + 1)) }, solution)
    }

    var x = [log(start.relevant), log(start.irrelevant)]
    var (target, solution) = try update(x)
    var residual = zip(target, x).map { $0 - $1 }
    func size(_ vector: [Double]) -> Double { vector.reduce(0) { max($0, abs($1)) } }
    while iterations < 40, size(residual) > 1e-4 {
      x = target
      (target, solution) = try update(x)
      residual = zip(target, x).map { $0 - $1 }
    }
    // The inverse of the residual's derivative, which is -1 for an iteration without memory.
    var inverse = DenseMatrix(diagonal: -1, count: 2)
    while size(residual) > 1e-9 {
      guard iterations < 200 else {
        throw TheoryError.notConverged("the adaptive variances", iterations: iterations, residual: size(residual))
      }
      // A step of more than 0.2 in ln tau would leave the branch.
      var step = (inverse * residual).map { -$0 }
      let shorten = min(1, 0.2 / size(step))
      step = step.map { shorten * $0 }
      x = zip(x, step).map { $0 + $1 }
      (target, solution) = try update(x)
      let next = zip(target, x).map { $0 - $1 }
      let change = zip(next, residual).map { $0 - $1 }
      let moved = inverse * change
      let correction = zip(step, moved).map { $0 - $1 }
      let denominator = dot(step, moved)
      if denominator != 0 {
        inverse = inverse + 1 / denominator * DenseMatrix(correction, outer: inverse.transpose * step)
      }
      residual = next
    }

    let variances = CoordinateVariances(relevant: exp(x[0]), irrelevant: exp(x[1]))
    let k = Double(degree)
    func penalty(_ tau: Double) -> Double { log(tau / tbar) + tbar / tau - 1 }
    let penalties = k * penalty(variances.relevant) + (Double(model.inputs) - k) * penalty(variances.irrelevant)
    return AdaptiveSolution(
      solution: solution, variances: variances,
      freeEnergy: solution.freeEnergy + nu * Double(model.width) / 2 * penalties, residual: size(residual),
      iterations: iterations)
  }
}
