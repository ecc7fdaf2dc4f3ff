import LangevinCore

/// The directions in which minibatch noise is strongest, and how hot they run.
///
/// The bookkeeping of pseudo-Langevin balances each component by itself, but minibatch noise is correlated. In
/// mass-scaled coordinates y_i = g_i (dt/2) / (m1 sqrt(M_i T)) its covariance R has the ratios r_i on the diagonal; along
/// a unit eigenvector e of R with eigenvalue rho (for equal ratios rho = r kappa, kappa of the correlation matrix)
///
///     T_eff / T = 1 + (2 - m1^2) (rho - sum_i r_i e_i^2)
///
/// Leading eigenvectors come from subspace iteration, e <- R e, each sweep on minibatches of its own; the values then
/// come from minibatches that had no part in the vectors, so they are not inflated by the noise of the estimate.
package struct NoiseDirections<Element: Scalar>: Sendable {
  /// Unit vectors in mass-scaled coordinates, the strongest first.
  package internal(set) var vectors: [Tensor<Element>]
  /// rho of each.
  package internal(set) var strengths: [Double]
  /// sum_i r_i e_i^2 of each: what the bookkeeping counts.
  package internal(set) var counted: [Double]

  /// Random orthonormal directions, not measured yet.
  package init(count: Int, of parameterCount: Int, random: RandomStream) {
    vectors = (0..<min(count, parameterCount)).map { index in
      var vector = Tensor<Element>(zeros: parameterCount)
      random.fillNormals(&vector, step: UInt64(index))
      return vector
    }
    strengths = Array(repeating: 0, count: vectors.count)
    counted = strengths
    orthonormalise()
  }

  /// Directions with what was measured along them, in that order strongest first.
  package init(vectors: [Tensor<Element>], strengths: [Double], counted: [Double]) {
    self.vectors = vectors
    self.strengths = strengths
    self.counted = counted
  }

  /// T_eff/T of each direction by the formula above; with the noise corrected along them 1, but for those that minibatches
  /// alone heat above it, to (2 - m1^2) rho.
  package func temperatureRatios(momentumLoss: Double, isCorrected: Bool = false) -> [Double] {
    let square = 2 - momentumLoss * momentumLoss
    return zip(strengths, counted).map { isCorrected ? max(1, square * $0) : 1 + square * ($0 - $1) }
  }

  /// Turns the directions towards the strongest noise by `sweeps` of `draws` minibatches at a fixed position, then
  /// measures along them with `draws` more. `gradient` is overwritten.
  package mutating func refine<P: Potential>(
    sweeps: Int, draws: Int, at position: Tensor<Element>, with evaluator: inout Evaluator<P>,
    gradient: inout Tensor<Element>, masses: ControlledMasses<Element>, bookkeeping: NoiseBookkeeping, step: UInt64
  ) throws(SamplingError) where P.Element == Element {
    for sweep in 0...sweeps {
      var sums = CovarianceSums(vectors, isLast: sweep == sweeps)
      for _ in 0..<draws {
        _ = try evaluator.gradient(on: .next, at: position, into: &gradient, step: step, checked: false)
        masses.scale(&gradient, bookkeeping)
        sums.add(gradient, vectors: vectors)
      }
      if sweep < sweeps {
        vectors = sums.products()
        orthonormalise()
      } else {
        rotate(to: sums.projected())
      }
    }
    counted = vectors.map { masses.meanRatio(over: $0, bookkeeping) }
  }

  /// Gram and Schmidt.
  private mutating func orthonormalise() {
    for index in vectors.indices {
      for earlier in 0..<index {
        vectors[index].add(-vectors[index].dot(vectors[earlier]), vectors[earlier])
      }
      let norm = vectors[index].dot(vectors[index]).squareRoot()
      vectors[index].scale(by: norm > 0 ? 1 / norm : 0)
    }
  }

  /// Within the span of the vectors, turns them to the eigenvectors of the measured covariance.
  private mutating func rotate(to covariance: [[Double]]) {
    let (values, turns) = symmetricEigen(covariance)
    let old = vectors
    for (index, turn) in turns.enumerated() {
      vectors[index].scale(by: 0)
      for (weight, vector) in zip(turn, old) { vectors[index].add(weight, vector) }
    }
    strengths = values
  }

  package mutating func archive(in archive: inout some StateArchive) throws {
    for index in vectors.indices { try archive.field("directions.\(index)", &vectors[index]) }
    try archive.field("directions.strengths", &strengths)
    try archive.field("directions.counted", &counted)
  }
}

extension ControlledMasses {
  /// Gradients times (dt/2) / (m1 sqrt(M_i T)), which makes their variances r_i.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  fileprivate func scale(_ gradient: inout Tensor<Element>, _ bookkeeping: NoiseBookkeeping) {
    let count = inverse.count
    let root = Element(bookkeeping.ratio(variance: 1, inverseMass: 1).squareRoot())
    gradient.withMutablePointer { g in
      inverse.withPointer { u in for index in 0..<count { g[index] *= root * u[index].squareRoot() } }
    }
  }

  /// sum_i r_i e_i^2
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  fileprivate func meanRatio(over vector: Tensor<Element>, _ bookkeeping: NoiseBookkeeping) -> Double {
    var sum = 0.0
    for index in 0..<vector.count {
      let weight = Double(vector[index])
      sum += ratio(index, bookkeeping) * weight * weight
    }
    return sum
  }
}

/// The sums from which the covariance of scaled gradients y acts on vectors e: of y, of z = e.y, of y z and of z z'.
///
/// Vectors are as many and as large as the parameters of a chain, so they have its precision; sums of their products are double.
private struct CovarianceSums<Element: Scalar> {
  private var draws = 0.0
  private var gradient: Tensor<Element>
  private var projections: [Double]
  private var moments: [[Double]]
  /// Empty in the last sweep, which needs projections only.
  private var gradientProducts: [Tensor<Element>]

  init(_ vectors: [Tensor<Element>], isLast: Bool) {
    gradient = Tensor(zeros: isLast ? 0 : vectors.first?.count ?? 0)
    projections = Array(repeating: 0, count: vectors.count)
    moments = vectors.map { _ in Array(repeating: 0, count: vectors.count) }
    gradientProducts = isLast ? [] : vectors.map { Tensor(zeros: $0.count) }
  }

  mutating func add(_ y: Tensor<Element>, vectors: [Tensor<Element>]) {
    let z = vectors.map { $0.dot(y) }
    draws += 1
    for i in z.indices {
      projections[i] += z[i]
      for j in z.indices { moments[i][j] += z[i] * z[j] }
    }
    if gradientProducts.isEmpty { return }
    gradient.add(1, y)
    for i in z.indices { gradientProducts[i].add(z[i], y) }
  }

  /// R e for each e, times the number of draws less one.
  func products() -> [Tensor<Element>] {
    var products = gradientProducts
    for i in products.indices { products[i].add(-projections[i] / draws, gradient) }
    return products
  }

  /// e' R e for each pair.
  func projected() -> [[Double]] {
    projections.indices.map { i in
      projections.indices.map { j in (moments[i][j] - projections[i] * projections[j] / draws) / (draws - 1) }
    }
  }
}
