import LangevinCore

/// Reads one part of a data set: inputs go from the file to their place in memory, and nothing large is held twice.
struct DataReader {
  private let options: ReadingOptions
  private let classes: Int?

  /// `classes` is the number of classes, where it is known.
  init(_ options: ReadingOptions, classes: Int?) {
    self.options = options
    self.classes = classes
  }

  func part<Element: Scalar>(_ pair: FolderFiles.Pair) throws(FileFormatError) -> Examples<Element> {
    guard let targets = pair.targets else { return try table(pair.inputs) }
    return try arrays(inputs: pair.inputs, targets: targets)
  }

  /// A table that holds inputs and the target.
  func table<Element: Scalar>(_ path: String) throws(FileFormatError) -> Examples<Element> {
    let limit = options.decompressionLimit
    return try table(
      CSVFile(format: options.csv) { () throws(FileFormatError) in
        try ByteSource(path: path, decompressingAtMost: limit)
      })
  }

  func table<Element: Scalar>(_ file: CSVFile) throws(FileFormatError) -> Examples<Element> {
    let column = try targetColumn(of: file)
    guard file.columnCount >= 2 else {
      throw FileFormatError(.column, file.path, found: "one column", expected: "inputs and a target")
    }
    let rows = try asFileError(file.path) { () throws(LangevinError) in
      try InputRows<Element>(count: file.rowCount, width: file.columnCount - 1)
    }
    var targets = try asFileError(file.path) { () throws(LangevinError) in
      try Tensor<Double>(uninitialized: [file.rowCount, 1])
    }
    try targets.withMutablePointer { (targets: UnsafeMutablePointer<Double>) throws(FileFormatError) in
      try file.forEachRow { (row, reader) throws(FileFormatError) in
        let input = rows.row(row)
        for place in input.indices { input[place] = try reader.element(place < column ? place : place + 1) }
        targets[row] = try reader.finiteNumber(column)
      }
    }
    let made: Examples<Element>.Targets = try understood(targets, areClasses: nil, file.path)
    return try asFileError(file.path) { () throws(LangevinError) in try rows.examples(targets: made) }
  }

  private func targetColumn(of file: CSVFile) throws(FileFormatError) -> Int {
    guard let wanted = options.targetColumn else { return file.columnCount - 1 }
    if let column = file.columnNames?.firstIndex(of: wanted) { return column }
    if let position = Int(wanted), -file.columnCount..<file.columnCount ~= position {
      return position < 0 ? file.columnCount + position : position
    }
    let known = file.columnNames.map { "one of \($0.prefix(20).joined(separator: ", ")), or " } ?? ""
    throw FileFormatError(
      .column, file.path, found: "no column '\(wanted)'",
      expected: known + "a position from 0 to \(file.columnCount - 1)")
  }

  /// Inputs and targets in two files, IDX or NPY.
  func arrays<Element: Scalar>(inputs: String, targets: String) throws(FileFormatError) -> Examples<Element> {
    let limit = options.decompressionLimit
    return try arrays(
      inputs: ArrayFile(path: inputs, decompressingAtMost: limit),
      targets: ArrayFile(path: targets, decompressingAtMost: limit))
  }

  func arrays<Element: Scalar>(inputs: ArrayFile, targets: ArrayFile) throws(FileFormatError) -> Examples<Element> {
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
    return try asFileError(inputs.path) { () throws(LangevinError) in try rows.examples(targets: made) }
  }

  /// Turns numbers into classes or real targets; where the file does not tell which, the numbers do.
  private func understood<Element: Scalar>(
    _ targets: Tensor<Double>, areClasses fileSays: Bool?, _ path: String
  ) throws(FileFormatError) -> Examples<Element>.Targets {
    let values = targets.elements
    let count = targets.shape[0]
    let width = count == 0 ? 0 : values.count / count
    let limit = classes ?? 1 << 16
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
