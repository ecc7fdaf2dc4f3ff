import LangevinPlatform

/// A measured number with its standard error.
public struct Estimate: Sendable, Equatable, Codable {
  /// The measured number.
  public let value: Double
  /// One standard deviation of the number over repetitions of the measurement.
  public let standardError: Double

  /// Makes an estimate of a number known elsewhere.
  package init(value: Double, standardError: Double) {
    self.value = value
    self.standardError = standardError
  }

  /// The mean of draws, with the standard error that their own effective sample size implies.
  package init(meanOf draws: Draws) {
    self.init(value: draws.values.mean, standardError: monteCarloStandardError(of: draws, for: .mean))
  }

  /// The mean of independent values; its error is NaN for a single one.
  package init(meanOfIndependent values: [Double]) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    var squares = 0.0
    for value in values { squares += (value - mean) * (value - mean) }
    self.init(value: mean, standardError: values.count > 1 ? (squares / (count * (count - 1))).squareRoot() : .nan)
  }

  /// The mean of a stream of independent values.
  package init(meanOfIndependent moments: RunningMoments) {
    let error = moments.variance.map { ($0 / Double(moments.count)).squareRoot() }
    self.init(value: moments.mean, standardError: error ?? .nan)
  }

  /// How many standard errors the number lies above `expected`; infinite if it differs and has no error.
  package func deviation(from expected: Double) -> Double {
    value == expected ? 0 : (value - expected) / standardError
  }

  /// The difference of two independent estimates.
  package static func - (left: Estimate, right: Estimate) -> Estimate {
    Estimate(value: left.value - right.value, standardError: hypot(left.standardError, right.standardError))
  }
}
