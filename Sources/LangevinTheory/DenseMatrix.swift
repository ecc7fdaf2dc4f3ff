/// A small matrix in double precision, row by row: what exact moments of linear chains need and no more.
struct DenseMatrix: Hashable, Sendable {
  let rows: Int
  let columns: Int
  private(set) var elements: [Double]

  init(zeros rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
    elements = Array(repeating: 0, count: rows * columns)
  }

  init(rows: [[Double]]) {
    self.init(zeros: rows.count, rows.first?.count ?? 0)
    elements = rows.flatMap(\.self)
  }

  /// A multiple of the identity.
  init(diagonal value: Double, count: Int) {
    self.init(zeros: count, count)
    for index in 0..<count { self[index, index] = value }
  }

  /// x y'
  init(_ x: [Double], outer y: [Double]) { self.init(rows: x.map { a in y.map { a * $0 } }) }

  static func identity(_ count: Int) -> DenseMatrix { DenseMatrix(diagonal: 1, count: count) }

  subscript(row: Int, column: Int) -> Double {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  var rowArrays: [[Double]] { (0..<rows).map { row in (0..<columns).map { self[row, $0] } } }
  var transpose: DenseMatrix {
    var result = DenseMatrix(zeros: columns, rows)
    for row in 0..<rows { for column in 0..<columns { result[column, row] = self[row, column] } }
    return result
  }
  /// The largest magnitude of an element.
  var magnitude: Double { elements.reduce(0) { max($0, abs($1)) } }
}

extension DenseMatrix {
  static func + (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix {
    var sum = a
    for index in sum.elements.indices { sum.elements[index] += b.elements[index] }
    return sum
  }

  static func - (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix { a + -1 * b }

  static func * (factor: Double, a: DenseMatrix) -> DenseMatrix {
    var product = a
    for index in product.elements.indices { product.elements[index] *= factor }
    return product
  }

  static func * (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix {
    var product = DenseMatrix(zeros: a.rows, b.columns)
    product.add(a, times: b)
    return product
  }

  static func * (a: DenseMatrix, x: [Double]) -> [Double] {
    (0..<a.rows).map { row in (0..<a.columns).reduce(0) { $0 + a[row, $1] * x[$1] } }
  }

  /// self += a b, in place: the inner loop of the sums over subsets.
  mutating func add(_ a: DenseMatrix, times b: DenseMatrix) {
    let (inner, width) = (a.columns, b.columns)
    elements.withUnsafeMutableBufferPointer { sum in
      a.elements.withUnsafeBufferPointer { a in
        b.elements.withUnsafeBufferPointer { b in
          for row in 0..<sum.count / width {
            for k in 0..<inner {
              let factor = a[row * inner + k]
              for column in 0..<width { sum[row * width + column] += factor * b[k * width + column] }
            }
          }
        }
      }
    }
  }

  /// The solution x of self x = right, by elimination with row exchanges; nil where the matrix is singular.
  func solve(_ right: [Double]) -> [Double]? {
    var (a, x) = (self, right)
    for pivot in 0..<rows {
      let best = (pivot..<rows).reduce(pivot) { abs(a[$1, pivot]) > abs(a[$0, pivot]) ? $1 : $0 }
      if a[best, pivot] == 0 || !a[best, pivot].isFinite { return nil }
      if best != pivot {
        for column in 0..<columns {
          (a[pivot, column], a[best, column]) = (a[best, column], a[pivot, column])
        }
        x.swapAt(pivot, best)
      }
      for row in 0..<rows where row != pivot {
        let factor = a[row, pivot] / a[pivot, pivot]
        if factor == 0 { continue }
        for column in pivot..<columns { a[row, column] -= factor * a[pivot, column] }
        x[row] -= factor * x[pivot]
      }
    }
    return (0..<rows).map { x[$0] / a[$0, $0] }
  }

  /// The lower triangular L with L L' = self; nil unless self is positive definite.
  var cholesky: DenseMatrix? {
    var lower = DenseMatrix(zeros: rows, rows)
    for row in 0..<rows {
      for column in 0...row {
        let sum = (0..<column).reduce(self[row, column]) { $0 - lower[row, $1] * lower[column, $1] }
        if row == column {
          guard sum > 0 else { return nil }
          lower[row, row] = sum.squareRoot()
        } else {
          lower[row, column] = sum / lower[column, column]
        }
      }
    }
    return lower
  }

  /// The eigenvalues of a symmetric matrix, ascending, by Jacobi's rotations.
  var symmetricEigenvalues: [Double] {
    var a = self
    for _ in 0..<50 {
      var off = 0.0
      for p in 0..<rows { for q in 0..<p { off = max(off, abs(a[p, q])) } }
      if off <= 1e-17 * magnitude { break }
      for p in 0..<rows {
        for q in 0..<p where a[p, q] != 0 { a.rotate(p, q) }
      }
    }
    return (0..<rows).map { a[$0, $0] }.sorted()
  }

  /// The rotation in the plane of p and q that makes element (p, q) zero.
  private mutating func rotate(_ p: Int, _ q: Int) {
    let ratio = (self[q, q] - self[p, p]) / (2 * self[p, q])
    let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
    let cosine = 1 / (1 + tangent * tangent).squareRoot()
    let sine = tangent * cosine
    for k in 0..<rows {
      let (x, y) = (self[k, p], self[k, q])
      (self[k, p], self[k, q]) = (cosine * x - sine * y, sine * x + cosine * y)
    }
    for k in 0..<rows {
      let (x, y) = (self[p, k], self[q, k])
      (self[p, k], self[q, k]) = (cosine * x - sine * y, sine * x + cosine * y)
    }
  }
}
