import Langevin
import LangevinCLI
import Testing
import _LangevinTestSupport

/// Wrong command lines and configurations: each is answered by one line that says what was found and what is expected.
@Suite struct CommandLineTests {
  static let wrongLines: [(line: String, message: String)] = [
    (
      "smaple",
      "there is no command 'smaple'; expected one of sample, resume, status, summary, predict, loo, export, data, help, completions; did you mean 'sample'?"
    ),
    ("--quiet", "there is no option '--quiet' before the command"),
    ("sample --stepz 3", "there is no option '--stepz' of 'sample'; did you mean '--steps'?"),
    ("sample --tmperature=1", "there is no option '--tmperature' of 'sample'; did you mean '--temperature'?"),
    ("sample -q", "there is no option '-q' of 'sample'"),
    ("sample -steps 3", "there is no option '-steps' of 'sample'"),
    ("sample extra", "'sample' takes options only, found 'extra'"),
    ("sample -- extra", "'sample' takes options only, found 'extra'"),
    ("sample --steps", "--steps needs a value: N"),
    ("sample --quiet=yes", "--quiet takes no value, found 'yes'"),
    ("sample --steps 0", "--steps is '0'; expected a whole number from 1 to 1000000000000"),
    ("sample --steps many", "--steps is 'many'; expected a whole number"),
    ("sample --steps 1.5e0", "--steps is '1.5e0'; expected a whole number"),
    ("sample --steps -3", "--steps is '-3'; expected a whole number"),
    ("sample --steps 99999999999999999999", "--steps is '99999999999999999999'; expected a whole number"),
    ("sample --thin 0", "--thin is '0'; expected a whole number"),
    ("sample --warmup -1", "--warmup is '-1'; expected a whole number"),
    ("sample --chains 0", "--chains is '0'; expected a whole number from 1 to 10000"),
    ("sample --threads 5000", "--threads is '5000'; expected a whole number from 0 to 1024"),
    ("sample --seed -1", "--seed is '-1'; expected a whole number from 0 to 18446744073709551615"),
    ("sample --seed 18446744073709551616", "--seed is '18446744073709551616'"),
    ("sample --temperature -1", "--temperature is '-1'; expected a number above 0"),
    ("sample --temperature nan", "--temperature is 'nan'; expected a number above 0"),
    (
      "sample --data kspin --temperature cosine:1,2",
      "--temperature is 'cosine:1,2'; expected a number above 0, or a schedule"
    ),
    ("sample --data kspin --step-size 0.1", "--step-size: the sampler pl has no setting 'step-size'"),
    ("sample --sampler sgld --step-size big", "--step-size is 'big'; expected a number above 0"),
    ("sample --prior -1", "--prior is '-1'; expected a number of at least 0"),
    (
      "sample --activation rleu",
      "--activation is 'rleu'; expected one of identity, relu, tanh, sigmoid, gelu, softplus, erf; did you mean 'relu'?"
    ),
    ("sample --output-activation none", "--output-activation is 'none'; expected one of identity"),
    ("sample --loss mse", "--loss is 'mse'; expected one of cross-entropy, binary-cross-entropy, squared-error"),
    ("sample --normalisation total", "--normalisation is 'total'; expected one of mean, sum"),
    ("sample --precision half", "--precision is 'half'; expected one of single, double"),
    ("sample --initialisation xavier", "--initialisation is 'xavier'; expected one of"),
    ("sample --batch-scheme random", "--batch-scheme is 'random'; expected one of distinct"),
    ("sample --observables some", "--observables is 'some'; expected one of full, minibatch"),
    ("sample --biases yes", "--biases is 'yes'; expected true or false"),
    ("sample --max-seconds 0", "--max-seconds is '0'; expected a number above 0"),
    ("sample --min-ess none", "--min-ess is 'none'; expected a number of at least 0"),
    ("sample --sampler slgd", "the sampler is 'slgd'; expected one of pl, hmc, mala"),
    ("sample --sampler BAXOAB9", "the sampler is 'BAXOAB9'"),
    ("sample --data kpsin", "there is no data set 'kpsin'"),
    ("sample --data kspin:flip", "--data:"),
    ("sample --data kspin:flip=2", "--data:"),
    ("sample --data kspin:flup=0.2", "a parameter of kspin is 'flup'"),
    ("sample --data ./nowhere.csv --set data.flip=1", "data.flip: there is no setting 'flip'"),
    ("sample --data ./nowhere.csv --set data.test-fraction=2", "data.test-fraction is '2'"),
    ("sample --set sampler", "--set is 'sampler'; expected KEY=VALUE"),
    ("sample --set colour=red", "--set colour: there is no setting 'colour'"),
    ("sample --set a.b.c=1", "--set a.b.c: there is no setting 'a.b.c'"),
    ("sample --set sampler.=1", "--set sampler.: there is no setting 'sampler.'"),
    ("sample --set sampler.frictoin=1 --sampler baoab", "the sampler baoab has no setting 'frictoin'"),
    ("sample --sampler baoab --set sampler.frictoin=1", "the sampler baoab has no setting 'frictoin'"),
    (
      "sample --set start.stepz=1",
      "--set start.stepz: there is no setting 'stepz'; did you mean 'steps'?"
    ),
    (
      "sample --data kspin --set sampler.ratio=2", "--set sampler.ratio is '2'; expected a number above 0 and at most 1"
    ),
    ("sample --only-chains 0", "--only-chains is '0'; expected numbers of chains from 1, such as 3 or 1-4,7"),
    ("sample --only-chains 3-1", "--only-chains is '3-1'"),
    ("sample --only-chains 1,,2", "--only-chains is '1,,2'"),
    ("sample --only-chains ''", "--only-chains is "),
    ("sample --force --only-chains 2", "--force removes the chains that --only-chains would keep"),
    ("sample --force --resume-if-there", "--force removes the chains that --resume-if-there would keep"),
    ("resume a --only-chains 1-", "--only-chains is '1-'"),
    ("status", "'status' needs a run folder"),
    ("resume", "'resume' needs a run folder"),
    ("resume a b", "'resume' takes one run folder, found also 'b'"),
    ("summary", "'summary' needs a run folder"),
    ("predict", "'predict' needs a run folder"),
    ("predict a --draws 0", "--draws is '0'; expected a whole number from 1"),
    ("export", "'export' needs a run folder"),
    ("export a", "'export' needs --format, one of zarr, npz, safetensors"),
    ("export a --format csv", "--format is 'csv'; expected one of zarr, npz, safetensors"),
    ("data", "'data' needs a data set"),
    ("data kspin --format png", "--format is 'png'; expected one of"),
    ("data kspin --set flip=7", "'flip' is 7"),
    ("help sampler", "'help sampler' needs one name of pl, hmc"),
    ("help smaple", "there is no help for 'smaple'; did you mean 'sample'?"),
    ("help --man sample", "'help' takes options only, found 'sample'"),
    ("completions", "'completions' needs a shell, one of bash, zsh, fish"),
  ]

  @Test(arguments: wrongLines)
  func aWrongLineIsAnsweredByOneLineAndStatusTwo(_ line: String, _ message: String) {
    // Were a line of 'sample' right after all, the folder that cannot be made would end it before the first step.
    var words = line.split(separator: " ").map(String.init)
    if words[0] == "sample" { words.insert("--out=/dev/null/run", at: 1) }
    let (status, output, errors) = langevin(words)
    #expect(status == .usage)
    #expect(output.isEmpty)
    #expect(errors.split(separator: "\n").count == 1)
    #expect(errors.hasPrefix("langevin: ") && errors.contains(message), "\(errors)")
  }

  /// What fits no data, network or other setting is found once the data are there, before any step.
  static let misfits: [(line: String, message: String)] = [
    ("--network 5-4-3", "network is '5-4-3', its first width is 5; expected 6, the width of the data"),
    ("--network 6-4-7", "network is '6-4-7', its last width is 7; expected 3 for cross-entropy on kspin"),
    ("--network 6-x-3", "--network is '6-x-3'; expected two or more widths with hyphens between them"),
    ("--network 6-0-3", "--network is '6-0-3'; expected two or more widths with hyphens between them"),
    ("--loss squared-error", "loss is 'squared-error' and the targets of kspin are classes"),
    ("--batch 61", "batch is '61'; expected 'all' or a whole number from 1 to 60, the training set"),
    ("--batch few", "batch is 'few'; expected 'all' or a whole number"),
    ("--steps 10 --warmup 10", "warmup is 10 and steps is 10; expected fewer steps of warm-up"),
    ("--steps 10 --thin 20 --warmup 0", "thin is 20 and steps is 10; expected at least one kept row"),
    ("--steps 10 --thin 4 --warmup 2", "warmup is 2 and thin is 4; expected a warm-up that is a multiple of thin"),
  ]

  /// Who says the warm-up alone is not asked for rows that suit it.
  @Test func rowsSuitTheWarmup() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let answer = langevin(
      "sample", "--data", "kspin:train=60,test=20,spins=6,classes=3", "--network", "6-5-3", "--sampler", "sgld",
      "--steps", "600", "--warmup", "200", "--quiet", "--no-report", "--out", temporary.file("run"))
    #expect(answer.status == .success, "\(answer.errors)")
    #expect(try RunFolder(temporary.file("run")).readConfiguration().plan.thin == 2)
  }

  @Test(arguments: misfits)
  func settingsThatDoNotFitTogetherAreFoundBeforeAnyStep(_ line: String, _ message: String) throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let words = [
      "sample", "--data", "kspin:train=60,test=0,spins=6,classes=3", "--sampler", "sgld", "--quiet", "--out",
      temporary.file("run"),
    ]
    let (status, output, errors) = langevin(words + line.split(separator: " ").map(String.init))
    #expect(status != .success && output.isEmpty)
    #expect(errors.contains(message), "\(errors)")
    #expect(!RunFolderProbe.exists(temporary.file("run")), "a run that cannot start leaves no folder")
  }

  static let wrongDocuments: [(text: String, message: String)] = [
    ("[1]", "a configuration is an object, found a list"),
    ("{\"steps\": \"many\"}", "steps is 'many'; expected a whole number"),
    ("{\"steps\": [1]}", "steps: found a list, expected a text, a number, true or false"),
    ("{\"steps\": null}", "steps: found null"),
    ("{\"steps\": {\"n\": 1}}", "steps: found an object, expected a plain value"),
    ("{\"steps\": 1, \"steps\": 2}", "the key \"steps\" comes twice"),
    ("{\"stpes\": 1}", "there is no setting 'stpes'; did you mean 'steps'?"),
    ("{\"steps\": 1e400}", "beyond the range of a double"),
    (
      "{\"sampler\": {\"name\": \"sgld\", \"friction\": 1}}",
      "the sampler sgld has no setting 'friction', only temperature, step-size"
    ),
    ("{\"sampler\": {\"name\": 7}}", "the sampler is '7'"),
    ("{\"data\": {\"name\": \"kspin\", \"flip\": true}}", "'flip' is 'true'"),
    ("{\"data\": 3}", "there is no data set '3'"),
    ("{\"start\": {\"steps\": -1}}", "steps is '-1'"),
    ("{\"steps\": 100", "expected ',' or '}', found the end"),
    ("", "expected a value, found the end"),
  ]

  @Test(arguments: wrongDocuments)
  func aWrongDocumentIsAnsweredByOneLineAndStatusTwo(_ text: String, _ message: String) throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let file = try temporary.write(text, to: "config.json")
    let (status, output, errors) = langevin("sample", "--config", file)
    #expect(status == .usage && output.isEmpty)
    #expect(errors.contains("config.json") && errors.contains(message), "\(errors)")
  }

  @Test func failuresOfFilesHaveStatusOne() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    #expect(langevin("resume", temporary.file("nowhere")).status == .failure)
    #expect(langevin("summary", temporary.path).errors.contains("holds no run: there is no run.json"))
    #expect(langevin("sample", "--config", temporary.file("nowhere.json")).status == .failure)
    #expect(
      langevin("sample", "--data", temporary.file("nowhere.csv"), "--out", temporary.file("run"), "--quiet").status
        == .failure)
  }

  @Test func helpComesFromTheTables() {
    #expect(langevin("--version").output.hasPrefix("langevin "))
    #expect(langevin("-h").output.contains("Usage: langevin COMMAND"))
    #expect(langevin("sample", "--help").output.contains("--batch-scheme"))
    #expect(langevin("sample", "--list").output.contains("adlala"))
    for entry in SamplerCatalogue.methods {
      let (status, output, _) = langevin("help", "sampler", entry.name)
      #expect(status == .success)
      for row in entry.rows { #expect(output.contains(row.name)) }
    }
    #expect(langevin([]).status == .usage)
  }

  /// New examples for a run on a table need not show every class.
  @Test func predictionsForOwnData() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let rows = (0..<30).map { "\(Double($0 % 7) / 7),\(Double($0 % 5) / 5),\($0 % 3)" }
    let table = try temporary.write("a,b,kind\n" + rows.joined(separator: "\n") + "\n", to: "table.csv")
    let new = try temporary.write("a,b,kind\n0.1,0.2,0\n0.3,0.1,1\n", to: "new.csv")
    let run = temporary.file("run")
    let sampled = langevin(
      "sample", "--data", table, "--network", "2-4-3", "--sampler", "sgld", "--steps", "40", "--batch", "8", "--quiet",
      "--no-report", "--out", run)
    #expect(sampled.status == .success)
    let predicted = langevin("predict", run, "--data", new, "--out", temporary.file("p.csv"))
    #expect(predicted.status == .success, "\(predicted.errors)")
    let lines = String(decoding: try bytes(temporary.file("p.csv")), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 3 && lines[1].split(separator: ",").count == lines[0].split(separator: ",").count)
  }

  @Test func laterOptionsWin() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let file = try temporary.write(
      "{\"steps\": 40, \"thin\": 4, \"warmup\": 8, \"sampler\": \"sgld\", \"temperature\": 0.5}", to: "c.json")
    let out = temporary.file("run")
    let (status, output, errors) = langevin(
      "sample", "--quiet", "--no-report", "--data=kspin:train=60,test=0,spins=6,classes=3", "--config", file,
      "--steps=48", "--out", out)
    #expect(status == .success && errors.isEmpty)
    #expect(output.contains("energy"))
    let settings = try JSON(parsing: bytes(out + "/run.json"))
    #expect(settings["steps"] == .number("48"))
    #expect(settings["sampler"]?["temperature"]?.double == 0.5)
    // A second run in the same place needs --force.
    #expect(
      langevin("sample", "--quiet", "--config", out + "/run.json", "--out", out).errors.contains("holds a run already"))
    #expect(
      langevin("sample", "--quiet", "--no-report", "--config", out + "/run.json", "--out", out, "--force").status
        == .success)
    #expect(langevin("summary", out).output.contains("norm2"))
    #expect(langevin("predict", out).output.contains("accuracy"))
  }
}

enum RunFolderProbe {
  static func exists(_ path: String) -> Bool { (try? bytes(path + "/run.json")) != nil }
}
