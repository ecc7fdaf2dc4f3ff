import LangevinDiagnostics

/// How good predictions are: those averaged over the draws, each number with its standard error over the examples, beside a
/// typical single draw.
///
/// Without targets only the uncertainty of a classifier is left of it.
package struct PredictionScores: Sendable {
  struct Classes: Sendable {
    let average: ClassificationScores
    let typical: TypicalClassifier
    /// The area under the ROC curve, of two classes.
    let area: Double?
  }

  struct Values: Sendable {
    let name: String
    let forecast: ForecastScores
    /// The root mean square errors of single draws.
    let typical: RunningMoments
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
    var table = TextTable(["", "average of \(drawCount) draws", "typical draw"])
    func row(_ name: String, _ value: Estimate, typical: RunningMoments? = nil) {
      table.rows.append([
        name, Self.text(value.value, value.standardError),
        typical.map { Self.text($0.mean, $0.standardDeviation ?? .nan) } ?? "-",
      ])
    }
    if let classes {
      let scores = classes.average
      row(
        "accuracy", .init(value: scores.accuracy, standardError: scores.accuracyError),
        typical: classes.typical.accuracy)
      row(
        "negative log-likelihood",
        .init(value: scores.negativeLogLikelihood, standardError: scores.negativeLogLikelihoodError),
        typical: classes.typical.negativeLogLikelihood)
      row(
        "Brier score", .init(value: scores.brierScore, standardError: scores.brierScoreError),
        typical: classes.typical.brierScore)
      table.rows.append(["calibration error (ECE)", Format.fixed(scores.expectedCalibrationError, 4), "-"])
      table.rows.append(["the same, equal bins", Format.fixed(scores.adaptiveCalibrationError, 4), "-"])
      if let area = classes.area { table.rows.append(["area under ROC", Format.fixed(area, 4), "-"]) }
      table.rows.append(["area under risk-coverage", Format.fixed(scores.selective.area, 4), "-"])
    }
    for target in values {
      let prefix = values.count == 1 ? "" : target.name + ": "
      let forecast = target.forecast
      row(prefix + "root mean square error", forecast.rootMeanSquareError, typical: target.typical)
      row(prefix + "negative log-likelihood", forecast.logScore)
      if let ranked = forecast.rankedProbabilityScore { row(prefix + "CRPS", ranked) }
      for interval in forecast.intervals {
        row(prefix + "coverage of \(Format.significant(100 * interval.level, 3)) %", interval.coverage)
      }
    }
    if let uncertainty {
      table.rows.append(["entropy, aleatoric", Format.fixed(uncertainty.aleatoric, 4), "-"])
      table.rows.append(["entropy, epistemic", Format.fixed(uncertainty.epistemic, 4), "-"])
    }
    return table
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
        .init("typical_draw_rmse", JSON(target.typical.mean)),
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
