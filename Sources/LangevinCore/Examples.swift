/// Inputs with their targets, in memory the way the kernels gather them.
///
/// Each input row starts on a 64-byte boundary: rows are padded with zeros to a whole number of cache lines.
public struct Examples<Element: Scalar>: Sendable {
  /// What the network should say.
  public enum Targets: Sendable {
    /// One class in 0..<count for each example.
    case classes([Int32], count: Int)
    /// Real numbers, a row `[examples, outputs]` for each example.
    case values(Tensor<Element>)
  }

  /// The number of examples.
  public let count: Int
  /// The length of an input.
  public let inputWidth: Int
  /// The targets.
  public let targets: Targets

  package let inputs: Tensor<Element>
  package var inputStride: Int { inputs.shape[1] }

  /// Examples from a matrix `[examples, inputs]` and its targets; both are checked.
  public init(inputs: Tensor<Element>, targets: Targets) throws(LangevinError) {
    guard inputs.shape.count == 2 else {
      throw .shape(of: "the inputs", found: inputs.shape, expected: [targets.count, -1])
    }
    try self.init(count: inputs.shape[0], inputWidth: inputs.shape[1], targets: targets) { row, buffer in
      let start = row * buffer.count
      inputs.withPointer { base in
        _ = buffer.update(fromContentsOf: UnsafeBufferPointer(start: base + start, count: buffer.count))
      }
    }
  }

  /// Examples whose inputs are written row by row, so that a large set is never held twice.
  public init(
    count: Int, inputWidth: Int, targets: Targets,
    fillRow: (_ row: Int, _ inputs: UnsafeMutableBufferPointer<Element>) -> Void
  ) throws(LangevinError) {
    let rows = try InputRows<Element>(count: count, width: inputWidth)
    for row in 0..<count { fillRow(row, rows.row(row)) }
    self = try rows.examples(targets: targets)
  }

  init(inputWidth: Int, inputs: Tensor<Element>, targets: Targets) {
    count = inputs.shape[0]
    self.inputWidth = inputWidth
    self.targets = targets
    self.inputs = inputs
  }

  /// One input.
  package func input(_ row: Int) -> [Element] {
    precondition(row >= 0 && row < count, "example \(row) is outside a set of \(count)")
    return (0..<inputWidth).map { inputs[row * inputStride + $0] }
  }
}

extension Examples.Targets {
  /// The number of examples.
  public var count: Int {
    switch self {
    case .classes(let labels, _): labels.count
    case .values(let values): values.shape.first ?? 0
    }
  }

  func check() throws(LangevinError) {
    switch self {
    case .classes(let labels, let classes):
      try require(classes >= 1, "the number of classes", is: classes, expected: "1 or more")
      for (row, label) in labels.enumerated() where label < 0 || label >= classes {
        throw .value(of: "the label of example \(row)", found: "\(label)", expected: "0 to \(classes - 1)")
      }
    case .values(let values):
      guard values.shape.count == 2 else {
        throw .shape(of: "the target values", found: values.shape, expected: [count, -1])
      }
      try require(values.shape[1] >= 1, "the width of the targets", is: values.shape[1], expected: "1 or more")
      if let position = values.firstNonFinite {
        throw .nonFinite(
          "a target", in: "example \(position / values.shape[1]), column \(position % values.shape[1])", hint: "")
      }
    }
  }
}
