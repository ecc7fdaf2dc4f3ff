import Langevin
import Testing
import _LangevinTestSupport

/// Runs whose chains are the coldest of ladders.
@Suite struct LadderRunTests {
  /// Small ladders for networks, with the samplers' own places at which points may be exchanged.
  static let methods = [
    "hmc", "mala", "nuts", "mams", "mclmc", "baoab", "ubu", "lm", "sgld", "sgworld", "pl", "badodab",
  ]

  static func smallLadder(_ sampler: String, _ settings: [String: String] = [:]) throws -> CheckedConfiguration {
    var values = ["ladder": "geometric:0.01,0.04,3", "exchange-every": "3", "chains": "2"]
    if sampler == "pl" { values["sampler.temperature"] = "0.01" }
    return try smallRun(sampler, values.merging(settings, uniquingKeysWith: { $1 }))
  }

  static let files = [
    "chain-1.csv", "chain-2.csv", "draws-1.npy", "draws-2.npy", "ladder-1-rung-2.csv", "ladder-1-rung-3.csv",
    "ladder-2-rung-2.csv", "ladder-2-rung-3.csv", "run.json",
  ]

  /// A kill is a run that is dropped in the middle: nothing but its files is left.
  @Test(arguments: methods)
  func aKilledLadderGoesOnBitForBit(_ sampler: String) throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let whole = RunFolder(temporary.file("whole"))
    #expect(try NetworkRun.start(Self.smallLadder(sampler), in: whole).advance() == .finished)
    let cut = RunFolder(temporary.file("cut"))
    for (number, looks) in [40, 17, 95].enumerated() {
      let run = try number == 0 ? NetworkRun.start(Self.smallLadder(sampler), in: cut) : NetworkRun.resume(cut)
      #expect(try run.advance(interrupt: Interrupt(afterLooks: looks)) == .interrupted)
      let lost = try NetworkRun.resume(cut)
      #expect(throws: KillAfter.Killed.self) { try lost.advance(observers: [KillAfter(rows: 3)]) }
    }
    #expect(try NetworkRun.resume(cut).advance() == .finished)
    for file in Self.files {
      let (one, other) = (try bytes(whole.path + "/" + file), try bytes(cut.path + "/" + file))
      func lines(_ bytes: [UInt8]) -> [Substring] { String(decoding: bytes, as: UTF8.self).split(separator: "\n") }
      #expect(one == other, "\(file) of \(sampler): \(zip(lines(one), lines(other)).first { $0 != $1 } as Any)")
    }
    let trace = try #require(try whole.readTraces().first)
    #expect((trace["sweeps__"]?.last ?? 0) > 0, "no exchange was tried")
  }

  /// Threads help chains and rungs and change no bit.
  @Test func threadsChangeNothing() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folders = try ["1", "3", "7"].map { threads in
      let folder = RunFolder(temporary.file(threads))
      _ = try NetworkRun.start(Self.smallLadder("hmc", ["threads": threads]), in: folder).advance()
      return folder
    }
    for file in Self.files where file != "run.json" {
      #expect(try bytes(folders[0].path + "/" + file) == bytes(folders[1].path + "/" + file))
      #expect(try bytes(folders[0].path + "/" + file) == bytes(folders[2].path + "/" + file))
    }
  }

  /// The ladder of a run is the sampler `ReplicaExchange`, bit for bit.
  @Test func aLadderIsReplicaExchange() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let well = try DoubleWellPotential<Double>(height: 2, tilt: 0.2)
    let temperatures = [0.25, 0.6, 1.5]
    func method(_ temperature: Double) throws -> Splitting<Double> {
      try .underdamped(stepSize: 0.1, temperature: .constant(temperature))
    }
    var plan = RunPlan()
    (plan.steps, plan.warmup, plan.thin, plan.chains, plan.seed) = (200, 0, 1, 1, 3)
    (plan.ladder, plan.exchangeEvery) = (try TemperatureLadder(temperatures), 5)
    let folder = RunFolder(temporary.file("run"))
    _ = try SamplingRun(well, sampler: method(0.25), plan: plan, in: folder) { _ in Tensor([1]) }.advance()
    let draws: Tensor<Double> = try NPYFile.read(folder.path + "/draws-1.npy")

    let exchange = try ReplicaExchange(temperatures.map(method), interval: 5)
    var evaluator = try Evaluator(well, seed: 3, thin: 1)
    var state = try exchange.start(at: Tensor([1]), with: &evaluator)
    var path: [Double] = []
    for _ in 0..<200 {
      _ = try exchange.step(&state, with: &evaluator)
      path.append(exchange.draw(from: state)[0])
    }
    #expect(draws.elements == path)
    #expect(try folder.readTraces()[0]["sweeps__"]?.last == 40)
  }

  @Test(arguments: [
    ("adam", "no law"), ("sgd", "no law"), ("ctld", "cannot run on a ladder"), ("baoa", "word BAOA"),
    ("aoab", "word AOAB"), ("sghmc", "at the end of the word"),
  ])
  func samplersThatCannotAreRefusedInASentence(_ sampler: String, _ reason: String) throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let error = #expect(throws: SettingError.self) {
      try NetworkRun.start(Self.smallLadder(sampler), in: RunFolder(temporary.file("run")))
    }
    #expect("\(error as Error?)".contains(reason), "\(error as Error?)")
    #expect(!RunFolderProbe.exists(temporary.file("run")))
  }

  @Test func ladderAndTemperatureAgree() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    for settings in [["sampler.temperature": "0.02"], ["ladder": "0.01"], ["ladder": "0.02,0.01"]] {
      #expect(throws: SettingError.self) {
        try NetworkRun.start(Self.smallLadder("sgld", settings), in: RunFolder(temporary.file("run")))
      }
    }
    #expect(throws: SettingError.self) {
      try NetworkRun.start(smallRun("sgld", ["exchange-every": "5"]), in: RunFolder(temporary.file("run")))
    }
    let (status, output, errors) = langevin(
      "sample", "--data", "moons:train=40,test=10", "--network", "2-3-1", "--sampler", "sgld", "--ladder",
      "geometric:1e-3,1e-2,3", "--steps", "200", "--chains", "1", "--out", temporary.file("cli"))
    #expect(status == .success, "\(errors)")
    #expect(output.contains("ladder of chain 1: ") && output.contains("round trips in"))
    #expect(output.contains(" 0.001") && output.contains(" 0.01"))
    let summary = try JSON(parsing: bytes(temporary.file("cli") + "/summary.json"))
    #expect(summary["ladders"]?.elements?.first?["rungs"]?.elements?.count == 3)
    let page = String(decoding: try bytes(temporary.file("cli") + "/report.html"), as: UTF8.self)
    #expect(page.contains("Ladder of temperatures") && page.contains("rungs of walkers, chain 1"))
    // Files of a replaced run do not stay.
    #expect(
      langevin(
        "sample", "--data", "moons:train=40,test=10", "--network", "2-3-1", "--sampler", "sgld", "--steps", "200",
        "--chains", "1", "--out", temporary.file("cli"), "--force", "--quiet"
      ).status == .success)
    #expect(!RunFolderProbe.exists(temporary.file("cli") + "/ladder-1-rung-2.csv"))
  }
}
