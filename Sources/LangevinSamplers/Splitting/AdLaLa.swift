import LangevinCore

/// Adaptive Langevin for one partition, usually the first layer, and plain Langevin for the others.
///
///     partition 1, for each group:    A C D E D C A    with its own xi     (AdLa)
///     partition 2:                    A O A            with friction gamma (Langevin)
///     then one gradient for both, and    p -= h G;     half a kick before the first step
///
/// The thermostat finds the friction that the minibatch noise in the first layer needs. Law: with T_1 = T_2 = T, and
/// gradient noise in partition 2 that is small beside its thermal noise, exp(-U/T) with the bias of ``AdLaSettings``; with different
/// temperatures no known law. The defaults are the published ones, for a mean loss on the two spirals with batches of 25.
///
/// Leimkuhler, Matthews and Vlaar, arXiv 1908.11843.
public struct AdLaLaSettings: SamplerSettings {
  /// h > 0, in time.
  public var stepSize: Schedule = 0.25
  /// T_1, in units of U.
  public var temperature: Schedule?
  /// T_2; by default T_1.
  public var secondTemperature: Schedule?
  /// gamma >= 0 of partition 2, in 1/time.
  public var friction = 0.1
  /// The parameters of partition 1.
  public var first: ParameterSelection = ["layer1"]
  /// eps > 0.
  public var coupling = 0.05
  /// sigma >= 0.
  public var drivingNoise = 0.01
  /// xi at the start, in 1/time.
  public var initialThermostat = 0.1
  /// The defaults, which are the published ones.
  public init() {}

  /// `adlala`
  package static let names = ["adlala"]
  /// A line for the list.
  package static let summary = "adaptive Langevin dynamics for the first layer, Langevin dynamics for the rest"
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature), .secondTemperature(\.secondTemperature), .stepSize(\.stepSize),
    .friction(\.friction), .first(\.first), .coupling(\.coupling), .drivingNoise(\.drivingNoise),
    .initialThermostat(\.initialThermostat),
  ]
  /// The posterior's temperature, if none was given, for both.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? .constant(context.posteriorTemperature)
    secondTemperature = secondTemperature ?? temperature
  }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    let temperature = try required(temperature)
    return try Splitting<Element>.adLaLa(
      adaptive: first, stepSize: stepSize, temperatures: (temperature, secondTemperature ?? temperature),
      thermostat: Thermostat(coupling: .fixed(coupling), drivingNoise: drivingNoise, initial: initialThermostat),
      friction: friction
    ).described(by: self)
  }
}

extension Splitting {
  /// AdLaLa, starting at rest; see ``AdLaLaSettings``.
  ///
  /// - Parameters:
  ///   - adaptive: the parameters of partition 1; the others make partition 2.
  ///   - stepSize: h > 0, in time.
  ///   - temperatures: T_1 and T_2, in units of U; with a mean loss T = 1/(N beta). 1e-6 is published, too.
  ///   - thermostat: eps, sigma, the initial xi and the groups of partition 1.
  ///   - friction: gamma >= 0 of partition 2, in 1/time.
  /// - Returns: The sampler.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public static func adLaLa(
    adaptive: ParameterSelection = AdLaLaSettings().first, stepSize: Schedule = AdLaLaSettings().stepSize,
    temperatures: (Schedule, Schedule), thermostat: Thermostat = Thermostat(),
    friction: Double = AdLaLaSettings().friction
  ) throws(SamplingError) -> Splitting {
    try Splitting(
      AdLaLaSettings.name, stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          "adaptive", parameters: adaptive, word: try SplittingWord(AdLaSettings.word), temperature: temperatures.0,
          thermostat: thermostat),
        PartitionDynamics(
          "langevin", word: try SplittingWord("BAOAB"), temperature: temperatures.1, friction: friction),
      ],
      initialMomentum: .rest)
  }
}
