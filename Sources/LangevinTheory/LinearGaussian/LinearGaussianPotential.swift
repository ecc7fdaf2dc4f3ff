import LangevinCore

/// The energy of a linear regression as a potential with minibatches, so that samplers meet a law that is known exactly.
///
///     U(w) = scale L(w),  the posterior at T = scale
///
/// with L of ``LinearGaussianProblem``. Scale 1 is the sum over the data, scale 1/N the mean.
public struct LinearGaussianPotential<Element: Scalar>: Potential {
  /// The regression.
  public let problem: LinearGaussianProblem
  /// U/L
  public let scale: Double
  /// One block.
  public let layout: ParameterLayout

  /// A regression's energy, times `scale`.
  public init(_ problem: LinearGaussianProblem, scale: Double = 1) throws(LangevinError) {
    try require(scale > 0 && scale.isFinite, "the scale", is: scale, expected: "above 0, finite")
    self.problem = problem
    self.scale = scale
    layout = try ParameterLayout(count: problem.dimension, name: "weights")
  }

  /// N
  public var exampleCount: Int { problem.count }

  /// Energy and gradient: the examples of the batch weighted by N/B, the prior once.
  public func evaluate(
    at position: Tensor<Element>, over batch: Minibatch, gradient: inout Tensor<Element>, workspace: inout Void
  ) throws(LangevinError) -> Energy {
    try check(position: position, gradient: gradient)
    try batch.check(exampleCount: exampleCount)
    let weight = scale * Double(exampleCount) / Double(batch.count(of: exampleCount))
    let alpha = scale * problem.priorPrecision
    var energy = Energy(cost: 0)
    for index in 0..<position.count {
      energy.prior += alpha * Double(position[index] * position[index]) / 2
      gradient[index] = Element(alpha) * position[index]
    }
    func add(_ row: Int) {
      let phi = problem.features[row]
      let residual = phi.indices.reduce(-problem.targets[row]) { $0 + phi[$1] * Double(position[$1]) }
      energy.cost += weight * residual * residual / (2 * problem.noiseVariance)
      for index in phi.indices { gradient[index] += Element(weight * residual * phi[index] / problem.noiseVariance) }
    }
    if let rows = batch.rows {
      for row in rows { add(Int(row)) }
    } else {
      for row in 0..<exampleCount { add(row) }
    }
    return energy
  }
}
