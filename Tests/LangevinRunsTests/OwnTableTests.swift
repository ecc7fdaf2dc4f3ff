import Langevin
import LangevinCLI
import Testing
import _LangevinTestSupport

/// Tables of one's own: targets that are names, files to predict that have none.
@Suite struct OwnTableTests {
  let temporary: TemporaryFolder
  init() throws { temporary = try TemporaryFolder() }

  /// Thirty examples of two inputs, and what stands in the columns after them.
  private func rows(_ target: (Int) -> String?) -> [String] {
    (0..<30).map { row in
      (["\(Double(row % 7) / 7)", "\(Double(row % 5) / 5)"] + [target(row)].compactMap { $0 }).joined(separator: ",")
    }
  }

  private func write(_ lines: [String], to name: String) throws -> String {
    try temporary.write(lines.joined(separator: "\n") + "\n", to: name)
  }

  private static let names = ["see gull", "auk", "\"tern, little\""]

  private func sample(_ table: String, to name: String = "run", _ more: String...) -> (folder: String, errors: String) {
    let folder = temporary.file(name)
    let result = langevin(
      ["sample", "--data", table, "--sampler", "sgld", "--steps", "40", "--batch", "8", "--quiet", "--no-report"]
        + ["--out", folder] + more)
    return (folder, result.errors)
  }

  private func predictions(_ arguments: String...) throws -> (lines: [Substring], output: String, errors: String) {
    let file = temporary.file("predictions.csv")
    let (status, output, errors) = langevin(["predict"] + arguments + ["--out", file])
    guard status == .success else { return ([], output, errors) }
    return (String(decoding: try bytes(file), as: UTF8.self).split(separator: "\n"), output, errors)
  }

  /// The lines of predictions without the columns of what was to be predicted.
  private func withoutTargets(_ lines: [Substring]) -> [String] {
    guard let header = lines.first, header.split(separator: ",").count > 1 else { return [] }
    return lines.map { line in
      var fields = line.split(separator: ",")
      fields.remove(at: 1)
      if header.hasSuffix(",log_density") { fields.removeLast() }
      return fields.joined(separator: ",")
    }
  }

  @Test func classNamesHoldForAllThatBelongsToARun() throws {
    defer { temporary.remove() }
    let table = try write(["a,b,kind"] + rows { Self.names[$0 % 3] }, to: "table.csv")
    let (run, errors) = sample(table, "--network", "2-4-3")
    #expect(errors.isEmpty)
    let sorted = ["auk", "see gull", "tern, little"]
    let document = try JSON(parsing: bytes(run + "/run.json"))
    #expect(document["data"]?["class-names"] == .array(sorted.map(JSON.string)))
    let described = langevin("data", table).output
    for name in ["0 auk (", "1 see gull (", "2 tern, little ("] { #expect(described.contains(name)) }

    // A file that lacks two of the names has the same classes; one with another name has a line and a column.
    let some = try write(rows { _ in "see gull" }, to: "some.csv")
    let all = try predictions(run, "--data", table)
    #expect(
      all.lines.first == "row,kind,class,p_auk,p_see gull,\"p_tern, little\",sd_auk,sd_see gull,\"sd_tern, little\""
        && all.lines.count == 31)
    // The probabilities are the same, whatever the targets are.
    let probabilities = all.lines.dropFirst().map { $0.split(separator: ",").suffix(6) }
    #expect(
      try predictions(run, "--data", some).lines.dropFirst().map { $0.split(separator: ",").suffix(6) } == probabilities
    )
    let unknown = try write(rows { $0 == 4 ? "awk" : "auk" }, to: "unknown.csv")
    #expect(
      try predictions(run, "--data", unknown).errors.contains(
        "unknown.csv, line 5, column 3: found 'awk'; expected one of the known classes 'auk', 'see gull', 'tern, little'"
      ))
    let numbers = try write(rows { "\($0 % 3)" }, to: "numbers.csv")
    #expect(try predictions(run, "--data", numbers).errors.contains("line 1, column 3: found '0'"))

    // The document gives the same run, and a resumed one keeps to its names.
    let again = temporary.file("again")
    #expect(langevin("sample", "--config", run + "/run.json", "--quiet", "--no-report", "--out", again).errors.isEmpty)
    #expect(try bytes(again + "/draws-1.npy") == bytes(run + "/draws-1.npy"))
    #expect(langevin("resume", run, "--steps", "60", "--quiet", "--no-report").status == .success)
    #expect(try predictions(run).lines.first == all.lines.first)
    _ = try write(["a,b,kind"] + rows { ["auk", "see gull", "zebra"][$0 % 3] }, to: "table.csv")
    #expect(langevin("resume", run, "--steps", "80", "--quiet").errors.contains("found 'zebra'"))
  }

  /// Names are another spelling of the same classes.
  @Test func namesAndNumbersGiveTheSameRun() throws {
    defer { temporary.remove() }
    let names = sample(try write(rows { $0 % 3 == 0 ? "no" : "yes" }, to: "names.csv"), to: "names")
    let numbers = sample(try write(rows { $0 % 3 == 0 ? "0" : "1" }, to: "numbers.csv"), to: "numbers")
    #expect(try bytes(names.folder + "/draws-1.npy") == bytes(numbers.folder + "/draws-1.npy"))
    #expect(try predictions(names.folder).lines.first?.contains(",class,p_no,p_yes,sd_no,sd_yes") == true)
    #expect(try predictions(numbers.folder).lines.first?.contains(",class,p_0,p_1,sd_0,sd_1") == true)
    let other = sample(temporary.file("names.csv"), to: "other", "--set", "data.class-names=[\"yes\", \"no\"]")
    #expect(try predictions(other.folder).lines.first?.contains(",class,p_yes,p_no,") == true)
    let wrong = sample(temporary.file("names.csv"), to: "wrong", "--set", "data.class-names=[\"yes\", \"yes\"]")
    #expect(wrong.errors.contains("expected a list of two or more different names"))
  }

  @Test func aFileToPredictMayLackItsTargets() throws {
    defer { temporary.remove() }
    let header = ["a,b"]
    for (kind, target) in [
      ("names", { ["auk", "gull", "tern"][$0 % 3] }), ("numbers", { "\($0 % 3)" }), ("values", { "\(Double($0) / 8)" }),
    ] as [(String, (Int) -> String)] {
      let (run, _) = sample(try write(["a,b,kind"] + rows(target), to: "\(kind).csv"), to: kind)
      let scored = try predictions(run, "--data", temporary.file("\(kind).csv"))
      #expect(scored.output.contains(kind == "values" ? "root mean square error" : "accuracy"))
      for lines in [rows { _ in nil }, header + rows { _ in nil }] {
        let bare = try write(lines, to: "bare.csv")
        let (found, output, errors) = try predictions(run, "--data", bare)
        #expect(found.map(String.init) == withoutTargets(scored.lines) && found.count == 31)
        #expect(errors.contains("bare.csv has no target column, so nothing is scored"))
        #expect(output.contains("entropy, epistemic") == (kind != "values"))
        for score in ["accuracy", "likelihood", "root mean square"] { #expect(!output.contains(score)) }
      }
      let document = try JSON(parsing: langevin("predict", run, "--data", temporary.file("bare.csv"), "--json").output)
      #expect(document["examples"] == .number("30") && document["accuracy"] == nil && document["targets"] == nil)
      for (columns, found) in [("1\n2", "1 column;"), ("1,2,3,4\n5,6,7,8", "4 columns;")] {
        let wrong = try temporary.write(columns + "\n", to: "wrong.csv")
        #expect(
          try predictions(run, "--data", wrong).errors.contains(
            "wrong.csv: found \(found) expected 2 inputs, and one column more where there is a target"))
      }
    }
  }

  /// Columns are found by their names: another order is the same table, a renamed one is an error.
  @Test func columnsInAnotherOrderAreTheSameTable() throws {
    defer { temporary.remove() }
    func line(_ row: Int, _ order: [Int]) -> String {
      let numbers = [row % 7, row % 5 * 1000, row * 100]
      return order.map { "\(numbers[$0])" }.joined(separator: ",")
    }
    let table = (0..<30).map { line($0, [0, 1, 2]) }
    let (run, _) = sample(try write(["a,b,y"] + table, to: "t.csv"))
    let own = try predictions(run, "--data", temporary.file("t.csv"))
    let turned = try write(["y,b,a"] + (0..<30).map { line($0, [2, 1, 0]) }, to: "turned.csv")
    #expect(own.lines.count == 31)
    #expect(try predictions(run, "--data", turned).lines == own.lines)
    let renamed = try write(["a,bb,y"] + table, to: "renamed.csv")
    #expect(try predictions(run, "--data", renamed).errors.contains("found no column 'b'"))
    // Means are in the units of the file, not of the network.
    let means = own.lines.dropFirst().compactMap { Double($0.split(separator: ",")[2]) }
    #expect(abs(means.reduce(0, +) / 30 - 1450) < 300)
  }

  /// With a line deleted other rows would be test rows: data that have changed are not scored as if they had not.
  @Test func dataThatHaveChangedAreNotScored() throws {
    defer { temporary.remove() }
    let lines = ["a,b,y"] + rows { "\(Double($0) / 8)" }
    let (run, _) = sample(try write(lines, to: "t.csv"))
    #expect(try !predictions(run).lines.isEmpty)
    _ = try write(Array(lines.dropLast()), to: "t.csv")
    #expect(try predictions(run).errors.contains("was made from other data"))
  }

  /// What is scored on the rows that were trained on says so.
  @Test func scoresOfTrainingRowsSaySo() throws {
    defer { temporary.remove() }
    let table = try write(["a,b,y"] + rows { "\(Double($0) / 8)" }, to: "t.csv")
    let (run, _) = sample(table, "--set", "data.test-fraction=0")
    #expect(try predictions(run).output.contains("TRAINING set"))
    #expect(langevin("predict", run, "--json").output.contains("\"examples_are\": \"training set\""))
  }

  /// A target that has a name is looked for by it, wherever it stands.
  @Test func theTargetIsKnownByItsName() throws {
    defer { temporary.remove() }
    let table = ["kind,a,b"] + rows { _ in nil }.enumerated().map { "\($0 % 2 == 0 ? "auk" : "gull"),\($1)" }
    let (run, _) = sample(try write(table, to: "t.csv"), "--target", "kind")
    let own = try predictions(run, "--data", temporary.file("t.csv"))
    #expect(own.lines.first == "row,kind,class,p_auk,p_gull,sd_auk,sd_gull" && own.output.contains("accuracy"))
    let bare = try predictions(run, "--data", write(["a,b"] + rows { _ in nil }, to: "bare.csv"))
    #expect(bare.lines.map(String.init) == withoutTargets(own.lines) && bare.errors.contains("no target column"))
    let other = try predictions(run, "--data", write(["a,b,c"] + rows { _ in "1" }, to: "other.csv"))
    // A column that was not trained on stands beside the predictions.
    #expect(other.lines.first?.hasPrefix("row,c,class,") == true && other.errors.contains("no target column"))
    #expect(withoutTargets(other.lines) == withoutTargets(own.lines))
    let short = try predictions(run, "--data", write(["a,kind"] + rows { _ in nil }, to: "short.csv"))
    #expect(short.errors.contains("short.csv: found no column 'b'; expected one of 'a', 'kind'"))
  }

  /// Where a part was set apart for tests, shift and scale come from the rest, for other files too.
  @Test func otherFilesAreScaledAsTheRunsOwn() throws {
    defer { temporary.remove() }
    let table = try write(rows { "\(Double($0) / 8)" }, to: "t.csv")
    let (run, _) = sample(table, "--set", "data.standardise=columns", "--set", "data.test-fraction=0.3")
    let own = try predictions(run).lines
    let all = try Set(predictions(run, "--data", table).lines)
    #expect(own.count == 10 && own.allSatisfy(all.contains), "a header and nine rows, as they are among all")
  }

  /// Few data are sampled by hybrid Monte Carlo, which needs no tuning, unless something was said that it does not have.
  @Test(arguments: [("", "hmc"), ("--set sampler.ratio=0.002", "pl"), ("--sampler pl", "pl")])
  func theSamplerIsChosenByTheDataIfNobodySays(_ words: String, _ name: String) throws {
    defer { temporary.remove() }
    let table = try write(rows { "\($0 % 3)" }, to: "table.csv")
    let result = langevin(
      ["sample", "--data", table, "--network", "2-4-3", "--steps", "10", "--thin", "1", "--quiet", "--no-report"]
        + ["--set", "start.steps=50", "--out", temporary.file("run")] + words.split(separator: " ").map(String.init))
    #expect(result.status == .success, "\(result.errors)")
    let document = try JSON(parsing: bytes(temporary.file("run") + "/run.json"))
    #expect(document["sampler"]?["name"] == .string(name))
  }
}
