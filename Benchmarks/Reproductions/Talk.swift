import Langevin

/// What is said: results to the output, how it goes to the errors.
struct Talk: Sendable {
  let output: @Sendable (String) -> Void
  let errors: @Sendable (String) -> Void
  private(set) var isQuiet = false

  init(output: @escaping @Sendable (String) -> Void, errors: @escaping @Sendable (String) -> Void) {
    self.output = output
    self.errors = errors
  }

  /// The same without notes, if asked for.
  func quiet(_ isQuiet: Bool) -> Talk {
    var talk = self
    talk.isQuiet = isQuiet
    return talk
  }

  /// A line of the result.
  func print(_ text: String) { output(text) }

  /// A line about how it goes.
  func note(_ text: String) { if !isQuiet { errors(text) } }
}

/// Notes how far a run is, every half minute.
final class ProgressNotes: Observer {
  private let talk: Talk
  private let total: UInt64
  private let clock = ContinuousClock()
  private var next: ContinuousClock.Instant

  init(_ talk: Talk, of run: SamplingRun) {
    self.talk = talk
    total = run.steps
    next = clock.now + .seconds(30)
  }

  func shouldStop(_ chains: ChainGroup) -> Bool {
    if clock.now >= next {
      next = clock.now + .seconds(30)
      talk.note("\(Format.fixed(100 * Double(chains.step) / Double(total), 0)) %")
    }
    return false
  }
}
