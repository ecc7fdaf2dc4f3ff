import LangevinDiagnostics

/// How good predictions are: those averaged over the draws, each number with its standard error over the examples, beside a
/// typical single draw.
///
/// Without targets only the uncertainty of a classifier is left of it.
package struct PredictionScores: Sendable {
  struct Classes: Sendable {
    let average: ClassificationScores
    let typical: TypicalClassifier
    /// What the frequencies of the classes in training score; nil where the training data are gone.
    let baseline: ClassificationScores?
    /// The area under the ROC curve, of two classes.
    let area: Double?
    /// How many examples of each class (a row) were taken for each class (a column).
    let confusion: [[Int]]
    /// The names of the classes.
    let names: [String]
  }

  struct Values: Sendable {
    let name: String
    let forecast: ForecastScores
    /// The root mean square errors of single draws.
    let typical: RunningMoments
    /// What the normal law of the training targets scores; nil where the training data are gone.
    let baseline: ForecastScores?
  }

  /// The examples that were predicted.
  package let subject: Prediction.Subject
  /// The number of draws.
  package let drawCount: Int
  /// The number of examples.
  package let exampleCount: Int
  let classes: Classes?
  let values: [Values]
  let uncertainty: (aleatoric: Double, epistemic: Double)?
  /// The probability that a predicted interval holds.
  var level = 0.9

  /// Whether there were targets to score by.
  package var hasTargets: Bool { classes != nil || !values.isEmpty }

  /// What was scored, in a sentence.
  package var caption: String {
    let examples = "\(exampleCount) example\(exampleCount == 1 ? "" : "s")"
    return switch subject {
    case .testSet: "\(examples) of the test set"
    case .trainingSet: "\(examples) of the TRAINING set, for there is no other: the scores flatter the run"
    case .file(let path): "\(examples) of \(path)"
    }
  }
}

// MARK: As a table

extension PredictionScores {
  /// The scores side by side.
  package var table: TextTable {
    var table = TextTable(["", "\(drawCount) draws", "typical draw", "baseline"])
    func row(_ name: String, _ value: Estimate, typical: RunningMoments? = nil, baseline: Estimate? = nil) {
      table.rows.append([
        name, Self.text(value.value, value.standardError),
        typical.map { Self.text($0.mean, $0.standardDeviation ?? .nan) } ?? "-",
        baseline.map { Self.text($0.value, $0.standardError) } ?? "-",
      ])
    }
    func number(_ name: String, _ value: Double) { table.rows.append([name, Format.fixed(value, 4), "-", "-"]) }
    if let classes {
      let scores = classes.average
      row(
        "accuracy", .init(value: scores.accuracy, standardError: scores.accuracyError),
        typical: classes.typical.accuracy,
        baseline: classes.baseline.map { .init(value: $0.accuracy, standardError: $0.accuracyError) })
      row(
        "negative log-likelihood",
        .init(value: scores.negativeLogLikelihood, standardError: scores.negativeLogLikelihoodError),
        typical: classes.typical.negativeLogLikelihood,
        baseline: classes.baseline.map {
          .init(value: $0.negativeLogLikelihood, standardError: $0.negativeLogLikelihoodError)
        })
      row(
        "Brier score", .init(value: scores.brierScore, standardError: scores.brierScoreError),
        typical: classes.typical.brierScore,
        baseline: classes.baseline.map { .init(value: $0.brierScore, standardError: $0.brierScoreError) })
      number("calibration error (ECE)", scores.expectedCalibrationError)
      number("the same, equal bins", scores.adaptiveCalibrationError)
      if let area = classes.area { number("area under ROC", area) }
      number("area under risk-coverage", scores.selective.area)
    }
    for target in values {
      let prefix = values.count == 1 ? "" : target.name + ": "
      let (forecast, baseline) = (target.forecast, target.baseline)
      row(
        prefix + "root mean square error", forecast.rootMeanSquareError, typical: target.typical,
        baseline: baseline?.rootMeanSquareError)
      row(prefix + "mean absolute error", forecast.medianAbsoluteError, baseline: baseline?.medianAbsoluteError)
      row(prefix + "negative log-likelihood", forecast.logScore, baseline: baseline?.logScore)
      if let ranked = forecast.rankedProbabilityScore {
        row(prefix + "CRPS", ranked, baseline: baseline?.rankedProbabilityScore)
      }
      for interval in forecast.intervals {
        row(
          prefix + "coverage of \(Format.plain(100 * interval.level)) %", interval.coverage,
          baseline: baseline?.coverage(of: interval.level))
      }
    }
    if let uncertainty {
      number("entropy, aleatoric", uncertainty.aleatoric)
      number("entropy, epistemic", uncertainty.epistemic)
    }
    return table
  }

  /// What the columns mean, in a sentence or two.
  package var legend: String {
    var sentences = ["A typical draw is the mean and spread over single draws."]
    if classes?.baseline != nil {
      sentences.append("The baseline predicts the frequencies of the classes in training.")
    }
    if values.first?.baseline != nil {
      sentences.append("The baseline predicts the mean and spread of the training targets.")
    }
    return sentences.joined(separator: " ")
  }

  private static func text(_ value: Double, _ error: Double) -> String {
    error.isFinite && error > 0
      ? "\(Format.value(value, error: error)) ± \(Format.error(error))" : Format.significant(value, 4)
  }
}

// MARK: As a document

extension PredictionScores {
  /// The same as a document.
  package var json: JSON {
    var members: [JSON.Member] = [
      .init("examples_are", .string(examplesAre)), .init("draws", JSON(drawCount)),
      .init("examples", JSON(exampleCount)),
    ]
    func estimate(_ value: Double, _ error: Double) -> JSON {
      .object([.init("value", JSON(value)), .init("se", JSON(error))])
    }
    func estimate(_ value: Estimate) -> JSON { estimate(value.value, value.standardError) }
    if let classes {
      let scores = classes.average
      members += [
        .init("accuracy", estimate(scores.accuracy, scores.accuracyError)),
        .init("nll", estimate(scores.negativeLogLikelihood, scores.negativeLogLikelihoodError)),
        .init("brier", estimate(scores.brierScore, scores.brierScoreError)),
        .init("ece", JSON(scores.expectedCalibrationError)),
        .init("ece_adaptive", JSON(scores.adaptiveCalibrationError)),
        .init("auroc", classes.area.map { JSON($0) } ?? .null), .init("aurc", JSON(scores.selective.area)),
        .init(
          "typical_draw",
          .object([
            .init("accuracy", JSON(classes.typical.accuracy.mean)),
            .init("nll", JSON(classes.typical.negativeLogLikelihood.mean)),
            .init("brier", JSON(classes.typical.brierScore.mean)),
          ])),
        .init(
          "baseline",
          classes.baseline.map {
            .object([
              .init("accuracy", estimate($0.accuracy, $0.accuracyError)),
              .init("nll", estimate($0.negativeLogLikelihood, $0.negativeLogLikelihoodError)),
              .init("brier", estimate($0.brierScore, $0.brierScoreError)),
            ])
          } ?? .null),
      ]
    }
    let targets = values.map { target -> JSON in
      let forecast = target.forecast
      return .object([
        .init("name", .string(target.name)), .init("rmse", estimate(forecast.rootMeanSquareError)),
        .init("nll", estimate(forecast.logScore)),
        .init("crps", forecast.rankedProbabilityScore.map { estimate($0) } ?? .null),
        .init(
          "intervals",
          .array(
            forecast.intervals.map { interval in
              .object([
                .init("level", JSON(interval.level)), .init("coverage", estimate(interval.coverage)),
                .init("score", estimate(interval.score)), .init("width", estimate(interval.width)),
              ])
            })),
        .init("mae", estimate(forecast.medianAbsoluteError)),
        .init("typical_draw_rmse", JSON(target.typical.mean)),
        .init(
          "baseline",
          target.baseline.map {
            .object([
              .init("rmse", estimate($0.rootMeanSquareError)), .init("nll", estimate($0.logScore)),
              .init("mae", estimate($0.medianAbsoluteError)),
            ])
          } ?? .null),
      ])
    }
    if !targets.isEmpty { members.append(.init("targets", .array(targets))) }
    if let uncertainty {
      members.append(.init("aleatoric_entropy", JSON(uncertainty.aleatoric)))
      members.append(.init("epistemic_entropy", JSON(uncertainty.epistemic)))
    }
    return .object(members)
  }

  private var examplesAre: String {
    switch subject {
    case .testSet: "test set"
    case .trainingSet: "training set"
    case .file(let path): path
    }
  }
}
