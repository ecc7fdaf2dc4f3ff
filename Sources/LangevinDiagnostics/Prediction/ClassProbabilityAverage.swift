#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

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
  public struct ScoredDraw: Sendable, Equatable {
    /// The number of the draw, from 0 in the order of adding.
    public let index: Int
    /// What it scores alone.
    public let scores: ClassificationScores
  }

  /// The true class of each example, from 0.
  public let labels: [Int]
  /// Number of classes.
  public let classCount: Int
  /// Number of draws added.
  public private(set) var drawCount = 0
  /// The draw with the smallest negative log likelihood. It is picked on the very labels it is scored on, which flatters
  /// it: an average that beats it does so against the odds.
  public private(set) var bestDraw: ScoredDraw?

  /// Sum of the probabilities over draws.
  private var sums: [Double]
  /// Sum over draws of the entropy of each example's probabilities.
  private var entropySums: [Double]

  /// An average of nothing yet.
  ///
  /// - Throws: ``DiagnosticsError`` if there are no examples or a label is not a class.
  public init(labels: [Int], classCount: Int) throws(DiagnosticsError) {
    guard !labels.isEmpty else { throw .empty(what: "examples") }
    try checkLabels(labels, classCount: classCount)
    self.labels = labels
    self.classCount = classCount
    sums = [Double](repeating: 0, count: labels.count * classCount)
    entropySums = [Double](repeating: 0, count: labels.count)
  }

  /// Adds the probabilities that one draw predicts, `examples x classes`, the classes of an example next to each other.
  ///
  /// - Throws: ``DiagnosticsError`` that names the offending example; the average then stays as it was.
  public mutating func add(_ probabilities: [Double]) throws(DiagnosticsError) {
    let scores = try ClassificationScores(probabilities: probabilities, labels: labels, classCount: classCount)
    if scores.negativeLogLikelihood < bestDraw?.scores.negativeLogLikelihood ?? .infinity {
      bestDraw = ScoredDraw(index: drawCount, scores: scores)
    }
    for index in sums.indices { sums[index] += probabilities[index] }
    for example in labels.indices { entropySums[example] += entropy(of: row(probabilities, example)) }
    drawCount += 1
  }

  /// Adds the draws of another average over the same examples, such as another chain's; they are numbered after ours.
  public mutating func merge(_ other: ClassProbabilityAverage) {
    precondition(
      other.labels == labels && other.classCount == classCount, "only averages over the same examples can be added")
    if let best = other.bestDraw,
      best.scores.negativeLogLikelihood < bestDraw?.scores.negativeLogLikelihood ?? .infinity
    {
      bestDraw = ScoredDraw(index: drawCount + best.index, scores: best.scores)
    }
    for index in sums.indices { sums[index] += other.sums[index] }
    for example in labels.indices { entropySums[example] += other.entropySums[example] }
    drawCount += other.drawCount
  }

  /// The averaged probabilities, `examples x classes`.
  ///
  /// - Throws: ``DiagnosticsError/empty(what:)`` before the first draw.
  public func probabilities() throws(DiagnosticsError) -> [Double] {
    guard drawCount > 0 else { throw .empty(what: "draws of class probabilities") }
    return sums.map { $0 / Double(drawCount) }
  }

  /// The scores of the averaged probabilities.
  ///
  /// - Throws: ``DiagnosticsError/empty(what:)`` before the first draw.
  public func scores(bins: Int = 15) throws(DiagnosticsError) -> ClassificationScores {
    try ClassificationScores(probabilities: probabilities(), labels: labels, classCount: classCount, bins: bins)
  }

  /// How uncertain the prediction of each example is, and why.
  ///
  /// - Throws: ``DiagnosticsError/empty(what:)`` before the first draw.
  public func uncertainties() throws(DiagnosticsError) -> [PredictiveUncertainty] {
    let average = try probabilities()
    return labels.indices.map { example in
      let total = entropy(of: row(average, example))
      // Concavity of the entropy makes the mean at most the total; rounding may not know that.
      return PredictiveUncertainty(total: total, aleatoric: min(entropySums[example] / Double(drawCount), total))
    }
  }

  private func row(_ table: [Double], _ example: Int) -> ArraySlice<Double> {
    table[example * classCount..<(example + 1) * classCount]
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
