import Langevin

/// `langevin resume`
enum ResumeCommand: Command {
  static let name = "resume"
  static let abstract = "go on with a run, bit for bit as if it had never stopped"
  static let usage = "FOLDER [options]"
  static let options = [
    Option("steps", "N", "up to which step, counted from the first of the run"),
    Option("previous", "start from the checkpoint before the last"),
    Option("quiet", "say nothing on the way"),
    Option("no-report", "write no report.html"),
  ]

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    let folder = RunFolder(try arguments.operand("run folder"))
    let steps = try arguments.integer("steps", in: 1...1_000_000_000_000)
    let log = Log(console, quiet: arguments.has("quiet"))
    let interrupt = console.interrupt()
    let run = try NetworkRun.resume(
      folder, steps: steps, previous: arguments.has("previous"), interrupt: interrupt)
    if let steps, UInt64(steps) < run.chains.step {
      throw UsageError(
        "--steps is \(steps) and \(folder.path) has done \(run.chains.step) already; expected more: steps count from the first "
          + "of the run")
    }
    log.note("\(folder.path) goes on after step \(Format.count(run.chains.step))")
    return try Session.run(
      run, interrupt: interrupt, log: log, report: !arguments.has("no-report"), command: arguments.line)
  }
}
