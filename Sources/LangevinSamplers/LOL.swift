import LangevinCore

/// Langevin dynamics for one partition, overdamped dynamics for the others: "Langevin, overdamped Langevin".
///
///     partition 1:    A O A, then with the common gradient    p -= h G        (BAOAB)
///     partition 2:    with the common gradient    theta += -h G + sqrt(2 h T) R   (SGLD)
///
/// Law: exp(-U/T) at equal temperatures, with a bias of first order in h from partition 2; else no known law.
/// In partition 2 time has another unit: h is a step along -G, not along p.
///
/// Leimkuhler, Matthews and Vlaar, arXiv 1908.11843.
public struct LOL<Element: Scalar>: SplittingMethod {
  /// What the method is made of.
  public let splitting: Splitting<Element>

  /// LOL, starting at rest.
  ///
  /// - Parameters:
  ///   - langevin: the parameters with momenta; the others are overdamped.
  ///   - stepSize: h > 0.
  ///   - temperatures: T >= 0 of the partition with momenta, and of the other.
  ///   - friction: gamma >= 0, in 1/time.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public init(
    langevin: ParameterSelection = ["layer1"], stepSize: Schedule = 0.25,
    temperatures: (Schedule, Schedule) = (1e-4, 1e-4), friction: Double = 0.1
  ) throws(SamplingError) {
    splitting = try Splitting(
      "lol", stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          "langevin", parameters: langevin, word: try SplittingWord("BAOAB"), temperature: temperatures.0,
          friction: friction),
        PartitionDynamics("overdamped", word: try SplittingWord("X"), temperature: temperatures.1),
      ],
      initialMomentum: .rest)
  }
}
