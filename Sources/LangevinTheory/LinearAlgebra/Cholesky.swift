import LangevinCore
import LangevinPlatform

/// The factor L of a positive definite matrix A = L L', and what it is good for.
///
/// Columns are worked off in blocks, so that nearly all of the n^3/3 multiplications are matrix products:
///
///     A_ik - sum_j<k L_ij L_kj'  ->  L_ik L_kk'        for all blocks i >= k
///
/// Only the lower triangle of A is read.
public struct Cholesky: Sendable {
  /// L, with zeros above the diagonal.
  public let lower: DenseMatrix

  private static let block = 48

  /// The factorisation of `matrix`.
  ///
  /// - Throws: ``MatrixError/notPositiveDefinite(pivot:value:)`` at the first pivot that is not above 0.
  public init(_ matrix: DenseMatrix) throws(MatrixError) {
    let n = matrix.rows
    guard n == matrix.columns, n > 0 else {
      throw .shape("the matrix to factorise", found: [n, matrix.columns], expected: [n, n])
    }
    var work = matrix
    var failure: (pivot: Int, value: Double)?
    work.withMutablePointer { a in
      for start in stride(from: 0, to: n, by: Self.block) where failure == nil {
        let width = min(Self.block, n - start)
        if start > 0 { Self.subtractEarlier(a, n, start, width) }
        failure = Self.factorise(a, n, start, width)
      }
      for row in 0..<n { for column in row + 1..<max(n, row + 1) { a[row * n + column] = 0 } }
    }
    if let failure { throw .notPositiveDefinite(pivot: failure.pivot, value: failure.value) }
    lower = work
  }

  /// Rows from `start` on of a block of columns, less the part of the blocks to the left.
  private static func subtractEarlier(_ a: UnsafeMutablePointer<Double>, _ n: Int, _ start: Int, _ width: Int) {
    let rows = a + start * n
    Double.kernels.multiply(
      .init(rows, stride: n), .init(rows, stride: n, isTransposed: true), rows: n - start, columns: width,
      depth: start, factor: -1, keep: 1, into: rows + start, stride: n)
  }

  /// The block of columns itself, once what lies to the left is subtracted.
  private static func factorise(
    _ a: UnsafeMutablePointer<Double>, _ n: Int, _ start: Int, _ width: Int
  ) -> (pivot: Int, value: Double)? {
    for row in start..<n {
      let line = a + row * n + start
      for column in 0..<min(width, row - start + 1) {
        let other = a + (start + column) * n + start
        var sum = line[column]
        for k in 0..<column { sum -= line[k] * other[k] }
        if start + column < row {
          line[column] = sum / other[column]
        } else {
          guard sum > 0, sum.isFinite else { return (row, sum) }
          line[column] = sum.squareRoot()
        }
      }
    }
    return nil
  }
}

// MARK: Solving

extension Cholesky {
  /// x with A x = b.
  public func solve(_ b: [Double]) -> [Double] {
    solve(DenseMatrix(b.count, 1, elements: b)).elements
  }

  /// X with A X = B, for as many right sides as B has columns.
  public func solve(_ b: DenseMatrix) -> DenseMatrix {
    precondition(b.rows == lower.rows, "\(lower.rows) equations have as many right sides, not \(b.rows)")
    var x = b
    if b.columns == 0 { return x }
    let (n, m, kernels) = (lower.rows, b.columns, Double.kernels)
    lower.withPointer { l in
      x.withMutablePointer { x in
        // L Y = B, from the top.
        for start in stride(from: 0, to: n, by: Self.block) {
          let width = min(Self.block, n - start)
          if start > 0 {
            kernels.multiply(
              .init(l + start * n, stride: n), .init(x, stride: m), rows: width, columns: m, depth: start, factor: -1,
              keep: 1, into: x + start * m, stride: m)
          }
          for row in start..<start + width {
            for k in start..<row { subtract(l[row * n + k], x + k * m, from: x + row * m, m) }
            divide(x + row * m, by: l[row * n + row], m)
          }
        }
        // L' X = Y, from the bottom.
        for start in stride(from: (n - 1) / Self.block * Self.block, through: 0, by: -Self.block) {
          let end = min(start + Self.block, n)
          if end < n {
            kernels.multiply(
              .init(l + end * n + start, stride: n, isTransposed: true), .init(x + end * m, stride: m),
              rows: end - start, columns: m, depth: n - end, factor: -1, keep: 1, into: x + start * m, stride: m)
          }
          for row in (start..<end).reversed() {
            for k in row + 1..<max(end, row + 1) { subtract(l[k * n + row], x + k * m, from: x + row * m, m) }
            divide(x + row * m, by: l[row * n + row], m)
          }
        }
      }
    }
    return x
  }

  private func subtract(_ factor: Double, _ x: UnsafePointer<Double>, from y: UnsafeMutablePointer<Double>, _ n: Int) {
    for index in 0..<n { y[index] -= factor * x[index] }
  }

  private func divide(_ x: UnsafeMutablePointer<Double>, by divisor: Double, _ n: Int) {
    for index in 0..<n { x[index] /= divisor }
  }

  /// The inverse of A.
  public var inverse: DenseMatrix { solve(.identity(lower.rows)) }

  /// ln det A
  public var logDeterminant: Double { 2 * lower.diagonal.reduce(0) { $0 + log($1) } }
}
