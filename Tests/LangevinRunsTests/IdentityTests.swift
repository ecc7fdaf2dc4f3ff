import Langevin
import Testing
import _LangevinTestSupport

/// Which settings of run.json a checkpoint belongs to: each is changed in turn, and the run goes on or not.
@Suite struct IdentityTests {
  static let free: Set = [
    "steps", "chains", "threads", "max-seconds", "min-ess", "checkpoint-every", "langevin", "instruction-set",
  ]

  /// A run of 40 steps that could go on, with every optional part there, and its document.
  private func run(_ temporary: TemporaryFolder) throws -> (folder: RunFolder, document: JSON) {
    let folder = RunFolder(temporary.file("run"))
    let run = try NetworkRun.start(
      smallRun("adlala", ["max-seconds": "1000", "min-ess": "100000", "warmup": "10", "start.steps": "5"]), in: folder)
    #expect(try run.advance(interrupt: Interrupt(afterLooks: 40)) == .interrupted)
    return (folder, try JSON(parsing: bytes(folder.path + "/run.json")))
  }

  @Test func everySettingThatDecidesIsRefusedAndEveryOtherIsAccepted() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (folder, document) = try run(temporary)
    _ = try NetworkRun.resume(folder)
    var (refused, accepted): (Set<String>, Set<String>) = ([], [])
    for path in document.leaves {
      let edited = document.editing(path)
      #expect(edited != document)
      try temporary.write(edited.description, to: "run/run.json")
      let name = path.filter { Int($0) == nil }.joined(separator: ".")
      do {
        _ = try NetworkRun.resume(folder)
        accepted.insert(name)
      } catch {
        refused.insert(name)
      }
    }
    #expect(accepted == Self.free, "accepted \(accepted.symmetricDifference(Self.free))")
    // Every setting of the tables was among them.
    let rows =
      NetworkSettings.rows.map(\.name) + RunPlan.rows.map(\.name) + StartSettings.rows.map { "start." + $0.name }
      + AdLaLaSettings.rows.map { "sampler." + $0.name }
    let absent: Set = ["start.from", "freeze"]
    #expect(Set(rows).subtracting(refused).subtracting(accepted) == absent)
    for name in ["data.name", "data.fingerprint", "data.flip", "law.temperature", "parameters.name", "sampler.name"] {
      #expect(refused.contains(name), "\(name)")
    }
  }

  /// A 64-bit seed is kept to its last digit, in the document and in the draws.
  @Test func seedsBeyondTheIntegersOfADoubleSurvive() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    var draws: [[UInt8]] = []
    for seed in ["9007199254740992", "9007199254740993", "18446744073709551614", "18446744073709551615"] {
      let folder = RunFolder(temporary.file(seed))
      _ = try NetworkRun.start(smallRun("sgld", ["seed": seed]), in: folder).advance(
        interrupt: Interrupt(afterLooks: 50))
      #expect(try JSON(parsing: bytes(folder.path + "/run.json"))["seed"] == .number(seed))
      #expect(try NetworkRun.resume(folder).advance() == .finished)
      let again = RunFolder(temporary.file(seed + "-again"))
      _ = try NetworkRun.start(folder.readConfiguration(), in: again).advance()
      #expect(try bytes(folder.path + "/draws-1.npy") == bytes(again.path + "/draws-1.npy"))
      draws.append(try bytes(folder.path + "/draws-1.npy"))
    }
    #expect(Set(draws).count == 4)
  }

  /// Every third row is drawn, counted from the end of the warm-up, however often the run was stopped on the way.
  @Test func stopsDoNotDisturbTheRhythmOfTheDraws() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let settings = ["draw-every": "3", "warmup": "20", "thin": "4", "steps": "100", "threads": "1"]
    let (whole, cut) = (RunFolder(temporary.file("whole")), RunFolder(temporary.file("cut")))
    _ = try NetworkRun.start(smallRun("sgld", settings), in: whole).advance()
    var ending = try NetworkRun.start(smallRun("sgld", settings), in: cut).advance(interrupt: Interrupt(afterLooks: 9))
    while ending == .interrupted { ending = try NetworkRun.resume(cut).advance(interrupt: Interrupt(afterLooks: 9)) }
    for chain in 1...2 {
      let draws: Tensor<Float> = try NPYFile.read(whole.path + "/draws-\(chain).npy")
      #expect(draws.shape[0] == 7)
      #expect(try bytes(whole.path + "/draws-\(chain).npy") == bytes(cut.path + "/draws-\(chain).npy"))
      #expect(try bytes(whole.path + "/chain-\(chain).csv") == bytes(cut.path + "/chain-\(chain).csv"))
    }
  }
}

extension JSON {
  /// The paths of all plain values; elements of lists are numbered.
  var leaves: [[String]] {
    switch self {
    case .object(let members): members.flatMap { member in member.value.leaves.map { [member.key] + $0 } }
    case .array(let elements):
      elements.enumerated().flatMap { index, element in element.leaves.map { ["\(index)"] + $0 } }
    default: [[]]
    }
  }

  /// The same with one value changed to a neighbour that its setting allows, too.
  func editing(_ path: [String], name: String = "") -> JSON {
    guard let first = path.first else { return edited(name) }
    let rest = Array(path.dropFirst())
    switch self {
    case .object(let members):
      return .object(
        members.map { JSON.Member($0.key, $0.key == first ? $0.value.editing(rest, name: first) : $0.value) })
    case .array(let elements):
      return .array(elements.enumerated().map { "\($0)" == first ? $1.editing(rest, name: name) : $1 })
    default: return self
    }
  }

  private func edited(_ name: String) -> JSON {
    switch self {
    case .bool(let value): return .bool(!value)
    case .number(let text):
      let half: Set = ["flip", "thin", "warmup"]
      if let whole = Int(text) {
        return .number("\(name == "warmup" ? whole + 5 : half.contains(name) ? 1 : whole + 1)")
      }
      return JSON((Double(text) ?? 0) * 0.5)
    case .string(let text):
      let others = [
        "network": "6-4-3", "activation": "tanh", "output-activation": "tanh", "initialisation": "glorot",
        "loss": "squared-error", "noise": "common", "normalisation": "sum", "precision": "double",
        "batch-scheme": "subset",
        "observables": "minibatch", "first": "layer2", "temperature": "0.5", "second-temperature": "0.5",
      ]
      if text == "all" { return .string("minibatch") }
      return .string(others[name] ?? text + "2")
    case .null: return .number("1")
    default: return self
    }
  }
}
