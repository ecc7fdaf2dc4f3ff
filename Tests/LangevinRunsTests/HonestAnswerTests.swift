import Langevin
import LangevinCLI
import Testing
import _LangevinTestSupport

/// Faults that users met with tables of their own, each of which a run once answered wrongly or in silence.
@Suite struct HonestAnswerTests {
  let temporary: TemporaryFolder
  init() throws { temporary = try TemporaryFolder() }

  private func write(_ lines: [String], to name: String) throws -> String {
    try temporary.write(lines.joined(separator: "\n") + "\n", to: name)
  }

  /// Uniform numbers that need no generator of ours.
  private func uniform(_ index: Int) -> Double {
    var z = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ z >> 31) >> 11) * 0x1p-53
  }

  /// A number that is nearly normal: mean 0, variance 1.
  private func normal(_ index: Int) -> Double { (0..<12).reduce(-6.0) { $0 + uniform(12 * index + $1 + 1) } }

  private func sample(_ words: String...) -> (status: LangevinCLI.ExitStatus, output: String, errors: String) {
    langevin(["sample", "--no-report", "--out", temporary.file("run")] + words)
  }

  /// Inputs on scales from 1 to 250 000 and targets near 2000, raw: energies of a few nats and a prediction in the units of the
  /// file, where 306 000 and an R-hat of 2.7 were.
  @Test func rawTablesConverge() throws {
    defer { temporary.remove() }
    let scales = (0..<12).map { [1.0, 30, 900, 250_000][$0 % 4] }
    let lines = (0..<150).map { row in
      let inputs = scales.indices.map { uniform(1000 + row * 13 + $0) }
      let target = 2000 + 300 * inputs[0] - 200 * inputs[3] + 20 * normal(90_000 + row)
      return (zip(inputs, scales).map { "\($0 * $1)" } + ["\(target)"]).joined(separator: ",")
    }
    let table = try write([(1...12).map { "x\($0)" }.joined(separator: ",") + ",y"] + lines, to: "t.csv")
    let (status, output, errors) = sample(
      "--data", table, "--network", "*-4-*", "--steps", "400", "--warmup", "200", "--thin", "1", "--quiet")
    #expect(status == .success, "\(errors)")
    let summary = try JSON(parsing: bytes(temporary.file("run") + "/summary.json"))["observables"]
    let energy = try #require(summary?["energy"]?["mean"]?.double)
    #expect(abs(energy) < 3, "\(output)")
    #expect(try #require(summary?["energy"]?["rhat"]?.double) < 1.3, "\(output)")
    let scores = try JSON(parsing: langevin("predict", temporary.file("run"), "--json").output)
    let found = try #require(scores["targets"]?.elements?.first)
    let rmse = try #require(found["rmse"]?["value"]?.double)
    // The noise has a standard deviation of 20; the mean of the targets misses by about 100.
    #expect(rmse > 10 && rmse < 45, "\(rmse)")
    #expect(try #require(found["baseline"]?["rmse"]?["value"]?.double) > 2 * rmse)
  }

  /// Intervals hold as many of the new targets as they say, not those that the spread of the mean would.
  @Test func intervalsHoldTheTargets() throws {
    defer { temporary.remove() }
    func lines(_ start: Int, _ count: Int) -> [String] {
      (start..<start + count).map { row in
        let x = 4 * uniform(row + 1) - 2
        return "\(x),\(5 + 2 * x + 0.5 * normal(50_000 + row))"
      }
    }
    let table = try write(["x,y"] + lines(0, 200), to: "t.csv")
    let new = try write(["x,y"] + lines(1000, 400), to: "new.csv")
    let (status, _, errors) = sample(
      "--data", table, "--network", "1-4-2", "--steps", "500", "--warmup", "300", "--thin", "1", "--quiet")
    #expect(status == .success, "\(errors)")
    let scores = try JSON(parsing: langevin("predict", temporary.file("run"), "--data", new, "--json").output)
    for interval in try #require(scores["targets"]?.elements?.first?["intervals"]?.elements) {
      let level = try #require(interval["level"]?.double)
      let found = try #require(interval["coverage"]?["value"]?.double)
      // Four binomial errors, and four hundredths for the 160 rows that the law was learnt from.
      #expect(abs(found - level) < 4 * (level * (1 - level) / 400).squareRoot() + 0.04, "\(level): \(found)")
    }
    // The spread of the mean alone is a fifth of that of a target.
    let file = temporary.file("p.csv")
    #expect(langevin("predict", temporary.file("run"), "--data", new, "--out", file).status == .success)
    let fields = String(decoding: try bytes(file), as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: ",")
    }
    let names = fields[0].map(String.init)
    let (sd, meanSD) = (try #require(names.firstIndex(of: "sd")), try #require(names.firstIndex(of: "mean_sd")))
    #expect(fields.dropFirst().allSatisfy { Double($0[sd])! > 2 * Double($0[meanSD])! })
  }

  /// Beside the average stands what a single draw scores on average, not the draw that these very targets have chosen.
  @Test func noDrawIsChosenByTheTargets() throws {
    defer { temporary.remove() }
    #expect(small("--steps", "60").status == .success)
    let scores = langevin("predict", temporary.file("run"))
    #expect(scores.output.contains("typical draw") && !scores.output.contains("best"), "\(scores.output)")
    let file = temporary.file("draws.csv")
    let document = try JSON(parsing: langevin("predict", temporary.file("run"), "--json", "--draws-out", file).output)
    let typical = try #require(document["typical_draw"]?["accuracy"]?.double)
    // The mean over draws, from what each of them predicts.
    let targets = String(decoding: try bytes(predictions()), as: UTF8.self).split(separator: "\n").dropFirst().map {
      Int($0.split(separator: ",")[1])!
    }
    let lines = String(decoding: try bytes(file), as: UTF8.self).split(separator: "\n").dropFirst()
    let hits = lines.enumerated().filter { index, line in
      let own = line.split(separator: ",").dropFirst(2).map { Double($0)! }
      return own.firstIndex(of: own.max()!) == targets[index % targets.count]
    }
    #expect(abs(Double(hits.count) / Double(lines.count) - typical) < 1e-12)
  }

  private func predictions() -> String {
    let file = temporary.file("p.csv")
    _ = langevin("predict", temporary.file("run"), "--out", file)
    return file
  }

  private func small(_ words: String..., sampler: String = "sgld") -> (
    status: LangevinCLI.ExitStatus, output: String, errors: String
  ) {
    langevin(
      ["sample", "--data", "kspin:train=60,test=20,spins=6,classes=3", "--network", "6-5-3", "--sampler", sampler]
        + ["--no-report", "--quiet", "--out", temporary.file("run")] + words)
  }

  /// A setting is one of the sampler that the data will have.
  @Test func settingsSuitTheSamplerThatTheDataChoose() throws {
    defer { temporary.remove() }
    let (status, _, errors) = sample(
      "--data", "moons:train=60,test=20", "--step-size", "0.2", "--steps", "20", "--warmup", "5", "--thin", "1",
      "--quiet")
    #expect(status == .success, "\(errors)")
    let document = try JSON(parsing: bytes(temporary.file("run") + "/run.json"))
    #expect(document["sampler"]?["name"] == .string("hmc") && document["sampler"]?["step-size"]?.double == 0.2)
  }

  /// A sampler of all data takes no minibatches, and says so; data that recommend some do not disturb it.
  @Test(arguments: ["hmc", "mala", "nuts", "mams", "mclmc"])
  func minibatchesAreNotIgnored(_ sampler: String) throws {
    defer { temporary.remove() }
    let (status, _, errors) = small("--batch", "16", "--steps", "20", sampler: sampler)
    #expect(status == .usage || status == .failure)
    #expect(
      errors.contains("batch is 16 and the sampler uses all of the data at each step; expected 'all'"), "\(errors)")
    var configuration = Configuration()
    try configuration.set("data", to: "kspin", as: "test")
    try configuration.set("sampler", to: sampler, as: "test")
    #expect(try configuration.check().resolved().plan.batch == .all)
  }

  @Test func fewerStepsThanAreDoneAreRefused() throws {
    defer { temporary.remove() }
    #expect(small("--steps", "60").status == .success)
    let (status, output, errors) = langevin("resume", temporary.file("run"), "--steps", "50")
    #expect(status == .usage && output.isEmpty)
    #expect(errors.contains("--steps is 50") && errors.contains("has done 60 already; expected more"), "\(errors)")
  }

  /// A ladder of temperatures: the log density has the temperature of its row, and each temperature its own table.
  @Test func temperaturesAreNotMixed() throws {
    defer { temporary.remove() }
    let (status, output, errors) = small(
      "--temperature", "ladder:1e-2@40,1e-3@60", "--steps", "100", "--warmup", "0", "--thin", "5", "--batch", "all",
      sampler: "baoab")
    #expect(status == .success, "\(errors)")
    let lines = String(decoding: try bytes(temporary.file("run") + "/chain-1.csv"), as: UTF8.self).split(
      separator: "\n"
    )
    .filter { !$0.hasPrefix("#") }.map { $0.split(separator: ",").map(String.init) }
    let names = lines[0]
    func column(_ name: String) throws -> [Double] {
      let place = try #require(names.firstIndex(of: name), "\(names)")
      return lines.dropFirst().map { Double($0[place])! }
    }
    let temperatures = try column("temperature__")
    #expect(temperatures == Array(repeating: 1e-2, count: 8) + Array(repeating: 1e-3, count: 12))
    for (row, value) in try column("lp__").enumerated() {
      #expect(value == -(try column("energy"))[row] / temperatures[row])
    }
    #expect(output.contains("verdict: no stationary law, the temperature changes along the run"), "\(output)")
    let places = ["T = 0.0100\n", "T = 0.00100\n"].map { output.contains($0) }
    #expect(places == [true, true], "\(output)")
    let document = try JSON(parsing: bytes(temporary.file("run") + "/summary.json"))
    let energies = try #require(document["temperatures"]?.elements).map {
      $0["observables"]?["energy"]?["mean"]?.double
    }
    let expected = [Array(try column("energy").prefix(8)), Array(try column("energy").suffix(12))]
    #expect(energies.count == 2 && expected.count == 2)
    let second = String(decoding: try bytes(temporary.file("run") + "/chain-2.csv"), as: UTF8.self).split(
      separator: "\n"
    )
    .filter { !$0.hasPrefix("#") }.dropFirst().map {
      Double($0.split(separator: ",")[names.firstIndex(of: "energy")!])!
    }
    for (place, range) in [(0, 0..<8), (1, 8..<20)] {
      let all = try column("energy")[range] + second[range]
      #expect(abs(try #require(energies[place]) - all.reduce(0, +) / Double(all.count)) < 1e-12)
    }
  }

  /// Clones are no independent chains, and longer chains are not cut in silence.
  @Test func severalFoldersAreIndependentChains() throws {
    defer { temporary.remove() }
    func run(_ name: String, seed: Int, steps: Int) -> String {
      let folder = temporary.file(name)
      let result = small("--seed", "\(seed)", "--steps", "\(steps)", "--warmup", "20", "--thin", "5", "--out", folder)
      #expect(result.status == .success, "\(result.errors)")
      return folder
    }
    let (one, clone, other) = (
      run("one", seed: 1, steps: 60), run("clone", seed: 1, steps: 80), run("other", seed: 2, steps: 80)
    )
    for folders in [[one, clone], [one, one]] {
      let (status, _, errors) = langevin(["summary"] + folders)
      #expect(status == .failure && errors.contains("chain 1 of both is made of the same random numbers"), "\(errors)")
    }
    let (status, output, errors) = langevin("summary", one, other)
    #expect(status == .success, "\(errors)")
    let words = output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("chains 1,2 are shorter than the longest, with 8 rows of 12"), "\(output)")
    #expect(!langevin("summary", one).output.contains("shorter"))
  }

  /// A run that fails at its first step has a checkpoint all the same, that of the start, and says so truly.
  @Test func thePromisedCheckpointIsThere() throws {
    defer { temporary.remove() }
    let (status, _, errors) = small(
      "--step-size", "1e9", "--temperature", "1e9", "--steps", "400", "--warmup", "0", "--thin", "400", sampler: "baoab"
    )
    #expect(status == .failure)
    #expect(errors.contains("verdict: diverged") && errors.contains("goes on from the last checkpoint"), "\(errors)")
    let folder = try #require(errors.firstMatch(of: /langevin resume (.+)' goes on/)?.1)
    for chain in 1...2 { #expect(try !bytes("\(folder)/checkpoint-\(chain)").isEmpty) }
    #expect(langevin("resume", String(folder)).errors.contains("verdict: diverged"))
  }

  /// A table that cannot be used is answered by one line, and nothing is written.
  @Test(arguments: [
    ("a,b,y\n1,2,3\n4,5\n", "t.csv, line 3: found 2 fields; expected 3, as in the first line"),
    ("age,y\n31,1\nten,2\n", "t.csv, line 3, column 1 ('age'): found 'ten'; expected a number"),
    ("a,y\n1,1.5\n,2.5\n", "found missing values in 1 column: 'a' 1 (first in line 3)"),
    ("PAR1....", "found a Parquet file; expected a table in text"),
    ("y\n1\n2\n", "found one column; expected inputs and a target"),
  ])
  func badTablesLeaveNothing(_ text: String, _ message: String) throws {
    defer { temporary.remove() }
    let table = try temporary.write(text, to: "t.csv")
    let (status, output, errors) = sample("--data", table)
    #expect(status == .failure && output.isEmpty)
    #expect(errors.contains(message) && errors.split(separator: "\n").count == 1, "\(errors)")
    #expect((try? bytes(temporary.file("run") + "/run.json")) == nil)
    #expect(langevin("data", table).errors.contains(message))
  }

  /// Paths hold wherever the command is called from.
  @Test func dataAreFoundFromAnyFolder() throws {
    defer { temporary.remove() }
    var configuration = Configuration()
    try configuration.set("data", to: "some/table.csv", as: "test")
    let kept = try configuration.check().source.kept(nil)
    #expect(kept.name.hasPrefix("/") && kept.name.hasSuffix("/some/table.csv"))
  }
}
