/// The records of a CSV file, one at a time: fields as bytes, quotes taken off (RFC 4180).
///
/// Lines end in LF or CRLF; empty lines are skipped, as is a byte order mark at the start. A quoted field may hold
/// separators, line ends and doubled quotes.
struct CSVReader {
  private static let maximumColumns = 1 << 20
  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  let source: ByteSource
  private let separator: UInt8
  /// The line on which the current record begins, counted from 1.
  private(set) var line = 0
  private var nextLine = 1
  /// The bytes of the current record's fields one after the other, and where each field ends.
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  /// The number of fields of the current record.
  var fieldCount: Int { ends.count }

  init(_ source: ByteSource, separator: UInt8) {
    self.source = source
    self.separator = separator
  }

  /// The one of comma, semicolon and tab that the first line with anything in it has most of, outside quotes; the comma
  /// where they tie.
  static func guessSeparator(_ source: ByteSource) throws(FileFormatError) -> UInt8 {
    let candidates = Array(",;\t".utf8)
    var counts = [0, 0, 0]
    var isQuoted = false
    var isEmpty = true
    while let byte = try source.next(), byte != newline || isQuoted || isEmpty {
      if byte == quote { isQuoted.toggle() }
      if byte != newline && byte != carriageReturn { isEmpty = false }
      if !isQuoted, let candidate = candidates.firstIndex(of: byte) { counts[candidate] += 1 }
    }
    let most = counts.max() ?? 0
    return candidates[counts.firstIndex(of: most) ?? 0]
  }

  /// Reads the next record; false at the end.
  mutating func nextRecord() throws(FileFormatError) -> Bool {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    while true {
      line = nextLine
      guard let first = try source.next() else { return false }
      if first == 0xEF && source.offset == 1 {
        guard try source.take(2, "the byte order mark") == [0xBB, 0xBF] else {
          throw FileFormatError(.magic, source.path, at: .byte(0), found: "byte 239", expected: "text in UTF-8")
        }
        continue
      }
      if first == Self.newline {
        nextLine += 1
        continue
      }
      if first == Self.carriageReturn {
        let second = try source.next()
        if second == nil { return false }
        if second == Self.newline {
          nextLine += 1
          continue
        }
        throw error(.number, found: "a lone carriage return", expected: "lines that end in LF or CRLF")
      }
      try readFields(first)
      return true
    }
  }

  private mutating func readFields(_ first: UInt8) throws(FileFormatError) {
    var byte: UInt8? = first
    while true {
      // A field.
      if byte == Self.quote {
        byte = try readQuoted()
      } else {
        if let plain = byte, plain != separator, plain != Self.newline, plain != Self.carriageReturn {
          bytes.append(plain)
          byte = try source.append(to: &bytes, until: separator, Self.newline, Self.carriageReturn)
        }
      }
      ends.append(bytes.count)
      guard ends.count <= Self.maximumColumns else {
        throw error(.rowLength, found: "more than \(Self.maximumColumns) fields", expected: "a table of fewer columns")
      }
      // What follows it.
      if byte == separator {
        byte = try source.next()
        continue
      }
      if byte == Self.carriageReturn {
        byte = try source.next()
        guard byte == nil || byte == Self.newline else {
          throw error(.number, found: "a lone carriage return", expected: "lines that end in LF or CRLF")
        }
      }
      if byte == Self.newline { nextLine += 1 }
      return
    }
  }

  /// Reads a field to its closing quote; returns what follows it.
  private mutating func readQuoted() throws(FileFormatError) -> UInt8? {
    while let byte = try source.next() {
      if byte != Self.quote {
        if byte == Self.newline { nextLine += 1 }
        bytes.append(byte)
        continue
      }
      let following = try source.next()
      if following == Self.quote {
        bytes.append(Self.quote)
        continue
      }
      guard following == nil || following == separator || following == Self.newline || following == Self.carriageReturn
      else {
        throw error(.quotes, found: "text after a closing quote", expected: "a separator or the end of the line")
      }
      return following
    }
    throw error(.quotes, found: "the end of the file within quotes", expected: "a closing quote")
  }

  private func error(_ problem: FileFormatError.Problem, found: String, expected: String) -> FileFormatError {
    error(problem, ends.count, found: found, expected: expected)
  }

  // MARK: Fields of the current record

  /// An error in a field.
  func error(
    _ problem: FileFormatError.Problem, _ field: Int, found: String, expected: String
  ) -> FileFormatError {
    FileFormatError(
      problem, source.path, at: .line(line, column: field + 1), found: found, expected: expected)
  }

  private func range(_ field: Int) -> Range<Int> { (field == 0 ? 0 : ends[field - 1])..<ends[field] }

  /// A field as text.
  func text(_ field: Int) -> String { String(decoding: bytes[range(field)], as: UTF8.self) }

  /// A field as the name of a class: its bytes without spaces around them.
  func label(_ field: Int) -> ArraySlice<UInt8> {
    var range = range(field)
    while let first = range.first, isSpace(bytes[first]) { range.removeFirst() }
    while let last = range.last, isSpace(bytes[last]) { range.removeLast() }
    return bytes[range]
  }

  /// A field as a number, or nil. NaN and infinity are numbers here.
  func number(_ field: Int) -> Double? {
    let range = range(field)
    return bytes.withUnsafeBufferPointer { Double(decimal: UnsafeBufferPointer(rebasing: $0[range])) }
  }

  /// A field as a finite number.
  func finiteNumber(_ field: Int) throws(FileFormatError) -> Double {
    guard let value = number(field) else {
      let text = text(field)
      throw error(.number, field, found: text.isEmpty ? "an empty field" : "'\(text.prefix(40))'", expected: "a number")
    }
    guard value.isFinite else {
      throw error(.nonFinite, field, found: "'\(text(field))'", expected: "a finite number")
    }
    return value
  }
}

@inline(__always)
private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

extension Double {
  /// A decimal number in ASCII, spaces around it allowed; correctly rounded.
  init?(decimal field: UnsafeBufferPointer<UInt8>) {
    var (start, end) = (0, field.count)
    while start < end, isSpace(field[start]) { start += 1 }
    while end > start, isSpace(field[end - 1]) { end -= 1 }
    guard start < end else { return nil }
    let text = UnsafeBufferPointer(rebasing: field[start..<end])
    if let value = Self.shortDecimal(text) {
      self = value
    } else {
      // Hexadecimal is not for tables.
      guard !text.contains(where: { $0 | 0x20 == UInt8(ascii: "x") || $0 | 0x20 == UInt8(ascii: "p") }) else {
        return nil
      }
      guard let value = Double(String(decoding: text, as: UTF8.self)) else { return nil }
      self = value
    }
  }

  /// A number of at most 15 digits and a small exponent, which one exact integer and one exact power of ten give with a
  /// single rounding (Clinger, 1990); nil for all else.
  private static func shortDecimal(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    var place = 0
    let isNegative = text[0] == UInt8(ascii: "-")
    if isNegative || text[0] == UInt8(ascii: "+") { place += 1 }
    var (digits, exponent, count) = (0, 0, 0)
    var hasPoint = false
    loop: while place < text.count {
      switch text[place] {
      case 0x30...0x39:
        digits = 10 * digits + Int(text[place] - 0x30)
        count += 1
        if hasPoint { exponent -= 1 }
        if count > 15 { return nil }
      case UInt8(ascii: ".") where !hasPoint: hasPoint = true
      default: break loop
      }
      place += 1
    }
    guard count > 0 else { return nil }
    if place < text.count {
      guard text[place] | 0x20 == UInt8(ascii: "e"), text.count - place <= 5 else { return nil }
      guard let written = Int(String(decoding: text[(place + 1)...], as: UTF8.self)) else { return nil }
      exponent += written
    }
    guard -22...22 ~= exponent else { return nil }
    let value = exponent < 0 ? Double(digits) / powersOfTen[-exponent] : Double(digits) * powersOfTen[exponent]
    return isNegative ? -value : value
  }

  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21,
    1e22,
  ]
}
