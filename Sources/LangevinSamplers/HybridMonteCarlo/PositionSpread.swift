import LangevinCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

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

  /// Masses proportional to 1/variance with the geometric mean `mass`, so that the step keeps its meaning.
  ///
  /// From n positions a variance is known to sqrt(2/n): its logarithm is drawn towards the mean one as if by five more.
  package func masses(around mass: Double) -> Tensor<Element> {
    let total = (0..<squares.count).reduce(0) { $0 + squares[$1] }
    // A parameter that never moved would get an infinite mass.
    let floor = 1e-12 * total / Double(squares.count)
    let logarithms = (0..<squares.count).map { total > 0 ? log(max(squares[$0], floor)) : 0 }
    let mean = logarithms.reduce(0, +) / Double(squares.count)
    return Tensor(logarithms.map { Element(mass * exp((mean - $0) * count / (count + 5))) })
  }

  package mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("spread.count", &count)
    try archive.field("spread.mean", &mean)
    try archive.field("spread.squares", &squares)
  }
}
