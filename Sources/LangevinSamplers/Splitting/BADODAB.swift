import LangevinCore

/// The adaptive Langevin thermostat in its most accurate splitting: unknown gradient noise is measured and removed.
///
///     B A E F E A B:    dp = -G dt - xi p dt + sigma sqrt(m) dW,    d xi = eps (sum p^2/m - n T) dt
///
/// (The paper calls E "D" and F "O".) Law: exp(-(U + |p|^2/(2m))/T) times a normal law of xi with mean sigma^2/(2T) and
/// variance eps T. White gradient noise of standard deviation s per step only moves the mean of xi to
/// (sigma^2 + h s^2)/(2T). Within a group of one xi parameters with more noise than the average run hot, the others cold:
/// hence one group for each block by default.
///
/// Leimkuhler and Shang, arXiv 1505.06889.
public struct BADODABSettings: SamplerSettings {
  /// h > 0, in time.
  public var stepSize: Schedule = 0.1
  /// T > 0, in units of U.
  public var temperature: Schedule?
  /// eps times the number of parameters of a group, above 0.
  public var coupling = 1.0
  /// sigma >= 0.
  public var drivingNoise = 0.01
  /// xi at the start, in 1/time.
  public var initialThermostat = 0.1
  /// The defaults.
  public init() {}

  /// `badodab`
  package static let names = ["badodab"]
  /// A line for the list.
  package static let summary =
    "adaptive Langevin dynamics with a symmetric splitting: a friction for each block that adapts to the noise"
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature), .stepSize(\.stepSize), .couplingPerParameter(\.coupling),
    .drivingNoise(\.drivingNoise), .initialThermostat(\.initialThermostat),
  ]
  /// The posterior's temperature, if none was given.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? .constant(context.posteriorTemperature)
  }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try Splitting<Element>.badodab(
      stepSize: stepSize, temperature: try required(temperature), thermostat: thermostat
    ).described(by: self)
  }

  /// One for each block.
  var thermostat: Thermostat {
    Thermostat(coupling: .perDegreeOfFreedom(coupling), drivingNoise: drivingNoise, initial: initialThermostat)
  }
}

extension Splitting {
  /// BADODAB of all parameters; see ``BADODABSettings``.
  ///
  /// - Parameters:
  ///   - stepSize: h > 0, in time.
  ///   - temperature: T > 0, in units of U.
  ///   - thermostat: eps, sigma, the initial xi and the groups.
  ///   - mass: m > 0.
  ///   - initialMomentum: drawn from N(0, mT), or zero.
  /// - Returns: The sampler.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public static func badodab(
    stepSize: Schedule = BADODABSettings().stepSize, temperature: Schedule, thermostat: Thermostat? = nil,
    mass: PartitionDynamics<Element>.Mass = .scalar(1), initialMomentum: InitialMomentum = .thermal
  ) throws(SamplingError) -> Splitting {
    try Splitting(
      BADODABSettings.name, stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          word: try SplittingWord("BAEFEAB"), temperature: temperature, mass: mass,
          thermostat: thermostat ?? BADODABSettings().thermostat)
      ],
      initialMomentum: initialMomentum)
  }
}
