import LangevinCore

/// Adaptive Langevin dynamics of all parameters in the published splitting for training.
///
///     A C D E D C A B:    C  p = exp(-xi t) p,    D  p += sigma sqrt(t m) R,    E  xi += eps t (sum p^2/m - n T)
///
/// with half a kick before the first step. Law: exp(-U/T) times a normal law of xi with mean sigma^2/(2T) and variance
/// eps T, but read the small print: friction and noise are split, so positions have the temperature T/cosh(xi h), and xi has
/// a mean only if sigma^2 h/2 < T. For a posterior ``BADODAB`` is free of this.
///
/// Leimkuhler, Matthews and Vlaar, arXiv 1908.11843.
public struct AdLa<Element: Scalar>: SplittingMethod {
  /// What the method is made of.
  public let splitting: Splitting<Element>

  /// The letters of a step; the half kicks of neighbouring steps are one.
  static var letters: String { "BACDEDCAB" }

  /// AdLa of all parameters, which start at rest.
  ///
  /// - Parameters:
  ///   - stepSize: h > 0, in time.
  ///   - temperature: T > 0, in units of U.
  ///   - thermostat: eps, sigma, the initial xi and the groups.
  ///   - mass: m > 0.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public init(
    stepSize: Schedule = 0.25, temperature: Schedule = 1e-4, thermostat: Thermostat = Thermostat(),
    mass: PartitionDynamics<Element>.Mass = .scalar(1)
  ) throws(SamplingError) {
    splitting = try Splitting(
      "adla", stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          word: try SplittingWord(Self.letters), temperature: temperature, mass: mass, thermostat: thermostat)
      ],
      initialMomentum: .rest)
  }
}
