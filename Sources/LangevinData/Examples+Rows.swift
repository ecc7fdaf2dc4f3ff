import LangevinCore

extension Examples {
  /// Some of the examples, in the order of `rows`.
  ///
  /// - Throws: ``LangevinError`` where there are no rows or one does not exist.
  package func selecting(_ rows: some Collection<Int>) throws(LangevinError) -> Examples {
    for row in rows where row < 0 || row >= count {
      throw .value(of: "a row to select", found: "\(row)", expected: "0 to \(count - 1)")
    }
    let selected: Targets
    switch targets {
    case .classes(let labels, let classes):
      selected = .classes(rows.map { labels[$0] }, count: classes)
    case .values(let values):
      let width = values.shape[1]
      selected = .values(
        try Tensor(shape: [rows.count, width], rows.flatMap { row in (0..<width).map { values[row, $0] } }))
    }
    let made = try InputRows<Element>(count: rows.count, width: inputWidth)
    for (place, row) in rows.enumerated() { withInput(row) { _ = made.row(place).update(fromContentsOf: $0) } }
    return try made.examples(targets: selected, weights: weights.map { weights in rows.map { weights[$0] } })
  }

  /// The same examples in another precision.
  public func converted<Other: Scalar>(to type: Other.Type = Other.self) throws(LangevinError) -> Examples<Other> {
    let same: Examples<Other>.Targets =
      switch targets {
      case .classes(let labels, let classes): .classes(labels, count: classes)
      case .values(let values): .values(values.converted())
      }
    return try mappingInputs(targets: same) { _, input in Other(input) }
  }

  /// Examples whose inputs are a function of these, by column.
  func mappingInputs<Other: Scalar>(
    targets: Examples<Other>.Targets, _ value: (_ column: Int, Element) -> Other
  ) throws(LangevinError) -> Examples<Other> {
    let made = try InputRows<Other>(count: count, width: inputWidth)
    for row in 0..<count {
      let output = made.row(row)
      withInput(row) { input in
        for column in 0..<inputWidth { output[column] = value(column, input[column]) }
      }
    }
    return try made.examples(targets: targets, weights: weights)
  }

  /// One input where it lies.
  func withInput<Value>(_ row: Int, _ body: (UnsafeBufferPointer<Element>) -> Value) -> Value {
    inputs.withPointer { body(UnsafeBufferPointer(start: $0 + row * inputStride, count: inputWidth)) }
  }

  /// The number of examples of each class; empty where the targets are real numbers.
  package var classCounts: [Int] {
    guard case .classes(let labels, let classes) = targets else { return [] }
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }
}
