/// The standard error of an estimate made from dependent draws (MCSE): how far a rerun would typically land from it.
///
/// * Mean: sd / sqrt(ESS).
/// * Standard deviation: the error of the variance, carried over to its root (Kenney and Keeping, 1951).
/// * Quantile: half the distance of the two order statistics between which the quantile lies with the probability of
///   one standard error, from the beta law of the number of effective draws below it.
///
/// Zero for a constant table. Reference: Vehtari et al. (2021), section 4.
public func monteCarloStandardError(of draws: Draws, for estimand: Estimand = .mean) -> Double {
  let (magnified, exponent) = draws.magnified
  return Double(sign: .plus, exponent: -exponent, significand: error(of: magnified, estimand))
}

private func error(of draws: Draws, _ estimand: Estimand) -> Double {
  let effectiveDraws = effectiveSampleSize(of: draws, for: estimand)
  switch estimand {
  case .mean:
    return (draws.values.variance / effectiveDraws).squareRoot()
  case .standardDeviation:
    let squares = draws.squaredDeviations.values
    let variance = squares.mean
    guard variance > 0 else { return 0 }
    let varianceOfSquares = max(0, squares.map { $0 * $0 }.mean - variance * variance)
    return (varianceOfSquares / effectiveDraws / variance / 4).squareRoot()
  case .quantile(let probability):
    let sorted = draws.values.sorted()
    let count = Double(sorted.count)
    let law = BetaDistribution(effectiveDraws * probability + 1, effectiveDraws * (1 - probability) + 1)
    // One standard error below and above in a normal law.
    let lower = max(law.quantile(0.1586553) * count - 1, 0).rounded(.down)
    let upper = min(law.quantile(0.8413447) * count - 1, count - 1).rounded(.up)
    return (sorted[Int(upper)] - sorted[Int(lower)]) / 2
  }
}
