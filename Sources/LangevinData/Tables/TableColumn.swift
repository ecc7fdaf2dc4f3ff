/// A column of a table: its name and what it holds.
package struct TableColumn: Sendable {
  /// What a column holds.
  package enum Kind: String, Sendable, Codable, CaseIterable {
    /// Numbers.
    case number
    /// Text in which the same values come again.
    case category
    /// Dates, with or without a time of day.
    case date
    /// What tells rows apart: a running number, a text that is another in each row, a key.
    case identifier
    /// One and the same value.
    case constant
    /// Numbers and text.
    case mixed
    /// Nothing.
    case empty
  }

  /// The name: the heading without spaces around it, or `column 3` where there is none.
  package let name: String
  /// What it holds.
  package let kind: Kind
  /// The number of rows without a value: nothing, NA, N/A, NaN, null or a question mark.
  package var missing: Int { survey.missing }
  /// The smallest number.
  package var minimum: Double? { survey.numberCount > 0 ? survey.minimum : nil }
  /// The mean of the numbers.
  package var mean: Double? { survey.numberCount > 0 ? survey.moments.mean : nil }
  /// The largest number.
  package var maximum: Double? { survey.numberCount > 0 ? survey.maximum : nil }
  /// The number of different values; nil where there are more than were counted, 4096 numbers or 65536 texts.
  package var distinct: Int? { survey.hasTooManyValues ? nil : survey.numbers.count + survey.texts.count }

  let survey: ColumnSurvey
  /// Whether each number is the one in the row above plus 1.
  var isRunning: Bool { kind == .identifier && survey.textCount == 0 && survey.isRunning }
  /// Whether the heading is one that keys have.
  let isNamedAsKey: Bool

  init(name: String, hasHeading: Bool, _ survey: ColumnSurvey) {
    self.name = name
    self.survey = survey
    isNamedAsKey = hasHeading && Self.isKey(name)
    kind = survey.kind(isNamedAsKey: isNamedAsKey)
  }

  private static func isKey(_ name: String) -> Bool {
    let lower = name.lowercased()
    return ["id", "index", "idx", "row", "rownames", "uuid", "guid", "key", "no", "nr"].contains(lower)
      || lower.hasSuffix("_id") || lower.hasSuffix(" id") || name.hasSuffix("Id") || name.hasSuffix("ID")
      || lower.hasPrefix("unnamed:") || lower.hasPrefix("column ")
  }
}

/// Count, mean and sum of squared deviations of numbers that come one at a time (Welford, 1962).
struct ColumnMoments: Sendable {
  var count = 0.0
  var mean = 0.0
  var squares = 0.0

  @inline(__always)
  mutating func add(_ number: Double) {
    count += 1
    let deviation = number - mean
    mean += deviation / count
    squares += deviation * (number - mean)
  }

  /// The moments of both samples together.
  static func + (a: Self, b: Self) -> Self {
    if a.count == 0 { return b }
    if b.count == 0 { return a }
    let count = a.count + b.count
    let difference = b.mean - a.mean
    return Self(
      count: count, mean: a.mean + difference * b.count / count,
      squares: a.squares + b.squares + difference * difference * a.count * b.count / count)
  }

  /// The standard deviation of so many numbers, those that are not here at the mean; 1 where it is 0.
  func deviation(of count: Int) -> Double {
    let variance = squares / Double(count)
    return variance > 0 ? variance.squareRoot() : 1
  }
}

/// A field as 64 bits: a number, or for a missing value and for text a NaN that says which.
enum Cell {
  static let missing = Double.nan
  /// A text by its place in the table of its column's values.
  @inline(__always)
  static func text(_ place: Int) -> Double { Double(bitPattern: missing.bitPattern + 1 + UInt64(place)) }
  @inline(__always)
  static func isMissing(_ cell: Double) -> Bool { cell.bitPattern == missing.bitPattern }
  /// The place of a text.
  @inline(__always)
  static func place(_ cell: Double) -> Int { Int(cell.bitPattern &- missing.bitPattern) - 1 }
}

/// What is found out about a column while its rows go by.
struct ColumnSurvey: Sendable {
  static let numberLimit = 4096

  /// Whether numbers are taken for text, too.
  let isText: Bool
  private(set) var numberCount = 0
  private(set) var textCount = 0
  private(set) var missing = 0
  /// The moments of the rows that are trained on, and of those that are held out.
  private(set) var training = ColumnMoments()
  private var heldOut = ColumnMoments()
  private(set) var minimum = Double.infinity
  private(set) var maximum = -Double.infinity
  private(set) var areWhole = true
  private(set) var isRunning = true
  private var previous = 0.0
  private var dateCount = 0
  private(set) var numbers = ValueTable()
  private(set) var texts = ValueTable()
  private(set) var hasTooManyValues = false
  /// The first field of its kind, for errors.
  private(set) var firstNumber: Found?
  private(set) var firstText: Found?
  private(set) var firstInfinity: Found?
  private(set) var firstHole: Int?

  struct Found: Sendable {
    let line: Int
    let text: String
  }

  /// The first text of which something holds.
  func text(where holds: ([UInt8]) -> Bool) -> Found? {
    texts.texts.firstIndex(where: holds).map { place in
      Found(line: texts.lines[place], text: String(decoding: texts.texts[place].prefix(40), as: UTF8.self))
    }
  }

  var moments: ColumnMoments { training + heldOut }
  var valueCount: Int { numberCount + textCount }

  init(isText: Bool = false) { self.isText = isText }

  /// Takes up one field; returns what it is as a cell.
  @inline(__always)
  mutating func add(
    _ field: UnsafeBufferPointer<UInt8>, _ notation: DecimalNotation, isHeldOut: Bool, line: Int
  ) -> Double {
    guard !isText, let number = notation.number(field), number.isFinite else {
      return addOther(field, notation, line: line)
    }
    add(number, isHeldOut: isHeldOut, line: line)
    if numberCount == 1 { firstNumber = Found(line: line, text: String(decoding: field, as: UTF8.self)) }
    return number
  }

  @inline(__always)
  private mutating func add(_ number: Double, isHeldOut: Bool, line: Int) {
    numberCount += 1
    if isHeldOut { heldOut.add(number) } else { training.add(number) }
    if number < minimum { minimum = number }
    if number > maximum { maximum = number }
    if areWhole { areWhole = number == number.rounded() }
    if isRunning {
      isRunning = numberCount == 1 || number == previous + 1
      previous = number
    }
    if !hasTooManyValues { count(number, line: line) }
  }

  private mutating func count(_ number: Double, line: Int) {
    numbers.add(number, line: line)
    if numbers.count > Self.numberLimit {
      hasTooManyValues = true
      numbers = ValueTable()
    }
  }

  private mutating func addOther(
    _ field: UnsafeBufferPointer<UInt8>, _ notation: DecimalNotation, line: Int
  ) -> Double {
    if MissingValue.isOne(field) {
      missing += 1
      isRunning = false
      if firstHole == nil { firstHole = line }
      return Cell.missing
    }
    func found() -> Found { Found(line: line, text: String(decoding: field.prefix(40), as: UTF8.self)) }
    if !isText, notation.number(field) != nil {
      if firstInfinity == nil { firstInfinity = found() }
      return Cell.missing
    }
    textCount += 1
    if firstText == nil { firstText = found() }
    if field.looksLikeDate { dateCount += 1 }
    if hasTooManyValues { return Cell.missing }
    let place = texts.add(field, line: line)
    if texts.count > ReadingOptions.classLimit {
      hasTooManyValues = true
      texts = ValueTable()
    }
    return Cell.text(place)
  }

  /// What a field is as a cell, when the column has been surveyed.
  @inline(__always)
  func cell(_ field: UnsafeBufferPointer<UInt8>, _ notation: DecimalNotation) -> Double {
    if !isText, let number = notation.number(field), number.isFinite { return number }
    return MissingValue.isOne(field) ? Cell.missing : texts.place(of: field).map(Cell.text) ?? Cell.missing
  }

  func kind(isNamedAsKey: Bool) -> TableColumn.Kind {
    if valueCount == 0 { return .empty }
    if numberCount > 0, textCount > 0 { return .mixed }
    if valueCount > 1, !hasTooManyValues, numbers.count + texts.count == 1 { return .constant }
    if textCount > 0 {
      if dateCount == textCount { return .date }
      if hasTooManyValues { return .identifier }
      let areAllDifferent = texts.count == textCount && textCount > 1
      let areMostlyDifferent = texts.count > 20 && 2 * texts.count > textCount
      return areAllDifferent || areMostlyDifferent ? .identifier : .category
    }
    if isRunning, numberCount > 2 { return .identifier }
    // A key holds another whole number in each row.
    let mayBeKeys = areWhole && (hasTooManyValues || numbers.count == numberCount) && missing == 0 && numberCount > 2
    return mayBeKeys && isNamedAsKey ? .identifier : .number
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether the bytes begin as a date: three numbers parted by the same one of `-`, `/` and `.`, the first or the last
  /// of four digits, with at most a time of day behind.
  fileprivate var looksLikeDate: Bool {
    var lengths: [Int] = []
    var mark: UInt8?
    var place = 0
    while lengths.count < 3 {
      let start = place
      while place < count, self[place] &- 48 < 10 { place += 1 }
      lengths.append(place - start)
      if lengths.count == 3 { break }
      guard place < count, "-/.".utf8.contains(self[place]), mark == nil || mark == self[place] else { return false }
      mark = self[place]
      place += 1
    }
    guard lengths == [4, 2, 2] || (lengths[2] == 4 && 1...2 ~= lengths[0] && 1...2 ~= lengths[1]) else { return false }
    return self[place...].allSatisfy { $0 &- 48 < 10 || " TZ:.+-".utf8.contains($0) }
  }
}
