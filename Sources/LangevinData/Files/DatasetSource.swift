import LangevinCore

/// How targets are understood.
public enum TargetKind: String, CaseIterable, Sendable {
  /// Classes where a file of arrays stores integers; in a table where they are names, or whole numbers that look like
  /// classes: from 0 or 1 without a gap, at most twenty, none much rarer than the others.
  ///
  /// The first row of a table says whether its targets are numbers or names, and all others must be of the same kind: a
  /// single text among numbers, or number among names, is an error. Names become classes 0, 1, ... sorted by their
  /// bytes, numbers sorted by size; spaces around them do not count.
  case automatic
  /// Classes: in a table whole numbers or names, in arrays whole numbers from 0.
  case classes
  /// Real numbers.
  case values
}

/// How files are turned into a data set.
public struct ReadingOptions: Hashable, Sendable {
  /// The most classes that there may be.
  static let classLimit = 1 << 16

  /// Whether inputs stored as bytes (pixels) are divided by 255.
  public var scalesBytes = true
  /// How targets are understood.
  public var targets = TargetKind.automatic
  /// The number of classes, where labels are numbers from 0; nil for those that the training set has.
  public var classes: Int?
  /// The names of classes 0, 1, ...: what a table may hold as targets. Nil for those that the training set has, in
  /// sorted order.
  public var classNames: [String]?
  /// Which set of a folder that holds several, such as `emnist-letters`.
  public var subset: String?
  /// The most bytes that a compressed file may give; nil for 64 MiB and 128 times its size.
  package var decompressionLimit: Int?

  /// How tables are laid out.
  public var format = TableFormat()
  /// The column of a table that holds the target, by name or position from 0; nil for the last. A negative position
  /// counts from the end.
  public var targetColumn: String?
  /// Columns of a table that are not used.
  public var ignoredColumns: [String] = []
  /// Columns of a table whose values are names, though they be numbers: an input for each of them.
  public var categoricalColumns: [String] = []
  /// The column of a table that says how much each row counts; nil for all the same.
  public var weightColumn: String?
  /// What is done where a table has no value.
  public var missing = Preprocessing.MissingPolicy.error
  /// What is done with a text that the training rows of a column did not have.
  package var unknownCategory = Preprocessing.UnknownPolicy.error
  /// Whether numbers among the inputs of a table get mean 0 and standard deviation 1.
  public var scalesInputs = true
  /// Whether real targets of a table do.
  public var scalesTargets = true
  /// Which rows of a table that comes without a test set are kept for testing; nil for none.
  public var heldOut: HeldOut? = HeldOut()

  /// The usual way.
  public init() {}

  /// The column that holds the target, by its name or else its position; nil where that is not asked for.
  func targetPlace(among names: [String], _ path: String) throws(FileFormatError) -> Int? {
    guard let targetColumn else { return names.indices.last }
    if let place = names.firstIndex(of: targetColumn) { return place }
    guard let position = Int(targetColumn), -names.count..<names.count ~= position else {
      throw .noColumn(targetColumn, among: names, path)
    }
    return position < 0 ? names.count + position : position
  }
}

extension Dataset {
  /// Reads a data set.
  ///
  /// `path` is one of
  /// - a folder in MNIST's naming: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, the `t10k-` twins, each plain
  ///   or `.gz`, with a dot or a hyphen before `idx`, and a prefix as in EMNIST's `emnist-letters-train-...`;
  /// - a folder with `x_train.npy` and `y_train.npy`, and the `_test` and `_validation` twins, or `x.npy` and `y.npy`;
  /// - a table in text, plain or `.gz`, with the target in the last column: see `Table` and ``Preprocessing``;
  /// - a folder with `train.csv`, and `test.csv` and `validation.csv`.
  ///
  /// - Throws: ``FileFormatError`` that names the file, the place in it, what was found and what was expected.
  public init(contentsOf path: String, _ options: ReadingOptions = ReadingOptions()) throws(FileFormatError) {
    try self.init(contentsOf: path, options, rule: nil)
  }

  /// Reads a table, or a folder of tables, as the examples that a rule makes of it, instead of fitting one: so a stored
  /// run meets its data as it did before.
  ///
  /// The options say which rows are held out, as they did when the rule was fitted.
  ///
  /// - Throws: ``FileFormatError`` where the table is not one of the rule's kind, or the files are no tables.
  public init(
    contentsOf path: String, _ options: ReadingOptions = ReadingOptions(), applying rule: Preprocessing
  ) throws(FileFormatError) {
    try self.init(contentsOf: path, options, rule: rule)
  }

  private init(
    contentsOf path: String, _ options: ReadingOptions, rule: Preprocessing?
  ) throws(FileFormatError) {
    var trimmed = Substring(path)
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    let path = String(trimmed)
    let name = String(path.split(separator: "/").last ?? "data")
    if !isFolder(path) {
      try self.init(name, table: path, options, rule)
      return
    }
    let files = try FolderFiles(path, subset: options.subset)
    guard let trainPair = files.pairs[.train] else {
      throw FileFormatError(
        .missing, path, found: "no training set", expected: "one beside the others")
    }
    if trainPair.targets == nil {
      try self.init(name, tables: files.pairs.mapValues(\.inputs), options, rule)
      return
    }
    guard rule == nil else {
      throw FileFormatError(.mismatch, path, found: "arrays", expected: "tables, as a rule for their columns is given")
    }
    let train: Examples<Element> = try ArrayReader(options).examples(trainPair)
    func other(_ name: DatasetPart) throws(FileFormatError) -> Examples<Element>? {
      guard let pair = files.pairs[name] else { return nil }
      // What the training set settled holds for the other parts too.
      var options = options
      options.targets = train.targets.areClasses ? .classes : .values
      options.classes = train.targets.width
      let examples: Examples<Element> = try ArrayReader(options).examples(pair)
      guard examples.inputWidth == train.inputWidth, examples.targets.width == train.targets.width else {
        throw FileFormatError(
          .mismatch, pair.inputs, found: "\(examples.inputWidth) inputs and \(examples.targets.width) targets",
          expected: "\(train.inputWidth) and \(train.targets.width), as in training")
      }
      return examples
    }
    self.init(
      unchecked: name, train: train, test: try other(.test), validation: try other(.validation),
      classNames: train.targets.areClasses ? options.classNames : nil)
  }

  /// A table, some rows of which are kept for testing.
  private init(
    _ name: String, table path: String, _ options: ReadingOptions, _ rule: Preprocessing?
  ) throws(FileFormatError) {
    let table = try Table(contentsOf: path, options, like: rule)
    var notes = table.notes
    let preprocessing: Preprocessing
    if let rule {
      preprocessing = rule
    } else {
      preprocessing = try Preprocessing(fittedTo: table, options, notes: &notes)
    }
    let encoded: EncodedTable<Element> = try preprocessing.encode(table, unknown: options.unknownCategory)
    guard let train = encoded.training else { throw .changed(path) }
    guard encoded.hasTargets else { throw preprocessing.noTarget(in: path) }
    self.init(
      unchecked: name, train: train.examples, test: encoded.heldOut?.examples, validation: nil,
      classNames: preprocessing.target?.classNames)
    origin = TableOrigin(
      preprocessing: preprocessing, testRows: encoded.heldOut?.rows ?? [], notes: notes,
      testTable: table.releasingCells())
  }

  /// Tables of training, test and validation rows, the last two as the first one says.
  private init(
    _ name: String, tables: [DatasetPart: String], _ options: ReadingOptions, _ rule: Preprocessing?
  ) throws(FileFormatError) {
    var training = options
    if tables[.test] != nil { training.heldOut = nil }
    try self.init(name, table: tables[.train] ?? name, training, rule)
    guard let origin else { return }
    func other(_ part: DatasetPart) throws(FileFormatError) -> TableExamples<Element>? {
      guard let path = tables[part] else { return nil }
      let read: TableExamples<Element> = try origin.preprocessing.examples(contentsOf: path, options)
      guard read.hasTargets else { throw origin.preprocessing.noTarget(in: path) }
      return read
    }
    let (test, validation) = (try other(.test), try other(.validation))
    self.init(
      unchecked: self.name, train: train, test: test?.examples ?? self.test, validation: validation?.examples,
      classNames: classNames)
    self.origin = TableOrigin(
      preprocessing: origin.preprocessing, testRows: test?.rows ?? origin.testRows,
      notes: origin.notes + (test?.notes ?? []) + (validation?.notes ?? []), testTable: test?.table ?? origin.testTable)
  }

  /// Reads inputs and targets from two files, each IDX or NPY, plain or compressed.
  public init(
    inputs: String, targets: String, _ options: ReadingOptions = ReadingOptions()
  ) throws(FileFormatError) {
    let name = String(inputs.split(separator: "/").last ?? "data")
    let train: Examples<Element> = try ArrayReader(options).examples(inputs: inputs, targets: targets)
    self.init(
      unchecked: name, train: train, test: nil, validation: nil,
      classNames: train.targets.areClasses ? options.classNames : nil)
  }
}

/// Where the examples of a set come from, where that is a table.
package struct TableOrigin: Sendable {
  /// How the table became examples, and how predictions become numbers of the table.
  package let preprocessing: Preprocessing
  /// The rows of the test set, from 0 below the header: of the table itself, or of the one beside it.
  package let testRows: [Int]
  /// What was found out or decided that is worth a look, a line each.
  package let notes: [String]
  /// The table that the test rows are in, for what else it says of them.
  package let testTable: Table
}

extension Preprocessing {
  fileprivate func noTarget(in path: String) -> FileFormatError {
    FileFormatError(.column, path, found: "no target", expected: "values in the column '\(target?.name ?? "")'")
  }
}

extension Preprocessing.Target {
  /// The names of the classes, unless these are the numbers from 0.
  var classNames: [String]? {
    guard let classes else { return nil }
    return areNumbers && classes.enumerated().allSatisfy { $1 == String($0) } ? nil : classes
  }
}
