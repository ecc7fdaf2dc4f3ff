import Langevin

/// `langevin resume`
enum ResumeCommand: Command {
  static let name = "resume"
  static let abstract = "go on with a run, bit for bit as if it had never stopped"
  static let usage = "FOLDER [options]"
  static var options: [Option] {
    RunPlan.rows.filter { RunPlan.free.contains($0.name) }.map { row in
      Option(row.name, "N", meanings[row.name] ?? "\(row.meaning); default that of the run")
    } + [Option("previous", "start from the checkpoint before the last")] + Session.options
  }

  private static let meanings = [
    "steps": "up to which step, counted from the first of the run; without --min-ess all of them",
    "chains": "so many in all: more than the run has are added to it",
  ]

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    let folder = RunFolder(try arguments.operand("run folder"))
    let console = try RankedSession.begin(arguments, console)
    let log = Log(console, quiet: arguments.has("quiet"))
    let interrupt = console.interrupt()
    let run = try NetworkRun.resume(
      folder, previous: arguments.has("previous"), only: try Session.chains(arguments),
      isLocking: !arguments.has("no-lock"), interrupt: interrupt
    ) { plan in
      // Who asks for steps gets them, whether the run is good enough before or not.
      if arguments.has("steps") { plan.minESS = nil }
      for (name, value) in arguments.options where RunPlan.free.contains(name) {
        try plan.set(name, to: value, as: "--\(name)")
      }
    }
    if arguments.has("steps"), run.steps < run.chains.step {
      throw UsageError(
        "--steps is \(run.steps) and \(folder.path) has done \(run.chains.step) already; expected more: steps count from the "
          + "first of the run")
    }
    log.note("\(folder.path) goes on after step \(Format.count(run.chains.step))")
    return try Session.run(run, arguments, interrupt: interrupt, log: log)
  }
}
