import Foundation
import Langevin
import LangevinCLI
import Synchronization
import Testing
import _LangevinTestSupport

/// What greets every user: numbers as people write them, names that are nearly right, lines that fit a terminal.
@Suite struct InterfaceTests {
  @Test(arguments: ["100", "1e2", "1_00", "0.1k", "1.00e2"])
  func wholeNumbersAsPeopleWriteThem(_ text: String) throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let run = temporary.file("run")
    let (status, _, errors) = langevin(
      "sample", "--data", "kspin:train=60,test=20,spins=6,classes=3", "--network", "6-5-3", "--sampler", "sgld",
      "--steps",
      text, "--quiet", "--no-report", "--out", run)
    #expect(status == .success, "\(errors)")
    #expect(try JSON(parsing: bytes(run + "/run.json"))["steps"] == .number("100"))
    #expect(langevin("resume", run, "--steps", text, "--quiet", "--no-report").status == .success)
    let scores = langevin("predict", run, "--draws", text, "--json")
    #expect(try JSON(parsing: scores.output)["draws"]?.double == 100, "\(scores.errors)")
  }

  @Test(arguments: [
    ("help samplers", "did you mean 'sampler'?"), ("help hcm", "did you mean 'hmc'?"),
    ("help bmp", "did you mean 'bump'?"), ("sample --data mons", "did you mean 'moons'?"),
    ("sample --sampler hmc --set sampler.stepsize=3", "did you mean 'step-size'?"),
    ("completions bsh", "expected one of bash, zsh, fish; did you mean 'bash'?"),
    ("predict a --unknown-category ignor", "expected one of error, ignore; did you mean 'ignore'?"),
  ])
  func theNearestNameIsOffered(_ line: String, _ hint: String) {
    let (status, output, errors) = langevin(line.split(separator: " ").map(String.init))
    #expect(status == .usage && output.isEmpty && errors.contains(hint), "\(errors)")
  }

  @Test func linesFitATerminal() throws {
    var pages = Program.topics.map { langevin("help", $0).output } + [langevin("help").output]
    pages.append(langevin("sample", "--list").output)
    #expect(pages.count > 30)
    for page in pages {
      #expect(!page.isEmpty)
      for line in page.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
    // Long names of columns are cut, and numbers are not.
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let name = String(repeating: "long", count: 20)
    let rows = (0..<20).map { "\($0),\(Double($0) * 0.37)" }
    let table = try temporary.write("\(name),y\n" + rows.joined(separator: "\n") + "\n", to: "t.csv")
    let described = langevin("data", table).output.split(separator: "\n")
    let line = try #require(described.first { $0.hasPrefix("longlong") })
    #expect(line.count <= 80 && line.contains("…") && line.hasSuffix("20"), "\(line)")
  }

  /// On a terminal of 80 columns a line of progress fits, and says how far the chains are.
  @Test func progressFitsATerminal() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let said = Mutex("")
    let console = Console(isTerminal: true, output: { _ in }, errors: { text in said.withLock { $0 += text } })
    let status = Program.run(
      [
        "sample", "--data", "kspin:train=60,test=20,spins=6,classes=3", "--network", "6-5-3", "--sampler", "sgld",
        "--warmup",
        "0", "--thin", "20", "--max-seconds", "1.5", "--min-ess", "1e9", "--no-report", "--out", temporary.file("run"),
      ], console: console)
    #expect(status == .success)
    let lines = said.withLock { $0 }.components(separatedBy: "\r\u{1B}[K").dropFirst().filter { $0.hasPrefix("[") }
    #expect(lines.count > 1)
    for line in lines { #expect(line.count < 80, "\(line)") }
    #expect(lines.contains { $0.contains("ESS ") && $0.contains("R-hat ") && $0.contains(" left") }, "\(lines)")
  }

  @Test func theVersionHasAShortName() {
    #expect(langevin("-V").output == langevin("--version").output)
    #expect(langevin("-V").output == "langevin \(Version.current)\n")
  }

  /// The scripts know every command, every option and every choice, and shells read them.
  @Test(arguments: ["bash", "zsh", "fish"])
  func shellsCompleteWhatTheHelpSays(_ shell: String) throws {
    let script = langevin("completions", shell).output
    for name in Program.commandNames { #expect(script.contains(name)) }
    for (_, names) in Program.optionNames { for name in names { #expect(script.contains(name), "\(name)") } }
    for word in ["adlala", "bump", "cross-entropy", "safetensors"] { #expect(script.contains(word), "\(word)") }
    guard
      let program = ["/bin", "/usr/bin", "/usr/local/bin"].map({ "\($0)/\(shell)" }).first(
        where: FileManager.default.isExecutableFile)
    else { return }
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let file = try temporary.write(script, to: "script")
    #expect(try run(program, "-n", file).isEmpty)
    if shell == "bash" {
      func completed(_ words: [String]) throws -> [String] {
        let line = words.map { "'\($0)'" }.joined(separator: " ")
        let commands =
          ". \(file); COMP_WORDS=(langevin \(line)); COMP_CWORD=\(words.count); _langevin; echo ${COMPREPLY[@]}"
        return try run(program, "-c", commands).split(separator: " ").map(String.init)
      }
      #expect(try completed(["sam"]) == ["sample"])
      #expect(try completed(["sample", "--sampler", "adl"]) == ["adla", "adlala"])
      #expect(try completed(["export", "--form"]) == ["--format"])
      #expect(try completed(["export", "run", "--format", "z"]) == ["zarr"])
      #expect(try completed(["sample", "--out", ""]).isEmpty)
    }
  }

  private func run(_ program: String, _ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test func theManualPageHasEverything() {
    let page = langevin("help", "--man").output
    #expect(page.hasPrefix(".TH LANGEVIN 1"))
    for (command, names) in Program.optionNames {
      #expect(page.contains(".SS \"langevin \(command) "))
      for name in names { #expect(page.contains(".B " + "--\(name)".replacing("-", with: "\\-")), "\(name)") }
    }
    // A line that begins with a point or a quote would be a command.
    let known = ["TH", "SH", "SS", "TP", "B", "PP", "nf", "fi"]
    for line in page.split(separator: "\n") where line.hasPrefix(".") || line.hasPrefix("'") {
      #expect(known.contains(String(line.dropFirst().prefix { $0 != " " })), "\(line)")
    }
  }

  /// Texts that training never saw are an error that names them, or count as none of the known ones; columns that are no
  /// inputs stay beside the predictions, and the rows of the file keep their numbers.
  @Test func predictionsKeepWhatBelongsToTheirRows() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let cities = ["Oslo", "Rome", "Lima"]
    let rows = (0..<30).map { "p\($0),\(cities[$0 % 3]),\(Double($0 % 7) / 7),\($0 % 3 * 2).5" }
    let table = try temporary.write("name,city,a,y\n" + rows.joined(separator: "\n") + "\n", to: "t.csv")
    let run = temporary.file("run")
    let sampled = langevin(
      "sample", "--data", table, "--ignore", "name", "--missing", "drop", "--sampler", "sgld", "--steps", "40",
      "--batch", "8",
      "--quiet", "--no-report", "--out", run)
    #expect(sampled.status == .success, "\(sampled.errors)")
    let new = try temporary.write("name,city,a,extra\nx,Oslo,0.1,u\ny,,0.2,v\nz,Paris,0.3,w\n", to: "new.csv")
    let file = temporary.file("p.csv")
    let refused = langevin("predict", run, "--data", new, "--out", file)
    #expect(refused.status == .failure)
    #expect(
      refused.errors.contains(
        "new.csv, line 4, column 2 ('city'): found 'Paris'; expected one of the texts it was trained on 'Lima', 'Oslo', 'Rome'"
      ),
      "\(refused.errors)")
    #expect(refused.errors.split(separator: "\n").count == 1)
    let answer = langevin("predict", run, "--data", new, "--unknown-category", "ignore", "--out", file)
    #expect(answer.status == .success, "\(answer.errors)")
    #expect(answer.errors.contains("'extra'"), "\(answer.errors)")
    let lines = String(decoding: try bytes(file), as: UTF8.self).split(separator: "\n").map { $0.split(separator: ",") }
    #expect(lines[0].prefix(4) == ["row", "name", "extra", "mean"])
    // The second row has a hole and is dropped.
    #expect(lines.dropFirst().map { $0.prefix(3).joined(separator: ",") } == ["1,x,u", "3,z,w"])
    // The test set of the run keeps its names.
    #expect(langevin("predict", run, "--out", file).status == .success)
    let own = String(decoding: try bytes(file), as: UTF8.self).split(separator: "\n").map { $0.split(separator: ",") }
    #expect(own[0].prefix(3) == ["row", "name", "y"])
    for line in own.dropFirst() { #expect(line[1] == "p\(Int(line[0])! - 1)") }
  }
}
