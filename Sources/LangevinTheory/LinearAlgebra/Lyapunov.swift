/// The two balances between a linear drift and a noise that stationary covariances obey.
public enum Lyapunov {
  /// C with H C + C H = R, for a symmetric positive definite H: in its eigenvectors, C_ij = R_ij / (h_i + h_j).
  public static func continuous(
    drift: SymmetricEigen, source: DenseMatrix
  ) throws(MatrixError) -> DenseMatrix {
    let h = drift.values
    guard source.rows == h.count, source.columns == h.count else {
      throw .shape("the source", found: [source.rows, source.columns], expected: [h.count, h.count])
    }
    guard let smallest = h.first, smallest > 0 else { throw .notPositiveDefinite(pivot: 0, value: h.first ?? 0) }
    var c = drift.rotated(source)
    for i in h.indices { for j in h.indices { c[i, j] /= h[i] + h[j] } }
    return drift.rotatedBack(c)
  }

  /// C = sum_k A^k R A'^k, the solution of C = A C A' + R, for any A that contracts.
  ///
  /// The sum is doubled at each round: C <- C + A C A', A <- A A.
  ///
  /// - Throws: ``MatrixError/notContracting`` where the sum has no limit.
  public static func discrete(drift: DenseMatrix, source: DenseMatrix) throws(MatrixError) -> DenseMatrix {
    guard drift.rows == drift.columns, source.rows == drift.rows, source.columns == drift.rows else {
      throw .shape(
        "drift and source", found: [drift.rows, drift.columns, source.rows, source.columns],
        expected: [drift.rows, drift.rows, drift.rows, drift.rows])
    }
    var (power, sum) = (drift, source)
    for _ in 0..<60 {
      let step = power * sum * power.transpose
      guard step.magnitude.isFinite else { throw .notContracting }
      sum = sum + step
      power = power * power
      if power.magnitude < 1e-18 { return sum }
    }
    throw .notContracting
  }
}
