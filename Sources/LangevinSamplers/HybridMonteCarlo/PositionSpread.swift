import LangevinCore

/// The variance of every parameter along a stretch of a run, for a diagonal mass (Welford's sums).
package struct PositionSpread<Element: Scalar>: Sendable {
  private var count = 0.0
  private var mean: Tensor<Double>
  private var squares: Tensor<Double>

  package init(count: Int) {
    mean = Tensor(zeros: count)
    squares = Tensor(zeros: count)
  }

  package mutating func add(_ position: Tensor<Element>) {
    count += 1
    for index in 0..<position.count {
      let offset = Double(position[index]) - mean[index]
      mean[index] += offset / count
      squares[index] += offset * (Double(position[index]) - mean[index])
    }
  }

  /// Masses proportional to 1/variance whose inverses average to that of `mean`, so that the step keeps its meaning.
  ///
  /// A variance from n positions is drawn towards the average one as if by five positions more.
  package func masses(mean mass: Double) -> Tensor<Element> {
    let total = (0..<squares.count).reduce(0) { $0 + squares[$1] }
    let average = total / Double(squares.count)
    var masses = Tensor<Element>(zeros: squares.count)
    for index in 0..<masses.count {
      let share = average > 0 ? (count * squares[index] / average + 5) / (count + 5) : 1
      masses[index] = Element(mass / share)
    }
    return masses
  }

  package mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("spread.count", &count)
    try archive.field("spread.mean", &mean)
    try archive.field("spread.squares", &squares)
  }
}
