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
public struct BADODAB<Element: Scalar>: SplittingMethod {
  /// What the method is made of.
  public let splitting: Splitting<Element>

  /// Adaptive Langevin dynamics of all parameters.
  ///
  /// - Parameters:
  ///   - stepSize: h > 0, in time.
  ///   - temperature: T > 0, in units of U.
  ///   - thermostat: eps, sigma, the initial xi and the groups.
  ///   - mass: m > 0.
  ///   - initialMomentum: drawn from N(0, mT), or zero.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public init(
    stepSize: Schedule, temperature: Schedule = 1,
    thermostat: Thermostat = Thermostat(coupling: .perDegreeOfFreedom(1), drivingNoise: 1),
    mass: PartitionDynamics<Element>.Mass = .scalar(1),
    initialMomentum: Splitting<Element>.InitialMomentum = .thermal
  ) throws(SamplingError) {
    splitting = try Splitting(
      "badodab", stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          word: try SplittingWord("BAEFEAB"), temperature: temperature, mass: mass, thermostat: thermostat)
      ],
      initialMomentum: initialMomentum)
  }
}
