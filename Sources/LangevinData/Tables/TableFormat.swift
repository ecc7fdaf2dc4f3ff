/// How a table is laid out in a file. Everything can be left to be found out.
public struct TableFormat: Hashable, Sendable, Codable {
  /// The separator of fields, or nil for the one of tab, semicolon, comma and bar that parts the first lines into equally
  /// many fields.
  package var separator: String?
  /// The decimal mark, a point or a comma; nil for the comma where fields are not separated by it, some are numbers with
  /// it and none is a number with a point.
  package var decimalMark: String?
  /// Whether the first line names the columns, or nil for: it does where a column of numbers begins with text.
  ///
  /// Where the first line has text only in columns of text, it names them if none of it comes again in its column, and
  /// what else stands in it are numbers that rise, as the headings 0, 1, 2 do.
  package var hasHeader: Bool?

  /// A format.
  public init(separator: String? = nil, decimalMark: String? = nil, hasHeader: Bool? = nil) {
    self.separator = separator
    self.decimalMark = decimalMark
    self.hasHeader = hasHeader
  }
}

/// A format of which everything is known.
struct ResolvedFormat: Hashable, Sendable {
  var separator: UInt8
  var decimalMark: UInt8
  var hasHeader: Bool

  static let separators = Array("\t;,|".utf8)
  static let point = UInt8(ascii: ".")
  static let comma = UInt8(ascii: ",")

  /// The same for documents.
  var format: TableFormat {
    TableFormat(separator: Self.text(separator), decimalMark: Self.text(decimalMark), hasHeader: hasHeader)
  }

  private static func text(_ byte: UInt8) -> String { String(decoding: [byte], as: UTF8.self) }
}

/// The first records of a table, from which its format is guessed.
struct TableSample {
  private static let byteCount = 1 << 16
  private static let recordCount = 200

  private let path: String
  private let bytes: [UInt8]
  private let isWhole: Bool

  /// Reads the beginning of a file that is to be a table in text.
  init(_ source: ByteSource) throws(FileFormatError) {
    path = source.path
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.byteCount, alignment: 1)
    defer { room.deallocate() }
    var count = 0
    while count < room.count {
      let read = try source.readSome(into: UnsafeMutableRawBufferPointer(rebasing: room[count...]))
      if read == 0 { break }
      count += read
    }
    isWhole = count < room.count
    bytes = Array(room[..<count])
    if let foreign = ForeignFormat(of: bytes) {
      throw FileFormatError(.foreign, path, found: foreign.name, expected: "a table in text; \(foreign.advice)")
    }
  }

  /// The first records, parted by a separator, up to where something is wrong with one or the sample ends.
  private func records(separator: UInt8) -> [[String]] {
    var records: [[String]] = []
    do throws(FileFormatError) {
      var reader = CSVReader(try ByteSource(RawFile(bytes: bytes, name: path)), separator: separator)
      while records.count < Self.recordCount, try reader.nextRecord() {
        records.append((0..<reader.fieldCount).map { reader.text($0) })
      }
      // The last record may have been cut.
      if !isWhole, records.count < Self.recordCount, records.count > 1 { records.removeLast() }
    } catch {}
    return records
  }

  /// What was asked for, and for the rest what the records suggest; notes say what was guessed beyond the usual. The
  /// columns may be expected to have some names, and one of them may hold names of classes, whose text makes no header.
  func resolved(
    _ format: TableFormat, columnNames: [String] = [], labels: LabelColumn?, notes: inout [String]
  ) throws(FileFormatError) -> ResolvedFormat {
    let separator = try format.separator.map { text throws(FileFormatError) in try byte(text, "separator") }
    let records: [[String]]
    let found: UInt8
    if let separator {
      (found, records) = (separator, self.records(separator: separator))
    } else {
      (found, records) = bestSeparation()
      if found != ResolvedFormat.comma, let name = Self.names[found] { notes.append("fields are separated by \(name)") }
    }
    var mark = ResolvedFormat.point
    if let given = try format.decimalMark.map({ text throws(FileFormatError) in try byte(text, "decimal mark") }) {
      guard given != found, given == ResolvedFormat.point || given == ResolvedFormat.comma else {
        throw FileFormatError(
          .header, path, found: "the decimal mark '\(format.decimalMark ?? "")'",
          expected: "a point or a comma, and not the separator")
      }
      mark = given
    } else if found != ResolvedFormat.comma, usesDecimalCommas(records) {
      mark = ResolvedFormat.comma
      notes.append("numbers have decimal commas")
    }
    let notation = DecimalNotation(mark: mark)
    let hasHeader =
      format.hasHeader
      ?? Self.beginsWithNames(records, notation, columnNames: columnNames, labels: labels)
    return ResolvedFormat(separator: found, decimalMark: mark, hasHeader: hasHeader)
  }

  private static let names: [UInt8: String] = [
    UInt8(ascii: "\t"): "tabs", UInt8(ascii: ";"): "semicolons", UInt8(ascii: "|"): "bars",
  ]

  private func byte(_ text: String, _ what: String) throws(FileFormatError) -> UInt8 {
    guard let byte = text.utf8.first, text.utf8.count == 1, byte < 128, !"\"\r\n".utf8.contains(byte) else {
      throw FileFormatError(
        .header, path, found: "the \(what) '\(text)'", expected: "one character of ASCII, no quote or line end")
    }
    return byte
  }

  /// The first separator that parts all records into equally many fields, more than one; else the one that the first
  /// line has most of, or the comma.
  private func bestSeparation() -> (UInt8, [[String]]) {
    let separations = ResolvedFormat.separators.map { ($0, records(separator: $0)) }
    func width(_ separation: (UInt8, [[String]])) -> Int { separation.1.first?.count ?? 0 }
    if let even = separations.first(where: { one in
      width(one) > 1 && one.1.count > 1 && one.1.allSatisfy { $0.count == width(one) }
    }) {
      return even
    }
    let most = separations.map(width).max() ?? 0
    let comma = separations.first { $0.0 == ResolvedFormat.comma }
    if let comma, width(comma) == most { return comma }
    return separations.first { width($0) == most } ?? (ResolvedFormat.comma, [])
  }

  /// Whether some fields are numbers with a decimal comma and none is one with a point.
  private func usesDecimalCommas(_ records: [[String]]) -> Bool {
    let comma = DecimalNotation(mark: ResolvedFormat.comma)
    let point = DecimalNotation(mark: ResolvedFormat.point)
    var hasCommas = false
    for field in records.joined() {
      if field.contains("."), point.number(field) != nil { return false }
      if field.contains(","), comma.number(field) != nil { hasCommas = true }
    }
    return hasCommas
  }

  private static func beginsWithNames(
    _ records: [[String]], _ notation: DecimalNotation, columnNames: [String], labels: LabelColumn?
  ) -> Bool {
    guard let first = records.first else { return false }
    let rest = records.dropFirst().filter { $0.count == first.count }
    let known = Set(columnNames)
    if !known.isEmpty, 2 * first.count(where: known.contains) >= first.count { return true }
    func isValue(_ field: String) -> Bool { notation.number(field) != nil || MissingValue.isOne(field) }
    let texts = first.indices.filter { !isValue(first[$0]) && !first[$0].isEmpty }
    if texts.isEmpty { return false }
    // Text above numbers is a heading.
    let label = labels?.place(first.count)
    let headings = texts.filter { column in
      !rest.isEmpty && column != label && rest.contains { notation.number($0[column]) != nil }
    }
    if !headings.isEmpty { return true }
    if let label, texts == [label], labels?.knows(first[label]) == true { return false }
    // What is no known heading and stands beside numbers is a value, where headings are known.
    if !known.isEmpty, texts.count < first.count { return false }
    let comesAgain = texts.contains { column in rest.contains { $0[column] == first[column] } }
    let numbers = first.compactMap { notation.number($0) }
    let rises = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
    return !comesAgain && rises
  }
}

/// Where a table may hold class names, so that text there does not make the first line a header.
struct LabelColumn {
  /// The names that are known.
  let known: [String]
  /// The column in a table of so many, or nil for none.
  let place: (_ columnCount: Int) -> Int?

  /// Where a table has them by the options, or, for one that is to be used as another was, where it need not have any.
  init?(_ options: ReadingOptions, like other: Preprocessing?) {
    if let other {
      guard other.format.hasHeader != true, let target = other.target, let classes = target.classes else { return nil }
      known = classes
      let (place, count) = (other.columnNames.firstIndex(of: target.name), other.columnNames.count)
      self.place = { $0 == count ? place : nil }
      return
    }
    guard options.targets != .values, options.classNames != nil || options.classes == nil else { return nil }
    known = options.classNames ?? []
    let position = options.targetColumn.map { Int($0) } ?? -1
    place = { columns in
      guard let position, -columns..<columns ~= position else { return nil }
      return position < 0 ? columns + position : position
    }
  }

  /// Names are told apart by their bytes.
  func knows(_ name: String) -> Bool { known.contains { $0.utf8.elementsEqual(name.utf8) } }
}

extension DecimalNotation {
  /// The number that a text is, or nil.
  func number(_ text: String) -> Double? {
    let padded = Array(text.utf8) + [UInt8](repeating: 0, count: 8)
    return padded.withUnsafeBufferPointer { number(UnsafeBufferPointer(rebasing: $0.dropLast(8))) }
  }
}
