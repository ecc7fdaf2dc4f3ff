import Langevin

/// What `sample` and `resume` have in common: steps with progress, then the results.
enum Session {
  static func run(_ run: SamplingRun, interrupt: Interrupt, log: Log, report: Bool, command: String) throws
    -> ExitStatus
  {
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
      let isDivergent = (error as? ChainError)?.isDivergence ?? false
      throw Failure(
        (isDivergent ? "verdict: \(Verdict.Word.diverged.rawValue), " : "")
          + "\(error); all rows and draws before it are in \(run.folder.path), "
          + (run.folder.hasCheckpoints(chains: run.chains.chainCount)
            ? "'langevin resume \(run.folder.path)' goes on from the last checkpoint" : "there is no checkpoint yet"))
    }
    progress.finish()
    if ending == .interrupted {
      log.always(
        "stopped after step \(Format.count(run.chains.step)); 'langevin resume \(run.folder.path)' goes on")
      return .interrupted
    }
    let rows = run.chains.traces.map { $0.rowCount - $0.warmupRows }.min() ?? 0
    guard rows >= 4 else {
      throw Failure(
        "the run ended after step \(Format.count(run.chains.step)) with \(rows) rows after its warm-up, and a summary needs "
          + "at least 4; 'langevin resume \(run.folder.path)' goes on")
    }
    let results = try RunResults(run)
    try results.write(report: report, command: command)
    log.print(results.text)
    return .success
  }
}
