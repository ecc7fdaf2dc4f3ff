/// What to report of one observable: its mean and spread, how precisely the mean is known, and whether to believe it.
public struct ObservableSummary: Sendable, Equatable {
  /// Mean of all draws.
  public let mean: Double
  /// Standard deviation of single draws (unbiased variance): the width of the law, not the error of the mean.
  public let standardDeviation: Double
  /// Monte Carlo standard error of the mean.
  public let standardError: Double
  /// Effective sample size of the bulk of the law.
  public let bulkEffectiveSampleSize: Double
  /// Effective sample size of its tails.
  public let tailEffectiveSampleSize: Double
  /// Rank-normalised R-hat; `nil` for one chain or a constant observable.
  public let rHat: Double?

  /// Summarises a table of draws.
  package init(of draws: Draws) {
    mean = draws.values.mean
    let (magnified, exponent) = draws.magnified
    standardDeviation = Double(
      sign: .plus, exponent: -exponent, significand: magnified.values.variance.squareRoot())
    standardError = monteCarloStandardError(of: draws, for: .mean)
    bulkEffectiveSampleSize = LangevinDiagnostics.bulkEffectiveSampleSize(of: draws)
    tailEffectiveSampleSize = LangevinDiagnostics.tailEffectiveSampleSize(of: draws)
    rHat = LangevinDiagnostics.rHat(of: draws)
  }
}
