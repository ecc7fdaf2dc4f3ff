/// How a step is carried out: what is done in one pass over the parameters, and when the gradient is evaluated.
///
/// All partitions share the gradients of a step, so their words are aligned there. Between two gradients each letter acts
/// on every parameter by itself, and neighbours are fused into one pass over memory; only feedback, which needs a sum over
/// all of them, and the end of the word keep passes apart. Letters after the last move of the position wait for the
/// first pass of the next step, so `BAOAB` and `AOAB` cost one pass and one gradient.
///
///     print(try SplittingPlan(word: SplittingWord("AOAB")))
///     // AOAB: pass 1: drift, friction+noise, drift; gradient; waiting for pass 1: kick
public struct SplittingPlan: Sendable {
  /// One thing to do for one partition.
  enum Operation: Sendable {
    /// A pass over the parameters: these letters at once.
    case pass([SplittingWord.TimedLetter])
    /// The thermostat variables, from the sums of the pass before.
    case feedback(fraction: Double)
  }

  /// What a plan does for one partition.
  struct Track: Sendable {
    let name: String
    let word: SplittingWord
    /// The operations before the first gradient, between the first and the second, ..., after the last.
    let stages: [[Operation]]
    /// The letters at the end of the word that are done by the first pass of the next step.
    let pending: [SplittingWord.TimedLetter]
    /// The number of the first noise of each stage, counted over the step from those of `pending`.
    let firstLanes: [UInt32]
  }

  let tracks: [Track]

  /// The gradients that a step evaluates.
  package var gradientCount: Int { tracks.first.map { $0.stages.count - 1 } ?? 0 }

  /// The passes over the parameters of a step, the most of any partition.
  package var passCount: Int { tracks.map(\.passCount).max() ?? 0 }

  /// Whether a letter of the word uses the gradient of the step before, so that a run starts with one.
  var startsWithGradient: Bool {
    tracks.contains { track in
      track.stages[0].contains { operation in
        if case .pass(let letters) = operation { letters.contains { $0.letter.usesGradient } } else { false }
      }
    }
  }

  /// Whether the first pass of a step uses the gradient of the step before.
  var usesKeptGradient: Bool {
    startsWithGradient || tracks.contains { $0.pending.contains { $0.letter.usesGradient } }
  }

  /// The plan of one word for all parameters.
  package init(word: SplittingWord) { tracks = [Track(name: "", word: word)] }

  /// The plan of one word for each partition. Words that need different numbers of gradients do not go together.
  init(words: [(name: String, word: SplittingWord)]) throws(SamplingError) {
    for (name, word) in words {
      guard word.gradientCount == words[0].word.gradientCount else {
        throw .word(
          "\(word)", position: word.evaluations[0],
          reason: "it needs \(word.gradientCount) gradients in partition '\(name)', but \(words[0].word) needs "
            + "\(words[0].word.gradientCount) in '\(words[0].name)'; expected as many in all partitions")
      }
    }
    tracks = words.map { Track(name: $0.name, word: $0.word) }
  }
}

extension SplittingPlan.Track {
  init(name: String, word: SplittingWord) {
    var letters = word.letters[...]
    var segments: [[SplittingWord.TimedLetter]] = []
    for cut in word.evaluations {
      segments.append(Array(letters.prefix(upTo: cut)))
      letters = letters.suffix(from: cut)
    }
    var waiting: [SplittingWord.TimedLetter] = []
    while let last = letters.last, last.letter.canWait, waiting.noises + last.letter.noises <= 2 {
      waiting.insert(last, at: 0)
      letters.removeLast()
    }
    segments.append(Array(letters))

    waiting = SplittingWord.merged(waiting)

    self.name = name
    self.word = word
    pending = waiting
    stages = segments.enumerated().map { index, segment in
      Self.operations(of: segment, after: index == 0 ? waiting : [])
    }
    var lane = waiting.noises
    firstLanes = segments.enumerated().map { index, segment in
      defer { lane += segment.noises }
      return index == 0 ? 0 : UInt32(lane)
    }
  }

  /// Passes that are as long as may be. Feedback reads momenta only, so drifts go in front of it.
  private static func operations(
    of segment: [SplittingWord.TimedLetter], after waiting: [SplittingWord.TimedLetter]
  ) -> [SplittingPlan.Operation] {
    var letters = segment
    for index in letters.indices.reversed() where letters[index].letter == .feedback {
      var place = index
      while place + 1 < letters.count, letters[place + 1].letter == .drift {
        letters.swapAt(place, place + 1)
        place += 1
      }
    }

    var operations: [SplittingPlan.Operation] = []
    var pass: [SplittingWord.TimedLetter]? = waiting.isEmpty ? nil : []
    var noises = waiting.noises
    func close() {
      if let letters = pass { operations.append(.pass(letters)) }
      pass = nil
      noises = 0
    }
    for next in SplittingWord.merged(letters) {
      if next.letter == .feedback {
        if pass == nil, operations.isEmpty { pass = [] }
        close()
        operations.append(.feedback(fraction: next.fraction))
        continue
      }
      noises += next.letter.noises
      if noises > Pass.mostNoises {
        close()
        noises = next.letter.noises
      }
      pass = (pass ?? []) + [next]
    }
    close()
    return operations
  }

  var passCount: Int {
    stages.joined().count { if case .pass = $0 { true } else { false } }
  }
}

extension [SplittingWord.TimedLetter] {
  fileprivate var noises: Int { reduce(0) { $0 + $1.letter.noises } }
}

extension SplittingPlan: CustomStringConvertible {
  /// One line for each partition.
  public var description: String { tracks.map(\.description).joined(separator: "\n") }
}

extension SplittingPlan.Track: CustomStringConvertible {
  var description: String {
    var pass = 0
    func text(_ operation: SplittingPlan.Operation, isFirst: Bool) -> String {
      switch operation {
      case .pass(let letters):
        pass += 1
        let titles = ((isFirst ? pending : []) + letters).map(\.letter.title)
        return "pass \(pass): " + (titles.isEmpty ? "sums" : titles.joined(separator: ", "))
      case .feedback:
        return SplittingLetter.feedback.title
      }
    }
    let parts = stages.enumerated().map { stage, operations in
      operations.enumerated().map { text($1, isFirst: stage == 0 && $0 == 0) }.joined(separator: "; ")
    }
    let before = name.isEmpty ? "" : "\(name): "
    var steps: [String] = []
    for (stage, part) in parts.enumerated() {
      if stage > 0 { steps.append("gradient") }
      if !part.isEmpty { steps.append(part) }
    }
    return before + "\(word): " + steps.joined(separator: "; then ")
  }
}
