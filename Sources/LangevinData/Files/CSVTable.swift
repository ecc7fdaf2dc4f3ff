import LangevinCore

/// How a table is laid out in a file. Everything can be left to be found out.
public struct CSVFormat: Hashable, Sendable {
  /// The separator of fields, or nil for the one of comma, semicolon and tab that the first line has most of.
  public var separator: Character?
  /// Whether the first line names the columns, or nil for: it does where one of its fields is no number.
  ///
  /// If only the target is none, the line is a header where its numbers rise, as the headings 0, 1, 2 do, and where the
  /// text is not a known class and does not come again below.
  public var hasHeader: Bool?

  /// A format.
  public init(separator: Character? = nil, hasHeader: Bool? = nil) {
    self.separator = separator
    self.hasHeader = hasHeader
  }
}

/// A table of numbers, as CSV files hold it.
///
///     let table = try CSVTable<Double>.read("chain-0.csv")
///     table.values[5, 2]
public struct CSVTable<Element: Scalar>: Sendable {
  /// The names of the columns, where the file has them.
  public var columnNames: [String]?
  /// The numbers, a row for each line.
  public var values: Tensor<Element>

  /// A table.
  ///
  /// - Throws: ``LangevinError`` where the values are no matrix or the names do not fit.
  public init(columnNames: [String]? = nil, values: Tensor<Element>) throws(LangevinError) {
    guard values.shape.count == 2, columnNames == nil || columnNames?.count == values.shape[1] else {
      throw .shape(of: "the table", found: values.shape, expected: [-1, columnNames?.count ?? -1])
    }
    self.columnNames = columnNames
    self.values = values
  }

  /// Reads a file, which may be compressed by gzip.
  public static func read(
    _ path: String, format: CSVFormat = CSVFormat(), decompressingAtMost limit: Int? = nil
  ) throws(FileFormatError) -> CSVTable {
    try read(
      CSVFile(format: format) { () throws(FileFormatError) in try ByteSource(path: path, decompressingAtMost: limit) })
  }

  static func read(_ file: CSVFile) throws(FileFormatError) -> CSVTable {
    let width = file.columnCount
    var values = try asFileError(file.path) { () throws(LangevinError) in
      try Tensor<Element>(uninitialized: [file.rowCount, width])
    }
    try values.withMutablePointer { (base: UnsafeMutablePointer<Element>) throws(FileFormatError) in
      try file.forEachRow { (row, reader) throws(FileFormatError) in
        for column in 0..<width { base[row * width + column] = try reader.element(column) }
      }
    }
    return try asFileError(file.path) { () throws(LangevinError) in
      try CSVTable(columnNames: file.columnNames, values: values)
    }
  }

  /// Writes the table: a header where there are names, then a line for each row, with as many digits as it takes to
  /// read the same numbers. A path that ends in `.gz` is compressed.
  public func write(to path: String) throws(FileFormatError) {
    let sink = try ByteSink(path: path)
    if let columnNames { try sink.write((columnNames.map(csvField).joined(separator: ",") + "\n").utf8) }
    let (rows, columns) = (values.shape[0], values.shape[1])
    for row in 0..<rows {
      let line = (0..<columns).map { CSVFile.text(values[row, $0]) }.joined(separator: ",")
      try sink.write((line + "\n").utf8)
    }
    try sink.close()
  }
}

/// Text as a field of a CSV file: in quotes where it needs them.
package func csvField(_ text: String) -> String {
  // By bytes: as characters, CR and LF in succession are one.
  guard text.utf8.contains(where: { ",;\t\"\n\r".utf8.contains($0) }) else { return text }
  return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}

/// Where a table may hold class names, so that text there does not make the first line a header.
struct LabelColumn {
  /// The names that are known.
  let known: ClassNames
  /// The column in a table of so many, or nil for none.
  let place: (_ columnCount: Int) -> Int?
}

/// A CSV file whose lines have been counted and found equally long: the first of two readings, so that the memory of
/// the numbers is taken once and no more of it.
struct CSVFile {
  let path: String
  let columnNames: [String]?
  let columnCount: Int
  let rowCount: Int
  private let separator: UInt8
  private let open: () throws(FileFormatError) -> ByteSource

  /// Counts the lines.
  ///
  /// The first one names the columns where a field of it is no number. If only the one where class names may stand is
  /// none, its numbers must rise from left to right, as the headings 0, 1, 2 do, and its text must be neither a known
  /// name nor come again below, as a class does.
  init(
    format: CSVFormat, labels: LabelColumn? = nil, open: @escaping () throws(FileFormatError) -> ByteSource
  ) throws(FileFormatError) {
    let source = try open()
    if let separator = format.separator, !separator.isASCII {
      throw FileFormatError(
        .header, source.path, found: "the separator '\(separator)'", expected: "a separator in ASCII")
    }
    if let separator = format.separator?.asciiValue {
      self.separator = separator
    } else {
      separator = try CSVReader.guessSeparator(open())
    }
    var reader = CSVReader(source, separator: separator)
    guard try reader.nextRecord() else {
      throw FileFormatError(.empty, source.path, found: "no lines", expected: "a table")
    }
    let columns = reader.fieldCount
    let texts = (0..<columns).filter { reader.number($0) == nil }
    var hasHeader = format.hasHeader ?? !texts.isEmpty
    // A name that decides whether the first line is a row.
    var doubtful: (label: [UInt8], column: Int)?
    if format.hasHeader == nil, let labels, let column = labels.place(columns), texts == [column] {
      doubtful = (Array(reader.label(column)), column)
      let numbers = (0..<columns).compactMap { reader.number($0) }
      let rises = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
      hasHeader = rises && !labels.known.contains(reader.label(column))
    }
    let names = hasHeader ? (0..<columns).map { reader.text($0) } : nil
    var rows = 0
    while try reader.nextRecord() {
      guard reader.fieldCount == columns else {
        throw FileFormatError(
          .rowLength, source.path, at: .line(reader.line, column: nil), found: "\(reader.fieldCount) fields",
          expected: "\(columns), as in the first line")
      }
      rows += 1
      if hasHeader, let (label, column) = doubtful, reader.label(column).elementsEqual(label) { hasHeader = false }
    }
    if !hasHeader { rows += 1 }
    guard rows > 0 else {
      throw FileFormatError(.empty, source.path, found: "a header only", expected: "rows of numbers")
    }
    path = source.path
    columnNames = hasHeader ? names : nil
    columnCount = columns
    rowCount = rows
    self.open = open
  }

  /// Reads the file again and calls `body` for each row of numbers.
  func forEachRow(_ body: (_ row: Int, borrowing CSVReader) throws(FileFormatError) -> Void) throws(FileFormatError) {
    var reader = CSVReader(try open(), separator: separator)
    if columnNames != nil { _ = try reader.nextRecord() }
    var row = 0
    while try reader.nextRecord() {
      guard row < rowCount, reader.fieldCount == columnCount else { break }
      try body(row, reader)
      row += 1
    }
    guard row == rowCount else {
      throw FileFormatError(.system, path, found: "a file that changed while it was read", expected: "a file at rest")
    }
  }

  /// A number as text, whole ones without a point.
  static func text<Element: Scalar>(_ value: Element) -> String {
    Int32(exactly: value).map(\.description) ?? value.description
  }
}

extension CSVReader {
  /// A field as a number of the precision in use.
  func element<Element: Scalar>(_ field: Int) throws(FileFormatError) -> Element {
    let value = Element(try finiteNumber(field))
    guard value.isFinite else {
      throw error(.nonFinite, field, found: "'\(text(field))'", expected: "a number within the precision in use")
    }
    return value
  }
}
