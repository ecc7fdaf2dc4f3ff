/// A JSON document (RFC 8259), strict: nothing is guessed, and hostile text costs no more than its own size.
///
/// Numbers keep their text, so that a 64-bit seed survives and nothing is rounded before someone asks for a `Double`.
/// Objects keep the order of their keys; a key that comes twice is an error.
package enum JSON: Equatable, Sendable {
  /// null
  case null
  /// true or false.
  case bool(Bool)
  /// The number as it was written.
  case number(String)
  /// A text, its escapes resolved.
  case string(String)
  /// Values in order.
  case array([JSON])
  /// Keys with their values, in the order of the text.
  case object([Member])

  /// A key and its value.
  package struct Member: Equatable, Sendable {
    /// The key.
    package let key: String
    /// The value.
    package let value: JSON

    /// A member of an object.
    package init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// A number.
  package init(_ value: Double) { self = value.isFinite ? .number("\(value)") : .null }
  /// A whole number.
  package init(_ value: some BinaryInteger) { self = .number("\(value)") }

  /// The value of a key, if this is an object that has it.
  package subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The number, if it is one.
  package var double: Double? {
    guard case .number(let text) = self else { return nil }
    return Double(text)
  }

  /// The text, if it is one.
  package var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The elements, if it is a list.
  package var elements: [JSON]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// What kind of value it is, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

// MARK: - Reading

/// Why a text is not a JSON document: what was found, where, and what was expected.
package struct JSONError: Error, Equatable, CustomStringConvertible {
  /// Line of the text, from 1.
  package let line: Int
  /// Column in bytes, from 1.
  package let column: Int
  /// What is wrong there.
  package let reason: String

  /// One sentence for the user.
  package var description: String { "line \(line), column \(column): \(reason)" }
}

extension JSON {
  /// The deepest nesting that is read.
  package static let deepest = 64
  /// The longest document that is read, in bytes.
  package static let longest = 64 << 20

  /// Reads a document.
  ///
  /// - Throws: ``JSONError`` with line and column: malformed text, a key that comes twice, a number beyond the range of a
  ///   double, nesting deeper than ``deepest``, a document longer than ``longest``, anything after the document.
  package init(parsing text: some Collection<UInt8>) throws(JSONError) {
    var parser = JSONParser(Array(text))
    self = try parser.document()
  }

  /// Reads a document.
  package init(parsing text: String) throws(JSONError) { try self.init(parsing: Array(text.utf8)) }
}

private struct JSONParser {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSON {
    guard bytes.count <= JSON.longest else {
      throw error("the document has \(bytes.count) bytes; at most \(JSON.longest) are read")
    }
    guard String(validating: bytes, as: UTF8.self) != nil else { throw error("the text is not UTF-8") }
    let value = try value(depth: 0)
    skipSpace()
    guard place == bytes.count else { throw error("expected the end of the document, found \(found)") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSON {
    guard depth <= JSON.deepest else { throw error("nested deeper than \(JSON.deepest) levels") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSON {
    place += 1
    var members: [JSON.Member] = []
    var keys: Set<String> = []
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("expected a key in quotes, found \(found)") }
      let start = place
      let key = try string()
      guard keys.insert(key).inserted else {
        place = start
        throw error("the key \"\(key)\" comes twice in one object")
      }
      skipSpace()
      guard take(":") else { throw error("expected ':' after the key \"\(key)\", found \(found)") }
      members.append(JSON.Member(key, try value(depth: depth + 1)))
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw error("expected ',' or '}', found \(found)") }
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSON {
    place += 1
    var elements: [JSON] = []
    skipSpace()
    if take("]") { return .array(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw error("expected ',' or ']', found \(found)") }
    }
  }

  private mutating func word(_ word: String, _ value: JSON) throws(JSONError) -> JSON {
    guard bytes[place...].starts(with: word.utf8) else { throw error("expected \(word), found \(found)") }
    place += word.utf8.count
    return value
  }

  /// -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
  private mutating func number() throws(JSONError) -> JSON {
    let start = place
    _ = take("-")
    if !take("0") { try digits("a value") }
    if take(".") { try digits("digits after the point") }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits("digits of the exponent")
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    guard text.utf8.count <= 400, let value = Double(text), value.isFinite else {
      place = start
      throw error("the number \(text.prefix(40)) is beyond the range of a double")
    }
    return .number(text)
  }

  private mutating func digits(_ expected: String) throws(JSONError) {
    let start = place
    while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { place += 1 }
    if place == start { throw error("expected \(expected), found \(found)") }
  }

  private mutating func string() throws(JSONError) -> String {
    place += 1
    var text: [UInt8] = []
    while let byte = next {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try escape().utf8
      case 0..<0x20:
        place -= 1
        throw error("a control character inside a text; write it as an escape")
      default: text.append(byte)
      }
    }
    throw error("the text in quotes does not end")
  }

  private mutating func escape() throws(JSONError) -> String {
    guard let byte = next else { throw error("the text in quotes does not end") }
    place += 1
    switch byte {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(UnicodeScalar(byte))
    case UInt8(ascii: "u"):
      let first = try hexadecimal()
      if let scalar = UnicodeScalar(first) { return String(scalar) }
      // The two halves of a character beyond the first plane.
      if first < 0xDC00, take("\\"), take("u") {
        let second = try hexadecimal()
        if 0xDC00...0xDFFF ~= second,
          let scalar = UnicodeScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        {
          return String(scalar)
        }
      }
      throw error("half of a surrogate pair")
    default:
      place -= 1
      throw error("unknown escape \\\(String(UnicodeScalar(byte)))")
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    let end = place + 4
    guard end <= bytes.count, bytes[place..<end].allSatisfy({ UnicodeScalar($0).properties.isASCIIHexDigit }),
      let value = UInt32(String(decoding: bytes[place..<end], as: UTF8.self), radix: 16)
    else { throw error("expected four hexadecimal digits after \\u") }
    place = end
    return value
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func take(_ character: Character) -> Bool {
    guard let byte = next, byte == character.asciiValue else { return false }
    place += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
  }

  private var found: String {
    guard let byte = next else { return "the end" }
    return byte > 0x20 && byte < 0x7F ? "'\(UnicodeScalar(byte))'" : "byte \(byte)"
  }

  private func error(_ reason: String) -> JSONError {
    let before = bytes[..<min(place, bytes.count)]
    let line = before.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return JSONError(line: line, column: place - start + 1, reason: reason)
  }
}

// MARK: - Writing

extension JSON: CustomStringConvertible {
  /// The document, indented by two spaces; lists of plain values on one line.
  package var description: String {
    var text = ""
    write(to: &text, indent: "")
    return text
  }

  private func write(to text: inout String, indent: String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += "\(value)"
    case .number(let number): text += number
    case .string(let string): text += JSON.quoted(string)
    case .array(let elements):
      let isPlain = elements.allSatisfy { !$0.isContainer }
      write(elements, between: ("[", "]"), isPlain: isPlain, to: &text, indent: indent) { element, text, indent in
        element.write(to: &text, indent: indent)
      }
    case .object(let members):
      write(members, between: ("{", "}"), isPlain: members.isEmpty, to: &text, indent: indent) { member, text, indent in
        text += JSON.quoted(member.key) + ": "
        member.value.write(to: &text, indent: indent)
      }
    }
  }

  private var isContainer: Bool {
    switch self {
    case .array, .object: true
    default: false
    }
  }

  private func write<Item>(
    _ items: [Item], between brackets: (String, String), isPlain: Bool, to text: inout String, indent: String,
    _ write: (Item, inout String, String) -> Void
  ) {
    let inner = indent + "  "
    text += brackets.0
    for (index, item) in items.enumerated() {
      if index > 0 { text += isPlain ? ", " : "," }
      if !isPlain { text += "\n" + inner }
      write(item, &text, inner)
    }
    if !isPlain { text += "\n" + indent }
    text += brackets.1
  }

  static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case "\0"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
