import LangevinCore

/// Adaptive Langevin for one partition, usually the first layer, and plain Langevin for the others.
///
///     partition 1, for each group:    A C D E D C A    with its own xi     (AdLa)
///     partition 2:                    A O A            with friction gamma (Langevin)
///     then one gradient for both, and    p -= h G;     half a kick before the first step
///
/// The thermostat finds the friction that the minibatch noise in the first layer needs. Law: with T_1 = T_2 = T, and
/// gradient noise in partition 2 that is small beside its thermal noise, exp(-U/T) with the bias of ``AdLa``; with different
/// temperatures no known law. The defaults are the published ones, for a mean loss on the two spirals with batches of 25.
///
/// Leimkuhler, Matthews and Vlaar, arXiv 1908.11843.
public struct AdLaLa<Element: Scalar>: SplittingMethod {
  /// What the method is made of.
  public let splitting: Splitting<Element>

  /// AdLaLa, starting at rest.
  ///
  /// - Parameters:
  ///   - adaptive: the parameters of partition 1; the others make partition 2.
  ///   - stepSize: h > 0, in time.
  ///   - temperatures: T_1 and T_2, in units of U; with a mean loss T = 1/(N beta). 1e-6 is published, too.
  ///   - thermostat: eps, sigma, the initial xi and the groups of partition 1.
  ///   - friction: gamma >= 0 of partition 2, in 1/time.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public init(
    adaptive: ParameterSelection = ["layer1"], stepSize: Schedule = 0.25,
    temperatures: (Schedule, Schedule) = (1e-4, 1e-4), thermostat: Thermostat = Thermostat(), friction: Double = 0.1
  ) throws(SamplingError) {
    splitting = try Splitting(
      "adlala", stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          "adaptive", parameters: adaptive, word: try SplittingWord(AdLa<Element>.letters),
          temperature: temperatures.0, thermostat: thermostat),
        PartitionDynamics(
          "langevin", word: try SplittingWord("BAOAB"), temperature: temperatures.1, friction: friction),
      ],
      initialMomentum: .rest)
  }
}
