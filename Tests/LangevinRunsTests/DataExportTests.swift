import Foundation
import Langevin
import LangevinCLI
import Testing
import _LangevinTestSupport

/// What an export says of the data, compared with what `predict` says of the same rows, and `loo` with both.
@Suite struct DataExportTests {
  let temporary: TemporaryFolder
  let run: String
  let table: String
  init() throws {
    temporary = try TemporaryFolder()
    run = temporary.file("run")
    let rows = (0..<30).map { "\($0 % 7),\(["low", "high"][$0 % 2]),\(1000 + 40 * ($0 % 7) + 17 * ($0 % 5))" }
    table = try temporary.write("width,kind,price\n" + rows.joined(separator: "\n") + "\n", to: "t.csv")
  }

  private func sample(_ words: String..., to folder: String? = nil) -> String {
    langevin(
      [
        "sample", "--data", table, "--sampler", "baoab", "--batch", "all", "--steps", "60", "--thin", "5", "--warmup",
        "20",
      ]
        + ["--quiet", "--no-report", "--out", folder ?? run] + words
    ).errors
  }

  /// An array of the export: its shape and numbers, chunk by chunk.
  private func read(_ name: String, in path: String) throws -> (shape: [Int], dimensions: [String], numbers: [Double]) {
    let document = try JSON(parsing: bytes("\(path)/\(name)/.zarray"))
    let shape = try #require(document["shape"]?.elements).compactMap(\.double).map { Int($0) }
    let chunks = try #require(document["chunks"]?.elements).compactMap(\.double).map { Int($0) }
    let type = try #require(document["dtype"]?.text)
    let attributes = try JSON(parsing: bytes("\(path)/\(name)/.zattrs"))
    let dimensions = try #require(attributes["_ARRAY_DIMENSIONS"]?.elements).compactMap(\.text)
    var numbers: [Double] = []
    let isByDraw = dimensions.first == "chain" && shape.count > 1
    for chain in 0..<(isByDraw ? shape[0] : 1) {
      let file =
        isByDraw
        ? "\(chain)" + String(repeating: ".0", count: shape.count - 1)
        : Array(repeating: "0", count: shape.count).joined(separator: ".")
      let raw = try bytes("\(path)/\(name)/\(file)")
      if type == "|b1" {
        numbers += raw.map { Double($0) }
        continue
      }
      #expect(raw.count == chunks.reduce(8, *))
      numbers += stride(from: 0, to: raw.count, by: 8).map { start in
        let bits = raw[start..<start + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return type == "<i8" ? Double(Int64(bitPattern: bits)) : Double(bitPattern: bits)
      }
    }
    return (shape, dimensions, numbers)
  }

  @Test func groupsHoldWhatPredictSays() throws {
    defer { temporary.remove() }
    #expect(sample().isEmpty)
    let path = temporary.file("e.zarr")
    let exported = langevin("export", run, "--format", "zarr", "--with", "all", "--out", path)
    #expect(exported.status == .success, "\(exported.errors)")

    // The rows of the file that were trained on, as predict numbers them.
    let test = Set(try predictions(run).map { Int($0[0])! })
    let all = try predictions(run, "--data", table)
    let training = all.filter { !test.contains(Int($0[0])!) }
    #expect(test.count == 6 && training.count == 24)
    let targets = training.map { Double($0[1])! }
    let observed = try read("observed_data/y", in: path)
    #expect(observed.shape == [24] && observed.dimensions == ["y_dim_0"])
    for (found, expected) in zip(observed.numbers, targets) { #expect(abs(found - expected) < 1e-3) }
    for group in ["observed_data", "constant_data", "log_likelihood", "posterior_predictive"] {
      #expect(try read(group + "/y_dim_0", in: path).numbers == training.map { Double($0[0])! })
    }

    // Inputs in the units of the file, with their names.
    let inputs = try read("constant_data/x", in: path)
    #expect(inputs.shape == [24, 3] && inputs.dimensions == ["y_dim_0", "feature"])
    let lines = String(decoding: try bytes(table), as: UTF8.self).split(separator: "\n").dropFirst().map {
      $0.split(separator: ",")
    }
    for (place, row) in training.enumerated() {
      let fields = lines[Int(row[0])! - 1]
      let expected = [Double(fields[0])!, fields[1] == "high" ? 1 : 0, fields[1] == "low" ? 1 : 0]
      for (found, wanted) in zip(inputs.numbers[place * 3..<place * 3 + 3], expected) {
        #expect(abs(found - wanted) < 1e-5)
      }
    }
    let names = try bytes(path + "/constant_data/feature/0")
    let text = stride(from: 0, to: names.count, by: 4).map { names[$0] }.filter { $0 != 0 }
    #expect(String(decoding: text, as: UTF8.self) == "widthkind=highkind=low")

    // ln p of a normal law of each draw, from the means and deviations that predict writes.
    let file = temporary.file("draws.csv")
    #expect(
      langevin("predict", run, "--data", table, "--draws", "1e6", "--draws-out", file, "--json").status == .success)
    let likelihood = try read("log_likelihood/y", in: path)
    #expect(likelihood.shape == [2, 8, 24] && likelihood.dimensions == ["chain", "draw", "y_dim_0"])
    var byDraw: [Int: [Int: (mean: Double, sd: Double)]] = [:]
    for line in String(decoding: try bytes(file), as: UTF8.self).split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",")
      byDraw[Int(fields[1])!, default: [:]][Int(fields[0])!] = (Double(fields[2])!, Double(fields[3])!)
    }
    #expect(byDraw.count == 16)
    var largest = 0.0
    for draw in 0..<16 {
      for (place, row) in training.enumerated() {
        let law = try #require(byDraw[draw + 1]?[Int(row[0])!])
        let z = (targets[place] - law.mean) / law.sd
        let expected = -z * z / 2 - log(law.sd) - log(2 * Double.pi) / 2
        largest = max(largest, abs(likelihood.numbers[draw * 24 + place] - expected))
      }
    }
    #expect(largest < 1e-3, "single precision of targets near 1000: \(largest)")

    // Predicted targets scatter about the means as widely as the laws are.
    let predictive = try read("posterior_predictive/y", in: path)
    #expect(predictive.shape == [2, 8, 24])
    var squares = 0.0
    for draw in 0..<16 {
      for (place, row) in training.enumerated() {
        let law = try #require(byDraw[draw + 1]?[Int(row[0])!])
        let z = (predictive.numbers[draw * 24 + place] - law.mean) / law.sd
        squares += z * z / (16 * 24)
      }
    }
    #expect(abs(squares - 1) < 4.9 * (2.0 / (16 * 24)).squareRoot(), "\(squares)")

    // The command's own sums are those of the same table.
    let loo = try #require(JSON(parsing: langevin("loo", run, "--json").output).elements?.first)
    let density = (0..<24).reduce(0.0) { sum, place in
      sum + log((0..<16).reduce(0.0) { $0 + exp(likelihood.numbers[$1 * 24 + place]) } / 16)
    }
    #expect(abs(try #require(loo["lppd"]?.double) - density) < 1e-9)
    #expect(try #require(loo["power"]?.double) > 0.999999 && loo["elpd_loo"]?["value"]?.double ?? .infinity < density)
    #expect(try JSON(parsing: bytes(path + "/log_likelihood/.zattrs"))["warning"] == nil)
    // The document of the run goes along.
    let attributes = try JSON(parsing: bytes(path + "/.zattrs"))
    #expect(attributes["run"]?.text?.contains("\"columnNames\"") == true)
  }

  private func predictions(_ words: String...) throws -> [[String]] {
    let file = temporary.file("p.csv")
    let result = langevin(["predict"] + words + ["--out", file])
    #expect(result.status == .success, "\(result.errors)")
    return String(decoding: try bytes(file), as: UTF8.self).split(separator: "\n").dropFirst().map {
      $0.split(separator: ",").map(String.init)
    }
  }

  /// The names of ArviZ: its energy is U + K over T, a divergence belongs to its row.
  @Test func statisticsHaveTheNamesOfArviZ() throws {
    defer { temporary.remove() }
    let result = langevin(
      "sample", "--data", table, "--sampler", "hmc", "--steps", "30", "--warmup", "10", "--thin", "1", "--set",
      "sampler.leapfrog-steps=3", "--quiet", "--no-report", "--out", run)
    #expect(result.status == .success, "\(result.errors)")
    let path = temporary.file("e.zarr")
    #expect(langevin("export", run, "--format", "zarr", "--out", path).status == .success)
    let stats = "sample_stats/"
    let (lp, energy) = (try read(stats + "lp", in: path).numbers, try read(stats + "energy", in: path).numbers)
    let potential = try read(stats + "potential_energy", in: path).numbers
    let temperature = try #require(
      JSON(parsing: bytes(run + "/run.json"))["law"]?["temperature"]?.double)
    let kinetic = try read(stats + "kinetic_temperature", in: path).numbers
    let count = try #require(JSON(parsing: bytes(run + "/run.json"))["parameters"]?.elements).reduce(0.0) {
      $0 + ($1["shape"]?.elements ?? []).reduce(1.0) { $0 * ($1.double ?? 1) }
    }
    for row in lp.indices {
      #expect(lp[row] == -potential[row] / temperature)
      // With a row for each move the kinetic temperature is that of the move: K = n T_kin/2.
      let expected = (potential[row] + count * kinetic[row] / 2) / temperature
      #expect(abs(energy[row] - expected) < 1e-9 * abs(expected))
    }
    #expect(try read(stats + "acceptance_rate", in: path).numbers.allSatisfy { 0...1 ~= $0 })
    let diverging = try read(stats + "diverging", in: path)
    #expect(diverging.shape == [2, 20] && diverging.numbers.allSatisfy { $0 == 0 || $0 == 1 })
  }

  @Test func runsAreCompared() throws {
    defer { temporary.remove() }
    let (good, bad) = (temporary.file("good"), temporary.file("bad"))
    #expect(sample(to: good).isEmpty && sample("--temperature", "0.5", to: bad).isEmpty)
    let models = try #require(JSON(parsing: langevin("loo", bad, good, "--json").output).elements)
    #expect(models.first?["run"] == .string(good))
    #expect(abs(models.reduce(0) { $0 + ($1["weight"]?.double ?? .nan) } - 1) < 1e-9)
    #expect(try #require(models.last?["power"]?.double) < 0.2)
    let text = langevin("loo", good, bad).output
    #expect(text.contains("elpd_loo") && text.contains("power"))
    for line in text.split(separator: "\n") { #expect(line.count <= 80 || line.contains(temporary.path), "\(line)") }
    let path = temporary.file("bad.zarr")
    #expect(langevin("export", bad, "--format", "zarr", "--with", "log_likelihood", "--out", path).status == .success)
    #expect(
      try JSON(parsing: bytes(path + "/log_likelihood/.zattrs"))["warning"]?.text?.contains("to the power") == true)
    let other = try temporary.write(
      "a,b\n" + (0..<30).map { "\($0),\($0 * $0 % 7).5" }.joined(separator: "\n"), to: "o.csv")
    let result = langevin(
      "sample", "--data", other, "--sampler", "baoab", "--steps", "60", "--quiet", "--no-report", "--out", run)
    #expect(result.status == .success, "\(result.errors)")
    #expect(langevin("loo", good, run).errors.contains("was made from other data than"))
  }
}
