import LangevinCore
import LangevinTheory
import Testing

/// Matrices with known properties, from numbers that a formula gives.
enum TestMatrices {
  static func random(_ rows: Int, _ columns: Int, seed: UInt64 = 1) -> DenseMatrix {
    var normals = Tensor([Double](repeating: 0, count: rows * columns))
    RandomStream(seed: seed, purpose: .user).fillNormals(&normals)
    return DenseMatrix(rows, columns, elements: normals.elements)
  }

  /// A A'/n + shift
  static func positive(_ n: Int, shift: Double) -> DenseMatrix {
    let a = random(n, n)
    return 1 / Double(n) * (a * a.transpose) + DenseMatrix(diagonal: shift, count: n)
  }

  /// 1/(i + j + 1): positive definite, with a condition number of about 10^(1.5 n).
  static func hilbert(_ n: Int) -> DenseMatrix {
    DenseMatrix(rows: (0..<n).map { i in (0..<n).map { 1 / Double(i + $0 + 1) } })
  }

  /// An orthogonal matrix: the mirror on the plane across (1, 2, ..., n).
  static func mirror(_ n: Int) -> DenseMatrix {
    let v = (1...n).map { Double($0) }
    let square = v.reduce(0) { $0 + $1 * $1 }
    return .identity(n) - 2 / square * DenseMatrix(v, outer: v)
  }
}

@Suite struct LinearAlgebraTests {
  @Test(arguments: [(1, 1, 1), (3, 5, 2), (17, 33, 16), (40, 70, 50)])
  func productsAgreeWithTheirDefinition(rows: Int, inner: Int, columns: Int) {
    let (a, b) = (TestMatrices.random(rows, inner), TestMatrices.random(inner, columns, seed: 2))
    let product = a * b
    for i in 0..<rows {
      for j in 0..<columns {
        let sum = (0..<inner).reduce(0) { $0 + a[i, $1] * b[$1, j] }
        #expect(abs(product[i, j] - sum) < 1e-12)
      }
    }
  }

  // Below, at and across the edges of the blocks.
  @Test(arguments: [1, 2, 47, 48, 49, 96, 130])
  func factorTimesItsTransposeIsTheMatrix(n: Int) throws {
    let a = TestMatrices.positive(n, shift: 0.1)
    let factor = try Cholesky(a)
    #expect((factor.lower * factor.lower.transpose - a).magnitude < 1e-13 * a.magnitude)
    for i in 0..<n { for j in i + 1..<max(n, i + 1) { #expect(factor.lower[i, j] == 0) } }

    let b = TestMatrices.random(n, 5, seed: 3)
    #expect((a * factor.solve(b) - b).magnitude < 1e-11)
    #expect((a * factor.inverse - .identity(n)).magnitude < 1e-11)
  }

  @Test func determinantsOfKnownMatrices() throws {
    let mirror = TestMatrices.mirror(6)
    let a = mirror * DenseMatrix(diagonal: [1, 2, 3, 4, 5, 6]) * mirror
    #expect(abs(try Cholesky(a).logDeterminant - logarithm2(720) / logarithm2(2.718281828459045)) < 1e-12)
  }

  /// Backward stability: the residual stays at rounding although the solution has few digits.
  @Test func residualsOfIllConditionedMatricesAreSmall() throws {
    let a = TestMatrices.hilbert(11)
    let b = (0..<11).map { Double($0 % 3) - 1 }
    for x in [try Cholesky(a).solve(b), try a.solve(b)] {
      let size = x.reduce(0) { max($0, abs($1)) }
      #expect(size > 1e6)
      for (found, expected) in zip(a * x, b) { #expect(abs(found - expected) < 1e-14 * size) }
    }
  }

  @Test func matricesThatAreNotPositiveDefiniteAreNamed() {
    let indefinite = DenseMatrix(rows: [[1, 2], [2, 1]])
    #expect(throws: MatrixError.notPositiveDefinite(pivot: 1, value: -3)) { try Cholesky(indefinite) }
    var late = TestMatrices.positive(100, shift: 1)
    late[70, 70] = -1
    #expect {
      try Cholesky(late)
    } throws: { error in
      if case .notPositiveDefinite(70, let value)? = error as? MatrixError { value < 0 } else { false }
    }
    #expect(throws: MatrixError.self) { try Cholesky(DenseMatrix(rows: [[.nan]])) }
    #expect(throws: MatrixError.self) { try Cholesky(DenseMatrix(zeros: 2, 3)) }
  }

  @Test func singularMatricesAreNamed() throws {
    // 0.3 = 3 x 0.1 but for rounding.
    let a = DenseMatrix(rows: [[0.1, 0.2, 1], [0.3, 0.6, 2], [0.7, 1.4, 5]])
    #expect(throws: MatrixError.singular(pivot: 1)) { try a.solve([1, 2, 3]) }
    // Badly scaled is not singular.
    #expect(try DenseMatrix(diagonal: [1, 1e-30]).solve([1, 1e-30]) == [1, 1])
    #expect(try DenseMatrix(rows: [[0, 1], [2, 0]]).solve([3, 4]) == [2, 3])
  }

  @Test func eigenvaluesOfAKnownMatrix() throws {
    let values = [1e-9, 0.5, 0.5, 2, 7, 1e6]
    let mirror = TestMatrices.mirror(6)
    let a = mirror * DenseMatrix(diagonal: values) * mirror
    let eigen = try SymmetricEigen(a)
    for (found, expected) in zip(eigen.values, values) { #expect(abs(found - expected) < 1e-9) }
    #expect((eigen.map { $0 } - a).magnitude < 1e-13 * 1e6)
    let unit = eigen.vectors.transpose * eigen.vectors
    #expect((unit - .identity(6)).magnitude < 1e-14)
  }

  /// Small eigenvalues of a graded matrix keep their digits.
  @Test func smallEigenvaluesAreAccurate() throws {
    let a = DenseMatrix(rows: [[1, 1e-6], [1e-6, 1e-10]])
    let values = try SymmetricEigen(a).values
    // The determinant 1e-10 - 1e-12 over the larger eigenvalue.
    #expect(abs(values[0] / (9.9e-11 / values[1]) - 1) < 1e-12)
  }

  @Test func asymmetryIsNamed() {
    let a = DenseMatrix(rows: [[1, 2, 3], [2, 1, 0], [3.5, 0, 1]])
    #expect(throws: MatrixError.notSymmetric(row: 2, column: 0, difference: 0.5 / 3.5)) { try SymmetricEigen(a) }
  }

  @Test func lyapunovSolutionsLeaveNoResidual() throws {
    let h = TestMatrices.positive(9, shift: 0.01)
    let r = TestMatrices.positive(9, shift: 0.5)
    let c = try Lyapunov.continuous(drift: SymmetricEigen(h), source: r)
    #expect((h * c + c * h - r).magnitude < 1e-12)

    var a = 0.5 * TestMatrices.random(9, 9, seed: 5)
    a = 1 / a.frobeniusNorm * a
    let d = try Lyapunov.discrete(drift: a, source: r)
    #expect((a * d * a.transpose + r - d).magnitude < 1e-13)
  }

  @Test func driftsWithoutAStationaryStateAreNamed() throws {
    #expect(throws: MatrixError.notContracting) {
      try Lyapunov.discrete(drift: DenseMatrix(rows: [[0, 1.1], [1, 0]]), source: .identity(2))
    }
    #expect(throws: MatrixError.notContracting) {
      try Lyapunov.discrete(drift: .identity(2), source: .identity(2))
    }
    #expect(throws: MatrixError.self) {
      try Lyapunov.continuous(drift: SymmetricEigen(DenseMatrix(diagonal: [-1, 1])), source: .identity(2))
    }
  }
}
