import LangevinSamplers

/// One setting of a run: its name, what it may be, what it is if nobody says, and what it means.
///
/// One table of these serves the command's options, the keys of the JSON document, the checks and the help.
public struct Setting: Sendable {
  /// What a setting may be.
  public enum Kind: Sendable {
    /// A whole number.
    case integer(ClosedRange<Int>)
    /// Any 64-bit number.
    case seed
    /// A real number above the first bound (or at least it, if `zeroAllowed`) and up to the second.
    case real(above: Double, orEqual: Bool, upTo: Double)
    /// A real number that may change along the run.
    case schedule
    /// A number of at least 0 for all parameters, or one for each of some layers and blocks, `layer1=1e-3,layer2.bias=0`.
    case precisions
    /// One of a few names.
    case choice([String])
    /// Any text.
    case text
    /// true or false.
    case flag
    /// A list of names, or `automatic`.
    case names
  }

  /// Its name, in the JSON document and, after two dashes, as an option.
  public let name: String
  /// What it may be.
  public let kind: Kind
  /// Its unit; empty for a pure number.
  public let unit: String
  /// What it means, in a few words.
  public let meaning: String
  /// The default as the help shows it.
  public let defaultText: String
  /// The default, once the data are known; nil for none.
  let initial: @Sendable (RunFacts) -> String?

  init(
    _ name: String, _ kind: Kind, unit: String = "", default text: String, _ meaning: String,
    derived: (@Sendable (RunFacts) -> String?)? = nil
  ) {
    self.name = name
    self.kind = kind
    self.unit = unit
    self.meaning = meaning
    defaultText = text
    initial = derived ?? { _ in text }
  }

  /// A number above 0.
  static func positive(
    _ name: String, unit: String = "", default text: String, _ meaning: String,
    derived: (@Sendable (RunFacts) -> String?)? = nil
  ) -> Setting {
    Setting(
      name, .real(above: 0, orEqual: false, upTo: .infinity), unit: unit, default: text, meaning, derived: derived)
  }

  /// What values are allowed, in words.
  public var expected: String {
    switch kind {
    case .integer(let range):
      range.upperBound == .max
        ? "a whole number of at least \(range.lowerBound)"
        : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .seed: "a whole number from 0 to \(UInt64.max)"
    case .real(let bound, let orEqual, let upper):
      "a number"
        + (bound.isFinite ? (orEqual ? " of at least \(Format.plain(bound))" : " above \(Format.plain(bound))") : "")
        + (upper.isFinite ? " and at most \(Format.plain(upper))" : "")
    case .schedule: "a number above 0, or a schedule such as geometric:1e-3,1e-5,10000"
    case .precisions: "a number of at least 0, or numbers for layers and blocks such as layer1=1e-3,layer2.bias=0"
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    case .text: "text"
    case .flag: "true or false"
    case .names: "automatic, or a list of two or more different names such as [\"no\", \"yes\"]"
    }
  }

  /// The value as it is stored, or an error that says what was found and what is expected.
  func checked(_ text: String, as place: String) throws(SettingError) -> String {
    let isAllowed: Bool
    switch kind {
    case .integer(let range): isAllowed = Int(text).map(range.contains) ?? false
    case .seed: isAllowed = UInt64(text) != nil
    case .real(let bound, let orEqual, let upper):
      isAllowed = Double(text).map { $0.isFinite && ($0 > bound || orEqual && $0 == bound) && $0 <= upper } ?? false
    case .schedule: isAllowed = Schedule(text).map { (try? $0.check(name)) != nil } ?? false
    case .precisions: isAllowed = Self.precisions(text) != nil
    case .choice(let names): isAllowed = names.contains(text)
    case .text: isAllowed = !text.isEmpty
    case .flag: isAllowed = text == "true" || text == "false"
    case .names: isAllowed = text == "automatic" || Self.names(text) != nil
    }
    guard isAllowed else {
      var hint = ""
      if case .choice(let names) = kind { hint = Nearest.hint(text, among: names) }
      throw SettingError("\(place) is '\(text)'; expected \(expected)\(hint)")
    }
    return text
  }

  /// Precisions by block; those of a single number have no name.
  static func precisions(_ text: String) -> [String: Double]? {
    var precisions: [String: Double] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      let name = sides.count == 2 ? String(sides[0]) : ""
      guard sides.count == 2 ? !name.isEmpty : text == part, let value = sides.last.flatMap({ Double($0) }),
        value >= 0, value.isFinite, precisions.updateValue(value, forKey: name) == nil
      else { return nil }
    }
    return precisions
  }

  /// Names as a JSON list.
  static func names(_ text: String) -> [String]? {
    guard let elements = (try? JSON(parsing: text))?.elements else { return nil }
    let names = elements.compactMap(\.text)
    // As ``ClassNames`` has it, bytes tell names apart.
    let isProper = names.count >= 2 && Set(names.map { Array($0.utf8) }).count == elements.count
    return isProper && !names.contains("") ? names : nil
  }

  /// The value in the JSON document: numbers as numbers, lists as lists.
  func json(_ text: String) -> JSON {
    switch kind {
    case .integer, .seed, .real: .number(text)
    case .schedule, .precisions: Double(text) != nil ? .number(text) : .string(text)
    case .flag: .bool(text == "true")
    case .choice, .text: .string(text)
    case .names: Self.names(text).map { .array($0.map(JSON.string)) } ?? .string(text)
    }
  }
}

/// A setting that is not what it should be: one line that names it, what was found and what is expected.
public struct SettingError: Error, Equatable, CustomStringConvertible {
  /// One line for the user.
  public let description: String

  /// An error with its message.
  public init(_ description: String) { self.description = description }
}

/// What a run's defaults depend on.
public struct RunFacts: Sendable {
  /// The name of the data set's recipe, or its path.
  public let data: String
  /// The number of training examples.
  public let exampleCount: Int
  /// The width of an input.
  public let inputWidth: Int
  /// The number of classes, if targets are classes.
  public let classCount: Int?
  /// The number of target values, or of classes.
  public let targetWidth: Int
  /// The names of the classes, if they have names.
  public let classNames: [String]?
  /// The settings that are known already.
  var values: [String: String] = [:]
}

extension Schedule {
  /// A schedule from text: a number, or
  ///
  ///     polynomial:scale,offset,power   cosine:high,low,period   geometric:start,end,steps   ladder:value@steps,...
  public init?(_ text: String) {
    if let value = Double(text) {
      guard value.isFinite else { return nil }
      self = .constant(value)
      return
    }
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return nil }
    let items = parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let numbers = items.compactMap { Double($0) }
    switch (parts[0], items.count, numbers.count) {
    case ("polynomial", 3, 3): self = .polynomial(scale: numbers[0], offset: numbers[1], power: numbers[2])
    case ("cosine", 3, 3):
      guard let period = UInt64(items[2]), period > 0 else { return nil }
      self = .cosine(high: numbers[0], low: numbers[1], period: period)
    case ("geometric", 3, 3):
      guard let steps = UInt64(items[2]), steps > 0 else { return nil }
      self = .geometric(start: numbers[0], end: numbers[1], steps: steps)
    case ("ladder", 1..., _):
      let rungs = items.compactMap { item -> Rung? in
        let sides = item.split(separator: "@")
        guard sides.count == 2, let value = Double(sides[0]), let steps = UInt64(sides[1]) else { return nil }
        return Rung(value, steps: steps)
      }
      guard rungs.count == items.count else { return nil }
      self = .ladder(rungs)
    default: return nil
    }
  }
}
