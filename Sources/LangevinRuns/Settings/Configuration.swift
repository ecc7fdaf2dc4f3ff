import LangevinCore
import LangevinData

/// What a user said about a run, from JSON documents and options; what was said last wins.
///
///     var configuration = Configuration()
///     try configuration.read(JSON(parsing: text), from: "mine.json")
///     try configuration.set("sampler.temperature", to: "1e-4", as: "--temperature")
///     let settings = try configuration.check()
///
/// Settings have flat names such as `steps` or `sampler.step-size`; in the document the groups `data`, `sampler` and
/// `start` are objects. The empty configuration is the main job.
public struct Configuration: Sendable {
  /// The value of a setting, and where it was said, for messages.
  struct Given: Sendable {
    let text: String
    let place: String
    let isFromDocument: Bool
  }

  private(set) var given: [String: Given] = [:]

  /// Nothing said.
  public init() {}

  /// Says one setting. Its name and value are checked by ``check()``, when sampler and data are known.
  public mutating func set(_ name: String, to text: String, as place: String) throws(SettingError) {
    try set(name, to: text, as: place, fromDocument: false)
  }

  private mutating func set(
    _ name: String, to text: String, as place: String, fromDocument: Bool
  ) throws(SettingError) {
    let name = Self.shortNames[name] ?? name
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }),
      parts.count == 1 || Self.groups.contains(String(parts[0]))
    else {
      throw SettingError(
        "\(place): there is no setting '\(name)'\(Nearest.hint(name, among: Self.names))")
    }
    guard parts.count == 2 || Self.names.contains(name) || Self.notes.contains(name) else {
      throw SettingError("\(place): there is no setting '\(name)'\(Nearest.hint(name, among: Self.names))")
    }
    // Another sampler or data set than a document's has other settings than the document's.
    if (name == "sampler" || name == "data"), given[name]?.text != text {
      given = given.filter { !($0.key.hasPrefix(name + ".") && $0.value.isFromDocument) }
    }
    given[name] = Given(text: text, place: place, isFromDocument: fromDocument)
    // Any word of the splitting alphabet names the sampler that it makes.
    if name == "sampler", let word = SamplerCatalogue.word(text) {
      given["sampler"] = Given(text: LangevinEntry.name, place: place, isFromDocument: fromDocument)
      given["sampler.word"] = Given(text: word, place: place, isFromDocument: fromDocument)
    }
  }

  /// Says what a document says.
  public mutating func read(_ document: JSON, from file: String) throws(SettingError) {
    guard case .object(let members) = document else {
      throw SettingError("\(file): a configuration is an object, found \(document.kind)")
    }
    for member in members {
      let place = "\(file), \(member.key)"
      guard case .object(let inner) = member.value else {
        try set(member.key, to: try Self.text(member.value, place), as: place, fromDocument: true)
        continue
      }
      guard Self.groups.contains(member.key) else {
        throw SettingError("\(place): found an object, expected a plain value")
      }
      if let name = member.value["name"] {
        try set(member.key, to: try Self.text(name, place), as: "\(place).name", fromDocument: true)
      }
      for part in inner where part.key != "name" {
        let place = "\(place).\(part.key)"
        try set("\(member.key).\(part.key)", to: try Self.text(part.value, place), as: place, fromDocument: true)
      }
    }
  }

  private static func text(_ value: JSON, _ place: String) throws(SettingError) -> String {
    switch value {
    case .string(let text): return text
    case .number(let text): return text
    case .bool(let value): return "\(value)"
    case .array(let elements) where elements.allSatisfy({ $0.text != nil }): return value.description
    case .null, .array, .object:
      throw SettingError("\(place): found \(value.kind), expected a text, a number, true or false")
    }
  }

  /// The groups of settings that are objects in the document.
  static let groups: Set<String> = ["data", "sampler", "start"]
  /// Settings of samplers that are so common that they have options of their own.
  public static let shortNames = ["temperature": "sampler.temperature", "step-size": "sampler.step-size"]
  /// What a document may hold that changes nothing.
  static let notes: Set<String> = ["langevin"]
  /// The names of the plain settings.
  static var names: [String] { ["data", "sampler"] + settings.map(\.name) }
}

// MARK: - Checking

extension Configuration {
  /// Checks everything that can be checked before the data are read.
  public func check() throws(SettingError) -> CheckedConfiguration {
    let source = try dataSource()
    let sampler: any SamplerEntry.Type
    do {
      sampler = try SamplerCatalogue.entry(
        named: given["sampler"]?.text ?? source.recommendedSettings["sampler"] ?? Self.defaultSampler)
    } catch {
      throw SettingError("\(given["sampler"]?.place ?? "sampler"): \(error)")
    }
    var values: [String: String] = [:]
    for (name, entry) in given.sorted(by: { $0.key < $1.key }) {
      if name == "sampler" || name == "data" || name.hasPrefix("data.") || Self.notes.contains(name) { continue }
      let setting = try setting(name, of: sampler, place: entry.place)
      values[name] = try setting.checked(entry.text, as: entry.place)
    }
    values["sampler"] = sampler.name
    return CheckedConfiguration(
      values: values, source: source, sampler: sampler, isSamplerGiven: given["sampler"] != nil,
      fingerprint: given["data.fingerprint"]?.text)
  }

  private func setting(
    _ name: String, of sampler: any SamplerEntry.Type, place: String
  ) throws(SettingError) -> Setting {
    let table = Self.table(sampler)
    if let setting = table.first(where: { $0.name == name })?.setting { return setting }
    let group = name.prefix { $0 != "." }
    let known = table.map(\.name).filter { $0.hasPrefix(group + ".") }
    let list = known.map { $0.dropFirst(group.count + 1) }.joined(separator: ", ")
    let what = group == "sampler" ? "the sampler \(sampler.name)" : "'\(group)'"
    throw SettingError(
      "\(place): \(what) has no setting '\(name.dropFirst(group.count + 1))', only \(list)"
        + Nearest.hint(name, among: known))
  }

  /// All settings of a run with this sampler, by their flat names.
  static func table(_ sampler: any SamplerEntry.Type) -> [(name: String, setting: Setting)] {
    settings.map { ($0.name, $0) } + startSettings.map { ("start." + $0.name, $0) }
      + sampler.settings.map { ("sampler." + $0.name, $0) }
  }

  private func dataSource() throws(SettingError) -> DataSource {
    let text = given["data"]?.text ?? Recipe.sets[0].name
    let place = given["data"]?.place ?? "data"
    var parameters: [String: String] = [:]
    for (name, entry) in given where name.hasPrefix("data.") && name != "data.fingerprint" {
      parameters[String(name.dropFirst(5))] = entry.text
    }
    do {
      return try DataSource(text, parameters: parameters)
    } catch {
      throw SettingError("\(place): \(error)")
    }
  }
}

/// A configuration without mistakes that could be seen before the data were read.
public struct CheckedConfiguration: Sendable {
  /// What was said, by flat name.
  var values: [String: String]
  /// Where the data come from.
  public let source: DataSource
  /// The sampler, and whether it was said; if not, few data still change it.
  private let sampler: any SamplerEntry.Type
  private let isSamplerGiven: Bool
  /// What the data's fingerprint should be, if that was said.
  let fingerprint: String?

  fileprivate init(
    values: [String: String], source: DataSource, sampler: any SamplerEntry.Type, isSamplerGiven: Bool,
    fingerprint: String?
  ) {
    (self.values, self.source, self.sampler) = (values, source, sampler)
    (self.isSamplerGiven, self.fingerprint) = (isSamplerGiven, fingerprint)
  }

  /// The settings of a document that says everything, as `run.json` does.
  func asWritten() throws(SettingError) -> RunSettings {
    let needed = Configuration.settings.map(\.name).filter { $0 != "max-seconds" && $0 != "min-ess" }
    if let missing = needed.first(where: { values[$0] == nil }) {
      throw SettingError("run.json has no setting '\(missing)': it is not the document of a run")
    }
    return RunSettings(values: values, source: source, sampler: sampler, fingerprint: fingerprint ?? "")
  }

  /// Everything that was not said, filled in.
  public func complete(for facts: RunFacts, fingerprint found: String) throws(SettingError) -> RunSettings {
    if let fingerprint, fingerprint != found {
      throw SettingError(
        "the data have the fingerprint \(found), expected \(fingerprint) (data.fingerprint): they are not the data of that run"
      )
    }
    let sampler = sampler(for: facts)
    var facts = facts
    facts.values = values
    facts.values["sampler"] = sampler.name
    for (name, setting) in Configuration.table(sampler) where facts.values[name] == nil {
      facts.values[name] = source.recommendedSettings[name] ?? setting.initial(facts)
    }
    let settings = RunSettings(
      values: facts.values, source: source.naming(facts.classNames), sampler: sampler, fingerprint: found)
    try settings.checkTogether(facts)
    return settings
  }

  /// The sampler that was said or that the data bring with them; else pseudo-Langevin on many data, and hybrid Monte Carlo
  /// where a gradient on all data is cheap, because it is exact and its step finds itself.
  private func sampler(for facts: RunFacts) -> any SamplerEntry.Type {
    let exact = HybridMonteCarloEntry.self
    if isSamplerGiven || source.recommendedSettings["sampler"] != nil
      || facts.exampleCount > Configuration.mostExamplesForExactDefault
    {
      return sampler
    }
    // Settings of the other sampler speak of it, even unnamed.
    let known = Set(exact.settings.map { "sampler." + $0.name })
    return values.keys.allSatisfy { !$0.hasPrefix("sampler.") || known.contains($0) } ? exact : sampler
  }
}
