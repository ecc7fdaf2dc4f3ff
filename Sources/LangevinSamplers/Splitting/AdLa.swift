import LangevinCore

/// Adaptive Langevin dynamics of all parameters in the published splitting for training.
///
///     A C D E D C A B:    C  p = exp(-xi t) p,    D  p += sigma sqrt(t m) R,    E  xi += eps t (sum p^2/m - n T)
///
/// with half a kick before the first step. Law: exp(-U/T) times a normal law of xi with mean sigma^2/(2T) and variance
/// eps T, but read the small print: friction and noise are split, so positions have the temperature T/cosh(xi h), and xi has
/// a mean only if sigma^2 h/2 < T. For a posterior `BADODAB` is free of this.
///
/// Leimkuhler, Matthews and Vlaar, arXiv 1908.11843.
public struct AdLaSettings: SamplerSettings {
  /// h > 0, in time.
  public var stepSize: Schedule = 0.25
  /// T > 0, in units of U.
  public var temperature: Schedule?
  /// eps > 0.
  public var coupling = 0.05
  /// sigma >= 0.
  public var drivingNoise = 0.01
  /// xi at the start, in 1/time.
  public var initialThermostat = 0.1
  /// The defaults, which are the published ones.
  public init() {}

  /// `adla`
  package static let names = ["adla"]
  /// A line for the list.
  package static let summary = "adaptive Langevin dynamics as published for training networks"
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature), .stepSize(\.stepSize), .coupling(\.coupling), .drivingNoise(\.drivingNoise),
    .initialThermostat(\.initialThermostat),
  ]
  /// The posterior's temperature, if none was given.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? .constant(context.posteriorTemperature)
  }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try Splitting<Element>.adLa(
      stepSize: stepSize, temperature: try required(temperature),
      thermostat: Thermostat(coupling: .fixed(coupling), drivingNoise: drivingNoise, initial: initialThermostat)
    ).described(by: self)
  }

  /// The letters of a step; the half kicks of neighbouring steps are one.
  static let word = "BACDEDCAB"
}

extension Splitting {
  /// AdLa of all parameters, which start at rest; see ``AdLaSettings``.
  ///
  /// - Parameters:
  ///   - stepSize: h > 0, in time.
  ///   - temperature: T > 0, in units of U.
  ///   - thermostat: eps, sigma, the initial xi and the groups.
  ///   - mass: m > 0.
  /// - Returns: The sampler.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public static func adLa(
    stepSize: Schedule = AdLaSettings().stepSize, temperature: Schedule, thermostat: Thermostat = Thermostat(),
    mass: PartitionDynamics<Element>.Mass = .scalar(1)
  ) throws(SamplingError) -> Splitting {
    try Splitting(
      AdLaSettings.name, stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          word: try SplittingWord(AdLaSettings.word), temperature: temperature, mass: mass, thermostat: thermostat)
      ],
      initialMomentum: .rest)
  }
}
