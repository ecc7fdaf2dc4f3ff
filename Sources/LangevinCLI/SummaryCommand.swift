import Langevin

/// `langevin summary`
enum SummaryCommand: Command {
  static let name = "summary"
  static let abstract =
    "summarise one run, whose summary.json and report.html it writes, or several as one set of chains"
  static let usage = "FOLDER... [--json]"
  static let options = [Option("json", "print the document summary.json")]
  static let discussion = "Chains that are missing, shorter or still at work are named; copies of chains are refused."

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    guard !arguments.operands.isEmpty else { throw UsageError("'summary' needs a run folder") }
    let folders = arguments.operands.map { RunFolder($0) }
    let results = try RunResults(folders)
    console.print(arguments.has("json") ? results.json.description : results.text)
    // The documents of a folder are about its chains alone.
    if folders.count > 1 { return .success }
    if folders[0].isWritable {
      try results.write(report: true)
    } else {
      console.note("\(folders[0].path) cannot be written: summary.json and report.html are as they were")
    }
    return .success
  }
}
