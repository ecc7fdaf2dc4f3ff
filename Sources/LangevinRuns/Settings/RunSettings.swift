import LangevinCore
import LangevinData

/// Every setting of a run, complete: what `run.json` holds, and enough to do the run again with the same bits.
public struct RunSettings: Sendable {
  /// The values by flat name.
  let values: [String: String]
  /// Where the data come from.
  public let source: DataSource
  let sampler: any SamplerEntry.Type
  /// The fingerprint of the data.
  public let fingerprint: String

  /// The settings that are not the sampler's.
  public var plain: SettingValues { SettingValues(values) }
  /// The settings of the sampler.
  public var ofSampler: SettingValues { SettingValues(values, under: "sampler") }
  /// The settings of the start.
  public var ofStart: SettingValues { SettingValues(values, under: "start") }

  /// The document `run.json`; read as a configuration it gives the same run.
  public var json: JSON {
    func group(_ name: String, _ first: [JSON.Member], _ settings: [Setting]) -> JSON.Member {
      JSON.Member(
        name,
        .object(
          first
            + settings.compactMap { setting in
              values["\(name).\(setting.name)"].map { JSON.Member(setting.name, setting.json($0)) }
            }))
    }
    let data = source.members + [JSON.Member("fingerprint", .string(fingerprint))]
    return .object(
      [.init("langevin", .string(Version.current)), .init("data", .object(data))]
        + Configuration.settings.compactMap { setting in
          values[setting.name].map { JSON.Member(setting.name, setting.json($0)) }
        } + [
          group("start", [], Configuration.startSettings),
          group("sampler", [.init("name", .string(sampler.name))], sampler.settings),
        ])
  }

  /// A digest of all settings that decide what the chains draw; a checkpoint belongs to a run with the same one.
  var identity: UInt64 {
    let free: Set = ["steps", "threads", "max-seconds", "min-ess", "checkpoint-every"]
    let text = values.filter { !free.contains($0.key) }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }
      .joined()
    return Digest(of: text + fingerprint).value
  }

  /// What the energy and its law depend on: runs with the same text may be summarised as one set of chains.
  var potential: String {
    let names = [
      "network", "activation", "output-activation", "biases", "loss", "normalisation", "prior", "sampler.temperature",
    ]
    return names.map { "\($0)=\(values[$0] ?? "")" }.joined(separator: " ") + " data=\(fingerprint)"
  }

  /// How minibatches are drawn.
  var batches: BatchScheme {
    guard let size = Int(plain.text("batch")) else { return .all }
    return switch plain.text("batch-scheme") {
    case "with-replacement": .withReplacement(size)
    case "subset": .subset(size)
    case "epochs": .epochs(size)
    case "fixed-partition": .fixedPartition(size)
    case "sweeps": .sweeps(size)
    default: .distinct(size)
    }
  }

  /// Checks what two settings, or a setting and the data, must agree on.
  func checkTogether(_ facts: RunFacts) throws(SettingError) {
    for name in ["batch", "start.batch"] {
      let text = plain.text(name)
      guard text == "all" || Int(text).map({ 1...facts.exampleCount ~= $0 }) == true else {
        throw SettingError(
          "\(name) is '\(text)'; expected 'all' or a whole number from 1 to \(facts.exampleCount), the training set")
      }
    }
    let (steps, warmup, thin) = (plain.integer("steps"), plain.integer("warmup"), plain.integer("thin"))
    guard warmup < steps else {
      throw SettingError("warmup is \(warmup) and steps is \(steps); expected fewer steps of warm-up than steps")
    }
    guard thin <= steps else {
      throw SettingError("thin is \(thin) and steps is \(steps); expected at least one kept row")
    }
    guard warmup % thin == 0 else {
      throw SettingError("warmup is \(warmup) and thin is \(thin); expected a warm-up that is a multiple of thin")
    }
    let widths = plain.text("network").split(separator: "-").compactMap { Int($0) }
    guard widths.first == nil || widths.first == facts.inputWidth else {
      throw SettingError(
        "network is '\(plain.text("network"))', its first width is \(widths.first ?? 0); expected \(facts.inputWidth), the width of the data"
      )
    }
    let loss = plain.text("loss")
    let isForClasses = loss != "squared-error"
    guard isForClasses == (facts.classCount != nil) else {
      throw SettingError(
        "loss is '\(loss)' and the targets of \(facts.data) are \(facts.classCount == nil ? "real numbers" : "classes"); expected "
          + (facts.classCount == nil ? "squared-error" : "cross-entropy or binary-cross-entropy"))
    }
    let outputs = loss == "binary-cross-entropy" ? 1 : facts.targetWidth
    guard widths.last == nil || widths.last == outputs else {
      throw SettingError(
        "network is '\(plain.text("network"))', its last width is \(widths.last ?? 0); expected \(outputs) for \(loss) on \(facts.data)"
      )
    }
  }
}

/// The version of the package.
public enum Version {
  /// As in a tag.
  public static let current = "0.1.0"
}
