import LangevinCore

/// One part of a data set as it was read.
struct DataPart<Element: Scalar> {
  let examples: Examples<Element>
  /// The names of the classes, where they have names.
  var classNames: [String]?
  /// Whether the file has targets; where it has none, those of the examples are zeros.
  var hasTargets = true
}

/// Reads one part of a data set: inputs go from the file to their place in memory, and nothing large is held twice.
struct DataReader {
  private let options: ReadingOptions
  private let network: MLP?

  /// For a network that is trained already, a table with as many columns as it has inputs is one without a target.
  init(_ options: ReadingOptions, for network: MLP? = nil) {
    self.options = options
    self.network = network
  }

  func part<Element: Scalar>(_ pair: FolderFiles.Pair) throws(FileFormatError) -> DataPart<Element> {
    guard let targets = pair.targets else { return try table(pair.inputs) }
    return try arrays(inputs: pair.inputs, targets: targets)
  }

  /// A table that holds inputs and the target.
  func table<Element: Scalar>(_ path: String) throws(FileFormatError) -> DataPart<Element> {
    let limit = options.decompressionLimit
    return try table(
      CSVFile(format: options.csv, labels: labels) { () throws(FileFormatError) in
        try ByteSource(path: path, decompressingAtMost: limit)
      })
  }

  func table<Element: Scalar>(_ file: CSVFile) throws(FileFormatError) -> DataPart<Element> {
    let targetColumn = try targetColumn(of: file)
    guard targetColumn == nil || file.columnCount >= 2 else {
      throw FileFormatError(.column, file.path, found: "one column", expected: "inputs and a target")
    }
    let column = targetColumn ?? file.columnCount
    let inputs = try asFileError(file.path) { () throws(LangevinError) in
      try InputRows<Element>(count: file.rowCount, width: file.columnCount - (targetColumn == nil ? 0 : 1))
    }
    var targets = try asFileError(file.path) { () throws(LangevinError) in
      try Tensor<Double>(uninitialized: [targetColumn == nil ? 0 : file.rowCount, 1])
    }
    var names = mayBeNames ? options.classNames.map { ClassNames($0) } : nil
    try targets.withMutablePointer { (targets: UnsafeMutablePointer<Double>) throws(FileFormatError) in
      try file.forEachRow { (row, reader) throws(FileFormatError) in
        let input = inputs.row(row)
        for place in input.indices { input[place] = try reader.element(place < column ? place : place + 1) }
        if targetColumn == nil { return }
        // The first row says whether all are names or numbers.
        if row == 0, names == nil, mayBeNames, reader.number(column) == nil { names = ClassNames() }
        let name = try names?.number(of: column, in: reader)
        targets[row] = if let name { name } else { try reader.finiteNumber(column) }
      }
    }
    let made: Examples<Element>.Targets
    var classNames: [String]?
    if targetColumn == nil {
      made = try asFileError(file.path) { () throws(LangevinError) in try noTargets(count: file.rowCount) }
    } else if let names {
      try check(names, of: file)
      let (sorted, classes) = names.sorted()
      made = .classes(targets.elements.map { classes[Int($0)] }, count: names.count)
      classNames = sorted
    } else {
      made = try understood(targets, areClasses: nil, file.path)
    }
    let examples = try asFileError(file.path) { () throws(LangevinError) in try inputs.examples(targets: made) }
    return DataPart(examples: examples, classNames: classNames, hasTargets: targetColumn != nil)
  }

  /// Zeros in place of targets.
  private func noTargets<Element: Scalar>(count: Int) throws(LangevinError) -> Examples<Element>.Targets {
    if let classes = classCount { return .classes(Array(repeating: 0, count: count), count: classes) }
    return .values(try Tensor(shape: [count, network?.outputWidth ?? 1]))
  }

  /// The number of classes, where it is known.
  private var classCount: Int? { options.targets == .values ? nil : options.classNames?.count ?? options.classes }

  /// Whether the targets of a table may be names: not where someone says that they are numbers.
  private var mayBeNames: Bool {
    options.targets != .values && (options.classNames != nil || options.classes == nil)
  }

  /// Where text in the first line may be the name of a class.
  var labels: LabelColumn? {
    guard mayBeNames else { return nil }
    let position = options.targetColumn.map { Int($0) } ?? -1
    return LabelColumn(known: ClassNames(options.classNames ?? [])) { columns in
      guard let position, columns != network?.inputWidth, -columns..<columns ~= position else { return nil }
      return position < 0 ? columns + position : position
    }
  }

  /// Text that is different in each row names no classes, unless someone says so.
  private func check(_ names: ClassNames, of file: CSVFile) throws(FileFormatError) {
    if names.areSettled { return }
    guard names.count >= 2 else {
      throw FileFormatError(
        .label, file.path, found: "one class name, '\(names.sorted().names.joined())'", expected: "two or more classes")
    }
    guard names.count < file.rowCount || options.targets == .classes else {
      throw FileFormatError(
        .label, file.path, found: "\(names.count) different texts as the targets of \(file.rowCount) rows",
        expected: "numbers, or class names that come more than once; or 'classes' as the kind of targets")
    }
  }

  /// The column of the target, or nil for a table without one.
  private func targetColumn(of file: CSVFile) throws(FileFormatError) -> Int? {
    let named = options.targetColumn.flatMap { wanted in file.columnNames?.firstIndex(of: wanted) }
    if let inputs = network?.inputWidth {
      if file.columnCount == inputs, named == nil { return nil }
      guard file.columnCount == inputs + 1 else {
        let found = "\(file.columnCount) column\(file.columnCount == 1 ? "" : "s")"
        throw FileFormatError(
          .column, file.path, found: found + (named == nil ? "" : ", one of them the target"),
          expected: "\(inputs) inputs, and one column more where there is a target")
      }
    }
    guard let wanted = options.targetColumn else { return file.columnCount - 1 }
    if let named { return named }
    if let position = Int(wanted), -file.columnCount..<file.columnCount ~= position {
      return position < 0 ? file.columnCount + position : position
    }
    let known = file.columnNames.map { "one of \($0.prefix(20).joined(separator: ", ")), or " } ?? ""
    throw FileFormatError(
      .column, file.path, found: "no column '\(wanted)'",
      expected: known + "a position from 0 to \(file.columnCount - 1)")
  }

  /// Inputs and targets in two files, IDX or NPY.
  func arrays<Element: Scalar>(inputs: String, targets: String) throws(FileFormatError) -> DataPart<Element> {
    let limit = options.decompressionLimit
    return try arrays(
      inputs: ArrayFile(path: inputs, decompressingAtMost: limit),
      targets: ArrayFile(path: targets, decompressingAtMost: limit))
  }

  func arrays<Element: Scalar>(inputs: ArrayFile, targets: ArrayFile) throws(FileFormatError) -> DataPart<Element> {
    let shape = inputs.layout.shape
    guard shape.count >= 2, shape[0] > 0 else {
      throw FileFormatError(
        .shape, inputs.path, found: "inputs of dimensions \(shape)",
        expected: "at least two dimensions, the examples first")
    }
    guard 1...2 ~= targets.layout.shape.count, targets.layout.shape[0] == shape[0] else {
      throw FileFormatError(
        .mismatch, targets.path, found: "targets of dimensions \(targets.layout.shape)",
        expected: "one for each of the \(shape[0]) examples of \(inputs.path)")
    }
    // Targets first: they are small, and may be wrong.
    let targetValues: Tensor<Double> = try targets.tensor()
    let made: Examples<Element>.Targets = try understood(
      targetValues, areClasses: targets.layout.type.isInteger, targets.path)

    let rows = try asFileError(inputs.path) { () throws(LangevinError) in
      try InputRows<Element>(count: shape[0], width: shape[1...].reduce(1, *))
    }
    let divisor: Element = options.scalesBytes && inputs.layout.type == .uint8 ? 255 : 1
    if inputs.layout.isColumnMajor {
      // The first index, that of the example, varies fastest: each row gathers from all over the file.
      let all: Tensor<Element> = try inputs.tensor()
      for row in 0..<rows.count {
        let input = rows.row(row)
        for place in input.indices { input[place] = all[row * rows.width + place] / divisor }
      }
    } else {
      for row in 0..<rows.count { try inputs.read(into: rows.row(row), dividedBy: divisor) }
      try inputs.source.expectEnd("the numbers")
    }
    let examples = try asFileError(inputs.path) { () throws(LangevinError) in try rows.examples(targets: made) }
    return DataPart(examples: examples, classNames: made.areClasses ? options.classNames : nil)
  }

  /// Turns numbers into classes or real targets; where the file does not tell which, the numbers do.
  private func understood<Element: Scalar>(
    _ targets: Tensor<Double>, areClasses fileSays: Bool?, _ path: String
  ) throws(FileFormatError) -> Examples<Element>.Targets {
    let values = targets.elements
    let count = targets.shape[0]
    let width = count == 0 ? 0 : values.count / count
    let classes = classCount
    let limit = classes ?? ClassNames.limit
    let wrong = values.firstIndex { $0 < 0 || $0 >= Double(limit) || $0 != $0.rounded() }
    let areClasses: Bool
    switch options.targets {
    case .values: areClasses = false
    case .classes: areClasses = true
    case .automatic: areClasses = width == 1 && (fileSays ?? (wrong == nil || classes != nil))
    }
    if areClasses {
      guard width == 1 else {
        throw FileFormatError(.shape, path, found: "\(width) labels for an example", expected: "one class for each")
      }
      if let wrong {
        throw FileFormatError(
          .label, path, found: "\(values[wrong]) as the label of example \(wrong)",
          expected: "a whole number from 0 to \(limit - 1)")
      }
      let labels = values.map { Int32($0) }
      return .classes(labels, count: classes ?? Int(labels.max() ?? 0) + 1)
    }
    return .values(
      try asFileError(path) { () throws(LangevinError) in try Tensor(shape: [count, width], values.map { Element($0) })
      })
  }
}
