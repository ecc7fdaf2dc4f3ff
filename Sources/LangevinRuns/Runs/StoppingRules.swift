/// Ends a run once it is good: the chains agree, and every observable that counts has been seen often enough, by the effective
/// sample sizes of its bulk and its tails over all chains.
///
/// Asked each time the rows have grown by a tenth, so that looking costs less than running; a function of the rows alone. It
/// sees the chains of all ranks; where chains run in processes that do not talk, each process ends for itself.
public final class EnoughSamples: Observer {
  /// The wanted effective sample size.
  package let target: Double
  private var nextLook = 20

  /// Ends the run at this effective sample size.
  public init(_ target: Double) { self.target = target }

  /// Whether all have it.
  public func shouldStop(_ chains: ChainGroup) throws -> Bool {
    let rows = Int(try chains.ranks.least(UInt64(chains.traces.map { $0.rowCount - $0.warmupRows }.min() ?? 0)))
    // The same looks whether the run was resumed or not.
    while nextLook < rows { nextLook += max(1, nextLook / 10) }
    guard rows == nextLook else { return false }
    return try Agreement(of: chains.tracesOfAllRanks { Verdict.counts($0) || $0 == Row.temperature })?.reaches(target)
      ?? false
  }
}

/// Remembers whether a rule has ended the run.
final class StopWatcher: Observer {
  private let rule: any Observer
  private(set) var hasStopped = false

  init(_ rule: any Observer) { self.rule = rule }

  func shouldStop(_ chains: ChainGroup) throws -> Bool {
    if try rule.shouldStop(chains) { hasStopped = true }
    return hasStopped
  }
}

/// Seconds since a start, on a clock that no one sets.
struct Stopwatch: Sendable {
  private let start = ContinuousClock.now
  private let before: Double

  /// A watch that shows `before` now.
  init(from before: Double = 0) { self.before = before }

  var seconds: Double {
    let passed = ContinuousClock.now - start
    return before + Double(passed.components.seconds) + Double(passed.components.attoseconds) * 1e-18
  }
}
