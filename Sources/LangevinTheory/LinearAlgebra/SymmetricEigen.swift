/// Eigenvalues and eigenvectors of a symmetric matrix, A = O diag(h) O', by Jacobi's rotations.
///
/// Each rotation makes one element zero; sweeps over all of them converge quadratically, and small eigenvalues of a
/// positive definite matrix keep their digits. Cost O(n^3) per sweep, about eight sweeps: made for up to a few hundred rows.
public struct SymmetricEigen: Sendable {
  /// h, ascending.
  public let values: [Double]
  /// O; column i belongs to eigenvalue i.
  public let vectors: DenseMatrix

  /// The eigenvalues of `matrix`.
  ///
  /// - Throws: ``MatrixError/notSymmetric(row:column:difference:)``
  public init(_ matrix: DenseMatrix) throws(MatrixError) {
    let n = matrix.rows
    var a = try matrix.symmetrised()
    // Row i of `basis` is the vector of eigenvalue i.
    var basis = DenseMatrix.identity(n)
    for _ in 0..<60 {
      var isDone = true
      for p in 0..<n {
        for q in 0..<p {
          let scale = (abs(a[p, p]) * abs(a[q, q])).squareRoot()
          if abs(a[p, q]) <= 1e-17 * max(scale, 1e-3 * .ulpOfOne * a.magnitude) { continue }
          isDone = false
          Self.rotate(&a, &basis, p, q)
        }
      }
      if isDone { break }
    }
    let order = (0..<n).sorted { a[$0, $0] < a[$1, $1] }
    values = order.map { a[$0, $0] }
    vectors = DenseMatrix(rows: order.map(basis.row)).transpose
  }

  /// The rotation in the plane of p and q that makes element (p, q) zero.
  private static func rotate(_ a: inout DenseMatrix, _ basis: inout DenseMatrix, _ p: Int, _ q: Int) {
    let ratio = (a[q, q] - a[p, p]) / (2 * a[p, q])
    let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
    let cosine = 1 / (1 + tangent * tangent).squareRoot()
    let sine = tangent * cosine
    for k in 0..<a.rows {
      let (x, y) = (a[k, p], a[k, q])
      (a[k, p], a[k, q]) = (cosine * x - sine * y, sine * x + cosine * y)
    }
    for k in 0..<a.rows {
      let (x, y) = (a[p, k], a[q, k])
      (a[p, k], a[q, k]) = (cosine * x - sine * y, sine * x + cosine * y)
      let (u, v) = (basis[p, k], basis[q, k])
      (basis[p, k], basis[q, k]) = (cosine * u - sine * v, sine * u + cosine * v)
    }
    (a[p, q], a[q, p]) = (0, 0)
  }
}

extension SymmetricEigen {
  /// O diag(f(h)) O'
  public func map(_ function: (Double) -> Double) -> DenseMatrix {
    vectors * DenseMatrix(diagonal: values.map(function)) * vectors.transpose
  }

  /// O' B O, a matrix as it looks from the eigenvectors.
  func rotated(_ b: DenseMatrix) -> DenseMatrix { vectors.transpose * b * vectors }

  /// O B O', the way back.
  func rotatedBack(_ b: DenseMatrix) -> DenseMatrix { vectors * b * vectors.transpose }
}
