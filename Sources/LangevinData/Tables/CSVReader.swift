import LangevinCore

/// The records of a table in text, one at a time: fields as bytes, quotes taken off (RFC 4180).
///
/// Lines end in LF or CRLF; empty lines are skipped, as is a byte order mark at the start. A quoted field may hold
/// separators, line ends and doubled quotes. Fields lie in a buffer that holds little more than one record.
struct CSVReader: ~Copyable {
  private static let maximumColumns = 1 << 20
  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  /// Bytes behind the buffer, so that eight may be looked at anywhere.
  private static let padding = 16

  private let source: ByteSource
  private let separator: UInt8
  private let notation: DecimalNotation
  /// The names of the columns, for errors.
  var names: [String] = []
  /// The line on which the current record begins, counted from 1.
  private(set) var line = 0
  private var nextLine = 1

  private var buffer: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// Where the current record begins, where reading goes on, and where the buffer's content ends.
  private var recordStart = 0
  private var position = 0
  private var end = 0

  /// Where the fields of the current record begin and end, from its beginning.
  private var bounds: UnsafeMutablePointer<(start: Int, end: Int)>
  private var boundCapacity = 64
  /// The number of fields of the current record.
  private(set) var fieldCount = 0

  var path: String { source.path }

  init(_ source: ByteSource, separator: UInt8, decimalMark: UInt8 = UInt8(ascii: "."), capacity: Int = 1 << 17) {
    self.source = source
    self.separator = separator
    self.capacity = capacity
    notation = DecimalNotation(mark: decimalMark)
    buffer = .allocate(capacity: capacity + Self.padding)
    buffer[0] = Self.newline
    bounds = .allocate(capacity: boundCapacity)
  }

  deinit {
    buffer.deallocate()
    bounds.deallocate()
  }

  // MARK: Records

  /// Reads the next record; false at the end.
  mutating func nextRecord() throws(FileFormatError) -> Bool {
    fieldCount = 0
    while true {
      line = nextLine
      recordStart = position
      if position == end {
        guard try refill() else { return false }
        if line == 1, source.offset == end { try skipByteOrderMark() }
        continue
      }
      if buffer[position] == Self.newline {
        position += 1
        nextLine += 1
      } else if buffer[position] == Self.carriageReturn {
        if position + 1 == end, try !refill() { return false }
        position += 1
        guard buffer[position] == Self.newline else { throw loneCarriageReturn }
      } else {
        break
      }
    }
    repeat {
      let start = position - recordStart
      let fieldEnd: Int
      if buffer[position] == Self.quote {
        fieldEnd = try skipQuoted()
      } else {
        try skipPlain()
        fieldEnd = position - recordStart
      }
      try append(start: buffer[recordStart + start] == Self.quote ? start + 1 : start, end: fieldEnd)
    } while try endsField()
    return true
  }

  /// Goes to the byte that ends a plain field.
  @inline(__always)
  private mutating func skipPlain() throws(FileFormatError) {
    while true {
      position = place(ofSpecialFrom: position)
      // The buffer's content is followed by a line end that is none.
      if position < end { return }
      position = end
      if try !refill() { return }
    }
  }

  /// The place of the next separator or line end, eight bytes at a time.
  @inline(__always)
  private func place(ofSpecialFrom start: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    @inline(__always) func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & (ones << 7) }
    var place = start
    while true {
      let word = UInt64(littleEndian: UnsafeRawPointer(buffer + place).loadUnaligned(as: UInt64.self))
      let found =
        zeros(word ^ (ones &* UInt64(separator))) | zeros(word ^ (ones &* UInt64(Self.newline)))
        | zeros(word ^ (ones &* UInt64(Self.carriageReturn)))
      if found != 0 { return place + found.trailingZeroBitCount / 8 }
      place += 8
    }
  }

  /// Goes behind the closing quote of a field, whose doubled quotes become single ones where it lies; returns its end.
  private mutating func skipQuoted() throws(FileFormatError) -> Int {
    position += 1
    var written = position - recordStart
    while true {
      if position == end, try !refill() {
        throw error(
          .quotes, fieldCount, found: "the end of the file within quotes", expected: "a closing quote")
      }
      let byte = buffer[position]
      position += 1
      if byte == Self.quote {
        if position == end, try !refill() { return written }
        if buffer[position] != Self.quote { break }
        position += 1
      } else if byte == Self.newline {
        nextLine += 1
      }
      buffer[recordStart + written] = byte
      written += 1
    }
    let following = buffer[position]
    guard following == separator || following == Self.newline || following == Self.carriageReturn else {
      throw error(
        .quotes, fieldCount, found: "text after a closing quote", expected: "a separator or the end of the line")
    }
    return written
  }

  /// Goes behind what follows a field; true where that is a separator.
  @inline(__always)
  private mutating func endsField() throws(FileFormatError) -> Bool {
    if position == end { return false }
    let byte = buffer[position]
    position += 1
    if byte == separator {
      // Whether the next field is quoted, its first byte says.
      if position == end { _ = try refill() }
      return true
    }
    if byte == Self.carriageReturn {
      if position == end, try !refill() { return false }
      guard buffer[position] == Self.newline else { throw loneCarriageReturn }
      position += 1
    }
    nextLine += 1
    return false
  }

  private var loneCarriageReturn: FileFormatError {
    error(.number, fieldCount, found: "a lone carriage return", expected: "lines that end in LF or CRLF")
  }

  private mutating func append(start: Int, end: Int) throws(FileFormatError) {
    if fieldCount == boundCapacity {
      guard fieldCount < Self.maximumColumns else {
        throw error(
          .rowLength, fieldCount, found: "more than \(Self.maximumColumns) fields", expected: "a table of fewer columns"
        )
      }
      let larger = UnsafeMutablePointer<(start: Int, end: Int)>.allocate(capacity: 2 * boundCapacity)
      larger.update(from: bounds, count: boundCapacity)
      bounds.deallocate()
      (bounds, boundCapacity) = (larger, 2 * boundCapacity)
    }
    bounds[fieldCount] = (start, end)
    fieldCount += 1
  }

  // MARK: The buffer

  /// Moves the current record to the front and reads more behind it; false at the end of the file.
  private mutating func refill() throws(FileFormatError) -> Bool {
    let kept = end - recordStart
    if recordStart > 0 {
      buffer.update(from: buffer + recordStart, count: kept)
      position -= recordStart
      recordStart = 0
    }
    if 2 * kept > capacity {
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: 2 * capacity + Self.padding)
      larger.update(from: buffer, count: kept)
      buffer.deallocate()
      (buffer, capacity) = (larger, 2 * capacity)
    }
    let count = try source.readSome(into: UnsafeMutableRawBufferPointer(start: buffer + kept, count: capacity - kept))
    end = kept + count
    buffer[end] = Self.newline
    return count > 0
  }

  private mutating func skipByteOrderMark() throws(FileFormatError) {
    while end < 3, try refill() {}
    guard buffer[0] == 0xEF else { return }
    guard end >= 3, buffer[1] == 0xBB, buffer[2] == 0xBF else {
      throw FileFormatError(.magic, path, at: .byte(0), found: "byte 239", expected: "text in UTF-8")
    }
    position = 3
  }

  // MARK: Fields of the current record

  /// A field without the spaces around it; valid until the next record is read.
  @inline(__always)
  func field(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    let (first, last) = bounds[index]
    var start = buffer + recordStart + first
    var end = buffer + recordStart + last
    while start < end, start.pointee == 0x20 || start.pointee == 0x09 { start += 1 }
    while start < end, end[-1] == 0x20 || end[-1] == 0x09 { end -= 1 }
    return UnsafeBufferPointer(start: start, count: end - start)
  }

  /// A field as text, without spaces around it.
  func text(_ index: Int) -> String { String(decoding: field(index), as: UTF8.self) }

  /// A field as a number, or nil where it is none. Infinity and NaN are numbers here.
  @inline(__always)
  func number(_ index: Int) -> Double? { notation.number(field(index)) }

  /// An error in a field.
  func error(
    _ problem: FileFormatError.Problem, _ index: Int, found: String, expected: String
  ) -> FileFormatError {
    FileFormatError(
      problem, path, at: .line(line, column: index + 1), columnName: index < names.count ? names[index] : nil,
      found: found, expected: expected)
  }

  /// What a field holds, for an error.
  func quoted(_ index: Int) -> String {
    let text = text(index)
    return text.isEmpty ? "an empty field" : "'\(text.prefix(40))'"
  }
}
