import Foundation
import Testing

@testable import LangevinDiagnostics

/// Scores of classifiers on numbers of a portable generator; reference values by NumPy.
@Suite("Classification: detection, selection and calibration")
struct ClassificationTests {
  private func uniforms(_ count: Int, seed: UInt64) -> [Double] {
    var random = SplitMix(seed: seed)
    return (0..<count).map { _ in random.uniform() }
  }

  private func oneDecimal(_ values: [Double]) -> [Double] {
    values.enumerated().map { $0 < 5 ? ($1 * 10).rounded(.toNearestOrEven) / 10 : $1 }
  }

  @Test("Inputs of another kind are told from familiar ones, ties by half")
  func detection() throws {
    let familiar = oneDecimal(uniforms(40, seed: 1))
    let strange = oneDecimal(uniforms(25, seed: 2).map { 0.3 + $0 })
    let found = try Discrimination(negatives: familiar, positives: strange)
    #expect((found.area - 0.755).magnitude < 1e-14 && found.falsePositiveRate == 0.575)
    #expect(try Discrimination(negatives: [1, 1], positives: [1]).area == 0.5)
    #expect(
      try Discrimination(negatives: [1, 2], positives: [3, 4]) == Discrimination(negatives: [0], positives: [1]))
    #expect(throws: DiagnosticsError.self) { try Discrimination(negatives: [], positives: [1]) }
    #expect(throws: DiagnosticsError.self) { try Discrimination(negatives: [.nan], positives: [1]) }
  }

  private var answers: (confidences: [Double], isCorrect: [Bool]) {
    let confidences = uniforms(200, seed: 3).map { 0.5 + 0.5 * $0 }
    return (confidences, zip(uniforms(200, seed: 4), confidences).map { $0 < $1 })
  }

  @Test("Risk against coverage")
  func selection() throws {
    let (confidences, isCorrect) = answers
    #expect(isCorrect.count { !$0 } == 48)
    let found = try SelectivePrediction(confidences: confidences, isCorrect: isCorrect)
    #expect(relativeError(found.area, 0.127530620453) < 1e-11)
    #expect(relativeError(found.excess, 0.0961026231863) < 1e-11)
    // Of equal confidence the order does not matter: each k has risk 1/2.
    for order in [[true, false], [false, true]] {
      #expect(try SelectivePrediction(confidences: [0.7, 0.7], isCorrect: order).area == 0.5)
    }
    #expect(throws: DiagnosticsError.self) { try SelectivePrediction(confidences: [], isCorrect: []) }
  }

  @Test("Calibration in equal bins and in bins of equal width")
  func calibration() throws {
    let (confidences, isCorrect) = answers
    for (bins, expected) in [(15, 0.0746167522493), (10, 0.0574579251732)] {
      let found = adaptiveCalibrationError(confidences: confidences, isCorrect: isCorrect, bins: bins)
      #expect(relativeError(found, expected) < 1e-11)
    }
    // As a classifier of two classes whose likeliest is the first.
    let scores = try ClassificationScores(
      probabilities: confidences.flatMap { [$0, 1 - $0] }, labels: isCorrect.map { $0 ? 0 : 1 }, classCount: 2)
    #expect(relativeError(scores.expectedCalibrationError, 0.0519131647067) < 1e-11)
    #expect(relativeError(scores.adaptiveCalibrationError, 0.0746167522493) < 1e-11)
    #expect(relativeError(scores.selective.area, 0.127530620453) < 1e-11)
    #expect(relativeError(scores.accuracyError, (0.24 * 0.76 / 199).squareRoot()) < 1e-12)
    let surprises = zip(confidences, isCorrect).map { -log($1 ? $0 : 1 - $0) }
    #expect(relativeError(scores.negativeLogLikelihoodError, (surprises.variance / 200).squareRoot()) < 1e-11)
    let briers = zip(confidences, isCorrect).map { 2 * ($1 ? 1 - $0 : $0) * ($1 ? 1 - $0 : $0) }
    #expect(relativeError(scores.brierScoreError, (briers.variance / 200).squareRoot()) < 1e-11)
  }

  @Test("A typical draw is the mean over draws, not the best of them; probabilities have error bars")
  func typical() throws {
    let draws = [[0.9, 0.1, 0.2, 0.8], [0.4, 0.6, 0.3, 0.7], [0.6, 0.4, 0.6, 0.4]]
    var average = try ClassProbabilityAverage(labels: [0, 1], classCount: 2)
    try average.add(draws[0])
    var other = try ClassProbabilityAverage(labels: [0, 1], classCount: 2)
    try other.add(draws[1])
    try other.add(draws[2])
    average.merge(other)
    #expect(average.typicalDraw.accuracy.count == 3)
    #expect(relativeError(average.typicalDraw.accuracy.mean, (1 + 0.5 + 0.5) / 3) < 1e-15)
    #expect(relativeError(try #require(average.typicalDraw.accuracy.variance), 0.25 / 3) < 1e-14)
    let losses = draws.map { -(log($0[0]) + log($0[3])) / 2 }
    #expect(relativeError(average.typicalDraw.negativeLogLikelihood.mean, losses.mean) < 1e-15)
    let first = draws.map { $0[0] }
    let spread = (first.map { ($0 - first.mean) * ($0 - first.mean) }.mean).squareRoot()
    #expect(try (average.spreads()[0] - spread).magnitude < 1e-15)

    var regression = try RegressionAverage(targets: [1, 2])
    try regression.add([1, 4])
    try regression.add([3, 2])
    try regression.add([1, 2])
    #expect(relativeError(regression.typicalRootMeanSquareError.mean, 2 * 2.0.squareRoot() / 3) < 1e-15)
  }
}
