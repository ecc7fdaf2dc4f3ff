import LangevinCore

/// Rows of a table as examples.
package struct TableExamples<Element: Scalar>: Sendable {
  /// The examples; their targets are zeros where the table has none.
  package let examples: Examples<Element>
  /// Whether the table has targets.
  package let hasTargets: Bool
  /// The row of the table that each example is, from 0 below the header.
  package let rows: [Int]
  /// The table, for what else it says of the rows: see ``Table/texts(of:)``.
  package let table: Table
  /// What was noticed.
  package let notes: [String]
}

extension Preprocessing {
  /// The rows of another table, whose columns are found by their names where both have headers.
  ///
  /// Columns may stand in another order; more of them are named in the notes; the target may be missing.
  ///
  /// - Throws: ``FileFormatError`` that names a missing column and the nearest one, or the line and column of what does
  ///   not fit.
  package func examples<Element: Scalar>(
    contentsOf path: String, _ options: ReadingOptions = ReadingOptions(), as type: Element.Type = Element.self
  ) throws(FileFormatError) -> TableExamples<Element> {
    try examples(contentsOf: path, options, targetWidth: 1)
  }

  func examples<Element: Scalar>(
    contentsOf path: String, _ options: ReadingOptions, targetWidth: Int
  ) throws(FileFormatError) -> TableExamples<Element> {
    var options = options
    options.heldOut = nil
    options.categoricalColumns = []
    let table = try Table(contentsOf: path, options, like: self)
    let encoded: EncodedTable<Element> = try encode(
      table, targetWidth: targetWidth, keepsRows: true, unknown: options.unknownCategory)
    guard let all = encoded.training else { throw .changed(path) }
    return TableExamples(
      examples: all.examples, hasTargets: encoded.hasTargets, rows: all.rows, table: table.releasingCells(),
      notes: table.notes + encoded.notes)
  }

  /// The rows of a table, those that are held out apart from the others.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func encode<Element: Scalar>(
    _ table: Table, targetWidth: Int = 1, keepsRows: Bool = false, unknown: UnknownPolicy = .error
  ) throws(FileFormatError) -> EncodedTable<Element> {
    var match = try ColumnMatch(self, table.columns.map(\.name), hasHeader: table.resolved.hasHeader, table.path)
    // A column for targets that are not known yet.
    if let target = match.target, table.columns[target].kind == .empty { match.target = nil }
    let used = match.inputs + [match.target, match.weights].compactMap { $0 }
    var notes = match.notes
    if missing == .error { try table.refuseHoles(in: used) }
    let rows = missing == .drop ? try table.droppingRows(withHolesIn: used) : table
    if missing != .drop { try table.refuseHoles(in: [match.target, match.weights].compactMap { $0 }) }
    if let weights = match.weights { try table.checkWeights(in: weights) }
    if let note = rows.noteOfRowsLeftOut { notes.append(note) }

    let encoder = try RowEncoder(self, match, rows, unknown, Element.self)
    let makePart = { (count: Int, keepsRows: Bool) throws(FileFormatError) -> EncodedRows<Element>? in
      if count == 0 { return nil }
      return try asFileError(table.path) { () throws(LangevinError) in
        try EncodedRows<Element>(
          count: count, width: encoder.width, classes: target?.classes?.count, targetWidth: targetWidth,
          keepsRows: keepsRows)
      }
    }
    let hasTargets = match.target != nil
    let training = try makePart(rows.trainingCount, keepsRows)
    let heldOut = try makePart(rows.heldOutCount, true)
    try rows.forEachRow { (row, isHeldOut, cells) throws(FileFormatError) in
      guard let part = isHeldOut ? heldOut : training else { throw .changed(table.path) }
      guard part.next < part.inputs.count else { throw .changed(table.path) }
      encoder.encode(cells, into: part.inputs.row(part.next))
      if let target = match.target {
        if part.areClasses {
          part.labels[part.next] = encoder.label(cells[target])
        } else {
          part.values[part.next] = encoder.targetValue(cells[target])
        }
      }
      if let weights = match.weights { part.weights.append(cells[weights]) }
      part.finishRow(row)
    }
    return try asFileError(table.path) { () throws(LangevinError) in
      try EncodedTable(
        training: training?.finished(), heldOut: heldOut?.finished(), hasTargets: hasTargets, notes: notes)
    }
  }
}

/// A table as examples.
struct EncodedTable<Element: Scalar> {
  struct Part {
    let examples: Examples<Element>
    let rows: [Int]
  }
  let training: Part?
  let heldOut: Part?
  let hasTargets: Bool
  let notes: [String]
}

/// Where a table has the columns that a rule asks for.
struct ColumnMatch {
  let inputs: [Int]
  var target: Int?
  /// The column of the weights; nil where there is none.
  let weights: Int?
  /// The columns whose values are texts, though they look like numbers.
  let texts: Set<Int>
  private(set) var notes: [String] = []

  init(
    _ rule: Preprocessing, _ names: [String], hasHeader: Bool, _ path: String
  ) throws(FileFormatError) {
    let all = rule.columnNames
    let targetPlace = rule.target.flatMap { target in all.firstIndex(of: target.name) }
    var places: [Int?]
    if hasHeader, rule.format.hasHeader == true {
      let known = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
      for input in rule.inputs where known[input.name] == nil {
        throw .noColumn(input.name, among: names, likely: names.filter { !all.contains($0) }, path)
      }
      places = all.map { known[$0] }
      let extra = names.filter { !all.contains($0) }.map { "'\($0)'" }
      if !extra.isEmpty {
        notes.append("not used: \(extra.prefix(10).joined(separator: ", "))\(extra.count > 10 ? ", ..." : "")")
      }
    } else if names.count == all.count {
      places = Array(all.indices)
    } else if let targetPlace, names.count == all.count - 1 {
      places = all.indices.map { $0 < targetPlace ? $0 : $0 - 1 }
      places[targetPlace] = nil
    } else {
      throw FileFormatError(
        .column, path, found: "\(names.count) column\(names.count == 1 ? "" : "s")",
        expected: "\(all.count - (targetPlace == nil ? 0 : 1)) inputs, and one column more where there is a target")
    }
    if !hasHeader, rule.format.hasHeader == true {
      notes.append("no header: the columns are taken in the order of the training table")
    }
    let inputPlaces = rule.inputs.map { input in all.firstIndex(of: input.name).flatMap { places[$0] } }
    inputs = inputPlaces.compactMap { $0 }
    target = targetPlace.flatMap { places[$0] }
    weights = rule.weights.flatMap { all.firstIndex(of: $0) }.flatMap { places[$0] }
    var texts = Set(zip(rule.inputs, inputPlaces).compactMap { $0.categories == nil ? nil : $1 })
    if let target, let rule = rule.target, rule.classes != nil, !rule.areNumbers { texts.insert(target) }
    self.texts = texts
  }
}

/// Turns the cells of a row into inputs and a target.
///
/// Whether every cell of a table can be turned is settled before the first one is, by what was seen of its columns.
private struct RowEncoder {
  /// A column of numbers.
  private struct Numbers {
    let place: Int
    let start: Int
    /// The input that marks a missing number, or -1.
    let marker: Int
    /// What stands for a missing number.
    let fill: Double
    let scaling: Preprocessing.Scaling
  }

  /// A column of texts.
  private struct Texts {
    let place: Int
    let start: Int
    let width: Int
    /// The input of each text of the table; -1 for none of them.
    let inputs: [Int]
  }

  let width: Int
  private let numbers: [Numbers]
  private let texts: [Texts]
  private let targetScaling: Preprocessing.Scaling
  /// The class of each text of the table, or else the classes that are numbers.
  private let textClasses: [Int]
  private let numberClasses: ValueTable?

  init<Element: Scalar>(
    _ rule: Preprocessing, _ match: ColumnMatch, _ table: Table, _ unknown: Preprocessing.UnknownPolicy,
    _ type: Element.Type
  ) throws(FileFormatError) {
    var start = 0
    var marker = rule.inputs.reduce(0) { $0 + $1.columnWidth }
    var numbers: [Numbers] = []
    var texts: [Texts] = []
    for (input, place) in zip(rule.inputs, match.inputs) {
      if let names = input.categories {
        let inputs = try table.places(
          ofTextsIn: place, among: names, "texts it was trained on", ignoring: unknown == .ignore)
        if !input.marksMissing { try table.refuseHoles(in: [place]) }
        texts.append(Texts(place: place, start: start, width: input.columnWidth, inputs: inputs))
      } else {
        try table.checkNumbers(in: place, input.scaling, Element.self)
        numbers.append(
          Numbers(
            place: place, start: start, marker: input.marksMissing ? marker : -1, fill: input.fill ?? .nan,
            scaling: input.scaling))
        if input.marksMissing { marker += 1 }
      }
      start += input.columnWidth
    }
    (self.numbers, self.texts, width) = (numbers, texts, marker)
    targetScaling = rule.target?.scaling ?? Preprocessing.Scaling()
    var classes: (texts: [Int], numbers: ValueTable?) = ([], nil)
    if let place = match.target, let target = rule.target {
      if let names = target.classes, target.areNumbers {
        let known = ValueTable(numbers: names.compactMap { Double($0) })
        try table.checkClasses(in: place, known, names)
        classes.numbers = known
      } else if let names = target.classes {
        classes.texts = try table.places(ofTextsIn: place, among: names, "known classes")
      } else {
        try table.checkNumbers(in: place, target.scaling, Element.self)
      }
    }
    (textClasses, numberClasses) = classes
  }

  @inline(__always)
  func encode<Element: Scalar>(_ cells: UnsafePointer<Double>, into row: UnsafeMutableBufferPointer<Element>) {
    for index in numbers.indices {
      let column = numbers[index]
      let cell = cells[column.place]
      row[column.start] = Element(column.scaling.applied(to: cell.isNaN ? column.fill : cell))
      if column.marker >= 0 { row[column.marker] = cell.isNaN ? 1 : 0 }
    }
    for column in texts {
      let cell = cells[column.place]
      let input = Cell.isMissing(cell) ? column.width - 1 : column.inputs[Cell.place(cell)]
      for other in 0..<column.width { row[column.start + other] = other == input ? 1 : 0 }
    }
  }

  /// The class of a cell.
  func label(_ cell: Double) -> Int32 {
    if let numberClasses { return Int32(numberClasses.place(of: cell) ?? 0) }
    return Int32(textClasses[Cell.place(cell)])
  }

  /// The real target in a cell.
  func targetValue<Element: Scalar>(_ cell: Double) -> Element { Element(targetScaling.applied(to: cell)) }
}

extension Table {
  private func error(
    _ problem: FileFormatError.Problem, line: Int?, _ place: Int, found: String, expected: String
  ) -> FileFormatError {
    FileFormatError(
      problem, path, at: line.map { .line($0, column: place + 1) },
      columnName: line == nil ? columns[place].name : heading(place),
      found: found,
      expected: expected)
  }

  /// Where each text of a column stands in a list.
  fileprivate func places(
    ofTextsIn place: Int, among names: [String], _ what: String, ignoring: Bool = false
  ) throws(FileFormatError) -> [Int] {
    let known = ValueTable(texts: names)
    let texts = columns[place].survey.texts
    var places: [Int] = []
    for (text, line) in zip(texts.texts, texts.lines) {
      guard let found = known.place(of: text) ?? (ignoring ? -1 : nil) else {
        throw error(
          .label, line: line, place, found: "'\(String(decoding: text.prefix(40), as: UTF8.self))'",
          expected: "one of the \(what) \(classList(names))")
      }
      places.append(found)
    }
    return places
  }

  /// Throws where a column holds text, or numbers beyond what a precision holds.
  fileprivate func checkNumbers<Element: Scalar>(
    in place: Int, _ scaling: Preprocessing.Scaling, _ type: Element.Type
  ) throws(FileFormatError) {
    let survey = columns[place].survey
    if let found = survey.firstInfinity {
      throw error(.nonFinite, line: found.line, place, found: "'\(found.text)'", expected: "a finite number")
    }
    if let found = survey.firstText {
      throw error(.number, line: found.line, place, found: "'\(found.text)'", expected: "a number")
    }
    for number in [survey.minimum, survey.maximum] where survey.numberCount > 0 {
      guard Element(scaling.applied(to: number)).isFinite else {
        throw error(.nonFinite, line: nil, place, found: "\(number)", expected: "numbers within the precision in use")
      }
    }
  }

  /// Throws where a column holds other numbers than those of the classes.
  fileprivate func checkClasses(in place: Int, _ known: ValueTable, _ names: [String]) throws(FileFormatError) {
    let survey = columns[place].survey
    let expected = "one of the known classes \(classList(names))"
    if let found = survey.firstText ?? survey.firstInfinity {
      throw error(.label, line: found.line, place, found: "'\(found.text)'", expected: expected)
    }
    if survey.hasTooManyValues {
      throw error(
        .label, line: nil, place, found: "more than \(ColumnSurvey.numberLimit) different numbers", expected: expected)
    }
    for (number, line) in zip(survey.numbers.numbers, survey.numbers.lines) where known.place(of: number) == nil {
      throw error(.label, line: line, place, found: "'\(wholeText(number))'", expected: expected)
    }
  }
}

/// Rows that are being encoded.
private final class EncodedRows<Element: Scalar> {
  let inputs: InputRows<Element>
  let areClasses: Bool
  var labels: [Int32]
  var values: Tensor<Element>
  var weights: [Double] = []
  private(set) var next = 0
  private let classCount: Int
  private let keepsRows: Bool
  private var rows: [Int] = []

  init(count: Int, width: Int, classes: Int?, targetWidth: Int, keepsRows: Bool) throws(LangevinError) {
    inputs = try InputRows(count: count, width: width)
    areClasses = classes != nil
    classCount = classes ?? 0
    labels = areClasses ? [Int32](repeating: 0, count: count) : []
    values = try Tensor(shape: [areClasses ? 0 : count, targetWidth])
    self.keepsRows = keepsRows
    if keepsRows { rows.reserveCapacity(count) }
  }

  func finishRow(_ row: Int) {
    if keepsRows { rows.append(row) }
    next += 1
  }

  func finished() throws(LangevinError) -> EncodedTable<Element>.Part {
    let targets: Examples<Element>.Targets = areClasses ? .classes(labels, count: classCount) : .values(values)
    return EncodedTable.Part(
      examples: try inputs.examples(targets: targets, weights: weights.isEmpty ? nil : weights), rows: rows)
  }
}
