extension DenseMatrix {
  /// The solution x of self x = right, for any matrix with an inverse, by elimination with row exchanges.
  ///
  /// - Throws: ``MatrixError/singular(pivot:)`` where no pivot is left that stands out from the rounding of its column.
  public func solve(_ right: [Double]) throws(MatrixError) -> [Double] {
    guard rows == columns, right.count == rows else {
      throw .shape("the equations", found: [rows, columns, right.count], expected: [rows, rows, rows])
    }
    var (a, x) = (self, right)
    for pivot in 0..<rows {
      let rounding = (0..<rows).reduce(0) { max($0, abs(self[$1, pivot])) } * Double(rows) * .ulpOfOne
      let best = (pivot..<rows).reduce(pivot) { abs(a[$1, pivot]) > abs(a[$0, pivot]) ? $1 : $0 }
      guard abs(a[best, pivot]) > rounding else { throw .singular(pivot: pivot) }
      if best != pivot {
        for column in 0..<columns { (a[pivot, column], a[best, column]) = (a[best, column], a[pivot, column]) }
        x.swapAt(pivot, best)
      }
      for row in pivot + 1..<max(rows, pivot + 1) {
        let factor = a[row, pivot] / a[pivot, pivot]
        if factor == 0 { continue }
        for column in pivot..<columns { a[row, column] -= factor * a[pivot, column] }
        x[row] -= factor * x[pivot]
      }
    }
    for row in (0..<rows).reversed() {
      for column in row + 1..<max(rows, row + 1) { x[row] -= a[row, column] * x[column] }
      x[row] /= a[row, row]
    }
    return x
  }
}
