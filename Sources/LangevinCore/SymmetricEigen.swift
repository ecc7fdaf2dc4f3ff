/// Eigenvalues, largest first, and eigenvectors of a symmetric matrix given row by row, by Jacobi's rotations.
///
/// Each rotation makes one element zero; sweeps over all of them converge quadratically, and small eigenvalues of a
/// positive definite matrix keep their digits. Cost O(n^3) per sweep, about eight sweeps: made for up to a few hundred rows.
package func symmetricEigen(_ matrix: [[Double]]) -> (values: [Double], vectors: [[Double]]) {
  var rotations = JacobiRotations(matrix)
  var sweeps = 0
  while sweeps < 60, rotations.sweep() { sweeps += 1 }
  let order = (0..<matrix.count).sorted { rotations.matrix[$0][$0] > rotations.matrix[$1][$1] }
  return (order.map { rotations.matrix[$0][$0] }, order.map { rotations.basis[$0] })
}

/// A matrix on its way to its diagonal.
private struct JacobiRotations {
  private(set) var matrix: [[Double]]
  /// Row i is the vector of what becomes eigenvalue i.
  private(set) var basis: [[Double]]
  private let smallest: Double

  init(_ matrix: [[Double]]) {
    self.matrix = matrix
    basis = matrix.indices.map { i in matrix.indices.map { $0 == i ? 1 : 0 } }
    smallest = 1e-3 * .ulpOfOne * matrix.joined().reduce(0) { max($0, abs($1)) }
  }

  /// Rotates away every element that counts beside its diagonal ones; false if there was none.
  mutating func sweep() -> Bool {
    var hasRotated = false
    for p in matrix.indices {
      for q in 0..<p {
        let scale = (abs(matrix[p][p]) * abs(matrix[q][q])).squareRoot()
        if abs(matrix[p][q]) <= 1e-17 * max(scale, smallest) { continue }
        rotate(p, q)
        hasRotated = true
      }
    }
    return hasRotated
  }

  /// The rotation in the plane of p and q that makes element (p, q) zero.
  private mutating func rotate(_ p: Int, _ q: Int) {
    let ratio = (matrix[q][q] - matrix[p][p]) / (2 * matrix[p][q])
    let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
    let cosine = 1 / (1 + tangent * tangent).squareRoot()
    let sine = tangent * cosine
    func turned(_ x: Double, _ y: Double) -> (Double, Double) { (cosine * x - sine * y, sine * x + cosine * y) }
    for k in matrix.indices { (matrix[k][p], matrix[k][q]) = turned(matrix[k][p], matrix[k][q]) }
    for k in matrix.indices {
      (matrix[p][k], matrix[q][k]) = turned(matrix[p][k], matrix[q][k])
      (basis[p][k], basis[q][k]) = turned(basis[p][k], basis[q][k])
    }
    (matrix[p][q], matrix[q][p]) = (0, 0)
  }
}
