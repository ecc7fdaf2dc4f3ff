import Langevin

/// What `sample` and `resume` have in common: steps with progress, then the results.
enum Session {
  /// The options of both.
  static let options = [
    Option("only-chains", "LIST", "which of the chains this process runs, such as 3 or 1-4,7; default all"),
    RankedSession.option,
    Option("no-lock", "do not lock chains, where a file system cannot"),
    Option("quiet", "say nothing on the way"),
    Option("no-report", "write no report.html"),
  ]

  /// The chains that are to run here, from 0; nil for all.
  static func chains(_ arguments: Arguments) throws -> [Int]? {
    guard let text = arguments.value("only-chains") else { return nil }
    guard let chains = ChainNumbers(text) else {
      throw UsageError("--only-chains is '\(text)'; expected numbers of chains from 1, such as 3 or 1-4,7")
    }
    return chains.numbers
  }

  static func run(
    _ run: SamplingRun, _ arguments: Arguments, interrupt: Interrupt, log: Log
  ) throws -> ExitStatus {
    for note in run.notes { log.note("note: " + note) }
    for warning in run.warnings { log.warn(warning) }
    log.note(run.outline)
    let ending = try steps(of: run, interrupt: interrupt, log: log)
    // Whoever speaks for all sees what all have written.
    try Ranks.current.wait()
    let isSpeaker = Ranks.current.isFirst || !Ranks.current.canTalk
    let further =
      "'langevin resume \(run.folder.path)\(arguments.value("only-chains").map { " --only-chains \($0)" } ?? "")'"
    let step = "step \(Format.count(run.chains.step)) of \(Format.count(run.steps))"
    switch ending {
    case .interrupted:
      let signal = ExitStatus(after: interrupt.signal)
      log.always("stopped by \(signal == .terminated ? "SIGTERM" : "SIGINT") after \(step); \(further) goes on")
      return signal
    case .outOfTime:
      // A time limit is often all that someone asks for.
      if isSpeaker, run.hasRowsForSummary { try conclude(run, arguments, log) }
      log.always("stopped by max-seconds after \(step); \(further) goes on")
      return .outOfTime
    case .finished, .stopped:
      if isSpeaker { try conclude(run, arguments, log) }
      return .success
    }
  }

  private static func steps(of run: SamplingRun, interrupt: Interrupt, log: Log) throws -> SamplingRun.Ending {
    let estimate = DurationEstimate(of: run, interrupt: interrupt, log: log)
    defer { estimate.cancel() }
    let progress = Progress(log, of: run)
    defer { progress.finish() }
    do {
      return try run.advance(observers: log.isQuiet ? [] : [progress], interrupt: interrupt)
    } catch {
      progress.finish()
      let isDivergent = (error as? ChainError)?.isDivergence ?? false
      throw Failure(
        (isDivergent ? "verdict: \(Verdict.Word.diverged.rawValue), " : "")
          + "\(error); all rows and draws before it are in \(run.folder.path), "
          + "'langevin resume \(run.folder.path)' goes on from the last checkpoint")
    }
  }

  /// Shows and writes what came out: of all chains, if no other process works on one of them any more.
  private static func conclude(_ run: SamplingRun, _ arguments: Arguments, _ log: Log) throws {
    if let other = run.otherChainAtWork {
      log.print(try RunResults(run).text)
      log.note(
        "chain \(other + 1) is still at work: whoever ends last writes the summary of all chains, as "
          + "'langevin summary \(run.folder.path)' does")
      return
    }
    let results = try run.hasAllChains ? RunResults(run) : RunResults([run.folder])
    try results.write(report: !arguments.has("no-report"), command: arguments.line)
    log.print(results.text)
  }
}
