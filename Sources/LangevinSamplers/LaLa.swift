import LangevinCore

/// Langevin dynamics with a temperature and a friction for each of two partitions: BAOAB for both.
///
///     d theta_i = p_i dt,    dp_i = -G_i dt - gamma_i p_i dt + sqrt(2 gamma_i T_i) dW_i,    i = 1, 2
///
/// Law: exp(-U/T) if both temperatures are T, whatever the frictions; else no known law: heat flows between the partitions,
/// which is a device for training. More partitions, or masses: ``Splitting``.
///
/// Leimkuhler, Matthews and Vlaar, arXiv 1908.11843.
public struct LaLa<Element: Scalar>: SplittingMethod {
  /// What the method is made of.
  public let splitting: Splitting<Element>

  /// LaLa, starting at rest.
  ///
  /// - Parameters:
  ///   - first: the parameters of the first partition; the others make the second.
  ///   - stepSize: h > 0, in time.
  ///   - temperatures: T_1 and T_2 >= 0, in units of U.
  ///   - frictions: gamma_1 and gamma_2 >= 0, in 1/time.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public init(
    first: ParameterSelection = ["layer1"], stepSize: Schedule = 0.25,
    temperatures: (Schedule, Schedule) = (1e-4, 1e-4),
    frictions: (Double, Double) = (0.1, 0.1)
  ) throws(SamplingError) {
    let word = try SplittingWord("BAOAB")
    splitting = try Splitting(
      "lala", stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          "first", parameters: first, word: word, temperature: temperatures.0, friction: frictions.0),
        PartitionDynamics("second", word: word, temperature: temperatures.1, friction: frictions.1),
      ],
      initialMomentum: .rest)
  }
}
