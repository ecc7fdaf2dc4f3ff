import Langevin

/// The words of a command line: options in GNU style, `--name value` or `--name=value`, and the rest.
struct Options {
  private var values: [String: String] = [:]
  private var operands: [String] = []

  /// Sorts the words; `valued` options take a value, `flags` do not.
  init(_ words: some Sequence<String>, valued: [String], flags: [String]) throws(UsageError) {
    var rest = Array(words)[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        operands.append(word)
        continue
      }
      let sides = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      let name = sides[0]
      if flags.contains(name), sides.count == 1 {
        values[name] = ""
      } else if valued.contains(name) {
        guard let value = sides.count == 2 ? sides[1] : rest.popFirst() else {
          throw UsageError("--\(name) needs a value")
        }
        values[name] = value
      } else {
        let known = (valued + flags).map { "--" + $0 }
        throw UsageError("there is no option '\(word)' here\(Nearest.hint("--" + name, among: known))")
      }
    }
  }

  /// Whether an option is there.
  func has(_ name: String) -> Bool { values[name] != nil }

  /// The value of an option.
  subscript(name: String) -> String? { values[name] }

  /// The value of an option that is a whole number.
  func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = values[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw UsageError(
        "--\(name) is '\(text)'; expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// The value of an option that is a number above 0.
  func number(_ name: String) throws(UsageError) -> Double? {
    guard let text = values[name] else { return nil }
    guard let number = Double(text), number > 0, number.isFinite else {
      throw UsageError("--\(name) is '\(text)'; expected a number above 0")
    }
    return number
  }

  /// The only operand.
  func operand(_ what: String) throws(UsageError) -> String {
    guard let first = operands.first, operands.count == 1 else {
      throw UsageError("expected one \(what), found \(operands.count == 0 ? "none" : "'\(operands[1])' too")")
    }
    return first
  }

  /// Throws if there is an operand.
  func noOperands() throws(UsageError) {
    if let first = operands.first { throw UsageError("found '\(first)'; expected options only") }
  }
}
