import LangevinPlatform

/// The largest of many importance weights, replaced by quantiles of a generalised Pareto law that is fitted to them.
///
/// References: A. Vehtari, D. Simpson, A. Gelman, Y. Yao, J. Gabry, "Pareto smoothed importance sampling", J. Mach. Learn.
/// Res. 25 (2024); J. Zhang and M. A. Stephens, Technometrics 51, 316 (2009) for the fit.
struct ParetoSmoothing {
  /// Logarithms of the smoothed weights, ascending, relative to the largest weight before.
  let logWeights: [Double]
  /// The shape of the tail: below 0.5 the variance of the weights is finite; above 0.7 they cannot be trusted. Infinite
  /// where the tail is too short to tell.
  let shape: Double

  /// The number of largest weights that are smoothed, for so many draws of a relative efficiency.
  static func tailLength(draws: Int, efficiency: Double) -> Int {
    let count = Double(draws)
    return Int(min(count / 5, 3 * (count / efficiency).squareRoot()).rounded(.up))
  }

  /// Smooths a tail.
  ///
  /// - Parameters:
  ///   - tail: Logarithms of the weights above a cutoff, ascending, relative to the largest.
  ///   - cutoff: The logarithm that they exceed.
  init(tail: [Double], above cutoff: Double) {
    guard tail.count >= 5 else {
      (logWeights, shape) = (tail, .infinity)
      return
    }
    let base = exp(cutoff)
    let law = GeneralizedPareto(fittedTo: tail.map { exp($0) - base })
    shape = law.shape
    logWeights =
      law.shape.isFinite
      ? tail.indices.map { place in
        min(0, log(base + law.quantile((Double(place) + 0.5) / Double(tail.count))))
      } : tail
  }
}

/// The law of excesses over a high threshold.
struct GeneralizedPareto {
  let shape: Double
  let scale: Double

  /// The law of sorted positive numbers by the posterior mean of Zhang and Stephens, drawn a little towards 1/2.
  init(fittedTo values: [Double]) {
    let count = Double(values.count)
    let grid = 30 + Int(count.squareRoot())
    let quartile = values[Int((count / 4 + 0.5).rounded(.down)) - 1]
    let largest = values[values.count - 1]
    func shape(_ b: Double) -> Double { values.reduce(0) { $0 + log1p(-b * $1) } / count }
    let rates = (1...grid).map { 1 / largest + (1 - (Double(grid) / (Double($0) - 0.5)).squareRoot()) / (3 * quartile) }
    let likelihoods = rates.map { b in
      let k = shape(b)
      return count * (log(-b / k) - k - 1)
    }
    let weights = likelihoods.map { own in 1 / likelihoods.reduce(0) { $0 + exp($1 - own) } }
    let kept = zip(rates, weights).filter { $0.1 >= 10 * Double.ulpOfOne }
    let rate = kept.reduce(0) { $0 + $1.0 * $1.1 } / kept.reduce(0) { $0 + $1.1 }
    let raw = shape(rate)
    scale = -raw / rate
    self.shape = (count * raw + 5) / (count + 10)
  }

  func quantile(_ probability: Double) -> Double {
    shape.magnitude < Double.ulpOfOne
      ? -scale * log1p(-probability) : scale * expm1(-shape * log1p(-probability)) / shape
  }
}
