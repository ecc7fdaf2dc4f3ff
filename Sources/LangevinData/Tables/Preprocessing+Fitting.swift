extension Preprocessing {
  /// The rule for a table, by its training rows: what its columns are used for, and on which scales.
  ///
  /// - Parameters:
  ///   - table: The table.
  ///   - options: The target, columns to ignore or to take for text, what to do about holes, and whether to scale.
  ///   - notes: Takes up what was decided that one may want otherwise.
  /// - Throws: ``FileFormatError`` where a column is not there or holds what cannot be used, or values are missing.
  package init(
    fittedTo table: Table, _ options: ReadingOptions = ReadingOptions(), notes: inout [String]
  ) throws(FileFormatError) {
    let names = table.columns.map(\.name)
    let target = try options.targetPlace(among: names, table.path) ?? names.count - 1
    for name in options.ignoredColumns {
      guard let place = names.firstIndex(of: name) else { throw .noColumn(name, among: names, table.path) }
      guard place != target else {
        throw FileFormatError(
          .column, table.path, found: "the target '\(name)' among the columns to ignore", expected: "another target")
      }
    }
    let weights = try options.weightColumn.map { name throws(FileFormatError) in
      guard let place = names.firstIndex(of: name) else { throw .noColumn(name, among: names, table.path) }
      guard place != target else {
        throw FileFormatError(
          .column, table.path, found: "'\(name)' as the target and as the weights", expected: "two columns")
      }
      try table.checkWeights(in: place)
      return place
    }
    var used: [Int] = []
    for place in names.indices
    where place != target && place != weights && !options.ignoredColumns.contains(names[place]) {
      let isNamed = options.categoricalColumns.contains(names[place])
      if try table.uses(place, isNamedAsText: isNamed, notes: &notes) { used.append(place) }
    }
    guard !used.isEmpty else {
      throw FileFormatError(
        .column, table.path, found: names.count == 1 ? "one column" : "no column that can be an input",
        expected: "inputs and a target")
    }
    let targetMissing = table.columns[target].survey
    if options.missing != .drop, let line = targetMissing.firstHole {
      throw FileFormatError(
        .missingValues, table.path, at: .line(line, column: target + 1), columnName: table.heading(target),
        found: targetMissing.missing == 1
          ? "no target" : "no target, here and in \(targetMissing.missing - 1) more rows",
        expected: "the target of the row; 'drop' leaves out such rows")
    }
    let known = used + (weights.map { [$0] } ?? [])
    if options.missing == .error { try table.refuseHoles(in: known) }
    let rows = options.missing == .drop ? try table.droppingRows(withHolesIn: known + [target]) : table
    if let note = rows.noteOfRowsLeftOut { notes.append(note) }
    self.init(
      format: table.format, columnNames: names,
      inputs: used.map { Input(rows.columns[$0], of: rows, options) },
      target: try Target(rows.columns[target], in: rows, options, notes: &notes),
      weights: options.weightColumn, missing: options.missing)
  }
}

extension Preprocessing.Input {
  /// The rule for a column, by the rows that are used.
  fileprivate init(_ column: TableColumn, of table: Table, _ options: ReadingOptions) {
    let fills = options.missing == .mean || options.missing == .indicator
    if column.survey.textCount == 0, !column.survey.isText {
      let isTrained = column.survey.training.count > 0
      let moments = isTrained ? column.survey.training : column.survey.moments
      // What is filled in counts: it deviates by nothing.
      let count = isTrained ? table.trainingCount : table.rowCount
      self.init(
        name: column.name, fill: fills ? moments.mean : nil,
        marksMissing: options.missing == .indicator && column.missing > 0,
        scaling: options.scalesInputs
          ? Preprocessing.Scaling(center: moments.mean, scale: moments.deviation(of: count)) : Preprocessing.Scaling())
    } else {
      self.init(
        name: column.name, categories: column.survey.texts.sortedTexts, marksMissing: fills && column.missing > 0)
    }
  }
}

extension ValueTable {
  /// The texts by their bytes in UTF-8, so that no locale decides.
  var sortedTexts: [String] {
    texts.sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
  }
}

extension Table {
  /// Whether a column becomes inputs; notes say why one does not, and what is odd about one that does.
  fileprivate func uses(_ place: Int, isNamedAsText: Bool, notes: inout [String]) throws(FileFormatError) -> Bool {
    let column = columns[place]
    let survey = column.survey
    let other = "'\(column.name)'"
    if let found = survey.firstInfinity {
      throw FileFormatError(
        .nonFinite, path, at: .line(found.line, column: place + 1), columnName: heading(place),
        found: "'\(found.text)'",
        expected: "a finite number, or the column ignored")
    }
    if let found = survey.text(where: { !isUTF8($0) }) {
      throw FileFormatError(
        .label, path, at: .line(found.line, column: place + 1), columnName: heading(place),
        found: "the bytes of '\(found.text)'", expected: "text in UTF-8, or the column ignored")
    }
    switch column.kind {
    case .empty:
      throw FileFormatError(
        .missingValues, path, columnName: column.name, found: "no value in any row",
        expected: "values, or the column ignored")
    case .mixed:
      let isText = (survey.firstText?.line ?? 0) < (survey.firstNumber?.line ?? 0)
      guard let found = isText ? survey.firstNumber : survey.firstText else { return false }
      throw FileFormatError(
        .number, path, at: .line(found.line, column: place + 1), columnName: heading(place), found: "'\(found.text)'",
        expected: (isText
          ? "text, as above it"
          : found.text.contains { "0"..."9" ~= $0 }
            ? "a plain number such as 1234.5, without units or separators of thousands" : "a number")
          + "; or the column as categorical, or ignored")
    case .date where !isNamedAsText:
      notes.append("column \(other) holds dates and is left out; write them as numbers to use them")
      return false
    case .identifier where !isNamedAsText && survey.textCount > 0:
      notes.append(
        "column \(other) has \(column.distinct.map(String.init) ?? "too many") different texts and is left out; as "
          + "categorical it would be used")
      return false
    case .identifier where !isNamedAsText:
      let what = column.isRunning ? "a running number" : "another whole number in each row"
      if column.isNamedAsKey {
        notes.append("column \(other) is \(what) and is left out; under another name it would be used")
        return false
      }
      notes.append("column \(other) is \(what): an input all the same; ignore it if it only counts the rows")
      return true
    case .constant:
      let value = (survey.firstNumber ?? survey.firstText).map { "'\($0.text)'" } ?? "the same"
      notes.append("column \(other) is always \(value)\(survey.textCount > 0 ? " and is left out" : "")")
      return survey.textCount == 0
    case .category where survey.texts.count > 50:
      notes.append("column \(other) has \(survey.texts.count) different texts, an input for each")
      return true
    case .number, .category, .date, .identifier:
      return true
    }
  }

  /// Throws where a column holds no weights.
  func checkWeights(in place: Int) throws(FileFormatError) {
    let survey = columns[place].survey
    let wrong = survey.firstText ?? survey.firstInfinity
    guard wrong != nil || survey.minimum < 0 else { return }
    throw FileFormatError(
      .number, path, at: wrong.map { .line($0.line, column: place + 1) },
      columnName: wrong == nil ? columns[place].name : heading(place),
      found: wrong.map { "'\($0.text)' as a weight" } ?? "weights from \(survey.minimum)",
      expected: "numbers of 0 or more")
  }

  /// Throws where columns have holes.
  func refuseHoles(in places: [Int]) throws(FileFormatError) {
    let holed = places.map { columns[$0] }.filter { $0.missing > 0 }
    guard !holed.isEmpty else { return }
    let list = holed.prefix(10).map { "'\($0.name)' \($0.missing) (first in line \($0.survey.firstHole ?? 0))" }
    throw FileFormatError(
      .missingValues, path,
      found: "missing values in \(holed.count) column\(holed.count == 1 ? "" : "s"): "
        + list.joined(separator: ", ") + (holed.count > 10 ? ", ..." : ""),
      expected: "none; 'drop' leaves out their rows, 'mean' fills them in, 'indicator' marks them too")
  }
}

private func isUTF8(_ bytes: [UInt8]) -> Bool { String(decoding: bytes, as: UTF8.self).utf8.elementsEqual(bytes) }

extension Preprocessing.Target {
  /// The rule for the target, by the rows that are used.
  fileprivate init(
    _ column: TableColumn, in table: Table, _ options: ReadingOptions, notes: inout [String]
  ) throws(FileFormatError) {
    let survey = column.survey
    let place = (table.columns.firstIndex { $0.name == column.name } ?? 0) + 1
    func error(
      _ problem: FileFormatError.Problem, _ found: ColumnSurvey.Found? = nil, _ text: String? = nil, expected: String
    ) -> FileFormatError {
      FileFormatError(
        problem, table.path, at: found.map { .line($0.line, column: place) },
        columnName: found == nil ? column.name : table.heading(place - 1),
        found: text ?? found.map { "'\($0.text)'" } ?? "nothing", expected: expected)
    }
    if let found = survey.firstInfinity { throw error(.nonFinite, found, expected: "a finite number") }
    if let names = options.classNames {
      let known = Set(names.map { Array($0.utf8) })
      if let found = survey.text(where: { !known.contains($0) }) {
        throw error(
          .label, found, expected: "one of the known classes \(classList(names))")
      }
      self.init(name: column.name, classes: names)
      return
    }
    if let text = survey.firstText, options.targets == .values || options.classes != nil {
      throw error(.number, text, expected: "a number")
    }
    if let text = survey.firstText, let number = survey.firstNumber {
      throw text.line < number.line
        ? error(
          .label, number, "the number '\(number.text)' below the class name '\(text.text)'",
          expected: "names only, or numbers only")
        : error(.number, text, expected: "a number, as above it")
    }
    if survey.textCount > 0 {
      self.init(name: column.name, classes: try Self.classes(survey, options, error))
    } else if let classes = try Self.numericClasses(column, options, error, notes: &notes) {
      self.init(name: column.name, classes: classes, areNumbers: true)
    } else {
      let moments = survey.training.count > 0 ? survey.training : survey.moments
      let deviation = moments.deviation(of: Int(moments.count))
      self.init(
        name: column.name,
        scaling: options.scalesTargets
          ? Preprocessing.Scaling(center: moments.mean, scale: deviation) : Preprocessing.Scaling())
    }
  }

  private typealias MakeError = (
    FileFormatError.Problem, ColumnSurvey.Found?, String?, _ expected: String
  ) -> FileFormatError

  /// The classes that texts name. Text that is different in each row names none, unless someone says so.
  private static func classes(_ survey: ColumnSurvey, _ options: ReadingOptions, _ error: MakeError)
    throws(FileFormatError) -> [String]
  {
    let names = survey.texts
    guard !survey.hasTooManyValues else {
      throw error(.label, nil, "more than \(ReadingOptions.classLimit) class names", "at most so many")
    }
    if let found = survey.text(where: { !isUTF8($0) }) {
      throw error(.label, found, "the bytes of '\(found.text)'", "a class name in UTF-8")
    }
    guard names.count >= 2 else {
      throw error(.label, nil, "one class name, '\(names.sortedTexts.joined())'", "two or more classes")
    }
    guard names.count < survey.textCount || options.targets == .classes else {
      throw error(
        .label, nil, "\(names.count) different texts as the targets of \(survey.textCount) rows",
        "numbers, or class names that come more than once; or 'classes' as the kind of targets")
    }
    return names.sortedTexts
  }

  /// The classes that whole numbers name, or nil where they are numbers.
  ///
  /// By themselves those are classes that run from 0 or 1 without a gap, are at most twenty, and of which none is much
  /// rarer than the others: counts of events tail off.
  private static func numericClasses(
    _ column: TableColumn, _ options: ReadingOptions, _ error: MakeError, notes: inout [String]
  ) throws(FileFormatError) -> [String]? {
    let survey = column.survey
    if options.targets == .values { return nil }
    if let count = options.classes {
      let known = survey.areWhole && survey.minimum >= 0 && survey.maximum < Double(count)
      guard known else {
        throw error(
          .label, nil, "targets from \(survey.minimum) to \(survey.maximum)", "whole numbers from 0 to \(count - 1)")
      }
      return (0..<count).map(String.init)
    }
    let values = zip(survey.numbers.numbers, survey.numbers.counts).sorted { $0.0 < $1.0 }
    let names = values.map { wholeText($0.0) }
    if options.targets == .classes {
      guard survey.areWhole, !survey.hasTooManyValues else {
        throw error(
          .label, nil,
          survey.areWhole ? "more than \(ColumnSurvey.numberLimit) different numbers" : "numbers that are not whole",
          "whole numbers as classes")
      }
      return names
    }
    guard survey.areWhole, !survey.hasTooManyValues, 2...20 ~= values.count else { return nil }
    let total = values.reduce(0) { $0 + $1.1 }
    let rarest = values.map(\.1).min() ?? 0
    let (low, high) = (survey.minimum, survey.maximum)
    let isCounted = (low == 0 || low == 1) && high - low + 1 == Double(values.count)
    if isCounted, values.count == 2 || 4 * values.count * rarest >= total {
      if values.count > 2 {
        notes.append(
          "the target '\(column.name)' holds the numbers \(Int(low)) to \(Int(high)), taken for \(values.count) classes; "
            + "'values' takes them for numbers")
      }
      return names
    }
    notes.append(
      "the target '\(column.name)' holds \(values.count) different whole numbers, taken for numbers; the loss poisson takes "
        + "them for counts, 'classes' for classes")
    return nil
  }
}

/// A number as text, whole ones without a point.
func wholeText(_ value: Double) -> String { Int(exactly: value).map(\.description) ?? value.description }

/// Classes for an error.
func classList(_ names: [String]) -> String {
  names.prefix(20).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 20 ? ", ..." : "")
}
