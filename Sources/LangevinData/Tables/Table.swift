import LangevinCore

/// A table in a text file, read once from end to end to see what its columns hold.
///
///     let table = try Table(contentsOf: "houses.csv")
///     for column in table.columns { print(column.name, column.kind, column.missing) }
///
/// The rows of a large table stay in the file: ``Preprocessing`` turns them into examples in a second reading, so that no
/// more memory is taken than the examples need.
package struct Table: Sendable {
  /// The file.
  package let path: String
  /// How it is laid out, as given or found out.
  package var format: TableFormat { resolved.format }
  /// The number of rows below the header.
  package let rowCount: Int
  /// The columns, from left to right.
  package let columns: [TableColumn]
  /// What was found out about the format that is worth a look.
  package let notes: [String]

  let resolved: ResolvedFormat
  /// The rows that are to be tested with, if any.
  let heldOut: HeldOut?
  /// The columns whose holes have a row left out.
  private let required: [Int]
  /// The numbers of rows that are left to train and to test with.
  let trainingCount: Int
  let heldOutCount: Int
  private let open: @Sendable () throws(FileFormatError) -> ByteSource
  private let textColumns: Set<Int>
  /// The rows, where they take little memory.
  private var cells: CellStore?

  /// Reads a file, which may be compressed by gzip.
  ///
  /// - Throws: ``FileFormatError`` that names the line, and what was found and expected there.
  package init(contentsOf path: String, _ options: ReadingOptions = ReadingOptions()) throws(FileFormatError) {
    try self.init(contentsOf: path, options, like: nil)
  }

  /// Reads a file that is laid out as another one was, as far as it does not say otherwise itself.
  init(contentsOf path: String, _ options: ReadingOptions, like other: Preprocessing?) throws(FileFormatError) {
    let limit = options.decompressionLimit
    try self.init(options, like: other) { () throws(FileFormatError) in
      try ByteSource(path: path, decompressingAtMost: limit)
    }
  }

  /// Reads a table from what `open` gives each time, and keeps so many cells of it, 48 MB, if it has no more.
  init(
    _ options: ReadingOptions, like other: Preprocessing? = nil, keptCells: Int = 6 << 20,
    open: @escaping @Sendable () throws(FileFormatError) -> ByteSource
  ) throws(FileFormatError) {
    var notes: [String] = []
    let source = try open()
    let path = source.path
    self.path = path
    self.open = open
    if let heldOut = options.heldOut {
      try asFileError(source.path) { () throws(LangevinError) in try heldOut.check() }
    }
    let labels = LabelColumn(options, like: other)
    resolved = try TableSample(source).resolved(
      options.format, columnNames: other?.headings ?? [], labels: labels, notes: &notes)
    var reader = try resolved.reader(of: open())
    guard try reader.nextRecord() else {
      throw FileFormatError(.empty, path, found: "no lines", expected: "a table")
    }
    let hasHeader = resolved.hasHeader
    let headings = (0..<reader.fieldCount).map { hasHeader ? reader.text($0) : "" }
    let names = headings.enumerated().map { $1.isEmpty ? "column \($0 + 1)" : $1 }
    var places: [String: Int] = [:]
    for (place, name) in names.enumerated() {
      guard places.updateValue(place, forKey: name) == nil else {
        throw FileFormatError(
          .column, path, at: .line(reader.line, column: place + 1), found: "a second column '\(name)'",
          expected: "each name once")
      }
    }
    var textColumns: Set<Int> = []
    for name in options.categoricalColumns {
      guard let place = places[name] else { throw .noColumn(name, among: names, path) }
      textColumns.insert(place)
    }
    if let other { textColumns.formUnion(try ColumnMatch(other, names, hasHeader: hasHeader, path).texts) }
    // Names of classes are compared as they are written, be they numbers.
    if other == nil, options.classNames != nil, let label = try options.targetPlace(among: names, path) {
      textColumns.insert(label)
    }
    self.notes = notes
    self.textColumns = textColumns
    heldOut = options.heldOut
    required = []
    let cells = CellStore(capacity: keptCells)
    let survey = try TableSurvey(
      &reader, names, resolved, textColumns: textColumns, required: [], heldOut: options.heldOut, cells)
    (rowCount, trainingCount, heldOutCount) = (survey.rowCount, survey.trainingCount, survey.heldOutCount)
    self.cells = cells.isComplete ? cells : nil
    columns = survey.columns(names, headings)
  }

  private init(_ table: Table, required: [Int]) throws(FileFormatError) {
    (path, resolved, notes, open, textColumns) = (
      table.path, table.resolved, table.notes, table.open, table.textColumns
    )
    heldOut = table.heldOut
    self.required = required
    var reader = try resolved.reader(of: open())
    guard try reader.nextRecord() else { throw FileFormatError.changed(table.path) }
    let names = table.columns.map(\.name)
    let survey = try TableSurvey(
      &reader, names, resolved, textColumns: textColumns, required: required, heldOut: table.heldOut, nil)
    cells = nil
    (rowCount, trainingCount, heldOutCount) = (survey.rowCount, survey.trainingCount, survey.heldOutCount)
    columns = survey.columns(names, table.resolved.hasHeader ? names : names.map { _ in "" })
    if trainingCount + heldOutCount == 0 {
      throw FileFormatError(
        .missingValues, path, found: "a missing value in each of the \(rowCount) rows", expected: "rows without")
    }
  }

  /// The same table without the rows that have holes in some columns.
  func droppingRows(withHolesIn columns: [Int]) throws(FileFormatError) -> Table {
    let holed = columns.filter { self.columns[$0].missing > 0 }
    return holed.isEmpty ? self : try Table(self, required: holed)
  }

  /// The same table without the memory of its rows.
  func releasingCells() -> Table {
    var table = self
    table.cells = nil
    return table
  }

  /// The name of a column for errors, where the header has it.
  func heading(_ place: Int) -> String? { resolved.hasHeader ? columns[place].name : nil }

  /// How many rows are left out, where some are.
  var noteOfRowsLeftOut: String? {
    let count = rowCount - trainingCount - heldOutCount
    return count > 0 ? "rows left out for missing values: \(count)" : nil
  }

  /// Calls `body` for each row that is not left out.
  func forEachRow(
    _ body: (_ row: Int, _ isHeldOut: Bool, UnsafePointer<Double>) throws(FileFormatError) -> Void
  ) throws(FileFormatError) {
    var heldOutRows = heldOut.map(HeldOutRows.init)
    if let cells {
      for row in 0..<rowCount {
        try body(row, heldOutRows?.contains(row) ?? false, cells.base + row * columns.count)
      }
      return
    }
    let notation = DecimalNotation(mark: resolved.decimalMark)
    let surveys = columns.map(\.survey)
    let cells = UnsafeMutablePointer<Double>.allocate(capacity: surveys.count)
    defer { cells.deallocate() }
    try forEachRecord { (row, reader) throws(FileFormatError) in
      for column in surveys.indices { cells[column] = surveys[column].cell(reader.field(column), notation) }
      let isHeldOut = heldOutRows?.contains(row) ?? false
      if !required.contains(where: { Cell.isMissing(cells[$0]) }) { try body(row, isHeldOut, cells) }
    }
  }

  /// Reads the file again and calls `body` for each row.
  private func forEachRecord(
    _ body: (_ row: Int, borrowing CSVReader) throws(FileFormatError) -> Void
  ) throws(FileFormatError) {
    var reader = try resolved.reader(of: open())
    if resolved.hasHeader { reader.names = columns.map(\.name) }
    var isLeft = try reader.nextRecord()
    if resolved.hasHeader { isLeft = try reader.nextRecord() }
    var row = 0
    while isLeft, row < rowCount, reader.fieldCount == columns.count {
      try body(row, reader)
      row += 1
      isLeft = try reader.nextRecord()
    }
    guard row == rowCount, !isLeft else { throw FileFormatError.changed(path) }
  }

  /// The fields of some columns as they are written, row by row: for what goes with predictions, such as names.
  package func texts(of names: [String]) throws(FileFormatError) -> [[String]] {
    var places: [Int] = []
    for name in names { places.append(try place(of: name)) }
    var rows: [[String]] = []
    try forEachRecord { (_, reader) throws(FileFormatError) in rows.append(places.map { reader.text($0) }) }
    return rows
  }

  /// The numbers of a column, NaN where one is missing.
  package func numbers(of name: String) throws(FileFormatError) -> [Double] {
    let place = try place(of: name)
    var numbers: [Double] = []
    try forEachRecord { (_, reader) throws(FileFormatError) in
      let isMissing = MissingValue.isOne(reader.field(place))
      numbers.append(isMissing ? .nan : try reader.finiteNumber(place))
    }
    return numbers
  }

  private func place(of name: String) throws(FileFormatError) -> Int {
    guard let place = columns.firstIndex(where: { $0.name == name }) else {
      throw .noColumn(name, among: columns.map(\.name), path)
    }
    return place
  }
}

/// The cells of a table that is not large, row by row.
private final class CellStore: @unchecked Sendable {
  let base: UnsafeMutablePointer<Double>
  private let capacity: Int
  private var count = 0
  /// Whether all rows found room.
  private(set) var isComplete = true

  /// Room for so many cells, taken from the system only as far as it is filled.
  init(capacity: Int) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  /// The memory of another row, or nil where there is no room left.
  @inline(__always)
  func nextRow(_ width: Int) -> UnsafeMutablePointer<Double>? {
    guard isComplete, count + width <= capacity else {
      isComplete = false
      return nil
    }
    count += width
    return base + count - width
  }
}

/// All rows of a table gone through once.
private struct TableSurvey {
  private(set) var rowCount = 0
  private(set) var trainingCount = 0
  private(set) var heldOutCount = 0
  private var surveys: [ColumnSurvey]

  /// Goes through the rows; the reader has read the first record.
  init(
    _ reader: inout CSVReader, _ names: [String], _ format: ResolvedFormat, textColumns: Set<Int>, required: [Int],
    heldOut: HeldOut?, _ cells: CellStore?
  ) throws(FileFormatError) {
    if format.hasHeader { reader.names = names }
    surveys = names.indices.map { ColumnSurvey(isText: textColumns.contains($0)) }
    var isLeft = format.hasHeader ? try reader.nextRecord() : true
    let notation = DecimalNotation(mark: format.decimalMark)
    var heldOutRows = heldOut.map(HeldOutRows.init)
    let width = names.count
    while isLeft {
      guard reader.fieldCount == width else {
        throw FileFormatError(
          .rowLength, reader.path, at: .line(reader.line, column: nil), found: "\(reader.fieldCount) fields",
          expected: "\(width), as in the first line")
      }
      let isHeldOut = heldOutRows?.contains(rowCount) ?? false
      rowCount += 1
      if !required.contains(where: { MissingValue.isOne(reader.field($0)) }) {
        if isHeldOut { heldOutCount += 1 } else { trainingCount += 1 }
        let row = cells?.nextRow(width)
        surveys.withUnsafeMutableBufferPointer { surveys in
          for column in 0..<width {
            let cell = surveys[column].add(reader.field(column), notation, isHeldOut: isHeldOut, line: reader.line)
            if let row { row[column] = cell }
          }
        }
      }
      isLeft = try reader.nextRecord()
    }
    guard rowCount > 0 else {
      throw FileFormatError(.empty, reader.path, found: "a header only", expected: "rows below it")
    }
  }

  func columns(_ names: [String], _ headings: [String]) -> [TableColumn] {
    names.indices.map {
      TableColumn(name: names[$0], hasHeading: headings.contains { !$0.isEmpty }, surveys[$0])
    }
  }
}

extension ResolvedFormat {
  func reader(of source: ByteSource) -> CSVReader {
    CSVReader(source, separator: separator, decimalMark: decimalMark)
  }
}

extension CSVReader {
  /// A field as a finite number.
  @inline(__always)
  func finiteNumber(_ index: Int) throws(FileFormatError) -> Double {
    if let value = number(index), value.isFinite { return value }
    throw notFinite(index)
  }

  private func notFinite(_ index: Int) -> FileFormatError {
    number(index) == nil
      ? error(.number, index, found: quoted(index), expected: "a number")
      : error(.nonFinite, index, found: quoted(index), expected: "a finite number")
  }
}

extension FileFormatError {
  static func changed(_ path: String) -> FileFormatError {
    FileFormatError(.system, path, found: "a file that changed while it was read", expected: "a file at rest")
  }

  /// A column that was asked for and is not there; it may have been meant to be one of the likely names, or of all.
  static func noColumn(
    _ name: String, among names: [String], likely: [String]? = nil, _ path: String
  ) -> FileFormatError {
    let near = NearestName.of(name, among: likely ?? names).map { "; did you mean '\($0)'?" } ?? ""
    let list = names.prefix(20).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 20 ? ", ..." : "")
    return FileFormatError(.column, path, found: "no column '\(name)'", expected: "one of \(list)\(near)")
  }
}
