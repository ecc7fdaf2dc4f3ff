import Langevin
import Testing
import _LangevinTestSupport

@Suite struct ResumeTests {
  static let samplers = SamplerCatalogue.methods.map { $0.name } + ["obabo", "ubu"]

  /// A kill is a run that is dropped in the middle: nothing but its files is left.
  @Test(arguments: samplers)
  func aKilledRunGoesOnBitForBit(_ sampler: String) throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let whole = RunFolder(temporary.file("whole"))
    #expect(try NetworkRun.start(smallRun(sampler), in: whole).advance() == .finished)

    let cut = RunFolder(temporary.file("cut"))
    // Stops in the middle of an interval, after a checkpoint, and is killed later with rows that no checkpoint has seen.
    for (number, looks) in [13, 6, 31].enumerated() {
      let run = try number == 0 ? NetworkRun.start(smallRun(sampler), in: cut) : NetworkRun.resume(cut)
      #expect(try run.advance(interrupt: Interrupt(afterLooks: looks)) == .interrupted)
      let lost = try NetworkRun.resume(cut)
      #expect(throws: KillAfter.Killed.self) { try lost.advance(observers: [KillAfter(rows: 3)]) }
    }
    #expect(try NetworkRun.resume(cut).advance() == .finished)

    for file in ["chain-1.csv", "chain-2.csv", "draws-1.npy", "draws-2.npy", "run.json"] {
      #expect(try bytes(whole.path + "/" + file) == bytes(cut.path + "/" + file), "\(file) of \(sampler)")
    }
  }

  @Test func feedingTheSettingsBackGivesTheSameBits() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let first = RunFolder(temporary.file("first"))
    _ = try NetworkRun.start(smallRun("baoab"), in: first).advance()
    let second = RunFolder(temporary.file("second"))
    _ = try NetworkRun.start(first.readConfiguration(), in: second).advance()
    for file in ["chain-1.csv", "draws-2.npy", "run.json"] {
      #expect(try bytes(first.path + "/" + file) == bytes(second.path + "/" + file))
    }
  }

  @Test(arguments: ["sgld", "mclmc", "mams", "nuts"])
  func chainsDoNotDependOnHowManyThereAreNorOnThreads(_ sampler: String) throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let settings: [[String: String]] = [
      ["chains": "3", "threads": "1"], ["chains": "1", "threads": "3"], ["chains": "2", "threads": "4"],
    ]
    var draws: [[UInt8]] = []
    for (number, setting) in settings.enumerated() {
      let folder = RunFolder(temporary.file("\(number)"))
      _ = try NetworkRun.start(smallRun(sampler, setting), in: folder).advance()
      draws.append(try bytes(folder.path + "/draws-1.npy"))
    }
    #expect(draws[0] == draws[1])
    #expect(draws[0] == draws[2])
  }

  /// Each chain has random numbers of its own: from one start they go different ways.
  @Test func chainsFromOneStartPart() throws {
    var set = KSpin()
    (set.spins, set.classes, set.train, set.test) = (6, 3, 60, 0)
    let network = try MLP([6, 5, 3])
    let posterior = try Posterior(network, examples: set.make(as: Float.self).train, loss: .crossEntropy)
    let start: Tensor<Float> = network.initialParameters(from: RandomStream(seed: 1, purpose: .initialisation))
    let chains = try ChainGroup(
      posterior, sampler: SGLD<Float>(stepSize: 0.1, temperature: 0.01), chains: 2, keepingEvery: 1, seed: 3
    ) { _ in start }
    try chains.advance(steps: 5)
    let positions = chains.parameters.map { $0.tensor(of: Float.self).elements }
    #expect(!zip(positions[0], positions[1]).contains { $0 == $1 })
  }

  @Test func thinningChangesNoDraw() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (fine, coarse) = (RunFolder(temporary.file("fine")), RunFolder(temporary.file("coarse")))
    _ = try NetworkRun.start(smallRun("lm", ["thin": "5"]), in: fine).advance()
    _ = try NetworkRun.start(smallRun("lm", ["thin": "10", "draw-every": "2"]), in: coarse).advance()
    let (one, other) = (try fine.readTraces()[0], try coarse.readTraces()[0])
    let everyOther = stride(from: 1, to: one.rowCount, by: 2).map { one["energy"]?[$0] }
    #expect(everyOther == other["energy"])
  }

  /// A run may start where another one ended: after no step its position is the other's last draw.
  @Test func aRunStartsFromTheDrawsOfAnother() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (first, second) = (RunFolder(temporary.file("first")), RunFolder(temporary.file("second")))
    let run = try NetworkRun.start(smallRun("sgld"), in: first)
    _ = try run.advance()
    let next = try NetworkRun.start(smallRun("hmc", ["start.from": first.path, "start.steps": "0"]), in: second)
    for (old, new) in zip(run.chains.parameters, next.chains.parameters) {
      guard case .single(let old) = old, case .single(let new) = new else {
        Issue.record("runs are in single precision")
        return
      }
      #expect(old == new)
    }
    let error = #expect(throws: FileError.self) {
      _ = try NetworkRun.start(
        smallRun("sgld", ["start.from": first.path, "network": "6-4-3"]), in: RunFolder(temporary.file("third")))
    }
    #expect(error?.description.contains("6-4-3") == true)
  }

  /// What the sampler warns of on the way is in the trace, once each, and so in every summary.
  @Test func warningsAreKeptWithTheRun() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let drawn = ["sampler.variance": "drawn", "steps": "120"]
    let (whole, cut) = (RunFolder(temporary.file("whole")), RunFolder(temporary.file("cut")))
    let run = try NetworkRun.start(smallRun("pl", drawn), in: whole)
    var heard: [String] = []
    let listener = ClosureObserver { heard += $0.warnings }
    _ = try run.advance(observers: [listener])
    let warnings = try whole.readTraces().flatMap(\.warnings)
    #expect(!warnings.isEmpty && warnings.sorted() == heard.sorted())
    for trace in try whole.readTraces() {
      #expect(Set(trace.warnings.map(Trace.withoutNumbers)).count == trace.warnings.count)
    }
    let summary = try RunResults([whole]).summary.warnings
    for warning in warnings.map(Trace.withoutNumbers) {
      #expect(summary.contains { Trace.withoutNumbers($0).hasSuffix(warning) })
    }
    #expect(try RunResults(run).summary.warnings == summary)

    for looks in [17, 30, 45] {
      let part = try looks == 17 ? NetworkRun.start(smallRun("pl", drawn), in: cut) : NetworkRun.resume(cut)
      _ = try part.advance(interrupt: Interrupt(afterLooks: looks))
    }
    _ = try NetworkRun.resume(cut).advance()
    for file in ["chain-1.csv", "chain-2.csv"] {
      #expect(try bytes(whole.path + "/" + file) == bytes(cut.path + "/" + file))
    }
  }

  @Test func aRunThatIsStoppedBeforeItsFirstStepLeavesNothing() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = RunFolder(temporary.file("run"))
    #expect(throws: Interruption.self) {
      try NetworkRun.start(
        smallRun("sgld", ["start.steps": "1000000000"]), in: folder, interrupt: Interrupt(afterLooks: 5))
    }
    #expect(!RunFolderProbe.exists(folder.path))
    #expect(throws: FileError.self) { try NetworkRun.resume(folder) }
  }

  /// The instruction set is a note: a run goes on with another one, and says so.
  @Test func theInstructionSetIsRemembered() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = RunFolder(temporary.file("run"))
    _ = try NetworkRun.start(smallRun("sgld"), in: folder).advance(interrupt: Interrupt(afterLooks: 40))
    let settings = String(decoding: try bytes(folder.path + "/run.json"), as: UTF8.self)
    let now = InstructionSet.current.rawValue
    #expect(try JSON(parsing: bytes(folder.path + "/run.json"))["instruction-set"] == .string(now))
    #expect(try NetworkRun.resume(folder).warnings.isEmpty)

    let other = settings.replacing("\"instruction-set\": \"\(now)\"", with: "\"instruction-set\": \"sse\"")
    _ = try temporary.write(other, to: "run/run.json")
    let resumed = try NetworkRun.resume(folder)
    #expect(resumed.warnings.count == 1 && resumed.warnings[0].contains("instruction set sse and goes on with \(now)"))
    #expect(try resumed.advance() == .finished)
    // A document of a program that did not say it yet.
    let older = settings.replacing("\"instruction-set\": \"\(now)\",", with: "")
    #expect(older != settings)
    _ = try temporary.write(older, to: "run/run.json")
    #expect(try NetworkRun.resume(folder).warnings.isEmpty)
  }

  @Test func anExtendedRunIsTheLongerRun() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (long, short) = (RunFolder(temporary.file("long")), RunFolder(temporary.file("short")))
    _ = try NetworkRun.start(smallRun("sghmc", ["steps": "80"]), in: long).advance()
    _ = try NetworkRun.start(smallRun("sghmc"), in: short).advance()
    _ = try NetworkRun.resume(short) { $0.steps = 80 }.advance()
    #expect(try bytes(long.path + "/draws-2.npy") == bytes(short.path + "/draws-2.npy"))
  }
}

/// Fails after a number of rows, as a kill would.
final class KillAfter: Observer {
  struct Killed: Error {}
  private var left: Int

  init(rows: Int) { left = rows }

  func observe(_ kept: KeptStep) throws {
    left -= 1
    if left < 0 { throw Killed() }
  }
}
