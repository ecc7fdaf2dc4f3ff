import LangevinCore
import LangevinData
import LangevinSamplers

/// What a user said about a network run, from JSON documents and options; what was said last wins.
///
///     var configuration = Configuration()
///     try configuration.read(contentsOf: "mine.json")
///     try configuration.set("sampler.temperature", to: "1e-4", as: "--temperature")
///     let run = try NetworkRun(configuration.check(), in: RunFolder("mine"))
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
  /// How a run's table became numbers, from its document.
  private var rule: Preprocessing?

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
    let isKnown =
      parts.count == 1
      ? Self.names.contains(name) || Self.notes.contains(name)
      : parts.count == 2 && !parts[1].isEmpty && Self.groups.contains(String(parts[0]))
    guard isKnown else {
      throw SettingError("\(place): there is no setting '\(name)'\(Nearest.hint(name, among: Self.names))")
    }
    // Another sampler or data set than a document's has other settings than the document's.
    if (name == "sampler" || name == "data"), given[name]?.text != text {
      given = given.filter { !($0.key.hasPrefix(name + ".") && $0.value.isFromDocument) }
    }
    given[name] = Given(text: text, place: place, isFromDocument: fromDocument)
    // Any word of the splitting alphabet names the sampler that it makes.
    if name == "sampler", let word = SamplerCatalogue.word(text) {
      given["sampler"] = Given(text: UnderdampedLangevinSettings.name, place: place, isFromDocument: fromDocument)
      given["sampler.word"] = Given(text: word, place: place, isFromDocument: fromDocument)
    }
  }

  /// Says what a JSON document says, such as the `run.json` of a run.
  public mutating func read(contentsOf file: String) throws {
    do {
      try read(JSON(parsing: try OutputFile.read(file)), from: file)
    } catch let error as JSONError {
      throw SettingError("\(file): \(error)")
    }
  }

  package mutating func read(_ document: JSON, from file: String) throws(SettingError) {
    guard case .object(let members) = document else {
      throw SettingError("\(file): a configuration is an object, found \(document.kind)")
    }
    for member in members where !Self.notes.contains(member.key) {
      let place = "\(file), \(member.key)"
      if member.key == "table" {
        rule = try located(place) { try member.value.decoded(as: Preprocessing.self) }
        continue
      }
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
  package static let shortNames = [
    "temperature": "sampler.temperature", "step-size": "sampler.step-size", "target": "data.target",
    "ignore": "data.ignore", "categorical": "data.categorical", "missing": "data.missing",
    "start-from": "start.from", "weights": "data.weights",
  ]
  /// What a document may hold that changes nothing.
  static let notes = Set(RunRecord.notes + ["law", "parameters"])
  /// The plain settings: those of the network, then those of the run.
  package static let rows = NetworkSettings.rows + RunPlan.rows
  /// The names of the plain settings.
  static let names = ["data", "sampler"] + rows.map(\.name)
}

extension SamplerCatalogue {
  /// The splitting word that a name spells, if it is no other sampler's name.
  static func word(_ name: String) -> String? {
    if methods.contains(where: { $0.names.contains(name) }) { return nil }
    return SplittingWord(settingText: name)?.description
  }
}

// MARK: - Checking

extension Configuration {
  /// Reads every value as what it has to be, as far as that can be done before the data are read.
  public func check() throws(SettingError) -> CheckedConfiguration {
    var checked = CheckedConfiguration(source: try dataSource())
    // The rule belongs to the data that it was fitted to, and to the file settings that it was fitted with.
    if !given.contains(where: { $0.key == "data" || $0.key.hasPrefix("data.") ? !$0.value.isFromDocument : false }) {
      checked.rule = rule
    }
    for (name, entry) in given.sorted(by: { $0.key < $1.key }) {
      let (text, place) = (entry.text, entry.place)
      let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
      switch (parts[0], parts.count) {
      case ("data", 1): break
      case ("data", _): if parts[1] == "fingerprint" { checked.fingerprint = text }
      case ("sampler", 1): checked.sampler = try located(place) { try SamplerCatalogue.method(named: text).init() }
      case ("sampler", _): checked.samplerSettings[parts[1]] = entry
      case ("start", _): try checked.start.set(parts.count == 2 ? parts[1] : "", to: text, as: place)
      case _ where Self.notes.contains(name): break
      case _ where NetworkSettings.rows.contains { $0.name == name }:
        try checked.network.set(name, to: text, as: place)
        checked.said.insert(name)
      default:
        try checked.plan.set(name, to: text, as: place)
        checked.said.insert(name)
      }
    }
    if let loss = checked.network.loss {
      let asked = given["data.standardise-targets"]?.text == "true"
      checked.source = try located(given["loss"]?.place ?? "loss") { [source = checked.source] in
        try source.suited(to: loss, scalingWasAsked: asked)
      }
    }
    let usual = checked.source.recommendedSettings["sampler"]
    if checked.sampler == nil, let usual { checked.sampler = try SamplerCatalogue.method(named: usual).init() }
    if let sampler = checked.sampler {
      checked.sampler = try sampler.applying(checked.samplerSettings)
    } else {
      // Either of the two may be the sampler, by the number of examples: a setting has to suit one of them.
      do throws(SettingError) {
        _ = try HybridMonteCarloSettings().applying(checked.samplerSettings)
      } catch {
        guard (try? PseudoLangevinSettings().applying(checked.samplerSettings)) != nil else { throw error }
      }
    }
    return checked
  }

  private func dataSource() throws(SettingError) -> DataSource {
    let text = given["data"]?.text ?? Self.defaultData
    var parameters: [String: String] = [:]
    for (name, entry) in given where name.hasPrefix("data.") && name != "data.fingerprint" {
      parameters[String(name.dropFirst(5))] = entry.text
    }
    return try located(given["data"]?.place ?? "data") { [parameters] in try DataSource(text, parameters: parameters) }
  }

  /// The data of the main job.
  package static let defaultData = "bump"
}

/// Puts the place where something was said in front of what is wrong with it.
private func located<Value>(_ place: String, _ body: () throws -> Value) throws(SettingError) -> Value {
  do {
    return try body()
  } catch {
    throw SettingError("\(place): \(error)")
  }
}

extension SamplerSettings {
  /// The same with settings as they were said.
  fileprivate func applying(_ said: [String: Configuration.Given]) throws(SettingError) -> Self {
    var settings = self
    for (name, entry) in said.sorted(by: { $0.key < $1.key }) {
      guard Self.rows.contains(where: { $0.name == name }) else {
        throw SettingError(
          "\(entry.place): the sampler \(Self.name) has no setting '\(name)', only "
            + Self.rows.map(\.name).joined(separator: ", ") + Nearest.hint(name, among: Self.rows.map(\.name)))
      }
      try settings.set(name, to: entry.text, as: entry.place)
    }
    return settings
  }
}

/// A configuration without mistakes that could be seen before the data were read.
public struct CheckedConfiguration: Sendable {
  /// Where the data come from.
  package fileprivate(set) var source: DataSource
  /// How a run's table became numbers; nil where that is still to be found.
  fileprivate(set) var rule: Preprocessing?
  package var network = NetworkSettings()
  package var plan = RunPlan()
  var start = StartSettings()
  /// The sampler, if it was said.
  fileprivate(set) var sampler: (any SamplerSettings)?
  /// The settings of the sampler as they were said.
  fileprivate var samplerSettings: [String: Configuration.Given] = [:]
  /// The plain settings that were said.
  fileprivate var said: Set<String> = []
  /// What the data's fingerprint should be, if that was said.
  fileprivate(set) var fingerprint: String?

  fileprivate init(source: DataSource) { self.source = source }

  /// Everything that was not said, filled in.
  func complete(for facts: DataFacts) throws(SettingError) -> NetworkRunSettings {
    if let fingerprint, fingerprint != facts.fingerprint {
      throw SettingError(
        "the data have the fingerprint \(facts.fingerprint), expected \(fingerprint) (data.fingerprint): they are not "
          + "the data of that run")
    }
    var (network, plan, start) = (network, plan, start)
    var sampler = if let sampler { sampler } else { try usualSampler(for: facts).applying(samplerSettings) }
    for (name, text) in source.recommendedSettings.sorted(by: { $0.key < $1.key }) {
      try recommend(name, text, &network, &plan, &sampler)
    }
    let habits = type(of: sampler).habits
    try plan.complete(for: habits, exampleCount: facts.exampleCount)
    try start.complete(for: habits, exampleCount: facts.exampleCount)
    if let ladder = plan.ladder { try coolest(of: ladder, &sampler) }
    let temperature = sampler.texts.first { $0.name == "temperature" }.flatMap { Double($0.text) }
    network.complete(for: facts, temperature: temperature)
    try network.check(for: facts)
    sampler.complete(
      for: RunContext(
        parameterCount: try parameterCount(of: network), posteriorTemperature: network.posteriorTemperature(for: facts),
        warmup: UInt64(plan.warmup ?? 0), thin: UInt64(plan.thin ?? 1)))
    // What was found out about the targets is said, so that a run reads them as it did.
    let settled = try source.suited(to: network.loss ?? .squaredError, scalingWasAsked: false)
    return NetworkRunSettings(
      source: settled.kept(facts.classNames), fingerprint: facts.fingerprint, rule: facts.rule, network: network,
      plan: plan,
      start: start, sampler: sampler)
  }

  /// The temperature of the law is that of the coldest rung.
  private func coolest(
    of ladder: TemperatureLadder, _ sampler: inout any SamplerSettings
  ) throws(SettingError) {
    let cold = "\(ladder.cold)"
    if let said = samplerSettings["temperature"], Double(said.text) != ladder.cold {
      throw SettingError(
        "\(said.place) is '\(said.text)' and the coldest of the ladder is \(cold); expected the ladder alone, which says both"
      )
    }
    guard type(of: sampler).rows.contains(where: { $0.name == "temperature" }) else { return }
    try sampler.set("temperature", to: cold, as: "ladder")
  }

  private func parameterCount(of network: NetworkSettings) throws(SettingError) -> Int {
    do { return try network.makeSampledNetwork().layout.count } catch { throw SettingError("\(error)") }
  }

  /// The same after reading the data.
  package func resolved() throws -> NetworkRunSettings {
    try complete(for: DataFacts(source.load(as: Float.self, applying: rule), from: source))
  }

  /// What the data recommend holds where nothing else was said.
  private func recommend(
    _ name: String, _ text: String, _ network: inout NetworkSettings, _ plan: inout RunPlan,
    _ sampler: inout any SamplerSettings
  ) throws(SettingError) {
    let place = "what \(source.name) recommends, \(name)"
    if name.hasPrefix("sampler.") {
      let name = String(name.dropFirst(8))
      guard samplerSettings[name] == nil, type(of: sampler).rows.contains(where: { $0.name == name }) else { return }
      try sampler.set(name, to: text, as: place)
    } else if name.hasPrefix("batch"), type(of: sampler).habits.usesAllData {
      return
    } else if name != "sampler", !said.contains(name) {
      if NetworkSettings.rows.contains(where: { $0.name == name }) {
        try network.set(name, to: text, as: place)
      } else {
        try plan.set(name, to: text, as: place)
      }
    }
  }

  /// The sampler if neither the user nor the data say one: on many data pseudo-Langevin, else hybrid Monte Carlo, because it
  /// is exact and its step finds itself.
  private func usualSampler(for facts: DataFacts) -> any SamplerSettings {
    let exact = HybridMonteCarloSettings()
    if facts.exampleCount > Configuration.mostExamplesForExactDefault { return PseudoLangevinSettings() }
    // Settings of the other sampler speak of it, even unnamed.
    let known = Set(HybridMonteCarloSettings.rows.map(\.name))
    return samplerSettings.keys.allSatisfy(known.contains) ? exact : PseudoLangevinSettings()
  }
}

extension Configuration {
  /// Up to so many examples hybrid Monte Carlo is the sampler if nobody says.
  static let mostExamplesForExactDefault = 10_000
  /// The rule in words.
  package static let samplerRule =
    "the one that the data recommend, else hmc, or pl for more than \(mostExamplesForExactDefault) examples"
}

/// Every setting of a network run, complete.
package struct NetworkRunSettings: Sendable {
  let source: DataSource
  let fingerprint: String
  let rule: Preprocessing?
  package let network: NetworkSettings
  package let plan: RunPlan
  package let start: StartSettings
  package fileprivate(set) var sampler: any SamplerSettings

  /// What `run.json` says of the problem: the data, the network, the start.
  var problem: [JSON.Member] {
    [JSON.Member("data", JSON(source.texts + [SettingText(name: "fingerprint", text: fingerprint)]))]
      + JSON.members(network.texts) + [JSON.Member("start", JSON(start.texts))]
      + (rule.flatMap { try? JSON(encoding: $0) }.map { [JSON.Member("table", $0)] } ?? [])
  }
}

extension JSON {
  /// Settings as the members of an object.
  static func members(_ texts: [SettingText]) -> [Member] {
    texts.map { setting in
      switch setting.form {
      case .number: Member(setting.name, .number(setting.text))
      case .flag: Member(setting.name, .bool(setting.text == "true"))
      case .text: Member(setting.name, .string(setting.text))
      case .list: Member(setting.name, (try? JSON(parsing: setting.text)) ?? .string(setting.text))
      }
    }
  }

  /// Settings as an object.
  init(_ texts: [SettingText]) { self = .object(JSON.members(texts)) }
}
