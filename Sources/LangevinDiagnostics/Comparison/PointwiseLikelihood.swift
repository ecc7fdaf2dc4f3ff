import LangevinPlatform

/// What the draws say about one example: how likely it is, and how likely it would be had the networks not seen it.
///
/// With l_s the log likelihood of the example under draw s, constants in, and b = 1/(P T) the power of the likelihood that
/// is sampled (1 for Bayes), the sums over examples are those of S. Watanabe, J. Mach. Learn. Res. 11, 3571 (2010), and
/// A. Vehtari, A. Gelman, J. Gabry, Stat. Comput. 27, 1413 (2017).
public struct PointwiseLikelihood: Sendable, Equatable, Codable {
  /// ln of the mean likelihood over draws.
  package let logPredictiveDensity: Double
  /// b times the variance of l over draws: the example's share of the effective number of parameters.
  package let variance: Double
  /// ln of the predictive density without the example, by Pareto-smoothed importance sampling.
  public let leaveOneOut: Double
  /// The shape of the tail of the importance ratios e^(-b l).
  public let shape: Double

  /// Measures one example.
  ///
  /// - Parameters:
  ///   - logLikelihoods: l of each draw.
  ///   - power: b.
  ///   - efficiency: Effective over actual number of draws.
  /// - Throws: ``DiagnosticsError`` without draws, or for a likelihood that is no finite number.
  package init(logLikelihoods: [Double], power: Double = 1, efficiency: Double = 1) throws(DiagnosticsError) {
    var draws = LikelihoodDraws(
      tailLength: ParetoSmoothing.tailLength(draws: logLikelihoods.count, efficiency: efficiency), power: power)
    for logLikelihood in logLikelihoods { try draws.add(logLikelihood) }
    self = try draws.pointwise(efficiency: efficiency)
  }

  init(logPredictiveDensity: Double, variance: Double, leaveOneOut: Double, shape: Double) {
    self.logPredictiveDensity = logPredictiveDensity
    self.variance = variance
    self.leaveOneOut = leaveOneOut
    self.shape = shape
  }

  /// The share of WAIC.
  package var widelyApplicable: Double { logPredictiveDensity - variance }
}

/// How well networks predict examples that they have not seen, estimated from those that they have.
public struct ModelScore: Sendable, Equatable {
  /// The examples one by one.
  package let points: [PointwiseLikelihood]
  /// The number of draws.
  package let drawCount: Int

  /// The score of examples that all draws have seen.
  ///
  /// - Throws: ``DiagnosticsError/empty(what:)`` without examples.
  public init(points: [PointwiseLikelihood], drawCount: Int) throws(DiagnosticsError) {
    guard !points.isEmpty else { throw .empty(what: "examples") }
    self.points = points
    self.drawCount = drawCount
  }

  /// Sum of the log predictive densities of the examples as they were seen.
  package var logPredictiveDensity: Double { points.reduce(0) { $0 + $1.logPredictiveDensity } }
  /// Sum of the log predictive densities left one out, with its standard error.
  public var leaveOneOut: Estimate { Self.sum(points.map(\.leaveOneOut)) }
  /// The same by WAIC.
  package var widelyApplicable: Estimate { Self.sum(points.map(\.widelyApplicable)) }
  /// The effective number of parameters: what seeing the examples gains.
  public var effectiveParameters: Double { logPredictiveDensity - leaveOneOut.value }

  /// The shape of the ratios' tail up to which an example's leave-one-out value can be trusted.
  package var shapeLimit: Double { min(1 - 1 / log10(Double(drawCount)), 0.7) }
  /// The examples beyond the limit, the worst first.
  public var doubtfulExamples: [Int] {
    points.indices.filter { !(points[$0].shape <= shapeLimit) }.sorted { points[$0].shape > points[$1].shape }
  }
  /// Whether WAIC should be trusted: no example has a variance above 0.4.
  package var trustsWidelyApplicable: Bool { points.allSatisfy { $0.variance <= 0.4 } }

  /// The difference to another model on the same examples, with the standard error of the paired differences.
  ///
  /// - Throws: ``DiagnosticsError/sizeMismatch(what:found:expected:)`` for other numbers of examples.
  public func difference(to other: ModelScore) throws(DiagnosticsError) -> Estimate {
    guard points.count == other.points.count else {
      throw .sizeMismatch(what: "examples of the other model", found: other.points.count, expected: points.count)
    }
    return Self.sum(zip(points, other.points).map { $0.leaveOneOut - $1.leaveOneOut })
  }

  private static func sum(_ values: [Double]) -> Estimate {
    let mean = values.mean
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return Estimate(
      value: values.reduce(0, +), standardError: (Double(values.count) * variance).squareRoot())
  }
}

/// The weights of a mixture of models that predicts examples left one out best (Y. Yao, A. Vehtari, D. Simpson,
/// A. Gelman, Bayesian Analysis 13, 917, 2018).
///
/// The mean log density of the mixture is raised by expectation and maximisation until it gains less than 1e-12.
///
/// - Throws: ``DiagnosticsError`` without models, or for models on other numbers of examples.
public func stackingWeights(of models: [ModelScore]) throws(DiagnosticsError) -> [Double] {
  guard let first = models.first else { throw .empty(what: "models") }
  for model in models where model.points.count != first.points.count {
    throw .sizeMismatch(what: "examples of a model", found: model.points.count, expected: first.points.count)
  }
  // Densities relative to the best model of each example.
  let densities = first.points.indices.map { example in
    let logs = models.map { $0.points[example].leaveOneOut }
    let largest = logs.max() ?? 0
    return logs.map { exp($0 - largest) }
  }
  var weights = [Double](repeating: 1 / Double(models.count), count: models.count)
  var score = -Double.infinity
  for _ in 0..<1_000_000 {
    var shares = [Double](repeating: 0, count: models.count)
    var reached = 0.0
    for row in densities {
      let total = zip(weights, row).reduce(0) { $0 + $1.0 * $1.1 }
      reached += log(total)
      for model in shares.indices { shares[model] += weights[model] * row[model] / total }
    }
    weights = shares.map { $0 / Double(densities.count) }
    if reached - score < 1e-12 * max(1, reached.magnitude) { break }
    score = reached
  }
  return weights
}
