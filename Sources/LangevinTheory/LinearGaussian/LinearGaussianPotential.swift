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
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func evaluate(
    at position: Tensor<Element>, over batch: Minibatch, gradient: inout Tensor<Element>, workspace: inout Void
  ) throws(LangevinError) -> Energy {
    try check(position: position, gradient: gradient)
    try batch.check(exampleCount: exampleCount)
    let weight = scale * Double(exampleCount) / Double(batch.count(of: exampleCount))
    let alpha = scale * problem.priorPrecision
    let w = position.span
    var force = gradient.mutableSpan
    var energy = Energy(cost: 0)
    for index in w.indices {
      energy.prior += alpha * Double(w[index] * w[index]) / 2
      force[index] = Element(alpha) * w[index]
    }
    for place in 0..<batch.count(of: exampleCount) {
      let row = batch.rows.map { Int($0[place]) } ?? place
      var residual = -problem.targets[row]
      for index in w.indices { residual += problem.features[row][index] * Double(w[index]) }
      energy.cost += weight * residual * residual / (2 * problem.noiseVariance)
      let pull = weight * residual / problem.noiseVariance
      for index in w.indices { force[index] += Element(pull * problem.features[row][index]) }
    }
    return energy
  }
}
