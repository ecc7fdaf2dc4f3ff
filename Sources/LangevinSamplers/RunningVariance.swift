import LangevinCore

/// Mean and variance of every element of the vectors that are added, in double (Welford, 1962).
///
/// The mean of squares less the square of the mean would lose the variance of an element with a large mean.
package struct RunningVariance<Element: Scalar>: Sendable {
  package private(set) var count = 0.0
  private var mean: Tensor<Double>
  private var squares: Tensor<Double>

  package init(count: Int) {
    mean = Tensor(zeros: count)
    squares = Tensor(zeros: count)
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  package mutating func add(_ vector: Tensor<Element>) {
    count += 1
    let share = 1 / count
    let elements = vector.count
    mean.withMutablePointer { mean in
      squares.withMutablePointer { squares in
        vector.withPointer { vector in
          for index in 0..<elements {
            let offset = Double(vector[index]) - mean[index]
            mean[index] += offset * share
            squares[index] += offset * (Double(vector[index]) - mean[index])
          }
        }
      }
    }
  }

  /// The unbiased variances.
  package var variances: Tensor<Double> {
    var variances = squares
    for index in 0..<variances.count { variances[index] /= max(count - 1, 1) }
    return variances
  }

  package mutating func archive(as name: String, in archive: inout some StateArchive) throws {
    try archive.field(name + ".count", &count)
    try archive.field(name + ".mean", &mean)
    try archive.field(name + ".squares", &squares)
  }
}
