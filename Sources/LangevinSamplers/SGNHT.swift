import LangevinCore

/// The stochastic gradient Nosé-Hoover thermostat, by Euler's step; for comparison with ``BADODAB``.
///
///     p += -h G - h xi p + sigma sqrt(h m) R,    theta += h p/m,    xi += h eps (mean p^2/m - T)
///
/// Law: exp(-(U + |p|^2/(2m))/T) with a bias of first order in h; xi fluctuates about sigma^2/(2T) plus what the gradient's
/// noise takes. The feedback is per degree of freedom: eps here is eps/n of the other thermostats.
///
/// Ding, Fang, Babbush, Chen, Skeel and Neven, NIPS 2014.
public struct SGNHT<Element: Scalar>: SplittingMethod {
  /// What the method is made of.
  public let splitting: Splitting<Element>

  /// SGNHT of all parameters, with one thermostat variable.
  ///
  /// - Parameters:
  ///   - stepSize: h > 0, in time.
  ///   - temperature: T > 0, in units of U.
  ///   - drivingNoise: sigma >= 0.
  ///   - coupling: eps > 0, per degree of freedom.
  ///   - initialThermostat: xi at the start, in 1/time.
  ///   - mass: m > 0.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public init(
    stepSize: Schedule, temperature: Schedule = 1, drivingNoise: Double = 1, coupling: Double = 1,
    initialThermostat: Double = 0.1, mass: PartitionDynamics<Element>.Mass = .scalar(1)
  ) throws(SamplingError) {
    splitting = try Splitting(
      "sgnht", stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          word: try SplittingWord("NE"), temperature: temperature, mass: mass,
          thermostat: Thermostat(
            coupling: .perDegreeOfFreedom(coupling), drivingNoise: drivingNoise, initial: initialThermostat,
            groups: .whole))
      ])
  }
}
