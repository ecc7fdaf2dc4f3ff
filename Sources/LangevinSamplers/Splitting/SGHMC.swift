import LangevinCore

/// Stochastic gradient Hamiltonian Monte Carlo: Euler's step of Langevin dynamics, less noise where the gradient has some.
///
///     p += -h G - h gamma p + sqrt(2 h (gamma m T - B)) R,    then theta += h p/m
///
/// B is the variance rate of the gradient's own noise: h s^2/2 for an independent noise of standard deviation s per step.
/// Law: exp(-(U + |p|^2/(2m))/T) with a bias of first order in h. Stable on stiffness k for h^2 k/m < 4 - 2 gamma h.
///
/// Chen, Fox and Guestrin, arXiv 1402.4102.
public struct SGHMCSettings: SamplerSettings {
  /// h > 0, in time.
  public var stepSize: Schedule = 0.01
  /// T >= 0, in units of U.
  public var temperature: Schedule?
  /// gamma > 0, in 1/time.
  public var friction = 1.0
  /// m > 0.
  public var mass = 1.0
  /// B, from 0 to gamma m T.
  public var knownNoise = 0.0
  /// The defaults.
  public init() {}

  /// `sghmc`
  package static let names = ["sghmc"]
  /// A line for the list.
  package static let summary =
    "stochastic gradient Hamiltonian Monte Carlo: momenta, friction, and less noise where minibatches bring some"
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature), .stepSize(\.stepSize), .friction(\.friction), .mass(\.mass),
    Setting("known-noise", \.knownNoise, in: .notNegative, "B, the noise that minibatches are known to bring"),
  ]
  /// The posterior's temperature, if none was given.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? .constant(context.posteriorTemperature)
  }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try Splitting<Element>.sghmc(
      stepSize: stepSize, temperature: try required(temperature), friction: friction, mass: mass, knownNoise: knownNoise
    ).described(by: self)
  }
}

extension Splitting {
  /// SGHMC of all parameters; see ``SGHMCSettings``.
  ///
  /// - Parameters:
  ///   - stepSize: h > 0, in time.
  ///   - temperature: T >= 0, in units of U.
  ///   - friction: gamma > 0, in 1/time.
  ///   - mass: m > 0.
  ///   - knownNoise: B, from 0 to gamma m T.
  ///   - clampsNoise: whether a larger B leaves no noise at all, and a warning, instead of an error.
  /// - Returns: The sampler.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public static func sghmc(
    stepSize: Schedule = SGHMCSettings().stepSize, temperature: Schedule,
    friction: Double = SGHMCSettings().friction, mass: Double = SGHMCSettings().mass, knownNoise: Double = 0,
    clampsNoise: Bool = false
  ) throws(SamplingError) -> Splitting {
    let limit = friction * mass * temperature.lowest
    try check(
      clampsNoise || knownNoise <= limit, "knownNoise", is: knownNoise,
      expected: "at most friction mass temperature = \(limit) at the lowest temperature: the minibatch noise exceeds "
        + "the thermal noise; use more friction, a smaller step size or larger batches")
    return try Splitting(
      SGHMCSettings.name, stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          word: try SplittingWord("H"), temperature: temperature, friction: friction, mass: .scalar(mass),
          knownNoise: knownNoise)
      ])
  }
}
