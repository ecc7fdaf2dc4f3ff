import Langevin
import LangevinCLI
import Testing
import _LangevinTestSupport

/// Likelihoods, priors, weights and frozen layers as settings of runs.
@Suite struct LikelihoodRunTests {
  let temporary: TemporaryFolder
  init() throws { temporary = try TemporaryFolder() }

  /// A table of counts, with a column of weights and inputs of another size.
  private func counts(_ name: String = "counts.csv", weight: (Int) -> String = { "\(1 + $0 % 3)" }) throws -> String {
    let rows = (0..<60).map { row -> String in
      let x = Double(row % 12) / 3
      return "\(100 * x),\(weight(row)),\((row * 7 % 5) + Int(x * x))"
    }
    return try temporary.write((["dose,often,events"] + rows).joined(separator: "\n") + "\n", to: name)
  }

  private func sample(_ data: String, _ name: String, _ more: [String]) throws -> String {
    let folder = temporary.file(name)
    let result = langevin(
      ["sample", "--data", data, "--sampler", "hmc", "--steps", "60", "--warmup", "30", "--thin", "5", "--quiet"]
        + ["--no-report", "--set", "start.steps=20", "--set", "sampler.leapfrog-steps=3", "--out", folder] + more)
    #expect(result.status == .success, "\(name): \(result.errors)")
    return folder
  }

  /// Each setting changes the draws, alone.
  @Test func everySettingMatters() throws {
    defer { temporary.remove() }
    let table = try counts()
    let base = ["--ignore", "often", "--loss", "gaussian"]
    let variants: [(String, [String])] = [
      ("base", []), ("common", ["--noise", "common"]), ("student", ["--loss", "student-t"]),
      ("student-nu", ["--loss", "student-t:nu=5"]), ("student-sd", ["--loss", "student-t:sd=0.5"]),
      ("scaled", ["--loss", "student-t-scale"]), ("scaled-nu", ["--loss", "student-t-scale:nu=3"]),
      ("poisson", ["--loss", "poisson"]), ("negative", ["--loss", "negative-binomial"]),
      ("negative-r", ["--loss", "negative-binomial:r=4"]), ("squared", ["--loss", "squared-error"]),
      ("normal", ["--prior", "normal:scale=0.5"]), ("laplace", ["--prior", "laplace"]),
      ("laplace-scale", ["--prior", "laplace:scale=0.5"]), ("t", ["--prior", "student-t"]),
      ("t-nu", ["--prior", "student-t:nu=5"]), ("t-scale", ["--prior", "student-t:scale=0.5"]),
      ("sampled", ["--prior", "sampled"]), ("sampled-shape", ["--prior", "sampled:shape=3"]),
      ("sampled-rate", ["--prior", "sampled:rate=0.3"]), ("sampled-interval", ["--prior", "sampled:interval=4"]),
      ("freeze", ["--freeze", "layer1"]), ("weights", ["--ignore", "dose2", "--weights", "often"]),
    ]
    var draws: [String: [UInt8]] = [:]
    for (name, settings) in variants where name != "weights" {
      draws[name] = try bytes(sample(table, name, base + settings) + "/draws-1.npy")
    }
    draws["weights"] = try bytes(
      sample(table, "weights", ["--loss", "gaussian", "--weights", "often"]) + "/draws-1.npy")
    #expect(draws.count == variants.count && Set(draws.values).count == variants.count)
    // A normal law by its scale is the default prior; a name without numbers has the usual ones.
    #expect(try bytes(sample(table, "normal-1", base + ["--prior", "normal"]) + "/draws-1.npy") == draws["base"])
    #expect(
      try bytes(sample(table, "poisson-1", base + ["--loss", "negative-binomial:r=1"]) + "/draws-1.npy")
        == draws["negative"])
  }

  /// A column of weights is as good as the rows repeated, up to rounding, and is no input.
  @Test func weightsOfATable() throws {
    defer { temporary.remove() }
    var (weightedLines, repeatedLines) = (["x,w,y"], ["x,y"])
    for row in 0..<40 {
      let (x, y, weight) = (row % 8, row * 3 % 7, 1 + row % 3)
      weightedLines.append("\(x),\(weight),\(y)")
      for _ in 0..<weight { repeatedLines.append("\(x),\(y)") }
    }
    let weighted = try temporary.write(weightedLines.joined(separator: "\n") + "\n", to: "weighted.csv")
    let repeated = try temporary.write(repeatedLines.joined(separator: "\n") + "\n", to: "repeated.csv")
    let settings = [
      "--set", "data.test-fraction=0", "--set", "data.standardise=none", "--set", "data.standardise-targets=false",
      "--loss", "gaussian", "--network", "1-4-2", "--precision", "double", "--set", "start.batch=all",
    ]
    let one = try sample(weighted, "weighted", settings + ["--weights", "w"])
    let two = try sample(repeated, "repeated", settings)
    let (a, b): (Tensor<Double>, Tensor<Double>) = (
      try NPYFile.read(one + "/draws-1.npy"), try NPYFile.read(two + "/draws-1.npy")
    )
    #expect(a.shape == b.shape && a.count > 0)
    for index in 0..<a.count { #expect(abs(a[index] - b[index]) < 1e-6 * max(1, abs(b[index]))) }
    let new = try temporary.write("x\n1\n2\n", to: "new.csv")
    #expect(langevin("predict", one, "--data", new).status == .success)

    for (wrong, found) in [("-1", "weights from -1"), ("", "missing values"), ("heavy", "'heavy' as a weight")] {
      let bad = try counts("bad.csv") { $0 == 3 ? wrong : "1" }
      let result = langevin("sample", "--data", bad, "--weights", "often", "--out", temporary.file("bad"))
      #expect(result.status != .success && result.errors.contains(found), "\(result.errors)")
    }
    let none = langevin("sample", "--data", weighted, "--weights", "v", "--out", temporary.file("none"))
    #expect(none.errors.contains("'v'"))
    let target = langevin("sample", "--data", weighted, "--weights", "y", "--out", temporary.file("target"))
    #expect(target.errors.contains("as the target and as the weights"))
  }

  /// The rows of a CSV file as numbers by the names of their columns.
  private func columns(of file: String) throws -> [[String: Double]] {
    let lines = String(decoding: try bytes(file), as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return lines.dropFirst().map { fields in
      Dictionary(
        uniqueKeysWithValues: zip(lines[0], fields).compactMap { name, text in Double(text).map { (name, $0) } })
    }
  }

  /// Predictions of each likelihood: a law in the units of the file, whose mean and interval are those of the draws.
  @Test(arguments: [
    "gaussian", "student-t", "student-t-scale", "poisson", "negative-binomial:r=3", "squared-error",
  ])
  func predictions(_ loss: String) throws {
    defer { temporary.remove() }
    let run = try sample(try counts(), "run", ["--loss", loss, "--weights", "often"])
    let file = temporary.file("predictions.csv")
    let (status, output, errors) = langevin("predict", run, "--out", file)
    #expect(status == .success, "\(errors)")
    #expect(output.contains("negative log-likelihood") && output.contains("coverage of 90"))
    let isOfCounts = loss.hasPrefix("poisson") || loss.hasPrefix("negative")
    let rows = try columns(of: file)
    #expect(!rows.isEmpty)
    for row in rows {
      let (mean, sd, ofMean) = (try #require(row["mean"]), try #require(row["sd"]), try #require(row["mean_sd"]))
      let (lower, upper) = (try #require(row["lower_90"]), try #require(row["upper_90"]))
      #expect(lower <= upper && sd >= ofMean && row["events"] != nil)
      if isOfCounts { #expect(mean > 0 && lower == lower.rounded() && lower >= 0) }
    }
    let document = try JSON(parsing: bytes(run + "/run.json"))
    #expect(document["loss"]?.text?.hasPrefix(loss) == true)
    if isOfCounts { #expect(document["data"]?["standardise-targets"] == .bool(false)) }
  }

  /// The law of one draw, by hand.
  @Test func aPoissonPredictionIsTheMixtureOfItsDraws() throws {
    defer { temporary.remove() }
    let run = try sample(
      try counts(), "run",
      ["--loss", "poisson", "--ignore", "often", "--network", "1-1", "--precision", "double", "--chains", "1"])
    let draws: Tensor<Double> = try NPYFile.read(run + "/draws-1.npy")
    let new = try temporary.write("dose,often\n100,1\n", to: "new.csv")
    let file = temporary.file("predictions.csv")
    #expect(langevin("predict", run, "--data", new, "--out", file).status == .success)
    let rule = try #require(try JSON(parsing: bytes(run + "/run.json"))["table"])
    let input = try #require(rule["inputs"]?.elements?.first?["scaling"])
    let x = (100 - (input["center"]?.double ?? 0)) / (input["scale"]?.double ?? 1)
    let rates = (0..<draws.shape[0]).map { Math.exp(draws[$0, 0] * x + draws[$0, 1]) }
    let mean = rates.reduce(0, +) / Double(rates.count)
    let spread = rates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rates.count)
    let row = try #require(try columns(of: file).first)
    #expect(abs(try #require(row["mean"]) - mean) < 1e-9 * mean)
    #expect(abs(try #require(row["sd"]) - (mean + spread).squareRoot()) < 1e-9 * mean)
    #expect(abs(try #require(row["mean_sd"]) - spread.squareRoot()) < 1e-9 * mean)
  }

  /// Counts are not made classes when a loss is named, and scaling them is an error.
  @Test func countsAreCounts() throws {
    defer { temporary.remove() }
    let table = try temporary.write("x,n\n" + (0..<40).map { "\($0 % 7),\($0 % 3)\n" }.joined(), to: "few.csv")
    let run = try sample(table, "run", ["--loss", "poisson"])
    #expect(try JSON(parsing: bytes(run + "/run.json"))["data"]?["targets"]?.text == "values")
    let scaled = langevin(
      "sample", "--data", table, "--loss", "poisson", "--set", "data.standardise-targets=true", "--out",
      temporary.file("scaled"))
    #expect(scaled.errors.contains("expected false"), "\(scaled.errors)")
    let tailing = [0, 0, 1, 0, 2, 0, 1, 0, 0, 5]
    let events = try temporary.write(
      "x,n\n" + (0..<40).map { "\($0 % 7),\(tailing[$0 % 10])\n" }.joined(), to: "events.csv")
    let notes = langevin(
      "sample", "--data", events, "--sampler", "sgld", "--steps", "10", "--no-report", "--out",
      temporary.file("plain"))
    #expect((notes.output + notes.errors).contains("the loss poisson takes them for counts"), "\(notes.errors)")
    let real = try temporary.write("x,n\n1,0.5\n2,1\n3,2\n4,1.5\n5,1\n", to: "real.csv")
    let wrong = langevin("sample", "--data", real, "--loss", "poisson", "--out", temporary.file("wrong"))
    #expect(wrong.errors.contains("counts, 0, 1, 2, ... with the loss poisson"), "\(wrong.errors)")
  }

  // MARK: Frozen layers

  @Test func aFrozenRunIsResumedPredictedAndStartedFromAnother() throws {
    defer { temporary.remove() }
    let table = try counts()
    let settings = ["--ignore", "often", "--network", "1-6-5-2", "--loss", "gaussian"]
    let first = try sample(table, "first", settings)
    let frozen = settings + ["--freeze", "layer1,layer2", "--set", "start.from=\(first)", "--set", "start.steps=0"]
    let run = try sample(table, "run", frozen)
    // The frozen layers are those of the first chain's last draw there.
    let (parameters, draws): (Tensor<Float>, Tensor<Float>) = (
      try NPYFile.read(run + "/frozen.npy"), try NPYFile.read(first + "/draws-1.npy")
    )
    #expect(parameters.count == 47)
    for index in 0..<47 { #expect(parameters[index] == draws[draws.shape[0] - 1, index]) }
    let some: Tensor<Float> = try NPYFile.read(run + "/draws-2.npy")
    #expect(some.shape[1] == 12)
    let names = try JSON(parsing: bytes(run + "/run.json"))["parameters"]?.elements?.compactMap { $0["name"]?.text }
    #expect(names == ["layer3.weight", "layer3.bias"])

    // Longer at once, and in two sessions.
    let long = try sample(table, "long", frozen + ["--steps", "90"])
    #expect(langevin("resume", run, "--steps", "90", "--quiet", "--no-report").status == .success)
    for file in ["/draws-1.npy", "/chain-2.csv"] { #expect(try bytes(long + file) == bytes(run + file)) }
    let (a, b) = (langevin("predict", run), langevin("predict", long))
    #expect(a.status == .success && a.output == b.output && a.output.contains("coverage"))

    #expect(
      langevin("sample", "--data", table, "--set", "start.from=\(run)", "--out", temporary.file("x")).errors
        .contains("the others being frozen") == true)
    for wrong in ["layer2", "layer3", "layer1,layer2,layer3", "layer1,layer1", ""] {
      let result = langevin(
        ["sample", "--data", table, "--freeze", wrong, "--out", temporary.file("y")] + settings)
      #expect(result.status != .success, "\(wrong)")
    }
    try temporary.write("no array", to: "run/frozen.npy")
    #expect(langevin("predict", run).errors.contains("frozen.npy"))
  }

  /// The chain on the last layer is the chain of a network whose inputs are the features.
  @Test func frozenRunsSampleTheLastLayer() throws {
    defer { temporary.remove() }
    let folder = RunFolder(temporary.file("run"))
    _ = try NetworkRun.start(smallRun("sgld", ["freeze": "layer1", "start.steps": "0", "prior": "0.02"]), in: folder)
      .advance()
    let settings = try folder.readConfiguration().resolved()
    let data: Dataset<Float> = try DataSource("kspin:train=60,test=20,spins=6,classes=3").load()
    // As the data recommend.
    let network = try MLP([6, 5, 3], output: .relu)
    let start: Tensor<Float> = network.initialParameters(
      from: RandomStream(seed: 0, chain: 0, purpose: .initialisation))
    let frozen = try FrozenLayers(1, of: network, at: start)
    let own = RunFolder(temporary.file("own"))
    let posterior = try Posterior(
      frozen.rest, examples: frozen.features(of: data.train), loss: .crossEntropy, prior: .gaussian(precision: 0.02))
    func run<S: Sampler<Float>>(_ sampler: S) throws {
      _ = try SamplingRun(posterior, sampler: sampler, plan: settings.plan, in: own) {
        frozen.rest.initialParameters(from: $0)
      }.advance()
    }
    try run(settings.sampler.sampler(of: Float.self))
    #expect(try bytes(folder.path + "/draws-2.npy") == bytes(own.path + "/draws-2.npy"))
  }
}
