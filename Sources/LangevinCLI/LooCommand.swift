import Langevin

/// `langevin loo`
enum LooCommand: Command {
  static let name = "loo"
  static let abstract = "estimate how well runs predict examples left out, and compare them"
  static let usage = "FOLDER... [options]"
  static let options = [
    Option("csv", "FILE", "write the examples of the best run one by one: elpd_loo, Pareto's k, lppd, p_waic"),
    Option("json", "print a document"),
  ]
  static let discussion =
    "elpd_loo is the sum over training examples of the log density that networks predict for each when it is left out, by "
    + "Pareto-smoothed importance sampling; arviz.loo, with the reff that is printed, finds the same numbers in an export "
    + "with --with all. Each folder is a run of its own; all must have seen the same examples."

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    guard !arguments.operands.isEmpty else { throw UsageError("'loo' needs a run folder") }
    let comparison = try ModelComparison(arguments.operands.map { try LeaveOneOut(RunFolder($0)) })
    if let file = arguments.value("csv") { try comparison.writePoints(to: file) }
    if arguments.has("json") {
      console.print(comparison.json.description)
      return .success
    }
    console.print(comparison.table.description + "\n")
    for note in comparison.notes { console.print(Format.folded(note, indent: 2).joined(separator: "\n")) }
    return .success
  }
}
