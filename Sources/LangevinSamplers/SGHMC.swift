import LangevinCore

/// Stochastic gradient Hamiltonian Monte Carlo: Euler's step of Langevin dynamics, less noise where the gradient has some.
///
///     p += -h G - h gamma p + sqrt(2 h (gamma m T - B)) R,    then theta += h p/m
///
/// B is the variance rate of the gradient's own noise: h s^2/2 for an independent noise of standard deviation s per step.
/// Law: exp(-(U + |p|^2/(2m))/T) with a bias of first order in h. Stable on stiffness k for h^2 k/m < 4 - 2 gamma h.
///
/// Chen, Fox and Guestrin, arXiv 1402.4102.
public struct SGHMC<Element: Scalar>: SplittingMethod {
  /// What the method is made of.
  public let splitting: Splitting<Element>

  /// SGHMC of all parameters.
  ///
  /// - Parameters:
  ///   - stepSize: h > 0, in time.
  ///   - temperature: T >= 0, in units of U.
  ///   - friction: gamma > 0, in 1/time.
  ///   - mass: m > 0.
  ///   - knownNoise: B, from 0 to gamma m T.
  ///   - clampsNoise: whether a larger B leaves no noise at all, and a warning, instead of an error.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public init(
    stepSize: Schedule, temperature: Schedule = 1, friction: Double = 1, mass: Double = 1, knownNoise: Double = 0,
    clampsNoise: Bool = false
  ) throws(SamplingError) {
    let dynamics = PartitionDynamics<Element>(
      word: try SplittingWord("H"), temperature: temperature, friction: friction, mass: .scalar(mass),
      knownNoise: knownNoise)
    splitting = try Splitting("sghmc", stepSize: stepSize, partitions: [dynamics])
    let limit = friction * mass * temperature.lowest
    try check(
      clampsNoise || knownNoise <= limit, "knownNoise", is: knownNoise,
      expected: "at most friction mass temperature = \(limit) at the lowest temperature: the minibatch noise exceeds "
        + "the thermal noise; use more friction, a smaller step size or larger batches")
  }
}
