import LangevinDiagnostics

/// A mean with its standard error.
public struct MeasuredMean: Hashable, Sendable {
  /// The mean.
  public let mean: Double
  /// Its standard error; NaN where it is not known.
  public let standardError: Double

  /// A mean and its error.
  public init(mean: Double, standardError: Double) {
    self.mean = mean
    self.standardError = standardError
  }

  /// The mean of independent values.
  public init(_ values: [Double]) {
    let count = Double(values.count)
    mean = values.reduce(0, +) / count
    var squares = 0.0
    for value in values { squares += (value - mean) * (value - mean) }
    standardError = values.count > 1 ? (squares / (count * (count - 1))).squareRoot() : .nan
  }

  /// The mean of a stream of independent values, shifted.
  init(_ moments: RunningMoments, shift: Double = 0) {
    mean = moments.mean + shift
    standardError = moments.variance.map { ($0 / Double(moments.count)).squareRoot() } ?? .nan
  }
}
