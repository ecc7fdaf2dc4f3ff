import Langevin

/// `langevin summary`
enum SummaryCommand: Command {
  static let name = "summary"
  static let abstract = "summarise one run, or several with the same potential as one set of chains"
  static let usage = "FOLDER... [--json]"
  static let options = [Option("json", "print the document summary.json")]

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    guard !arguments.operands.isEmpty else { throw UsageError("'summary' needs a run folder") }
    let results = try RunResults(arguments.operands.map { RunFolder($0) })
    console.print(arguments.has("json") ? results.json.description : results.text)
    return .success
  }
}
