import Langevin

extension Easel {
  /// A run in a folder of its own within the figure's: started, gone on with, or read if it was done before.
  ///
  /// Runs of the short version have names of their own, so that the long one does not meet them.
  func run(_ name: String, _ settings: [String: String]) throws -> RunResults {
    let folder = runFolder(name)
    let run: SamplingRun
    if folder.holdsRun {
      run = try NetworkRun.resume(folder, interrupt: interrupt)
    } else {
      var configuration = Configuration()
      let common = [
        "seed": "\(seed)", "threads": "\(pool.threadCount)", "chains": "2", "data.seed": "\(seed)", "draw-every": "20",
      ]
      for (name, value) in common.merging(settings, uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }) {
        try configuration.set(name, to: value, as: name)
      }
      run = try NetworkRun.start(configuration.check(), in: folder, interrupt: interrupt)
    }
    if run.chains.step < run.steps {
      talk.note("run \(folder.path)")
      let ending = try run.advance(observers: [ProgressNotes(talk, of: run)], interrupt: interrupt)
      if ending == .interrupted { throw Interruption() }
    }
    let results = try RunResults(run)
    try results.write(report: false)
    return results
  }

  /// Where a run of that name lies.
  func runFolder(_ name: String) -> RunFolder { RunFolder("\(folder)/\(name)\(isQuick ? "-quick" : "")") }
}
