import LangevinCore
import LangevinData
import LangevinSamplers

/// What `run.json` says: every setting of a run, resolved, and enough about the parameters to read its draws without the
/// potential.
///
/// The document of a network run is itself a configuration: given back to the command it makes the same run.
struct RunRecord: Sendable {
  /// The version of the program that wrote it.
  var version = Version.current
  /// The instruction set that the first steps were made with; nil where an older program did not say.
  var instructionSet: String? = InstructionSet.current.rawValue
  /// What is sampled, in the words of whoever made the run: data and network, or whatever describes a potential of one's own.
  var problem: [JSON.Member]
  /// The settings of the run.
  var plan: RunPlan
  /// The method and its settings.
  var sampler: [JSON.Member]
  /// The temperature of the law, in the end where it changes along the run; nil where it is not a Gibbs law.
  var temperature: Double?
  /// The precision of the parameters.
  var precision: Precision
  /// The blocks of the parameters.
  var layout: ParameterLayout

  /// The record of a run that is made now.
  init<P: Potential, S: Sampler>(
    _ potential: P, _ sampler: S, _ plan: RunPlan, problem: [JSON.Member]
  ) where S.Element == P.Element {
    self.problem = problem
    self.plan = plan
    let settings = (sampler.settings as? any SamplerSettings).map { $0.completed(for: plan.context(for: potential)) }
    let name = settings.map { type(of: $0).name } ?? sampler.name
    self.sampler = [JSON.Member("name", .string(name))] + JSON.members(settings?.texts ?? sampler.settings.texts)
    temperature = sampler.law.temperature(after: .max)
    precision = Precision(of: P.Element.self)
    layout = potential.layout
  }

  /// The method's name.
  var samplerName: String { sampler.first { $0.key == "name" }?.value.text ?? "" }
  /// What is sampled, in a few words.
  var title: String {
    func text(_ key: String) -> String? { problem.first { $0.key == key }?.value.text }
    let data = problem.first { $0.key == "data" }?.value["name"]?.text.map {
      String($0.split(separator: "/").last ?? "")
    }
    let network = text("network").map { ", network \($0)" } ?? ""
    return (data ?? text("name") ?? "\(layout.count) parameters") + network
  }
}

// MARK: - JSON

extension RunRecord {
  /// The document.
  var json: JSON {
    let precision =
      problem.contains { $0.key == "precision" } ? [] : [JSON.Member("precision", .string(precision.rawValue))]
    return .object(
      [.init("langevin", .string(version))]
        + (instructionSet.map { [.init(Self.instructionSetKey, .string($0))] } ?? [])
        + problem + precision + JSON.members(plan.texts) + [
          .init("sampler", .object(sampler)),
          .init("law", .object([.init("temperature", temperature.map { JSON($0) } ?? .null)])),
          .init("parameters", .array(layout.blocks.map(Self.json))),
        ])
  }

  private static let instructionSetKey = "instruction-set"
  /// What is about the program that made the run and decides no draw by itself.
  static let notes = ["langevin", instructionSetKey]

  private static func json(_ block: ParameterLayout.Block) -> JSON {
    .object([.init("name", .string(block.name)), .init("shape", .array(block.shape.map { JSON($0) }))])
  }

  /// Reads the document of a run.
  init(_ json: JSON, from file: String) throws {
    func missing(_ what: String) -> FileError {
      FileError(file, "has no '\(what)': it is not the document of a run of this version")
    }
    guard case .object(let members) = json else { throw missing("langevin") }
    guard let version = json["langevin"]?.text else { throw missing("langevin") }
    guard case .object(let sampler) = json["sampler"] else { throw missing("sampler") }
    guard let blocks = json["parameters"]?.elements, let law = json["law"] else { throw missing("parameters") }
    guard let precision = json["precision"]?.text.flatMap(Precision.init(settingText:)) else {
      throw missing("precision")
    }
    self.version = version
    instructionSet = json[Self.instructionSetKey]?.text
    self.sampler = sampler
    self.precision = precision
    temperature = law["temperature"]?.double
    layout = try ParameterLayout(
      blocks.map { block in
        guard let name = block["name"]?.text, let shape = block["shape"]?.elements else { throw missing("parameters") }
        return (name, shape.compactMap { $0.double.map { Int($0) } })
      })
    plan = RunPlan()
    problem = []
    for member in members where !(Self.notes + ["sampler", "law", "parameters"]).contains(member.key) {
      if RunPlan.rows.contains(where: { $0.name == member.key }) {
        guard let text = member.value.settingText else { throw missing(member.key) }
        try plan.set(member.key, to: text, as: "\(file), \(member.key)")
      } else {
        problem.append(member)
      }
    }
    for name in ["batch", "steps", "thin", "warmup"] where !members.contains(where: { $0.key == name }) {
      throw missing(name)
    }
  }
}

extension JSON {
  /// A plain value as the text of a setting.
  var settingText: String? {
    switch self {
    case .string(let text), .number(let text): text
    case .bool(let value): "\(value)"
    case .array: description
    case .null, .object: nil
    }
  }
}

// MARK: - Identity

extension RunRecord {
  /// What decides the draws: everything but the settings that a run may be resumed with other values of.
  private var deciding: [JSON.Member] {
    guard case .object(let members) = json else { return [] }
    return members.filter { !Self.notes.contains($0.key) && $0.key != "table" && !RunPlan.free.contains($0.key) }.map {
      member in
      // Files may move; what is in them tells the fingerprint.
      guard case .object(let inner) = member.value, inner.contains(where: { $0.key == "fingerprint" }) else {
        return member
      }
      return JSON.Member(member.key, .object(inner.filter { $0.key != "name" }))
    }
  }

  /// A digest of all that decides the draws; a checkpoint belongs to a run with the same one.
  var identity: UInt64 { Digest(of: JSON.object(deciding).description).value }

  /// What the energy and its law depend on: chains of runs with the same text may be summarised together.
  var law: String {
    let sampling: Set = ["sampler", "start"]
    let plain = Set(RunPlan.rows.map(\.name))
    return JSON.object(deciding.filter { !sampling.contains($0.key) && !plain.contains($0.key) }).description
  }

  /// Throws if another run is meant than the one that lies in `folder`, and says where they differ.
  func check(isSameAs stored: RunRecord, in folder: String) throws {
    func flat(_ members: [JSON.Member], _ prefix: String = "") -> [(key: String, value: String)] {
      members.flatMap { member -> [(key: String, value: String)] in
        if case .object(let inner) = member.value { return flat(inner, prefix + member.key + ".") }
        return [(prefix + member.key, member.value.description)]
      }
    }
    guard layout == stored.layout else {
      throw FileError(folder, "holds a run of other parameters: \(stored.layout.count) there and \(layout.count) here")
    }
    let (here, there) = (flat(deciding), flat(stored.deciding))
    for (key, value) in here {
      let other = there.first { $0.key == key }?.value ?? "not set"
      guard value == other else {
        throw FileError(folder, "holds a run with other settings: \(key) is \(other) there and \(value) here")
      }
    }
  }
}
