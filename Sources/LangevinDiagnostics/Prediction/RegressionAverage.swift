#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How good predicted numbers are, judged by the true ones.
public struct RegressionScores: Sendable, Equatable, Codable {
  /// Root of the mean squared error of the predicted means.
  public let rootMeanSquareError: Double
  /// Mean of -ln p(target) under a normal law of the predicted mean and variance; `nil` where some variance is zero.
  public let negativeLogLikelihood: Double?
}

/// The posterior predictive of a regression: mean and spread of the predictions over draws of the network.
///
/// Draws come one at a time and are not kept.
public struct RegressionAverage: Sendable {
  /// The true value of each output of each example.
  public let targets: [Double]
  /// The number, from 0, and the root mean square error of the draw that predicts best. It is picked on the very targets
  /// it is scored on, which flatters it.
  public private(set) var bestDraw: (index: Int, rootMeanSquareError: Double)?

  private var moments: [RunningMoments]

  /// An average of nothing yet.
  ///
  /// - Throws: ``DiagnosticsError`` if there are no targets or one is not finite.
  public init(targets: [Double]) throws(DiagnosticsError) {
    guard !targets.isEmpty else { throw .empty(what: "targets") }
    try checkFinite(targets, what: "target")
    self.targets = targets
    moments = [RunningMoments](repeating: RunningMoments(), count: targets.count)
  }

  /// Number of draws added.
  public var drawCount: Int { moments[0].count }

  /// Adds the predictions of one draw, in the order of the targets.
  ///
  /// - Throws: ``DiagnosticsError`` that names the offending prediction; the average then stays as it was.
  public mutating func add(_ predictions: [Double]) throws(DiagnosticsError) {
    guard predictions.count == targets.count else {
      throw .sizeMismatch(what: "predictions", found: predictions.count, expected: targets.count)
    }
    try checkFinite(predictions, what: "prediction")
    let error = rootMeanSquareError(of: predictions)
    if error < bestDraw?.rootMeanSquareError ?? .infinity { bestDraw = (drawCount, error) }
    for index in moments.indices { moments[index].add(predictions[index]) }
  }

  /// Adds the draws of another average over the same targets; they are numbered after ours.
  public mutating func merge(_ other: RegressionAverage) {
    precondition(other.targets == targets, "only averages over the same targets can be added")
    if let best = other.bestDraw, best.rootMeanSquareError < bestDraw?.rootMeanSquareError ?? .infinity {
      bestDraw = (drawCount + best.index, best.rootMeanSquareError)
    }
    for index in moments.indices { moments[index].merge(other.moments[index]) }
  }

  /// Mean prediction of each target; 0 before the first draw.
  public var means: [Double] { moments.map(\.mean) }

  /// Standard deviation of the draws' predictions of each target, the epistemic spread; 0 for fewer than two draws.
  public var spreads: [Double] { moments.map { $0.standardDeviation ?? 0 } }

  /// The scores of the average.
  ///
  /// - Parameter noiseVariance: Variance of the targets about a perfect prediction, added to the variance of the draws.
  /// - Returns: Error of the mean prediction, and likelihood of the targets under mean and variance.
  /// - Throws: ``DiagnosticsError/empty(what:)`` before the first draw.
  public func scores(noiseVariance: Double = 0) throws(DiagnosticsError) -> RegressionScores {
    precondition(noiseVariance >= 0, "a variance is not negative")
    guard drawCount > 0 else { throw .empty(what: "draws of predictions") }
    var likelihood = RunningMoments()
    for (target, prediction) in zip(targets, moments) {
      let variance = noiseVariance + (prediction.variance ?? 0)
      guard variance > 0 else { break }
      let error = target - prediction.mean
      likelihood.add((error * error / variance + log(2 * Double.pi * variance)) / 2)
    }
    return RegressionScores(
      rootMeanSquareError: rootMeanSquareError(of: means),
      negativeLogLikelihood: likelihood.count == targets.count ? likelihood.mean : nil)
  }

  private func rootMeanSquareError(of predictions: [Double]) -> Double {
    zip(targets, predictions).map { ($0 - $1) * ($0 - $1) }.mean.squareRoot()
  }
}

private func checkFinite(_ values: [Double], what: String) throws(DiagnosticsError) {
  if let index = values.firstIndex(where: { !$0.isFinite }) {
    throw .invalidEntry(what: what, index: index, value: values[index], expected: "a finite number")
  }
}
