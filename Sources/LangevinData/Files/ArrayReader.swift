import LangevinCore

/// Reads one part of a data set from arrays, IDX or NPY: inputs go from the file to their place in memory, and nothing
/// large is held twice.
struct ArrayReader {
  private let options: ReadingOptions

  init(_ options: ReadingOptions) { self.options = options }

  func examples<Element: Scalar>(_ pair: FolderFiles.Pair) throws(FileFormatError) -> Examples<Element> {
    try examples(inputs: pair.inputs, targets: pair.targets ?? pair.inputs)
  }

  /// Inputs and targets in two files, IDX or NPY.
  func examples<Element: Scalar>(
    inputs: String, targets: String
  ) throws(FileFormatError) -> Examples<Element> {
    let limit = options.decompressionLimit
    return try examples(
      inputs: ArrayFile(path: inputs, decompressingAtMost: limit),
      targets: ArrayFile(path: targets, decompressingAtMost: limit))
  }

  func examples<Element: Scalar>(
    inputs: ArrayFile, targets: ArrayFile
  ) throws(FileFormatError) -> Examples<Element> {
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
    let classes = options.targets == .values ? nil : options.classNames?.count ?? options.classes
    let limit = classes ?? ReadingOptions.classLimit
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
