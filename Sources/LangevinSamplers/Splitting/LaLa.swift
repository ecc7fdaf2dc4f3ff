import LangevinCore

/// Langevin dynamics with a temperature and a friction for each of two partitions: BAOAB for both.
///
///     d theta_i = p_i dt,    dp_i = -G_i dt - gamma_i p_i dt + sqrt(2 gamma_i T_i) dW_i,    i = 1, 2
///
/// Law: exp(-U/T) if both temperatures are T, whatever the frictions; else no known law: heat flows between the partitions,
/// which is a device for training. More partitions, or masses: ``Splitting``.
///
/// Leimkuhler, Matthews and Vlaar, arXiv 1908.11843.
public struct LaLaSettings: SamplerSettings {
  /// h > 0, in time.
  public var stepSize: Schedule = 0.25
  /// T_1 >= 0, in units of U.
  public var temperature: Schedule?
  /// T_2 >= 0; by default T_1.
  public var secondTemperature: Schedule?
  /// gamma_1 >= 0, in 1/time.
  public var friction = 0.1
  /// gamma_2 >= 0; by default gamma_1.
  public var secondFriction: Double?
  /// The parameters of the first partition.
  public var first: ParameterSelection = ["layer1"]
  /// The defaults.
  public init() {}

  /// `lala`
  package static let names = ["lala"]
  /// A line for the list.
  package static let summary = "Langevin dynamics with another friction and temperature for the first layer"
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature), .secondTemperature(\.secondTemperature), .stepSize(\.stepSize),
    .friction(\.friction),
    Setting(
      "second-friction", \.secondFriction, in: .notNegative, unit: "1/time", default: "friction",
      "gamma of the other parameters"),
    .first(\.first),
  ]
  /// The posterior's temperature, if none was given, and the same for both partitions.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? .constant(context.posteriorTemperature)
    secondTemperature = secondTemperature ?? temperature
    secondFriction = secondFriction ?? friction
  }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    let temperature = try required(temperature)
    return try Splitting<Element>.laLa(
      first: first, stepSize: stepSize, temperatures: (temperature, secondTemperature ?? temperature),
      frictions: (friction, secondFriction ?? friction)
    ).described(by: self)
  }
}

extension Splitting {
  /// LaLa, starting at rest; see ``LaLaSettings``.
  ///
  /// - Parameters:
  ///   - first: the parameters of the first partition; the others make the second.
  ///   - stepSize: h > 0, in time.
  ///   - temperatures: T_1 and T_2 >= 0, in units of U.
  ///   - frictions: gamma_1 and gamma_2 >= 0, in 1/time.
  /// - Returns: The sampler.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public static func laLa(
    first: ParameterSelection = LaLaSettings().first, stepSize: Schedule = LaLaSettings().stepSize,
    temperatures: (Schedule, Schedule),
    frictions: (Double, Double) = (LaLaSettings().friction, LaLaSettings().friction)
  ) throws(SamplingError) -> Splitting {
    let word = try SplittingWord("BAOAB")
    return try Splitting(
      LaLaSettings.name, stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          "first", parameters: first, word: word, temperature: temperatures.0, friction: frictions.0),
        PartitionDynamics("second", word: word, temperature: temperatures.1, friction: frictions.1),
      ],
      initialMomentum: .rest)
  }
}
