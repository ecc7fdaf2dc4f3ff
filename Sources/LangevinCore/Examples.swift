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
  package var inputStride: Int { Self.stride(of: inputWidth) }

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
    try require(1...Int(Int32.max) ~= count, "the number of examples", is: count, expected: "1 to \(Int32.max)")
    try require(inputWidth >= 1, "the width of the inputs", is: inputWidth, expected: "1 or more")
    guard targets.count == count else {
      throw .shape(of: "the targets", found: [targets.count], expected: [count])
    }
    try targets.check()
    let stride = Self.stride(of: inputWidth)
    var inputs = try Tensor<Element>(shape: [count, stride])
    inputs.withMutablePointer { base in
      for row in 0..<count {
        fillRow(row, UnsafeMutableBufferPointer(start: base + row * stride, count: inputWidth))
      }
    }
    if let position = inputs.firstNonFinite {
      throw .nonFinite("an input", in: "example \(position / stride), column \(position % stride)", hint: "")
    }
    self.count = count
    self.inputWidth = inputWidth
    self.targets = targets
    self.inputs = inputs
  }

  /// One input.
  public func input(_ row: Int) -> [Element] {
    precondition(row >= 0 && row < count, "example \(row) is outside a set of \(count)")
    return (0..<inputWidth).map { inputs[row * inputStride + $0] }
  }

  private static func stride(of width: Int) -> Int {
    let line = 64 / MemoryLayout<Element>.stride
    return (width + line - 1) / line * line
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
