/// Eigenvalues, largest first, and eigenvectors of a small symmetric matrix, by Jacobi rotations.
package func symmetricEigen(_ matrix: [[Double]]) -> (values: [Double], vectors: [[Double]]) {
  let count = matrix.count
  var a = matrix
  var rows = (0..<count).map { i in (0..<count).map { $0 == i ? 1.0 : 0 } }
  for _ in 0..<64 {
    var off = 0.0
    for i in 0..<count { for j in 0..<i { off += a[i][j] * a[i][j] } }
    let scale = (0..<count).reduce(0) { $0 + a[$1][$1] * a[$1][$1] }
    if off <= 1e-32 * scale { break }
    for p in 0..<count {
      for q in p + 1..<count where a[p][q] != 0 {
        let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        let t = (theta < 0 ? -1 : 1) / (theta.magnitude + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<count {
          let (x, y) = (a[k][p], a[k][q])
          a[k][p] = c * x - s * y
          a[k][q] = s * x + c * y
        }
        for k in 0..<count {
          let (x, y) = (a[p][k], a[q][k])
          a[p][k] = c * x - s * y
          a[q][k] = s * x + c * y
          let (v, w) = (rows[p][k], rows[q][k])
          rows[p][k] = c * v - s * w
          rows[q][k] = s * v + c * w
        }
      }
    }
  }
  let order = (0..<count).sorted { a[$0][$0] > a[$1][$1] }
  return (order.map { a[$0][$0] }, order.map { rows[$0] })
}
