import Foundation
import LangevinDiagnostics
import Testing

@Suite("Scores of predictions")
struct PredictionTests {
  @Test("Accuracy, likelihood, Brier score and calibration of a table worked out by hand")
  func byHand() throws {
    let scores = try ClassificationScores(
      probabilities: [0.5, 0.25, 0.25, 0.25, 0.5, 0.25, 1, 0, 0, 0.125, 0.125, 0.75], labels: [0, 2, 0, 2],
      classCount: 3,
      bins: 4)
    #expect(scores.accuracy == 0.75)
    #expect(relativeError(scores.negativeLogLikelihood, (log(2.0) + log(4.0) + 0 + log(4.0 / 3)) / 4) < 1e-15)
    // 1/4 + 1/8; 1/16 + 1/4 + 9/16; 0; 1/32 + 1/16.
    #expect(relativeError(scores.brierScore, (0.375 + 0.875 + 0 + 0.09375) / 4) < 1e-15)
    #expect(scores.reliability.map(\.count) == [0, 0, 2, 2])
    #expect(scores.reliability.map(\.lowerBound) == [0, 0.25, 0.5, 0.75])
    #expect(scores.reliability[2].accuracy == 0.5 && scores.reliability[2].confidence == 0.5)
    #expect(scores.reliability[3].accuracy == 1 && scores.reliability[3].confidence == 0.875)
    #expect(scores.expectedCalibrationError == 0.0625)
  }

  @Test("A certainty that proves wrong costs much and stays finite")
  func certain() throws {
    let scores = try ClassificationScores(probabilities: [0, 1], labels: [0], classCount: 2)
    #expect(scores.accuracy == 0 && scores.brierScore == 2 && scores.expectedCalibrationError == 1)
    #expect((scores.negativeLogLikelihood - 708.4).magnitude < 0.01)
  }

  @Test("Of equally likely classes the first is the prediction")
  func tied() throws {
    #expect(try ClassificationScores(probabilities: [0.5, 0.5], labels: [0], classCount: 2).accuracy == 1)
    #expect(try ClassificationScores(probabilities: [0.5, 0.5], labels: [1], classCount: 2).accuracy == 0)
  }

  @Test("Labels drawn from the predicted probabilities are calibrated; sharpened predictions are not")
  func calibration() throws {
    var random = SplitMix(seed: 17)
    let count = 6000
    let truths = (0..<count).map { _ in random.uniform() }
    let labels = truths.map { random.uniform() < $0 ? 0 : 1 }
    let honest = try ClassificationScores(
      probabilities: truths.flatMap { [$0, 1 - $0] }, labels: labels, classCount: 2, bins: 5)
    // The gap of a bin of n predictions is normal with deviation at most 1 / (2 sqrt n). Of its magnitude the mean is 0.80
    // and the deviation 0.60 of that; over the three filled bins the deviations add in squares.
    let z = 4.9
    let scatter = honest.reliability.reduce(0.0) { $0 + Double($1.count).squareRoot() / 2 } / Double(count)
    #expect(honest.expectedCalibrationError < (0.8 + z * 0.6 / 3.0.squareRoot()) * scatter)
    #expect((honest.accuracy - 0.75).magnitude < z * (0.1875 / Double(count)).squareRoot())

    let sharp = try ClassificationScores(
      probabilities: truths.flatMap { $0 > 0.5 ? [1, 0] : [0, 1] }, labels: labels, classCount: 2)
    #expect((sharp.expectedCalibrationError - (1 - sharp.accuracy)).magnitude < 1e-12)
    #expect(sharp.negativeLogLikelihood > honest.negativeLogLikelihood)
    #expect(sharp.brierScore > honest.brierScore)
  }

  @Test("Uncertainty is epistemic where draws contradict each other and aleatoric where they agree to be unsure")
  func uncertainty() throws {
    var average = try ClassProbabilityAverage(labels: [0, 0, 1], classCount: 2)
    try average.add([1, 0, 0.5, 0.5, 0, 1])
    try average.add([0, 1, 0.5, 0.5, 0, 1])
    #expect(try average.probabilities() == [0.5, 0.5, 0.5, 0.5, 0, 1])
    let uncertainties = try average.uncertainties()
    #expect(relativeError(uncertainties[0].total, log(2)) < 1e-15 && uncertainties[0].aleatoric == 0)
    #expect(relativeError(uncertainties[0].epistemic, log(2)) < 1e-15)
    #expect(relativeError(uncertainties[1].aleatoric, log(2)) < 1e-15 && uncertainties[1].epistemic == 0)
    #expect(uncertainties[2].total == 0 && uncertainties[2].epistemic == 0)
  }

  @Test("The average beats the best of draws that err independently, and chains join in any split")
  func bestDraw() throws {
    // Three draws, each sure of one wrong answer: their average errs nowhere.
    let rows: [[Double]] = [
      [0.1, 0.9, 0.8, 0.2, 0.8, 0.2], [0.9, 0.1, 0.2, 0.8, 0.9, 0.1], [0.9, 0.1, 0.8, 0.2, 0.1, 0.9],
    ]
    let labels = [0, 0, 0]
    var together = try ClassProbabilityAverage(labels: labels, classCount: 2)
    for row in rows { try together.add(row) }
    let scores = try together.scores()
    let best = try #require(together.bestDraw)
    #expect(scores.accuracy == 1)
    #expect(best.index == 1)
    #expect(best.scores == (try ClassificationScores(probabilities: rows[1], labels: labels, classCount: 2)))
    #expect(scores.negativeLogLikelihood < best.scores.negativeLogLikelihood)

    var first = try ClassProbabilityAverage(labels: labels, classCount: 2)
    var second = first
    try first.add(rows[0])
    try second.add(rows[1])
    try second.add(rows[2])
    first.merge(second)
    #expect(first.drawCount == 3)
    #expect(first.bestDraw == together.bestDraw)
    for (merged, straight) in zip(try first.probabilities(), try together.probabilities()) {
      #expect((merged - straight).magnitude < 1e-15)
    }
  }

  @Test("Without known answers there are predictions and no scores")
  func unlabelled() throws {
    var classes = try ClassProbabilityAverage(exampleCount: 1, classCount: 2)
    try classes.add([0.5, 0.5])
    try classes.add([0, 1])
    #expect(try classes.probabilities() == [0.25, 0.75])
    #expect(try classes.uncertainties()[0].aleatoric == log(2) / 2)
    #expect(classes.bestDraw == nil)
    #expect(throws: DiagnosticsError.empty(what: "labels to score by")) { try classes.scores() }

    var values = try RegressionAverage(valueCount: 2)
    try values.add([1, 3])
    #expect(values.means == [1, 3] && values.bestDraw == nil)
    #expect(throws: DiagnosticsError.empty(what: "targets to score by")) { try values.scores() }
  }

  @Test("Bad tables are refused with the example named, and leave the average as it was")
  func badTables() throws {
    #expect(throws: DiagnosticsError.empty(what: "examples")) { try ClassProbabilityAverage(labels: [], classCount: 2) }
    #expect(
      throws: DiagnosticsError.invalidEntry(
        what: "label of example", index: 1, value: 2, expected: "a class from 0 to 1")
    ) { try ClassProbabilityAverage(labels: [0, 2], classCount: 2) }

    var average = try ClassProbabilityAverage(labels: [0, 1], classCount: 2)
    #expect(throws: DiagnosticsError.empty(what: "draws of class probabilities")) { try average.scores() }
    try average.add([0.5, 0.5, 0.25, 0.75])
    let bad: [([Double], String)] = [
      ([0.5, 0.5, 1], "found 3, expected 4"), ([0.5, 0.5, .nan, 1], "class 0 of example 1 is nan"),
      ([0.5, 0.5, -0.1, 1.1], "class 0 of example 1 is -0.1"), ([0.5, 0.5, 0.5, 0.6], "example 1 is 1.1, expected 1"),
    ]
    for (table, message) in bad {
      let error = try #require(throws: DiagnosticsError.self) { try average.add(table) }
      #expect(error.description.contains(message), "\(error)")
    }
    #expect(average.drawCount == 1)
    #expect(try average.probabilities() == [0.5, 0.5, 0.25, 0.75])
  }

  @Test("Mean, spread, error and likelihood of a regression worked out by hand")
  func regression() throws {
    var average = try RegressionAverage(targets: [1, 4])
    #expect(throws: DiagnosticsError.empty(what: "draws of predictions")) { try average.scores() }
    try average.add([0, 4])
    #expect(try average.scores().negativeLogLikelihood == nil)
    try average.add([2, 6])
    #expect(average.means == [1, 5])
    let spread = 2.0.squareRoot()
    #expect(average.spreads == [spread, spread])
    #expect(average.bestDraw?.index == 0 && average.bestDraw?.rootMeanSquareError == 0.5.squareRoot())

    let scores = try average.scores(noiseVariance: 2)
    #expect(scores.rootMeanSquareError == 0.5.squareRoot())
    // Variance 4 each; errors 0 and 1.
    let expected = (2 * log(2 * Double.pi * 4) + 0.25) / 4
    #expect(relativeError(try #require(scores.negativeLogLikelihood), expected) < 1e-15)

    var other = try RegressionAverage(targets: [1, 4])
    try other.add([1, 4])
    average.merge(other)
    #expect(average.drawCount == 3 && average.bestDraw?.index == 2 && average.bestDraw?.rootMeanSquareError == 0)
    #expect(average.means[0] == 1 && relativeError(average.means[1], 14.0 / 3) < 1e-15)
  }

  @Test("Predictions that are not finite or too few are refused by name")
  func badPredictions() throws {
    #expect(throws: DiagnosticsError.empty(what: "values to predict")) { try RegressionAverage(targets: []) }
    var average = try RegressionAverage(targets: [1, 4])
    #expect(throws: DiagnosticsError.sizeMismatch(what: "predictions", found: 1, expected: 2)) { try average.add([1]) }
    #expect(
      throws: DiagnosticsError.invalidEntry(
        what: "prediction", index: 1, value: .infinity, expected: "a finite number")
    ) { try average.add([1, .infinity]) }
    #expect(average.drawCount == 0)
  }
}
