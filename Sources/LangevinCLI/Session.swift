import Langevin

/// What `sample` and `resume` have in common: steps with progress, then the results.
enum Session {
  static func go(_ run: SamplingRun, interrupt: Interrupt, talk: Talk, report: Bool) throws -> ExitStatus {
    for note in run.notes { talk.note("note: " + note) }
    for warning in run.warnings { talk.warn(warning) }
    let progress = Progress(talk, of: run)
    let ending: SamplingRun.Ending
    do {
      ending = try run.advance(observers: talk.isQuiet ? [] : [progress], interrupt: interrupt)
    } catch {
      progress.finish()
      throw Failure(
        "\(error); all rows and draws before it are in \(run.folder.path), "
          + "'langevin resume \(run.folder.path)' goes on from the last checkpoint")
    }
    progress.finish()
    if ending == .interrupted {
      talk.always(
        "stopped after step \(Format.count(run.chains.step)); 'langevin resume \(run.folder.path)' goes on")
      return .interrupted
    }
    let results = try RunResults(run)
    try results.write(report: report)
    talk.print(results.text)
    return .success
  }
}

/// A failure with its message.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// What is said while a run goes on; nothing, if it should be quiet.
struct Talk {
  let console: Console
  let isQuiet: Bool

  init(_ console: Console, quiet: Bool) {
    self.console = console
    isQuiet = quiet
  }

  func note(_ text: String) { if !isQuiet { console.note(text) } }
  func warn(_ text: String) { note("warning: " + text) }
  func always(_ text: String) { console.note(text) }
  func print(_ text: String) { console.print(text) }
}
