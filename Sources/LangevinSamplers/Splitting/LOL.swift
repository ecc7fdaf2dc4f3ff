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
public struct LOLSettings: SamplerSettings {
  /// h > 0.
  public var stepSize: Schedule = 0.25
  /// T >= 0 of the partition with momenta.
  public var temperature: Schedule?
  /// T >= 0 of the other; by default the same.
  public var secondTemperature: Schedule?
  /// gamma >= 0, in 1/time.
  public var friction = 0.1
  /// The parameters with momenta.
  public var first: ParameterSelection = ["layer1"]
  /// The defaults.
  public init() {}

  /// `lol`
  package static let names = ["lol"]
  /// A line for the list.
  package static let summary = "Langevin dynamics for the first layer, overdamped dynamics for the rest"
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature), .secondTemperature(\.secondTemperature), .stepSize(\.stepSize),
    .friction(\.friction), .first(\.first),
  ]
  /// The posterior's temperature, if none was given, for both.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? .constant(context.posteriorTemperature)
    secondTemperature = secondTemperature ?? temperature
  }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    let temperature = try required(temperature)
    return try Splitting<Element>.lol(
      langevin: first, stepSize: stepSize, temperatures: (temperature, secondTemperature ?? temperature),
      friction: friction
    ).described(by: self)
  }
}

extension Splitting {
  /// LOL, starting at rest; see ``LOLSettings``.
  ///
  /// - Parameters:
  ///   - langevin: the parameters with momenta; the others are overdamped.
  ///   - stepSize: h > 0.
  ///   - temperatures: T >= 0 of the partition with momenta, and of the other.
  ///   - friction: gamma >= 0, in 1/time.
  /// - Returns: The sampler.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public static func lol(
    langevin: ParameterSelection = LOLSettings().first, stepSize: Schedule = LOLSettings().stepSize,
    temperatures: (Schedule, Schedule), friction: Double = LOLSettings().friction
  ) throws(SamplingError) -> Splitting {
    try Splitting(
      LOLSettings.name, stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          "langevin", parameters: langevin, word: try SplittingWord("BAOAB"), temperature: temperatures.0,
          friction: friction),
        PartitionDynamics("overdamped", word: try SplittingWord("X"), temperature: temperatures.1),
      ],
      initialMomentum: .rest)
  }
}
