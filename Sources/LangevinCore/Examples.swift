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
  /// How much each example counts; nil for all the same. A weight of 2 is the example twice.
  public let weights: [Double]?

  package let inputs: Tensor<Element>
  package var inputStride: Int { inputs.shape[1] }

  /// Examples from a matrix `[examples, inputs]` and its targets, perhaps with weights; all are checked.
  public init(inputs: Tensor<Element>, targets: Targets, weights: [Double]? = nil) throws(LangevinError) {
    guard inputs.shape.count == 2 else {
      throw .shape(of: "the inputs", found: inputs.shape, expected: [targets.count, -1])
    }
    try self.init(count: inputs.shape[0], inputWidth: inputs.shape[1], targets: targets, weights: weights) {
      row, buffer in
      let start = row * buffer.count
      inputs.withPointer { base in
        _ = buffer.update(fromContentsOf: UnsafeBufferPointer(start: base + start, count: buffer.count))
      }
    }
  }

  /// Examples whose inputs are written row by row, so that a large set is never held twice.
  public init(
    count: Int, inputWidth: Int, targets: Targets, weights: [Double]? = nil,
    fillRow: (_ row: Int, _ inputs: UnsafeMutableBufferPointer<Element>) -> Void
  ) throws(LangevinError) {
    let rows = try InputRows<Element>(count: count, width: inputWidth)
    for row in 0..<count { fillRow(row, rows.row(row)) }
    self = try rows.examples(targets: targets, weights: weights)
  }

  init(inputWidth: Int, inputs: Tensor<Element>, targets: Targets, weights: [Double]?) {
    count = inputs.shape[0]
    self.inputWidth = inputWidth
    self.targets = targets
    self.inputs = inputs
    self.weights = weights
  }

  /// One input.
  package func input(_ row: Int) -> [Element] {
    precondition(row >= 0 && row < count, "example \(row) is outside a set of \(count)")
    return (0..<inputWidth).map { inputs[row * inputStride + $0] }
  }
}

extension Examples {
  /// W, the sum of the weights: the number of examples where they have none.
  package var totalWeight: Double { weights?.reduce(0, +) ?? Double(count) }

  /// The same, each of which counts once.
  package var unweighted: Examples {
    Examples(inputWidth: inputWidth, inputs: inputs, targets: targets, weights: nil)
  }

  static func check(_ weights: [Double]?, count: Int) throws(LangevinError) {
    guard let weights else { return }
    guard weights.count == count else { throw .shape(of: "the weights", found: [weights.count], expected: [count]) }
    if let place = weights.firstIndex(where: { !($0 >= 0 && $0 < .infinity) }) {
      throw .value(of: "the weight of example \(place)", found: "\(weights[place])", expected: "0 or more, finite")
    }
    try require(weights.contains { $0 > 0 }, "every weight", is: 0, expected: "some above 0")
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
