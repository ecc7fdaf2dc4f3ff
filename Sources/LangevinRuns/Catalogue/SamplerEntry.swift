import LangevinCore
import LangevinSamplers

/// A sampler as the command knows it: its names, what it is, its settings, and how it is made from them.
public protocol SamplerEntry: SendableMetatype {
  /// What it is called; the first name is the one in files.
  static var names: [String] { get }
  /// One line about it.
  static var line: String { get }
  /// Its settings, each with its unit, default, range and meaning.
  static var settings: [Setting] { get }
  /// The scheme of minibatches that it is made for.
  static var batchScheme: String { get }
  /// The size of its minibatches if nobody says: a number, or `all`.
  static var batchSize: String { get }
  /// The number of steps if nobody says.
  static var steps: Int { get }
  /// Whether it should start from an optimised point on a network.
  static var wantsWarmStart: Bool { get }
  /// The sampler with these settings.
  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element>
}

extension SamplerEntry {
  /// The name in files.
  public static var name: String { names[0] }
  /// Independent draws, repeats dropped.
  public static var batchScheme: String { "distinct" }
  /// 128, or all if there are fewer.
  public static var batchSize: String { "128" }
  /// Enough to see something.
  public static var steps: Int { 20_000 }
  /// No.
  public static var wantsWarmStart: Bool { false }
}

/// All samplers that a run can be made with.
public enum SamplerCatalogue {
  /// The entry of that name.
  public static func entry(named name: String) throws(SettingError) -> any SamplerEntry.Type {
    if let entry = entries.first(where: { $0.names.contains(name) }) { return entry }
    let names = entries.flatMap { $0.names }
    throw SettingError(
      "the sampler is '\(name)'; expected one of \(entries.map { $0.name }.joined(separator: ", "))"
        + Nearest.hint(name, among: names))
  }

  /// The splitting word that a name spells, if it is no other sampler's name.
  static func word(_ name: String) -> String? {
    if entries.contains(where: { $0.names.contains(name) }) { return nil }
    return (try? SplittingWord(name.uppercased())) == nil ? nil : name.uppercased()
  }
}

extension Setting {
  /// T, by default that of the Bayesian posterior.
  static let temperature = temperature(.schedule)
  /// T where it has to be constant.
  static let constantTemperature = temperature(.real(above: 0, orEqual: false, upTo: .infinity))

  private static func temperature(_ kind: Kind) -> Setting {
    Setting(
      "temperature", kind, unit: "energy", default: "1/examples",
      "T of the law exp(-U/T), with U as normalised"
    ) { facts in
      facts.values["normalisation"] == "sum" ? "1.0" : "\(1 / Double(facts.exampleCount))"
    }
  }

  /// T of the second partition, by default the same.
  static let secondTemperature = Setting(
    "second-temperature", .schedule, unit: "energy", default: "temperature", "T of the other parameters"
  ) { $0.values["sampler.temperature"] }

  /// h.
  static func stepSize(_ text: String, unit: String = "time") -> Setting {
    Setting("step-size", .schedule, unit: unit, default: text, "h, the length of a step")
  }

  /// gamma.
  static func friction(_ text: String) -> Setting {
    Setting(
      "friction", .real(above: 0, orEqual: true, upTo: .infinity), unit: "1/time", default: text,
      "gamma, how fast momenta are forgotten")
  }

  /// m.
  static let mass = Setting.positive("mass", default: "1.0", "m of every parameter")

  /// Names of layers or blocks.
  static let first = Setting(
    "first", .text, default: "layer1", "the layers or blocks of the first partition, with + between them")
}

extension SettingValues {
  /// Blocks by name, with + between them.
  func blocks(_ name: String) -> ParameterSelection {
    .blocks(text(name).split(separator: "+").map(String.init))
  }
}
