import Dispatch
import Langevin
import Synchronization

/// Says after the first second how long a run will take.
final class DurationEstimate: Sendable {
  private let isWanted = Mutex(true)

  /// From how often the chains have looked whether they should stop, which they do before each step.
  init(of run: SamplingRun, interrupt: Interrupt, log: Log) {
    // On a terminal the line that redraws says so all the time.
    if log.console.isTerminal { return }
    let steps =
      Double(run.steps - min(run.steps, run.chains.step)) * Double(run.chains.chainCount) * Double(run.chains.rungCount)
    let (clock, first) = (ContinuousClock(), interrupt.lookCount)
    let start = clock.now
    let about = run.wantedSampleSize == nil ? "about" : "at most about"
    DispatchQueue.global().asyncAfter(deadline: .now() + 1) { [weak self] in
      let seconds = (clock.now - start) / .seconds(1)
      let done = Double(interrupt.lookCount - first)
      self?.isWanted.withLock { isWanted in
        guard isWanted, done < steps else { return }
        log.note("this will take \(about) \(Format.duration(seconds * (steps - done) / max(done, 1)))")
      }
    }
  }

  /// The run is over.
  func cancel() { isWanted.withLock { $0 = false } }
}
