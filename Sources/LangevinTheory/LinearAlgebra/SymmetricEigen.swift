import LangevinCore

/// Eigenvalues and eigenvectors of a symmetric matrix A = O diag(h) O', by Jacobi's rotations: small eigenvalues of a
/// positive definite matrix keep their digits. Made for up to a few hundred rows.
public struct SymmetricEigen: Sendable {
  /// h, ascending.
  public let values: [Double]
  /// O; column i belongs to eigenvalue i.
  public let vectors: DenseMatrix

  /// The eigenvalues of `matrix`.
  ///
  /// - Throws: ``MatrixError/notSymmetric(row:column:difference:)``
  public init(_ matrix: DenseMatrix) throws(MatrixError) {
    let (values, rows) = symmetricEigen(try matrix.symmetrised().rowArrays)
    self.values = values.reversed()
    vectors = DenseMatrix(rows: rows.reversed()).transpose
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
