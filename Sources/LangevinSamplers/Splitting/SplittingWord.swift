/// One step of a splitting method for one partition: letters read from left to right in time.
///
/// Each letter gets the whole step over the word, shared equally among its occurrences: in `BAOAB`, B and A run for h/2
/// each time and O for h. Other shares are given as fractions, which sum to 1 for each letter.
///
///     let word = try SplittingWord("BAOAB")
///     word.isSymmetric       // true: averages are right to second order in h
///     word.gradientCount     // 1
///     word.normalForm        // AOAB
public struct SplittingWord: Hashable, Sendable {
  /// A letter and the fraction of the step that it runs for.
  package struct TimedLetter: Hashable, Sendable {
    /// The letter.
    package let letter: SplittingLetter
    /// The fraction of the step.
    package let fraction: Double
  }

  /// The letters in the order of time.
  package let letters: [TimedLetter]

  /// A word whose letters share the step equally.
  public init(_ text: String) throws(SamplingError) {
    self.init(shared: try Self.letters(of: text))
    try checkGradient(text)
  }

  /// A word with a fraction of the step for each letter.
  package init(_ text: String, fractions: [Double]) throws(SamplingError) {
    let letters = try Self.letters(of: text)
    guard fractions.count == letters.count else {
      throw .word(
        text, position: min(fractions.count, letters.count - 1),
        reason: "it has \(letters.count) letters and \(fractions.count) fractions; expected as many")
    }
    for (position, letter) in letters.enumerated() {
      let fraction = fractions[position]
      guard fraction.isFinite && fraction >= 0 else {
        throw .word(text, position: position, reason: "its fraction is \(fraction); expected 0 or more, finite")
      }
      let sum = zip(letters, fractions).reduce(0) { $1.0 == letter ? $0 + $1.1 : $0 }
      guard abs(sum - 1) <= 1e-12 else {
        throw .word(text, position: position, reason: "the fractions of \(letter.symbol) sum to \(sum); expected 1")
      }
    }
    self.letters = zip(letters, fractions).map { TimedLetter(letter: $0, fraction: $1) }
    try checkGradient(text)
  }

  private init(letters: [TimedLetter]) { self.letters = letters }

  /// Letters that are known to make a word, with equal shares of the step.
  init(shared letters: [SplittingLetter]) {
    self.letters = letters.map { letter in
      TimedLetter(letter: letter, fraction: 1 / Double(letters.count { $0 == letter }))
    }
  }

  private static func letters(of text: String) throws(SamplingError) -> [SplittingLetter] {
    guard !text.isEmpty else { throw .word(text, position: 0, reason: "it is empty; expected letters such as BAOAB") }
    var letters: [SplittingLetter] = []
    for (position, character) in text.enumerated() {
      guard let letter = SplittingLetter(character) else {
        let known = String(SplittingLetter.all.map(\.symbol))
        throw .word(text, position: position, reason: "'\(character)' is no letter; expected one of \(known)")
      }
      letters.append(letter)
    }
    return letters
  }

  private func checkGradient(_ text: String) throws(SamplingError) {
    guard letters.contains(where: \.letter.usesGradient) else {
      throw .word(text, position: letters.count - 1, reason: "no letter uses the gradient; expected B, X, Y, H or N")
    }
    guard letters.contains(where: \.letter.movesPosition) else {
      throw .word(
        text, position: letters.count - 1, reason: "no letter moves the position; expected A, U, X, Y, H or N")
    }
  }
}

extension SplittingWord {
  /// Whether it reads the same in both directions of time: then averages are right to second order in the step.
  package var isSymmetric: Bool { letters == letters.reversed() }

  /// The gradients that a step needs when the last one of the step before is kept.
  package var gradientCount: Int { evaluations.count }

  /// The letters in front of which the gradient is evaluated: those that use it after the position has moved, counted
  /// around the end of the word.
  var evaluations: [Int] {
    let users = letters.indices.filter { letters[$0].letter.usesGradient }
    return users.filter { user in
      // Backwards from `user`, around the end, up to the use before.
      var position = user
      repeat {
        position = position == 0 ? letters.count - 1 : position - 1
        if letters[position].letter.movesPosition { return true }
      } while !letters[position].letter.usesGradient
      return false
    }
  }

  /// The rotation of the word that ends with the letters of its last gradient, with equal neighbours merged.
  ///
  /// Words of one normal form are conjugate: the same spectrum, and averages that differ only through where in the word
  /// they are taken. `BAOAB` and `OABAO` are both AOAB; `ABOBA` and `OBABO` are both ABOB.
  package var normalForm: SplittingWord {
    // Where the position moves for the first time after the last evaluation.
    var start = evaluations.last ?? 0
    while !letters[start].letter.movesPosition { start = (start + 1) % letters.count }
    if letters[start].letter.usesGradient { start = (start + 1) % letters.count }
    return SplittingWord(letters: Self.merged(Array(letters[start...] + letters[..<start])))
  }

  /// The same letters with equal neighbours as one of the summed time.
  static func merged(_ letters: some Sequence<TimedLetter>) -> [TimedLetter] {
    letters.reduce(into: []) { merged, next in
      if let last = merged.last, last.letter == next.letter, next.letter.mergesWithItself {
        merged[merged.count - 1] = TimedLetter(letter: last.letter, fraction: last.fraction + next.fraction)
      } else {
        merged.append(next)
      }
    }
  }
}

extension SplittingWord: CustomStringConvertible {
  /// The letters.
  public var description: String { String(letters.map(\.letter.symbol)) }
}

extension SplittingWord: SettingValue {
  /// The word that a text spells, in capitals or not.
  package init?(settingText text: String) {
    guard let word = try? SplittingWord(text.uppercased()) else { return nil }
    self = word
  }
  /// Its letters.
  package var settingText: String? { description }
  /// Letters of the alphabet.
  package static func expectation(in range: SettingRange) -> String {
    "letters of \(String(SplittingLetter.all.map(\.symbol))) such as BAOAB, one that uses the gradient (B, X, Y, H, N) and "
      + "one that moves the position (A, U, X, Y, H, N) among them"
  }
}
