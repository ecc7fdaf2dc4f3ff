import LangevinPlatform

/// How good predicted class probabilities are, judged by the true classes.
///
/// Accuracy asks whether the likeliest class was right. The other scores ask whether the probabilities were: negative log
/// likelihood and Brier score are proper, best on average for the true probabilities (Gneiting and Raftery, 2007), and the
/// calibration error asks whether what is predicted with 80 % happens 80 times in 100.
public struct ClassificationScores: Sendable, Equatable, Codable {
  /// Share of examples whose likeliest class (the first of equals) is the true one.
  public let accuracy: Double
  /// Mean of -ln p(true class). A probability of 0 counts as the smallest normal number, about 708 nats.
  public let negativeLogLikelihood: Double
  /// Mean over examples of the squared distance, summed over classes, between probabilities and truth: from 0 to 2.
  public let brierScore: Double
  /// Standard error of ``accuracy``, from the scatter over examples; 0 for a single one.
  package let accuracyError: Double
  /// Standard error of ``negativeLogLikelihood``.
  package let negativeLogLikelihoodError: Double
  /// Standard error of ``brierScore``.
  package let brierScoreError: Double
  /// Predictions in bins of confidence, from low to high.
  package let reliability: [ReliabilityBin]
  /// The calibration error in bins of equally many predictions, sorted by confidence: the first of them hold one more
  /// where the number of predictions is no multiple of the number of bins.
  package let adaptiveCalibrationError: Double
  /// How much better the sure answers are.
  package let selective: SelectivePrediction

  /// Share-weighted mean gap between confidence and accuracy over the bins (Guo et al., 2017), the calibration error ECE.
  public var expectedCalibrationError: Double {
    let total = Double(reliability.reduce(0) { $0 + $1.count })
    return reliability.reduce(0) { $0 + Double($1.count) / total * ($1.accuracy - $1.confidence).magnitude }
  }

  /// Scores probabilities, the classes of an example next to each other.
  ///
  /// - Parameters:
  ///   - probabilities: `examples x classes` values; those of an example sum to 1.
  ///   - labels: The true class of each example, from 0.
  ///   - classCount: Number of classes.
  ///   - bins: Number of confidence bins between 0 and 1.
  /// - Throws: ``DiagnosticsError`` that names the offending example or entry.
  public init(probabilities: [Double], labels: [Int], classCount: Int, bins: Int = 15) throws(DiagnosticsError) {
    precondition(bins > 0, "a reliability table needs at least one bin")
    try checkProbabilities(probabilities, exampleCount: labels.count, classCount: classCount)
    try checkLabels(labels, classCount: classCount)
    var correct = RunningMoments()
    var surprises = RunningMoments()
    var briers = RunningMoments()
    var confidences: [Double] = []
    var isCorrect: [Bool] = []
    var reliability = ReliabilityBin.empty(bins)
    for (example, label) in labels.enumerated() {
      let row = probabilities[example * classCount..<(example + 1) * classCount]
      var likeliest = row.startIndex
      var squares = 1.0
      for index in row.indices {
        if row[index] > row[likeliest] { likeliest = index }
        squares += row[index] * row[index]
      }
      let truth = row.startIndex + label
      briers.add(squares - 2 * row[truth])
      surprises.add(-log(max(row[truth], .leastNormalMagnitude)))
      correct.add(likeliest == truth ? 1 : 0)
      confidences.append(row[likeliest])
      isCorrect.append(likeliest == truth)
      reliability[min(Int(row[likeliest] * Double(bins)), bins - 1)]
        .add(confidence: row[likeliest], isCorrect: likeliest == truth)
    }
    func error(_ moments: RunningMoments) -> Double {
      ((moments.variance ?? 0) / Double(moments.count)).squareRoot()
    }
    (accuracy, accuracyError) = (Double(isCorrect.count { $0 }) / Double(labels.count), error(correct))
    (negativeLogLikelihood, negativeLogLikelihoodError) = (surprises.mean, error(surprises))
    (brierScore, brierScoreError) = (briers.mean, error(briers))
    self.reliability = reliability
    adaptiveCalibrationError = LangevinDiagnostics.adaptiveCalibrationError(
      confidences: confidences, isCorrect: isCorrect, bins: bins)
    selective = try SelectivePrediction(confidences: confidences, isCorrect: isCorrect)
  }
}

/// Share-weighted mean gap between confidence and accuracy over bins of equally many predictions.
package func adaptiveCalibrationError(confidences: [Double], isCorrect: [Bool], bins: Int) -> Double {
  let order = zip(confidences, isCorrect).sorted { $0.0 < $1.0 }
  let (size, longer) = order.count.quotientAndRemainder(dividingBy: bins)
  var start = 0
  var error = 0.0
  for bin in 0..<bins {
    let end = start + size + (bin < longer ? 1 : 0)
    // Accuracy less confidence, times the size of the bin.
    error += order[start..<end].reduce(0) { $0 + ($1.1 ? 1 : 0) - $1.0 }.magnitude
    start = end
  }
  return error / Double(order.count)
}

/// The predictions whose confidence, the probability of the likeliest class, falls in one interval.
package struct ReliabilityBin: Sendable, Equatable, Codable {
  /// Lower end of the interval.
  package let lowerBound: Double
  /// Upper end of the interval.
  package let upperBound: Double
  /// Number of predictions in it.
  package private(set) var count = 0
  /// Their mean confidence; 0 without predictions.
  package private(set) var confidence = 0.0
  /// The share of them that was right; 0 without predictions.
  package private(set) var accuracy = 0.0

  static func empty(_ bins: Int) -> [ReliabilityBin] {
    (0..<bins).map {
      ReliabilityBin(lowerBound: Double($0) / Double(bins), upperBound: Double($0 + 1) / Double(bins))
    }
  }

  private init(lowerBound: Double, upperBound: Double) {
    self.lowerBound = lowerBound
    self.upperBound = upperBound
  }

  mutating func add(confidence: Double, isCorrect: Bool) {
    count += 1
    self.confidence += (confidence - self.confidence) / Double(count)
    accuracy += ((isCorrect ? 1 : 0) - accuracy) / Double(count)
  }
}

/// Probabilities may miss the sum 1 by this much, as single precision does with many classes.
private let toleratedExcess = 1e-3

/// Checks an `examples x classes` table of probabilities.
func checkProbabilities(
  _ probabilities: [Double], exampleCount: Int, classCount: Int
) throws(DiagnosticsError) {
  guard classCount > 0 else { throw .empty(what: "classes") }
  guard exampleCount > 0 else { throw .empty(what: "examples") }
  guard probabilities.count == exampleCount * classCount else {
    throw .sizeMismatch(
      what: "probabilities of \(exampleCount) examples and \(classCount) classes", found: probabilities.count,
      expected: exampleCount * classCount)
  }
  for example in 0..<exampleCount {
    var sum = 0.0
    for index in example * classCount..<(example + 1) * classCount {
      let probability = probabilities[index]
      guard probability >= 0, probability <= 1 + toleratedExcess else {
        throw .invalidEntry(
          what: "probability of class \(index - example * classCount) of example", index: example, value: probability,
          expected: "a number between 0 and 1")
      }
      sum += probability
    }
    guard (sum - 1).magnitude <= toleratedExcess else {
      throw .invalidEntry(what: "sum of the probabilities of example", index: example, value: sum, expected: "1")
    }
  }
}

/// Checks that each label is one of the classes.
func checkLabels(_ labels: [Int], classCount: Int) throws(DiagnosticsError) {
  if let example = labels.firstIndex(where: { !(0..<classCount).contains($0) }) {
    throw .invalidEntry(
      what: "label of example", index: example, value: Double(labels[example]),
      expected: "a class from 0 to \(classCount - 1)")
  }
}
