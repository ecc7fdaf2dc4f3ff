import LangevinPlatform

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
  /// A single draw and how well it predicts.
  package struct ScoredDraw: Sendable, Equatable {
    /// The number of the draw, from 0 in the order of adding.
    package let index: Int
    /// Root mean square error of its predictions.
    package let rootMeanSquareError: Double
  }

  /// The true values, one per output of each example; `nil` where they are not known.
  package let targets: [Double]?
  /// The draw that predicts best, if targets are known. It is picked on the very targets it is scored on, which flatters
  /// it.
  package private(set) var bestDraw: ScoredDraw?

  /// Root mean square errors of single draws, mean and spread: what to expect of one network.
  package private(set) var typicalRootMeanSquareError = RunningMoments()

  /// Moments of the predictions of each value.
  private var moments: [RunningMoments]

  /// An average of nothing yet, over values that are known.
  ///
  /// - Throws: ``DiagnosticsError`` if there are no targets or one is not finite.
  public init(targets: [Double]) throws(DiagnosticsError) {
    try checkFinite(targets, what: "target")
    try self.init(targets: targets, valueCount: targets.count)
  }

  /// An average of nothing yet, over values to predict; it has no scores.
  ///
  /// - Throws: ``DiagnosticsError/empty(what:)`` if there are none.
  public init(valueCount: Int) throws(DiagnosticsError) {
    try self.init(targets: nil, valueCount: valueCount)
  }

  private init(targets: [Double]?, valueCount: Int) throws(DiagnosticsError) {
    guard valueCount > 0 else { throw .empty(what: "values to predict") }
    self.targets = targets
    moments = [RunningMoments](repeating: RunningMoments(), count: valueCount)
  }

  /// Number of draws added.
  public var drawCount: Int { moments[0].count }

  /// Adds the predictions of one draw, in the order of the targets.
  ///
  /// - Throws: ``DiagnosticsError`` that names the offending prediction; the average then stays as it was.
  public mutating func add(_ predictions: [Double]) throws(DiagnosticsError) {
    guard predictions.count == moments.count else {
      throw .sizeMismatch(what: "predictions", found: predictions.count, expected: moments.count)
    }
    try checkFinite(predictions, what: "prediction")
    if let targets {
      let error = rootMeanSquareError(of: predictions, from: targets)
      keepBest(ScoredDraw(index: drawCount, rootMeanSquareError: error))
      typicalRootMeanSquareError.add(error)
    }
    for index in moments.indices { moments[index].add(predictions[index]) }
  }

  /// Adds the draws of another average over the same targets; they are numbered after ours.
  public mutating func merge(_ other: RegressionAverage) {
    precondition(
      other.targets == targets && other.moments.count == moments.count,
      "only averages over the same targets can be added")
    if let best = other.bestDraw {
      keepBest(ScoredDraw(index: drawCount + best.index, rootMeanSquareError: best.rootMeanSquareError))
    }
    typicalRootMeanSquareError.merge(other.typicalRootMeanSquareError)
    for index in moments.indices { moments[index].merge(other.moments[index]) }
  }

  /// Mean prediction of each value; 0 before the first draw.
  public var means: [Double] { moments.map(\.mean) }

  /// Standard deviation of the draws' predictions of each value, the epistemic spread; 0 for fewer than two draws.
  public var spreads: [Double] { moments.map { $0.standardDeviation ?? 0 } }

  /// The scores of the average.
  ///
  /// - Parameter noiseVariance: Variance of the targets about a perfect prediction, added to the variance of the draws.
  /// - Returns: Error of the mean prediction, and likelihood of the targets under mean and variance.
  /// - Throws: ``DiagnosticsError/empty(what:)`` before the first draw, and without targets.
  public func scores(noiseVariance: Double = 0) throws(DiagnosticsError) -> RegressionScores {
    precondition(noiseVariance >= 0, "a variance is not negative")
    guard let targets else { throw .empty(what: "targets to score by") }
    guard drawCount > 0 else { throw .empty(what: "draws of predictions") }
    var likelihood = RunningMoments()
    for (target, prediction) in zip(targets, moments) {
      let variance = noiseVariance + (prediction.variance ?? 0)
      guard variance > 0 else { break }
      let error = target - prediction.mean
      likelihood.add((error * error / variance + log(2 * Double.pi * variance)) / 2)
    }
    return RegressionScores(
      rootMeanSquareError: rootMeanSquareError(of: means, from: targets),
      negativeLogLikelihood: likelihood.count == targets.count ? likelihood.mean : nil)
  }

  private mutating func keepBest(_ draw: ScoredDraw) {
    if draw.rootMeanSquareError < bestDraw?.rootMeanSquareError ?? .infinity { bestDraw = draw }
  }
}

private func rootMeanSquareError(of predictions: [Double], from targets: [Double]) -> Double {
  zip(targets, predictions).map { ($0 - $1) * ($0 - $1) }.mean.squareRoot()
}

private func checkFinite(_ values: [Double], what: String) throws(DiagnosticsError) {
  if let index = values.firstIndex(where: { !$0.isFinite }) {
    throw .invalidEntry(what: what, index: index, value: values[index], expected: "a finite number")
  }
}
