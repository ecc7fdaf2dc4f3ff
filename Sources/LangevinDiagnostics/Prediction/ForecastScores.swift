/// How good predicted laws of numbers are, judged by the numbers that came: each score a mean with its standard error.
///
///     var scores = ForecastScores()
///     for (mixture, target) in zip(mixtures, targets) { scores.add(mixture, target: target) }
///     scores.logScore                     // proper: best on average for the true law
///     scores.coverage(of: 0.9)            // should be 0.9
///
/// Targets come one at a time; a few numbers of each are kept.
public struct ForecastScores: Sendable, Equatable {
  /// The central intervals that are scored by default.
  public static let levels = [0.5, 0.8, 0.9, 0.95]

  /// What is said about the intervals of one level.
  package struct Interval: Sendable, Equatable {
    /// The share of targets that they should hold.
    package let level: Double
    /// Whether each target was inside: a mean with the binomial error of the level.
    package var coverage: Estimate {
      let count = Double(inside.count)
      return Estimate(value: inside.mean, standardError: (level * (1 - level) / count).squareRoot())
    }
    /// The interval score: width and penalty for what lies outside.
    package var score: Estimate { Estimate(meanOfIndependent: scores) }
    /// The mean width.
    package var width: Estimate { Estimate(meanOfIndependent: widths) }

    fileprivate var inside = RunningMoments()
    fileprivate var scores = RunningMoments()
    fileprivate var widths = RunningMoments()

    fileprivate init(level: Double) { self.level = level }

    fileprivate mutating func add(_ interval: ClosedRange<Double>, _ target: Double) {
      inside.add(interval.contains(target) ? 1 : 0)
      scores.add(intervalScore(interval, level: level, target: target))
      widths.add(interval.upperBound - interval.lowerBound)
    }
  }

  /// The intervals by their levels.
  package private(set) var intervals: [Interval]
  private var squares = RunningMoments()
  private var magnitudes = RunningMoments()
  private var medianMagnitudes = RunningMoments()
  private var surprises = RunningMoments()
  private var normalSurprises = RunningMoments()
  private var ranked = RunningMoments()
  private var transforms: [Double] = []
  /// Whether more laws were mixed than the ranked probability score is computed from.
  package private(set) var thinsLaws = false

  /// Scores of nothing yet.
  public init(levels: [Double] = Self.levels) { intervals = levels.map(Interval.init) }

  /// The number of targets.
  package var count: Int { squares.count }

  /// Scores one prediction; `uniform` draws the transform of counts.
  public mutating func add(_ mixture: PredictiveMixture, target: Double, uniform: Double = 0.5) {
    let (mean, median) = (mixture.mean, mixture.quantile(0.5))
    let variance = mixture.aleatoricVariance + mixture.epistemicVariance
    squares.add((target - mean) * (target - mean))
    magnitudes.add((target - mean).magnitude)
    medianMagnitudes.add((target - median).magnitude)
    surprises.add(mixture.negativeLogLikelihood(of: target))
    normalSurprises.add(
      -PredictiveLaw.normal(mean: mean, deviation: variance.squareRoot()).logDensity(at: target))
    if let score = mixture.rankedProbabilityScore(of: target) { ranked.add(score) }
    thinsLaws = thinsLaws || mixture.laws.count > PredictiveMixture.mostScoredLaws
    transforms.append(mixture.integralTransform(of: target, uniform: uniform))
    for index in intervals.indices { intervals[index].add(mixture.interval(intervals[index].level), target) }
  }

  /// Root of the mean squared error of the means; its error is that of the mean square, carried over to the root.
  public var rootMeanSquareError: Estimate {
    let square = Estimate(meanOfIndependent: squares)
    let root = square.value.squareRoot()
    return Estimate(value: root, standardError: root > 0 ? square.standardError / (2 * root) : 0)
  }

  /// Mean absolute error of the means.
  public var meanAbsoluteError: Estimate { Estimate(meanOfIndependent: magnitudes) }
  /// Mean absolute error of the medians.
  package var medianAbsoluteError: Estimate { Estimate(meanOfIndependent: medianMagnitudes) }
  /// Mean of -ln p(target) under the mixtures, the log score.
  public var logScore: Estimate { Estimate(meanOfIndependent: surprises) }
  /// The same under one normal law of each mixture's mean and variance.
  package var normalLogScore: Estimate { Estimate(meanOfIndependent: normalSurprises) }
  /// Mean ranked probability score; nil where some law has none.
  public var rankedProbabilityScore: Estimate? { ranked.count == count ? Estimate(meanOfIndependent: ranked) : nil }

  /// The share of targets inside the intervals of a level that was asked for.
  public func coverage(of level: Double) -> Estimate? { intervals.first { $0.level == level }?.coverage }

  /// The integral transforms of the targets in ten bins: flat where the laws are right.
  package var transformCounts: [Int] {
    var counts = [Int](repeating: 0, count: 10)
    for transform in transforms { counts[min(9, max(0, Int(transform * 10)))] += 1 }
    return counts
  }

  /// Whether the transforms are uniform, by Kolmogorov and Smirnov.
  ///
  /// - Throws: ``DiagnosticsError`` without targets.
  package func transformTest() throws(DiagnosticsError) -> TestOutcome {
    try kolmogorovSmirnovTest(of: transforms) { min(max($0, 0), 1) }
  }
}
