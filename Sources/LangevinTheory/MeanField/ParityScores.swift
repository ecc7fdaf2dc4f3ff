import LangevinCore

/// How well predictions agree with a target of magnitude 1, such as a parity.
public struct ParityScores: Hashable, Sendable {
  /// mean f y: 1 where the target is learned, 0 where nothing is.
  public let overlap: Double
  /// mean (f - y)^2
  public let squaredError: Double
  /// The share of points with the wrong sign; a prediction of 0 is wrong.
  public let errorRate: Double
  /// mean (f - overlap y)^2, the power outside the target.
  public let offTargetPower: Double

  /// Scores over a set of points.
  public init(predictions: [Double], targets: [Double]) throws(LangevinError) {
    guard predictions.count == targets.count, !targets.isEmpty else {
      throw .shape(of: "the predictions", found: [predictions.count], expected: [max(targets.count, 1)])
    }
    let count = Double(targets.count)
    let overlap = dot(predictions, targets) / count
    self.overlap = overlap
    squaredError = zip(predictions, targets).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / count
    errorRate = Double(zip(predictions, targets).count { $0 * $1 <= 0 }) / count
    offTargetPower =
      zip(predictions, targets).reduce(0) { $0 + ($1.0 - overlap * $1.1) * ($1.0 - overlap * $1.1) } / count
  }
}
