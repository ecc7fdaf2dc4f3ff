import LangevinCore
import LangevinPlatform

/// Bayesian linear regression: the one posterior with data whose every moment is known.
///
///     L(w) = sum_i (y_i - phi_i' w)^2 / (2 s^2) + alpha |w|^2 / 2
///
/// At temperature T the law exp(-L/T) is Gaussian, with precision P/T, P = sum_i phi_i phi_i' / s^2 + alpha, and mean
/// P^-1 sum_i phi_i y_i / s^2. A minibatch of B examples weights its sum by N/B; the gradient stays linear, so the moments
/// of every sampler on minibatches follow from linear algebra too: see ``LinearGaussianChain``.
public struct LinearGaussianProblem: Sendable {
  /// phi_i, one row for each example.
  public let features: [[Double]]
  /// y_i
  public let targets: [Double]
  /// s^2
  public let noiseVariance: Double
  /// alpha
  public let priorPrecision: Double
  /// The mean of the posterior, at every temperature.
  public let mean: [Double]

  /// P
  let precision: DenseMatrix
  /// P = L L'
  let factor: Cholesky

  /// The number of weights.
  public var dimension: Int { precision.rows }
  /// N, the number of examples.
  public var count: Int { targets.count }
  /// P, row by row.
  public var precisionRows: [[Double]] { precision.rowArrays }

  /// A regression; the posterior must exist, so the prior precision must be above 0 unless the features span all directions.
  public init(
    features: [[Double]], targets: [Double], noiseVariance: Double, priorPrecision: Double
  ) throws(LangevinError) {
    let dimension = features.first?.count ?? 0
    guard dimension >= 1, features.count == targets.count, features.allSatisfy({ $0.count == dimension }) else {
      throw .shape(
        of: "the features", found: [features.count, dimension], expected: [targets.count, max(dimension, 1)])
    }
    guard (features.joined() + targets).allSatisfy(\.isFinite) else {
      throw .nonFinite("a number", in: "the features or targets", hint: "")
    }
    try require(
      noiseVariance > 0 && noiseVariance.isFinite, "the noise variance", is: noiseVariance, expected: "above 0")
    try require(
      priorPrecision >= 0 && priorPrecision.isFinite, "the prior precision", is: priorPrecision, expected: "0 or more")
    self.features = features
    self.targets = targets
    self.noiseVariance = noiseVariance
    self.priorPrecision = priorPrecision
    let all = Self.quadraticForm(features, targets, noiseVariance, priorPrecision, weight: 1, rows: targets.indices)
    do throws(MatrixError) {
      factor = try Cholesky(all.hessian)
    } catch {
      throw .value(of: "the posterior", found: "improper: \(error)", expected: "a prior precision above 0")
    }
    precision = all.hessian
    mean = factor.solve(all.force)
  }

  /// y_i = 0.5 - 0.8 sin i + 0.3 cos 3i with phi_i = (1, sin i), i = 1...count, s^2 = 1/4, alpha = 1: two weights.
  public static func line(count: Int) throws(LangevinError) -> LinearGaussianProblem {
    try wave(count: count) { [1, sin($0)] }
  }

  /// The same targets with phi_i = 1: one weight, and every batch has the same curvature.
  public static func mean(count: Int) throws(LangevinError) -> LinearGaussianProblem {
    try wave(count: count) { _ in [1] }
  }

  private static func wave(count: Int, _ feature: (Double) -> [Double]) throws(LangevinError) -> LinearGaussianProblem {
    let places = (0..<count).map { Double($0 + 1) }
    return try LinearGaussianProblem(
      features: places.map(feature), targets: places.map { 0.5 - 0.8 * sin($0) + 0.3 * cos(3 * $0) },
      noiseVariance: 0.25, priorPrecision: 1)
  }

  /// H and b of the gradient H w - b of a minibatch.
  func batch(_ rows: some Sequence<Int>, size: Int) -> (hessian: DenseMatrix, force: [Double]) {
    Self.quadraticForm(
      features, targets, noiseVariance, priorPrecision, weight: Double(count) / Double(size), rows: rows)
  }

  private static func quadraticForm(
    _ features: [[Double]], _ targets: [Double], _ noiseVariance: Double, _ priorPrecision: Double, weight: Double,
    rows: some Sequence<Int>
  ) -> (hessian: DenseMatrix, force: [Double]) {
    let dimension = features[0].count
    var hessian = DenseMatrix(diagonal: priorPrecision, count: dimension)
    var force = [Double](repeating: 0, count: dimension)
    for row in rows {
      let phi = features[row]
      hessian = hessian + weight / noiseVariance * DenseMatrix(phi, outer: phi)
      for index in 0..<dimension { force[index] += weight / noiseVariance * phi[index] * targets[row] }
    }
    return (hessian, force)
  }
}

/// Mean and covariance of a law over weights.
public struct Moments: Hashable, Sendable {
  /// The mean.
  public var mean: [Double]
  /// The covariance, row by row.
  public var covariance: [[Double]]

  /// Moments from their numbers.
  public init(mean: [Double], covariance: [[Double]]) {
    self.mean = mean
    self.covariance = covariance
  }
}

extension LinearGaussianProblem {
  /// The moments of the posterior at temperature T: the mean and T P^-1.
  public func posteriorMoments(temperature: Double = 1) -> Moments {
    Moments(mean: mean, covariance: (temperature * factor.inverse).rowArrays)
  }

  /// KL(q||p) = (1/2) [tr(P C/T) - d - ln det(P C/T) + (m - mu)' P (m - mu)/T] of the Gaussian q with the given moments from
  /// the posterior p at temperature T. Accurate for the smallest divergences: it is summed over x - ln(1 + x), 1 + x an
  /// eigenvalue of P C/T.
  ///
  /// - Throws: `LangevinError` where the covariance is not positive definite.
  public func divergence(of moments: Moments, temperature: Double = 1) throws(LangevinError) -> Double {
    let covariance = DenseMatrix(rows: moments.covariance)
    let ratios: [Double]
    do throws(MatrixError) {
      ratios = try SymmetricEigen((1 / temperature) * (factor.lower.transpose * covariance * factor.lower)).values
    } catch {
      throw .value(of: "the covariance", found: "\(error)", expected: "a symmetric matrix")
    }
    guard let smallest = ratios.first, smallest > 0 else {
      throw .value(of: "the covariance", found: "not positive definite", expected: "positive definite")
    }
    let shift = zip(moments.mean, mean).map { $0 - $1 }
    let distance = zip(shift, precision * shift).reduce(0) { $0 + $1.0 * $1.1 } / temperature
    return (ratios.reduce(0) { $0 + ($1 - 1 - log1p($1 - 1)) } + distance) / 2
  }
}
