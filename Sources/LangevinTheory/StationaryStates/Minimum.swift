import LangevinCore

extension Posterior<Double> {
  /// The Hessian of the energy, column by column from Hessian-vector products; d of them for d parameters.
  public func hessian(
    at position: [Double], over batch: Minibatch = .all, workspace: inout PosteriorWorkspace<Double>
  ) throws -> DenseMatrix {
    let d = parameterCount
    let theta = Tensor(position)
    var rows: [[Double]] = []
    for index in 0..<d {
      var direction = Tensor<Double>(zeros: d)
      direction[index] = 1
      rows.append(try hessianProduct(with: direction, at: theta, over: batch, workspace: &workspace).elements)
    }
    return try DenseMatrix(rows: rows).symmetrised(tolerance: 1e-6)
  }

  /// The minimum of the energy near `start`, by Newton's method.
  ///
  /// A step goes -|H|^-1 g, with the magnitudes of the eigenvalues of H, so that it always leads down; it is halved until the
  /// energy falls. Near a minimum this is Newton's own step, which doubles the number of digits each time.
  ///
  /// - Throws: ``TheoryError/notAMinimum(smallestEigenvalue:)`` where it ends at a point that is not one.
  public func minimum(near start: [Double], maximumIterations: Int = 200) throws -> [Double] {
    var workspace = makeWorkspace()
    var theta = Tensor(start)
    var gradient = Tensor<Double>(zeros: parameterCount)
    var energy = try evaluate(at: theta, gradient: &gradient, workspace: &workspace).total
    for _ in 0..<maximumIterations {
      let eigen = try SymmetricEigen(hessian(at: theta.elements, workspace: &workspace))
      let floor = 1e-12 * max(abs(eigen.values[0]), abs(eigen.values[eigen.values.count - 1]))
      let step = eigen.map { -1 / max(abs($0), floor) } * gradient.elements
      let promised = -dot(step, gradient.elements)
      // What rounding can tell of the energy is reached; the last step still improves the gradient.
      if promised < 1e-28 * max(1, abs(energy)) {
        guard eigen.values[0] > 0 else { throw TheoryError.notAMinimum(smallestEigenvalue: eigen.values[0]) }
        return zip(theta.elements, step).map { $0 + $1 }
      }
      var factor = 1.0
      while true {
        let trial = Tensor(zip(theta.elements, step).map { $0 + factor * $1 })
        let found = try evaluate(at: trial, gradient: &gradient, workspace: &workspace).total
        if found < energy + 1e-14 * abs(energy) || factor < 1e-10 {
          (theta, energy) = (trial, found)
          break
        }
        factor /= 2
      }
    }
    throw TheoryError.notConverged(
      "Newton's method", iterations: maximumIterations, residual: dot(gradient.elements, gradient.elements).squareRoot()
    )
  }

  /// Where descent on minibatches without replacement settles: the minimum of U + (h/4) trace S_B, from the minimum of U.
  ///
  /// The steps -H^-1 (g + (h/4) grad trace S_B) use the Hessian of U alone; what they leave falls by a factor of order h each time.
  /// Here h is the step size for `scale` times the energy.
  public func effectiveMinimum(
    near minimum: [Double], batchSize: Int, stepSize h: Double, scale: Double = 1
  ) throws -> [Double] {
    try checkPositive(h, "the step size")
    var w = minimum
    var residual = Double.infinity
    for _ in 0..<50 {
      let here = try ExampleDerivatives(of: self, at: w, scale: scale)
      let shift = try here.traceGradient(of: .subset(batchSize)).map { h / 4 * $0 }
      let step = try Cholesky(here.hessian).solve(zip(here.gradient, shift).map { -$0 - $1 })
      w = zip(w, step).map { $0 + $1 }
      residual = step.reduce(0) { max($0, abs($1)) }
      if residual < 1e-14 * w.reduce(1, { max($0, abs($1)) }) { return w }
    }
    throw TheoryError.notConverged("the effective minimum", iterations: 50, residual: residual)
  }
}
