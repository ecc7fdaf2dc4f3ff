import LangevinCore

extension Dataset {
  /// The set with fractions of its training examples, chosen at random by the seed, as test and validation sets.
  ///
  /// The rest stays in its order. A fraction of 0 leaves the part as it is.
  ///
  /// - Throws: ``LangevinError`` where a fraction lies outside 0..<1 or nothing is left to train on.
  public func splitting(
    test testFraction: Double = 0, validation validationFraction: Double = 0, seed: UInt64
  ) throws(LangevinError) -> Dataset {
    for (part, fraction) in [("test", testFraction), ("validation", validationFraction)] {
      try require(fraction >= 0 && fraction < 1, "the \(part) fraction", is: fraction, expected: "0 to below 1")
    }
    let testCount = Int((Double(train.count) * testFraction).rounded())
    let validationCount = Int((Double(train.count) * validationFraction).rounded())
    try require(
      testCount + validationCount < train.count, "the part of the \(train.count) examples of \(name) that is set apart",
      is: testCount + validationCount, expected: "at least one example to train on")

    var order = (0..<Int32(train.count)).map { $0 }
    order.withUnsafeMutableBufferPointer { RandomStream(seed: seed, purpose: .data).shuffle($0, step: 0) }
    let rows = order.map(Int.init)
    let apart = testCount + validationCount
    return Dataset(
      unchecked: name, train: apart == 0 ? train : try train.selecting(rows[apart...].sorted()),
      test: testCount == 0 ? test : try train.selecting(rows[..<testCount].sorted()),
      validation: validationCount == 0 ? validation : try train.selecting(rows[testCount..<apart].sorted()),
      classNames: classNames)
  }

  /// The set with only some of its training examples.
  package func selecting(train rows: some Collection<Int>) throws(LangevinError) -> Dataset {
    Dataset(
      unchecked: name, train: try train.selecting(rows), test: test, validation: validation, classNames: classNames,
      origin: origin)
  }
}
