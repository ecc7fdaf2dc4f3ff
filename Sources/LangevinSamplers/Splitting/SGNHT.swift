import LangevinCore

/// The stochastic gradient Nosé-Hoover thermostat, by Euler's step; for comparison with ``BADODABSettings``.
///
///     p += -h G - h xi p + sigma sqrt(h m) R,    theta += h p/m,    xi += h eps (mean p^2/m - T)
///
/// Law: exp(-(U + |p|^2/(2m))/T) with a bias of first order in h; xi fluctuates about sigma^2/(2T) plus what the gradient's
/// noise takes. The feedback is per degree of freedom: eps here is eps/n of the other thermostats.
///
/// Ding, Fang, Babbush, Chen, Skeel and Neven, NIPS 2014.
public struct SGNHTSettings: SamplerSettings {
  /// h > 0, in time.
  public var stepSize: Schedule = 0.01
  /// T > 0, in units of U.
  public var temperature: Schedule?
  /// eps > 0, per degree of freedom.
  public var coupling = 1.0
  /// sigma >= 0.
  public var drivingNoise = 0.01
  /// xi at the start, in 1/time.
  public var initialThermostat = 0.1
  /// The defaults.
  public init() {}

  /// `sgnht`
  package static let names = ["sgnht"]
  /// A line for the list.
  package static let summary =
    "stochastic gradient Nosé-Hoover thermostat: one friction that adapts to the noise there is"
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
    try Splitting<Element>.sgnht(
      stepSize: stepSize, temperature: try required(temperature), drivingNoise: drivingNoise, coupling: coupling,
      initialThermostat: initialThermostat
    ).described(by: self)
  }
}

extension Splitting {
  /// SGNHT of all parameters, with one thermostat variable; see ``SGNHTSettings``.
  ///
  /// - Parameters:
  ///   - stepSize: h > 0, in time.
  ///   - temperature: T > 0, in units of U.
  ///   - drivingNoise: sigma >= 0.
  ///   - coupling: eps > 0, per degree of freedom.
  ///   - initialThermostat: xi at the start, in 1/time.
  ///   - mass: m > 0.
  /// - Returns: The sampler.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public static func sgnht(
    stepSize: Schedule = SGNHTSettings().stepSize, temperature: Schedule,
    drivingNoise: Double = SGNHTSettings().drivingNoise, coupling: Double = SGNHTSettings().coupling,
    initialThermostat: Double = SGNHTSettings().initialThermostat,
    mass: PartitionDynamics<Element>.Mass = .scalar(1)
  ) throws(SamplingError) -> Splitting {
    try Splitting(
      SGNHTSettings.name, stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          word: try SplittingWord("NE"), temperature: temperature, mass: mass,
          thermostat: Thermostat(
            coupling: .perDegreeOfFreedom(coupling), drivingNoise: drivingNoise, initial: initialThermostat,
            groups: .whole))
      ])
  }
}
