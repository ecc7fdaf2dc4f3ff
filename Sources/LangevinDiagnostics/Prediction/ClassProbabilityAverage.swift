import LangevinPlatform

/// The posterior predictive of a classifier: class probabilities averaged over draws of the network.
///
/// Draws come one at a time and are not kept; memory is one table of `examples x classes`. The average knows more than
/// its members: where draws agree on an uncertain answer the data are noisy (aleatoric), where each is sure of another
/// answer the network does not know (epistemic).
///
///     var average = try ClassProbabilityAverage(labels: labels, classCount: 10)
///     for draw in draws { try average.add(network.probabilities(draw)) }
///     let together = try average.scores()
///     let alone = average.bestDraw
public struct ClassProbabilityAverage: Sendable {
  /// A single draw and its scores.
  package struct ScoredDraw: Sendable, Equatable {
    /// The number of the draw, from 0 in the order of adding.
    package let index: Int
    /// What it scores alone.
    package let scores: ClassificationScores
  }

  /// The true class of each example, from 0; `nil` where it is not known.
  package let labels: [Int]?
  /// Number of examples.
  package let exampleCount: Int
  /// Number of classes.
  package let classCount: Int
  /// Number of draws added.
  public private(set) var drawCount = 0
  /// The draw with the smallest negative log likelihood, if labels are known. It is picked on the very labels it is scored on, which flatters
  /// it: an average that beats it does so against the odds.
  package private(set) var bestDraw: ScoredDraw?

  /// The scores of single draws: what to expect of one network.
  package private(set) var typicalDraw = TypicalClassifier()

  /// Sum of the probabilities over draws, and of their squares.
  private var sums: [Double]
  private var squareSums: [Double]
  /// Sum over draws of the entropy of each example's probabilities.
  private var entropySums: [Double]

  /// An average of nothing yet, over examples whose true classes are known.
  ///
  /// - Throws: ``DiagnosticsError`` if there are no examples or a label is not a class.
  public init(labels: [Int], classCount: Int) throws(DiagnosticsError) {
    try checkLabels(labels, classCount: classCount)
    try self.init(labels: labels, exampleCount: labels.count, classCount: classCount)
  }

  /// An average of nothing yet, over examples to predict; it has no scores.
  ///
  /// - Throws: ``DiagnosticsError/empty(what:)`` if there are no examples or no classes.
  public init(exampleCount: Int, classCount: Int) throws(DiagnosticsError) {
    try self.init(labels: nil, exampleCount: exampleCount, classCount: classCount)
  }

  private init(labels: [Int]?, exampleCount: Int, classCount: Int) throws(DiagnosticsError) {
    guard exampleCount > 0 else { throw .empty(what: "examples") }
    guard classCount > 0 else { throw .empty(what: "classes") }
    self.labels = labels
    self.exampleCount = exampleCount
    self.classCount = classCount
    sums = [Double](repeating: 0, count: exampleCount * classCount)
    squareSums = sums
    entropySums = [Double](repeating: 0, count: exampleCount)
  }

  /// Adds the probabilities that one draw predicts, `examples x classes`, the classes of an example next to each other.
  ///
  /// - Throws: ``DiagnosticsError`` that names the offending example; the average then stays as it was.
  public mutating func add(_ probabilities: [Double]) throws(DiagnosticsError) {
    try checkProbabilities(probabilities, exampleCount: exampleCount, classCount: classCount)
    if let labels {
      let scores = try ClassificationScores(probabilities: probabilities, labels: labels, classCount: classCount)
      keepBest(ScoredDraw(index: drawCount, scores: scores))
      typicalDraw.add(scores)
    }
    for index in sums.indices {
      sums[index] += probabilities[index]
      squareSums[index] += probabilities[index] * probabilities[index]
    }
    for example in entropySums.indices { entropySums[example] += entropy(of: row(probabilities, example)) }
    drawCount += 1
  }

  /// Adds the draws of another average over the same examples, such as another chain's; they are numbered after ours.
  public mutating func merge(_ other: ClassProbabilityAverage) {
    precondition(
      other.labels == labels && other.exampleCount == exampleCount && other.classCount == classCount,
      "only averages over the same examples can be added")
    if let best = other.bestDraw { keepBest(ScoredDraw(index: drawCount + best.index, scores: best.scores)) }
    typicalDraw.merge(other.typicalDraw)
    for index in sums.indices {
      sums[index] += other.sums[index]
      squareSums[index] += other.squareSums[index]
    }
    for example in entropySums.indices { entropySums[example] += other.entropySums[example] }
    drawCount += other.drawCount
  }

  /// The averaged probabilities, `examples x classes`.
  ///
  /// - Throws: ``DiagnosticsError/empty(what:)`` before the first draw.
  public func probabilities() throws(DiagnosticsError) -> [Double] {
    guard drawCount > 0 else { throw .empty(what: "draws of class probabilities") }
    return sums.map { $0 / Double(drawCount) }
  }

  /// The standard deviation of each probability over draws, `examples x classes`: the error bars of the probabilities.
  ///
  /// - Throws: ``DiagnosticsError/empty(what:)`` before the first draw.
  package func spreads() throws(DiagnosticsError) -> [Double] {
    let count = Double(drawCount)
    return zip(try probabilities(), squareSums).map { max(0, $1 / count - $0 * $0).squareRoot() }
  }

  /// The scores of the averaged probabilities.
  ///
  /// - Throws: ``DiagnosticsError/empty(what:)`` before the first draw, and without labels.
  public func scores(bins: Int = 15) throws(DiagnosticsError) -> ClassificationScores {
    guard let labels else { throw .empty(what: "labels to score by") }
    return try ClassificationScores(probabilities: probabilities(), labels: labels, classCount: classCount, bins: bins)
  }

  /// How uncertain the prediction of each example is, and why.
  ///
  /// - Throws: ``DiagnosticsError/empty(what:)`` before the first draw.
  public func uncertainties() throws(DiagnosticsError) -> [PredictiveUncertainty] {
    let average = try probabilities()
    return entropySums.indices.map { example in
      let total = entropy(of: row(average, example))
      // Concavity of the entropy makes the mean at most the total; rounding may not know that.
      return PredictiveUncertainty(total: total, aleatoric: min(entropySums[example] / Double(drawCount), total))
    }
  }

  private mutating func keepBest(_ draw: ScoredDraw) {
    if draw.scores.negativeLogLikelihood < bestDraw?.scores.negativeLogLikelihood ?? .infinity { bestDraw = draw }
  }

  private func row(_ table: [Double], _ example: Int) -> ArraySlice<Double> {
    table[example * classCount..<(example + 1) * classCount]
  }
}

/// What single draws score: mean and spread over them. Unlike the best draw, which is picked on the labels that it is
/// scored on, a typical one is what a single network gives.
package struct TypicalClassifier: Sendable, Equatable {
  /// Accuracies of the draws.
  package private(set) var accuracy = RunningMoments()
  /// Negative log likelihoods of the draws.
  package private(set) var negativeLogLikelihood = RunningMoments()
  /// Brier scores of the draws.
  package private(set) var brierScore = RunningMoments()

  mutating func add(_ scores: ClassificationScores) {
    accuracy.add(scores.accuracy)
    negativeLogLikelihood.add(scores.negativeLogLikelihood)
    brierScore.add(scores.brierScore)
  }

  mutating func merge(_ other: TypicalClassifier) {
    accuracy.merge(other.accuracy)
    negativeLogLikelihood.merge(other.negativeLogLikelihood)
    brierScore.merge(other.brierScore)
  }
}

/// The entropy of a predicted class in nats, split by its source (Depeweg et al., 2018).
public struct PredictiveUncertainty: Sendable, Equatable {
  /// Entropy of the averaged probabilities.
  public let total: Double
  /// Mean entropy of the draws' own probabilities: uncertainty that remains when the network is known.
  public let aleatoric: Double
  /// The rest, the mutual information of class and network: what more data could remove.
  public var epistemic: Double { total - aleatoric }
}

/// -sum p ln p.
private func entropy(of probabilities: ArraySlice<Double>) -> Double {
  probabilities.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
}
