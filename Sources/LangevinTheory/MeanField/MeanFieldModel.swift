import LangevinCore
import LangevinPlatform

/// A Bayesian two-layer network whose hidden units the mean-field theory treats as independent in a common field.
///
///     f(x) = N^-gamma sum_i a_i phi(w_i . x),     a_i ~ Normal(0, sa^2),   w_ij ~ Normal(0, sw^2/d)
///     log posterior = log prior - (1/(2 kappa^2)) mean (y - f)^2
///
/// The mean, not the sum, over the data: this is regression with noise variance kappa^2 P, and Langevin dynamics on
/// mean (y - f)^2 has the temperature T = 2 kappa^2. gamma = 1/2 is the kernel scaling, gamma = 1 the mean-field scaling.
///
/// The model and the plain theory are those of Goering, Mingard, Nam and Louis, "A simple mean field model of feature
/// learning", arXiv 2510.15174. Published descriptions leave choices open; where this module made one, it says so.
public struct MeanFieldModel: Hashable, Sendable {
  /// d, the length of an input.
  public let inputs: Int
  /// N, the number of hidden units.
  public let width: Int
  /// gamma
  public let outputExponent: Double
  /// kappa
  public let noise: Double
  /// sa^2
  public let outputVariance: Double
  /// sw^2
  public let inputVariance: Double

  /// A network and its noise.
  public init(
    inputs: Int, width: Int, noise: Double, outputExponent: Double = 0.5, outputVariance: Double = 1,
    inputVariance: Double = 1
  ) throws(LangevinError) {
    try require(inputs >= 1, "the number of inputs d", is: inputs, expected: "1 or more")
    try require(width >= 1, "the width N", is: width, expected: "1 or more")
    try require(outputExponent.isFinite, "the output exponent gamma", is: outputExponent, expected: "a finite number")
    try checkPositive(noise, "the noise kappa")
    try checkPositive(outputVariance, "the output variance sa2")
    try checkPositive(inputVariance, "the input variance sw2")
    self.inputs = inputs
    self.width = width
    self.outputExponent = outputExponent
    self.noise = noise
    self.outputVariance = outputVariance
    self.inputVariance = inputVariance
  }

  /// The same network with another noise.
  public func with(noise: Double) throws(LangevinError) -> MeanFieldModel {
    try MeanFieldModel(
      inputs: inputs, width: width, noise: noise, outputExponent: outputExponent, outputVariance: outputVariance,
      inputVariance: inputVariance)
  }

  /// tbar = sw^2/d, the prior variance of an input weight.
  public var weightVariance: Double { inputVariance / Double(inputs) }
  /// N^(2 gamma)
  var squaredScale: Double { pow(Double(width), 2 * outputExponent) }
  /// A = kappa^2 N^(2 gamma)/sa^2: the prior's part of the precision of an output weight, in units of kappa^2 N^(2 gamma).
  var priorPrecision: Double { noise * noise * squaredScale / outputVariance }
}

/// Variances of the input weights: one for the coordinates that the target depends on, one for the others.
public struct CoordinateVariances: Hashable, Sendable {
  /// The variance of a weight from a relevant coordinate.
  public var relevant: Double
  /// The variance of a weight from any other coordinate.
  public var irrelevant: Double

  /// A pair of variances.
  public init(relevant: Double, irrelevant: Double) {
    self.relevant = relevant
    self.irrelevant = irrelevant
  }
}
