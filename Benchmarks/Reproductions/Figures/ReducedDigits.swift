import Langevin
import LangevinTheory

/// Small pictures of digits as a few numbers each: their leading principal components, scaled to variance 1, and the digits up to some
/// class only.
struct ReducedDigits {
  /// The examples, in double precision.
  let examples: Examples<Double>
  /// The share of the variance that the components hold.
  let share: Double

  /// `count` examples of the first `classes` digits with `components` features.
  init(count: Int, classes: Int, components: Int, seed: UInt64) throws {
    var set = Digits()
    // Enough that so many are of the first classes.
    (set.train, set.test, set.seed) = (20 * count * 10 / classes / 10, 0, seed)
    try self.init(set.make(as: Double.self).train, count: count, classes: classes, components: components)
  }

  /// The same from given pictures.
  init(_ pictures: Examples<Double>, count: Int, classes: Int, components: Int) throws {
    guard case .classes(let labels, _) = pictures.targets else {
      throw Failure("the examples have no classes to choose from")
    }
    let rows = Array(labels.indices.filter { labels[$0] < classes }.prefix(count))
    guard rows.count == count, components <= pictures.inputWidth else {
      throw Failure(
        "found \(rows.count) examples of the first \(classes) classes with \(pictures.inputWidth) inputs; expected \(count) with \(components) or more"
      )
    }
    let inputs = rows.map(pictures.input)
    let width = pictures.inputWidth
    let means = (0..<width).map { column in inputs.reduce(0) { $0 + $1[column] } / Double(count) }
    let centred = DenseMatrix(rows: inputs.map { zip($0, means).map { $0 - $1 } })
    let covariance = 1 / Double(count) * (centred.transpose * centred)
    let eigen = try SymmetricEigen(covariance)
    // Ascending: the leading ones are the last.
    let leading = (0..<components).map { eigen.values.count - 1 - $0 }
    share = leading.reduce(0) { $0 + eigen.values[$1] } / eigen.values.reduce(0, +)
    let projected = centred * eigen.vectors
    examples = try Examples(
      count: count, inputWidth: components, targets: .classes(rows.map { labels[$0] }, count: classes)
    ) { row, features in
      for (index, column) in leading.enumerated() {
        features[index] = projected[row, column] / eigen.values[column].squareRoot()
      }
    }
  }
}
