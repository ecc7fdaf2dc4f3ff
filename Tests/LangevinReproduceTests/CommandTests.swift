import Langevin
import Testing
import _LangevinTestSupport

/// `langevin-reproduce`, with what takes no time.
@Suite struct CommandTests {
  @Test func aFigureWritesItsTableAndItsDrawing() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (status, output, _) = reproduce("sgworld", "--quick", "--threads", "2", "--out", temporary.path)
    #expect(status == 0)
    // A shorter version says what it leaves out.
    #expect(output.contains("Quick: "))
    let lines = try temporary.text(of: "divergence.csv").split(separator: "\n")
    #expect(lines[0].hasPrefix("# KL of the stationary law"))
    let columns = lines[1].split(separator: ",").filter { !$0.hasPrefix(" one fixed") }
    #expect(columns[0] == "step size" && columns.contains("sgld [nat]") && columns.contains("sgworld-2 [nat]"))
    #expect(lines.count == 2 + 3)
    // The last column's name has a comma, and is quoted.
    #expect(lines[1].hasSuffix("\"sgworld-1, one fixed order [nat]\""))
    // The reference at step size 2e-4, from exact algebra: 3.6911e-6 for sgworld-1.
    let values = lines[3].split(separator: ",").compactMap { Double($0) }
    #expect(values.contains { abs($0 / 3.6911e-6 - 1) < 1e-3 } && values.contains { abs($0 / 1.1471e-4 - 1) < 1e-3 })
    let drawing = try temporary.text(of: "divergence.svg")
    #expect(drawing.hasPrefix("<?xml") && drawing.contains("<polyline") && drawing.contains("step size"))
    #expect(drawing.contains("KL from the posterior, nat") && drawing.contains("sgworld-2"))
  }

  @Test func missingDataAreNamed() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (status, _, errors) = reproduce(
      "sgd-currents", "--quick", "--data", temporary.path, "--out", temporary.path)
    #expect(status == 1)
    #expect(errors.contains("x_train.txt"))
    try temporary.write("-3.0\nmany\n", to: "x_train.txt")
    let (_, _, second) = reproduce(
      "sgd-currents", "--quick", "--data", temporary.path, "--out", temporary.path)
    #expect(second.contains("x_train.txt, line 2: found 'many'; expected a number"))
  }

  @Test func everyFigureAndEveryTableIsListed() {
    let (status, output, _) = reproduce("--list")
    #expect(status == 0)
    #expect(output.contains("kspin-thermodynamics") && output.contains("KL of SGLD and SGWORLD, exact"))
  }

  /// Table and JSON of a law that is exact: the order of SGLD's divergence is 2, that of the second level 4.
  @Test func aTableOfLaws() {
    let (status, output, errors) = reproduce("laws", "--filter", "orders of SGLD and SGWORLD, exact")
    #expect(status == 0)
    #expect(output.contains("LINE, SGLD: order of the KL") && output.contains("within") && !output.contains("OUTSIDE"))
    #expect(errors == "9 of 9 rows hold\n")
    let (_, json, _) = reproduce("laws", "--filter=SGWORLD, exact", "--json")
    #expect(json.contains("\"name\": \"LINE, sgworld-2: order of the KL\"") && json.contains("\"from\": 3.9"))
  }

  /// The published values stand beside a run of their task only.
  @Test func aRunBesideThePublishedValues() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    func run(_ name: String, _ settings: [String: String]) throws -> String {
      let few = ["steps": "60", "thin": "5", "warmup": "20", "start.steps": "0", "sampler": "sgld", "threads": "1"]
      var configuration = Configuration()
      for (name, value) in few.merging(settings, uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }) {
        try configuration.set(name, to: value, as: "test")
      }
      let run = try NetworkRun.start(configuration.check(), in: RunFolder("\(temporary.path)/\(name)"))
      _ = try run.advance()
      return run.folder.path
    }
    let (status, output, _) = reproduce("compare", try run("task", ["data": "kspin", "sampler.temperature": "1e-5"]))
    #expect(status == 0)
    #expect(output.contains("T = 1e-05") && output.contains("0.3360 ± 0.0008") && output.contains("211.5 ± 1.1"))
    let (other, _, errors) = reproduce("compare", try run("other", ["data": "kspin:train=60,test=20"]))
    #expect(other == 1 && errors.contains("has another task"))
  }

  @Test(arguments: [
    ([], "expected the name of a figure"), (["sgd-curents"], "did you mean 'sgd-currents'?"),
    (["sgworld", "--quik"], "did you mean '--quick'?"), (["sgworld", "--seed", "-1"], "--seed is '-1'"),
    (["sgworld", "--seed"], "--seed needs a value"), (["sgworld", "here"], "found 'here'; expected options only"),
    (["laws", "--effort=0"], "expected a number above 0"), (["compare"], "expected one run folder, found none"),
  ])
  func aWrongCommandLineIsExplained(_ words: [String], _ message: String) {
    let (status, _, errors) = reproduce(words)
    #expect(status == 2 && errors.contains(message), "\(errors)")
  }
}
