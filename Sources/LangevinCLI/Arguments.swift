import Langevin

/// An option of a subcommand.
struct Option {
  /// Its name, without dashes.
  let name: String
  /// What its value is called in the help; nil for an option without a value.
  let value: String?
  /// What it does.
  let meaning: String
  /// The words that its value is one of, or may be; for completion.
  let choices: [String]

  /// An option with a value; `one|two` names its choices.
  init(_ name: String, _ value: String, _ meaning: String, choices: [String]? = nil) {
    (self.name, self.value, self.meaning) = (name, value, meaning)
    self.choices = choices ?? value.split(separator: "|").map(String.init).filter { $0 == $0.lowercased() }
  }

  /// An option without a value.
  init(_ name: String, _ meaning: String) {
    (self.name, value, self.meaning, choices) = (name, nil, meaning, [])
  }
}

/// A command line that is wrong: one line that says what was found and what is expected.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// The words of a command line, sorted: options in GNU style, `--name value` or `--name=value`, and the rest.
struct Arguments {
  /// What is no option, in order.
  private(set) var operands: [String] = []
  /// Options and their values, in order.
  private(set) var options: [(name: String, value: String)] = []
  private let command: String
  private let words: [String]

  init(_ words: [String], options known: [Option], of command: String) throws {
    (self.command, self.words) = (command, words)
    let known = known + [Option("help", "this text")]
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        operands += rest
        break
      }
      if word == "-h" {
        options.append(("help", ""))
        continue
      }
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let name = String(parts[0].drop { $0 == "-" })
      guard word.hasPrefix("--"), let option = known.first(where: { $0.name == name }) else {
        let hint = Nearest.hint("--" + name, among: known.map { "--" + $0.name })
        throw UsageError("there is no option '\(parts[0])' of '\(command)'\(hint)")
      }
      if option.value == nil {
        guard parts.count == 1 else { throw UsageError("--\(name) takes no value, found '\(parts[1])'") }
        options.append((name, ""))
      } else if parts.count == 2 {
        options.append((name, parts[1]))
      } else {
        guard let value = rest.popFirst() else { throw UsageError("--\(name) needs a value: \(option.value ?? "")") }
        options.append((name, value))
      }
    }
  }

  /// The command line as a shell would read it again.
  var line: String {
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+.,:/@%")
    let quoted = words.map { word in
      !word.isEmpty && word.allSatisfy(plain.contains) ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
    return (["langevin", command] + quoted).joined(separator: " ")
  }

  /// Whether an option is there.
  func has(_ name: String) -> Bool { options.contains { $0.name == name } }

  /// The last value of an option.
  func value(_ name: String) -> String? { options.last { $0.name == name }?.value }

  /// The value of an option that is a whole number, also as `1e6`, `10k` or `1_000_000`.
  func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = value(name) else { return nil }
    guard let number = Int(settingText: text), range.contains(number) else {
      throw UsageError(
        "--\(name) is '\(text)'; expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// The value of an option that is a number.
  func real(_ name: String, in range: SettingRange) throws -> Double? {
    guard let text = value(name) else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw UsageError("--\(name) is '\(text)'; expected \(Double.expectation(in: range))")
    }
    return number
  }

  /// The value of an option that is one of a few names.
  func choice(_ name: String, among names: [String]) throws -> String? {
    guard let text = value(name) else { return nil }
    guard names.contains(text) else {
      throw UsageError(
        "--\(name) is '\(text)'; expected one of \(names.joined(separator: ", "))\(Nearest.hint(text, among: names))")
    }
    return text
  }

  /// The operands, which must be exactly one.
  func operand(_ what: String) throws -> String {
    guard let first = operands.first else { throw UsageError("'\(command)' needs a \(what)") }
    guard operands.count == 1 else { throw UsageError("'\(command)' takes one \(what), found also '\(operands[1])'") }
    return first
  }

  /// Throws if there is an operand.
  func noOperands() throws {
    if let first = operands.first { throw UsageError("'\(command)' takes options only, found '\(first)'") }
  }
}
