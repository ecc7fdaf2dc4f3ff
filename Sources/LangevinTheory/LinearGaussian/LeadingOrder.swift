import LangevinCore

extension LinearGaussianProblem {
  /// The moments of a sampler on minibatches to first order in its step size, for data sets of any size.
  ///
  /// With P the curvature, Pi its inverse, S the covariance of a batch gradient at the mean mu, and V_HH and V_Hb the
  /// covariances of a batch's curvature with itself and with its force:
  ///
  ///     SGLD               C = T Pi + h (T/2 + X),   P X + X P = T E[(H_k - P) Pi (H_k - P)] + S
  ///     SGWORLD 1 and lm   mean = mu + (h/2) Pi (V_Hb - V_HH mu),   C = T [Pi + h (c - Pi V_HH Pi/2)],   c = 1/2 and 0
  ///
  /// Batches are random subsets of B of the N examples: their covariances are (N - B)/(B (N - 1)) times those of one example.
  /// SGWORLD's second-order levels have no such term. `scheme` is one of `.independentBatches(.euler)`, `.reshuffled(.euler)`
  /// and `.reshuffled(.sharedNoise)`.
  ///
  /// - Throws: `LangevinError` for other schemes, and for a batch size outside 1 to N.
  public func leadingMoments(
    of scheme: LinearGaussianChain.Scheme, batchSize: Int, stepSize h: Double, temperature: Double = 1
  ) throws(LangevinError) -> Moments {
    try require(1...count ~= batchSize, "the batch size", is: batchSize, expected: "1 to \(count)")
    let share = count > 1 ? Double(count - batchSize) / Double(batchSize * (count - 1)) : 0
    let weight = share / Double(count)
    let pi = factor.inverse
    var gradientCovariance = DenseMatrix(zeros: dimension, dimension)
    var heat = gradientCovariance
    var curvature = gradientCovariance
    var pull = Array(repeating: 0.0, count: dimension)
    for row in 0..<count {
      let one = batch([row], size: 1)
      let difference = one.hessian - precision
      // The gradient at the mean, and (H_i - P)(b_i - H_i mu).
      let gradient = zip(one.hessian * mean, one.force).map { $0 - $1 }
      gradientCovariance = gradientCovariance + weight * DenseMatrix(gradient, outer: gradient)
      heat = heat + (weight * temperature) * (difference * pi * difference)
      curvature = curvature + weight * (difference * difference)
      pull = zip(pull, difference * gradient).map { $0 - weight * $1 }
    }
    var covariance = temperature * pi
    var mean = mean
    switch scheme {
    case .independentBatches(.euler):
      do throws(MatrixError) {
        let excess = try Lyapunov.continuous(drift: SymmetricEigen(precision), source: heat + gradientCovariance)
        covariance = covariance + h * (excess + DenseMatrix(diagonal: temperature / 2, count: dimension))
      } catch {
        throw .value(of: "the covariance of the batches", found: "\(error)", expected: "a finite symmetric matrix")
      }
    case .reshuffled(let step) where step != .midpoint:
      mean = zip(mean, pi * pull).map { $0 + h / 2 * $1 }
      covariance = covariance - (h * temperature / 2) * (pi * curvature * pi)
      if step == .euler { covariance = covariance + DenseMatrix(diagonal: h * temperature / 2, count: dimension) }
    default:
      throw .value(of: "the scheme", found: "\(scheme)", expected: "SGLD, SGWORLD level 1 or level lm")
    }
    return Moments(mean: mean, covariance: covariance.rowArrays)
  }
}
