import LangevinCore

/// A matrix in double precision, row by row.
///
/// Made for the exact side of the package: covariances, Hessians, kernels of a few thousand points. Products run on the
/// compiled kernels where the matrices are large.
public struct DenseMatrix: Hashable, Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The elements, row by row.
  public private(set) var elements: [Double]

  /// A matrix of zeros.
  public init(zeros rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
    elements = Array(repeating: 0, count: rows * columns)
  }

  /// A matrix from its rows, which must be of one length.
  public init(rows: [[Double]]) {
    self.init(rows.count, rows.first?.count ?? 0, elements: rows.flatMap(\.self))
  }

  /// A matrix from its elements, row by row.
  public init(_ rows: Int, _ columns: Int, elements: [Double]) {
    precondition(elements.count == rows * columns, "\(rows) x \(columns) elements are needed, not \(elements.count)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// A diagonal matrix.
  public init(diagonal values: [Double]) {
    self.init(zeros: values.count, values.count)
    for (index, value) in values.enumerated() { self[index, index] = value }
  }

  /// A multiple of the identity.
  public init(diagonal value: Double, count: Int) { self.init(diagonal: Array(repeating: value, count: count)) }

  /// x y'
  public init(_ x: [Double], outer y: [Double]) { self.init(rows: x.map { a in y.map { a * $0 } }) }

  /// The matrix with 1 on the diagonal.
  public static func identity(_ count: Int) -> DenseMatrix { DenseMatrix(diagonal: 1, count: count) }

  /// One element.
  public subscript(row: Int, column: Int) -> Double {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  /// One row.
  public func row(_ index: Int) -> [Double] { Array(elements[index * columns..<(index + 1) * columns]) }
  /// The rows as arrays.
  public var rowArrays: [[Double]] { (0..<rows).map(row) }
  /// The elements of the diagonal.
  public var diagonal: [Double] { (0..<min(rows, columns)).map { self[$0, $0] } }
  /// The sum of the diagonal.
  public var trace: Double { diagonal.reduce(0, +) }
  /// The largest magnitude of an element.
  public var magnitude: Double { elements.reduce(0) { max($0, abs($1)) } }
  /// The square root of the sum of all squares.
  public var frobeniusNorm: Double { elements.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// Rows and columns exchanged.
  public var transpose: DenseMatrix {
    var result = DenseMatrix(zeros: columns, rows)
    for row in 0..<rows { for column in 0..<columns { result[column, row] = self[row, column] } }
    return result
  }

  /// For the kernels: the address of the elements.
  func withPointer<Value>(_ body: (UnsafePointer<Double>) -> Value) -> Value {
    elements.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("a matrix without elements has no address") }
      return body(base)
    }
  }

  /// For the kernels: the address of the elements, to write.
  mutating func withMutablePointer<Value>(_ body: (UnsafeMutablePointer<Double>) -> Value) -> Value {
    elements.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("a matrix without elements has no address") }
      return body(base)
    }
  }
}

// MARK: Arithmetic

extension DenseMatrix {
  /// The sum.
  public static func + (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix {
    precondition(a.rows == b.rows && a.columns == b.columns, "only matrices of one shape can be added")
    var sum = a
    for index in sum.elements.indices { sum.elements[index] += b.elements[index] }
    return sum
  }

  /// The difference.
  public static func - (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix { a + -1 * b }

  /// A multiple.
  public static func * (factor: Double, a: DenseMatrix) -> DenseMatrix {
    var product = a
    for index in product.elements.indices { product.elements[index] *= factor }
    return product
  }

  /// The product of two matrices.
  public static func * (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix {
    var product = DenseMatrix(zeros: a.rows, b.columns)
    product.add(a, times: b)
    return product
  }

  /// The product with a column.
  public static func * (a: DenseMatrix, x: [Double]) -> [Double] {
    precondition(a.columns == x.count, "a matrix of \(a.columns) columns acts on as many numbers, not \(x.count)")
    return (0..<a.rows).map { row in (0..<a.columns).reduce(0) { $0 + a[row, $1] * x[$1] } }
  }

  /// self += a b, in place.
  mutating func add(_ a: DenseMatrix, times b: DenseMatrix) {
    precondition(
      a.columns == b.rows && rows == a.rows && columns == b.columns, "matrices of these shapes have no product")
    let (height, inner, width) = (a.rows, a.columns, b.columns)
    if elements.isEmpty || inner == 0 { return }
    withMutablePointer { sum in
      a.withPointer { a in
        b.withPointer { b in
          if height * inner * width > 4096 {
            Double.kernels.multiply(
              .init(a, stride: inner), .init(b, stride: width), rows: height, columns: width, depth: inner, keep: 1,
              into: sum, stride: width)
            return
          }
          for row in 0..<height {
            for k in 0..<inner {
              let factor = a[row * inner + k]
              for column in 0..<width { sum[row * width + column] += factor * b[k * width + column] }
            }
          }
        }
      }
    }
  }
}

/// x' y
func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }

// MARK: Symmetry

extension DenseMatrix {
  /// (A + A')/2, after a check that the two differ by rounding only.
  public func symmetrised(tolerance: Double = 1e-8) throws(MatrixError) -> DenseMatrix {
    guard rows == columns else { throw .shape("a symmetric matrix", found: [rows, columns], expected: [rows, rows]) }
    var result = self
    var worst = (row: 0, column: 0, difference: 0.0)
    for row in 0..<rows {
      for column in 0..<row {
        let (a, b) = (self[row, column], self[column, row])
        if !(abs(a - b) <= worst.difference) { worst = (row, column, abs(a - b)) }
        result[row, column] = (a + b) / 2
        result[column, row] = result[row, column]
      }
    }
    guard worst.difference <= tolerance * magnitude else {
      throw .notSymmetric(row: worst.row, column: worst.column, difference: worst.difference / magnitude)
    }
    return result
  }
}
