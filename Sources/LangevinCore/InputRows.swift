/// The inputs of a data set while they are being made: memory that is filled in place, row by row, in any order and by
/// any number of threads, and then becomes ``Examples`` without a copy.
///
/// A row holds nothing until it is asked for, and memory that is never asked for is never taken from the system: so a
/// reader may reserve what a file's header claims and stop when the file turns out to hold less.
package struct InputRows<Element: Scalar>: Sendable {
  package let count: Int
  package let width: Int
  private let stride: Int
  private let storage: AlignedStorage<Element>

  package init(count: Int, width: Int) throws(LangevinError) {
    try require(1...Int(Int32.max) ~= count, "the number of examples", is: count, expected: "1 to \(Int32.max)")
    try require(width >= 1, "the width of the inputs", is: width, expected: "1 or more")
    let stride = width < Int.max >> 5 ? Self.stride(of: width) : Int.max
    let (elements, overflow) = count.multipliedReportingOverflow(by: stride)
    guard !overflow, elements < Int.max >> 4 else { throw .tooLarge("the inputs", sizes: [count, width]) }
    self.stride = stride
    self.count = count
    self.width = width
    storage = AlignedStorage(count: count * stride)
  }

  /// The memory of one row, to be filled completely; each row by one thread.
  package func row(_ index: Int) -> UnsafeMutableBufferPointer<Element> {
    precondition(index >= 0 && index < count, "row \(index) is outside a set of \(count)")
    let start = storage.base + index * stride
    (start + width).update(repeating: 0, count: stride - width)
    return UnsafeMutableBufferPointer(start: start, count: width)
  }

  /// The examples, once every row is filled.
  package func examples(
    targets: Examples<Element>.Targets, weights: [Double]? = nil
  ) throws(LangevinError) -> Examples<Element> {
    guard targets.count == count else { throw .shape(of: "the targets", found: [targets.count], expected: [count]) }
    try targets.check()
    try Examples<Element>.check(weights, count: count)
    let inputs = Tensor(shape: [count, stride], storage: storage)
    if let position = inputs.firstNonFinite {
      throw .nonFinite("an input", in: "example \(position / stride), column \(position % stride)", hint: "")
    }
    return Examples(inputWidth: width, inputs: inputs, targets: targets, weights: weights)
  }

  /// The distance between rows, in elements: a whole number of cache lines.
  static func stride(of width: Int) -> Int {
    let line = 64 / MemoryLayout<Element>.stride
    return (width + line - 1) / line * line
  }
}
