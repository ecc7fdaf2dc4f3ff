import Langevin

/// What `sample` and `resume` have in common: steps with progress, then the results.
enum Session {
  static func run(_ run: SamplingRun, interrupt: Interrupt, log: Log, report: Bool) throws -> ExitStatus {
    for note in run.notes { log.note("note: " + note) }
    for warning in run.warnings { log.warn(warning) }
    log.note(run.outline)
    let estimate = DurationEstimate(of: run, interrupt: interrupt, log: log)
    defer { estimate.cancel() }
    let progress = Progress(log, of: run)
    let ending: SamplingRun.Ending
    do {
      ending = try run.advance(observers: log.isQuiet ? [] : [progress], interrupt: interrupt)
    } catch {
      progress.finish()
      throw Failure(
        "\(error); all rows and draws before it are in \(run.folder.path), "
          + "'langevin resume \(run.folder.path)' goes on from the last checkpoint")
    }
    progress.finish()
    if ending == .interrupted {
      log.always(
        "stopped after step \(Format.count(run.chains.step)); 'langevin resume \(run.folder.path)' goes on")
      return .interrupted
    }
    let results = try RunResults(run)
    try results.write(report: report)
    log.print(results.text)
    return .success
  }
}
