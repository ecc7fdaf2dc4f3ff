import LangevinPlatform

/// A number that draws are used to estimate.
public enum Estimand: Sendable, Hashable {
  /// The mean of the observable.
  case mean
  /// Its standard deviation.
  case standardDeviation
  /// The value below which it lies with the given probability, between 0 and 1.
  case quantile(Double)
}

/// How many independent draws would tell as much about an estimand as these dependent ones do.
///
/// Draws of a chain resemble their predecessors, so S of them are worth about S / tau, with tau the integrated
/// autocorrelation time. Chains that stay apart make it smaller still; draws that alternate make it larger than S.
/// The number depends on the question: slow excursions into a tail cost the quantile there, and not the mean.
///
/// Reference: Vehtari et al. (2021), sections 3.2 and 4; the names there are `ess_mean`, `ess_sd` and `ess_quantile`.
public func effectiveSampleSize(of draws: Draws, for estimand: Estimand = .mean) -> Double {
  let draws = draws.magnified.draws
  switch estimand {
  case .mean:
    return sampleSize(of: draws.split)
  case .standardDeviation:
    return sampleSize(of: draws.squaredDeviations.split)
  case .quantile(let probability):
    return quantileSampleSize(of: draws, sorted: draws.values.sorted(), at: probability)
  }
}

/// Effective sample size of the rank-normal scores (`ess_bulk`): how well the bulk of the law was sampled.
///
/// Defined whatever the tails are. Vehtari et al. ask for at least 100 per chain before reading anything else.
public func bulkEffectiveSampleSize(of draws: Draws) -> Double {
  sampleSize(of: draws.split.rankNormalScores)
}

/// The smaller effective sample size of the 5 % and 95 % quantiles (`ess_tail`): how well both tails were sampled.
public func tailEffectiveSampleSize(of draws: Draws) -> Double {
  let sorted = draws.values.sorted()
  return min(
    quantileSampleSize(of: draws, sorted: sorted, at: 0.05), quantileSampleSize(of: draws, sorted: sorted, at: 0.95))
}

/// The integrated autocorrelation time of the mean, tau = 1 + 2 (rho_1 + rho_2 + ...), in units of the spacing of draws.
///
/// The variance of a mean of S draws is tau times that of S independent ones; independent draws have tau = 1. (Part of
/// the physics literature calls half of this the autocorrelation time.) Equal to S / effective sample size.
public func integratedAutocorrelationTime(of draws: Draws) -> Double {
  Double(draws.values.count) / effectiveSampleSize(of: draws)
}

/// Effective sample size of the indicator "at most the quantile", the law of which is all that a quantile depends on.
private func quantileSampleSize(of draws: Draws, sorted: [Double], at probability: Double) -> Double {
  precondition(0 < probability && probability < 1, "the probability of a quantile lies between 0 and 1")
  return sampleSize(of: draws.indicator(atMost: quantile(probability, ofSorted: sorted)).split)
}

/// Effective sample size of the mean of the chains as given, equations (10) to (13) of Vehtari et al.
private func sampleSize(of table: Draws) -> Double {
  let total = Double(table.values.count)
  guard !table.isConstant else { return total }
  let count = Double(table.drawsPerChain)
  let covariance = table.meanAutocovariance
  let within = covariance[0] * count / (count - 1)
  let between = table.chainCount > 1 ? table.chainMeans.variance : 0
  let overall = covariance[0] + between
  func correlation(_ lag: Int) -> Double { lag == 0 ? 1 : 1 - (within - covariance[lag]) / overall }

  // Geyer (1992): the correlations of a reversible chain, summed in pairs, are positive and fall. Where an estimated sum
  // is not positive, noise has taken over and the sum stops; where it rises, it is held at the one before.
  var sum = 0.0
  var lag = 0
  var previousPair = Double.infinity
  while true {
    let even = correlation(lag)
    let pair = even + correlation(lag + 1)
    // The pair that ends the sum, by its sign or for want of lags, leaves its first half, with weight 1.
    if pair <= 0 || lag + 3 > table.drawsPerChain - 2 {
      let last = pair >= 0 || even > 0 ? even : 0
      let time = 2 * sum + last - 1
      // Alternating draws can make the time tiny, or negative by noise; the bound keeps the gain within reason.
      return total / max(time, 1 / log10(total))
    }
    previousPair = min(pair, previousPair)
    sum += previousPair
    lag += 2
  }
}
