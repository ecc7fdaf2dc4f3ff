import LangevinCore
import LangevinData
import LangevinDiagnostics

/// What the draws of a run predict for examples: probabilities averaged over networks, or mean and spread.
///
///     let prediction = try Prediction(of: [RunFolder("run7")], mostDraws: 200)
///     print(prediction.scores.table)
public struct Prediction: Sendable {
  /// For each example a row: class probabilities, or means and then spreads.
  public let rows: [[Double]]
  /// The names of the columns of ``rows``: those of the classes where they have names.
  public let columns: [String]
  /// How good they are, as far as that can be said.
  package let scores: PredictionScores

  /// The predictions of the stored draws of runs.
  ///
  /// - Parameters:
  ///   - folders: Runs with the same potential.
  ///   - data: Other examples than the run's own test set (or, without one, its training set). A table may lack the
  ///     target column; then there are no scores.
  ///   - mostDraws: At most so many draws, evenly spread over the chains.
  /// - Throws: ``FileError`` where a folder holds no draws or another potential; the errors of the data.
  public init(of folders: [RunFolder], on data: String? = nil, mostDraws: Int = 200) throws {
    _ = try StoredRuns(folders)
    let run = try folders[0].readConfiguration()
    switch run.network.precision {
    case .single: self = try Self(folders, run, on: data, mostDraws, Float.self)
    case .double: self = try Self(folders, run, on: data, mostDraws, Double.self)
    }
  }

  private init<Element: Scalar>(
    _ folders: [RunFolder], _ run: CheckedConfiguration, on other: String?, _ mostDraws: Int, _ type: Element.Type
  ) throws {
    let pool = try ThreadPool()
    let network = try run.network.makeNetwork()
    let examples: Examples<Element>
    var hasTargets = true
    if let other {
      let new: NewExamples<Element> = try run.source.examples(
        in: other, classes: run.network.loss == .squaredError ? nil : max(2, network.outputWidth),
        for: network)
      (examples, hasTargets) = (new.examples, new.hasTargets)
    } else {
      let own = try run.source.load(as: Element.self, on: pool)
      examples = own.test ?? own.train
    }
    let posterior = try run.network.posterior(on: examples)
    var workspace = posterior.makeWorkspace(pool: pool)
    let draws = try DrawsReader<Element>(
      folders, parameterCount: posterior.parameterCount, single: Element.self == Float.self)
    var collector = try Collector(examples.targets, areKnown: hasTargets)
    for draw in draws.spread(mostDraws) {
      let predicted = try posterior.predictions(at: try draws.draw(draw), probabilities: true, workspace: &workspace)
      try collector.add(predicted.elements.map { Double($0) })
    }
    (rows, columns) = try collector.rows(outputs: network.outputWidth, classNames: run.source.classNames)
    scores = try collector.scores()
  }
}

/// How good a prediction is: averaged over the draws, and the best of them alone.
///
/// Without targets only the uncertainty of a classifier is left of it.
package struct PredictionScores: Sendable {
  /// Of a classifier's averaged probabilities.
  let average: ClassificationScores?
  let best: ClassificationScores?
  let regression: (average: RegressionScores, bestRootMeanSquareError: Double?)?
  let uncertainty: (aleatoric: Double, epistemic: Double)?
  /// Whether there were targets to score by.
  package let hasTargets: Bool
  /// The number of draws.
  package let drawCount: Int
  /// The number of examples.
  package let exampleCount: Int

  /// The scores side by side.
  package var table: TextTable {
    var table = TextTable(["", "average of \(drawCount) draws", "best single draw"])
    if let regression {
      table.rows.append([
        "root mean square error", Format.significant(regression.average.rootMeanSquareError, 5),
        regression.bestRootMeanSquareError.map { Format.significant($0, 5) } ?? "-",
      ])
      if let likelihood = regression.average.negativeLogLikelihood {
        table.rows.append(["negative log-likelihood of the spread", Format.significant(likelihood, 5), "-"])
      }
      return table
    }
    func row(_ name: String, _ value: (ClassificationScores) -> Double) {
      table.rows.append([name] + [average, best].map { $0.map { Format.fixed(value($0), 5) } ?? "-" })
    }
    if hasTargets {
      row("accuracy") { $0.accuracy }
      row("negative log-likelihood") { $0.negativeLogLikelihood }
      row("Brier score") { $0.brierScore }
      row("calibration error (ECE)") { $0.expectedCalibrationError }
    }
    if let uncertainty {
      table.rows.append(["entropy, aleatoric", Format.fixed(uncertainty.aleatoric, 5), "-"])
      table.rows.append(["entropy, epistemic", Format.fixed(uncertainty.epistemic, 5), "-"])
    }
    return table
  }

  /// The same as a document.
  package var json: JSON {
    var members: [JSON.Member] = [.init("draws", JSON(drawCount)), .init("examples", JSON(exampleCount))]
    if let regression {
      members.append(.init("rmse", JSON(regression.average.rootMeanSquareError)))
      members.append(.init("rmse_best_draw", regression.bestRootMeanSquareError.map { JSON($0) } ?? .null))
      members.append(.init("nll", regression.average.negativeLogLikelihood.map { JSON($0) } ?? .null))
      return .object(members)
    }
    func scores(_ scores: ClassificationScores) -> JSON {
      .object([
        .init("accuracy", JSON(scores.accuracy)), .init("nll", JSON(scores.negativeLogLikelihood)),
        .init("brier", JSON(scores.brierScore)), .init("ece", JSON(scores.expectedCalibrationError)),
      ])
    }
    if hasTargets {
      members.append(.init("average", average.map(scores) ?? .null))
      members.append(.init("best_draw", best.map(scores) ?? .null))
    }
    if let uncertainty {
      members.append(.init("aleatoric_entropy", JSON(uncertainty.aleatoric)))
      members.append(.init("epistemic_entropy", JSON(uncertainty.epistemic)))
    }
    return .object(members)
  }
}

/// Adds up the predictions of draws, of classes or of values.
private enum Collector {
  case classes(ClassProbabilityAverage)
  case values(RegressionAverage)

  init<Element: Scalar>(_ targets: Examples<Element>.Targets, areKnown: Bool) throws {
    switch targets {
    case .classes(let labels, let count):
      let count = max(2, count)
      self = .classes(
        areKnown
          ? try ClassProbabilityAverage(labels: labels.map { Int($0) }, classCount: count)
          : try ClassProbabilityAverage(exampleCount: labels.count, classCount: count))
    case .values(let values):
      self = .values(
        areKnown
          ? try RegressionAverage(targets: values.elements.map { Double($0) })
          : try RegressionAverage(valueCount: values.count))
    }
  }

  mutating func add(_ predictions: [Double]) throws {
    switch self {
    case .classes(var average):
      // One output is the probability of class 1.
      let isBinary = predictions.count == average.exampleCount
      let table = isBinary ? predictions.flatMap { [1 - $0, $0] } : predictions
      self = .values(try RegressionAverage(targets: [0]))
      try average.add(table)
      self = .classes(average)
    case .values(var average):
      try average.add(predictions)
      self = .values(average)
    }
  }

  func rows(outputs: Int, classNames: [String]?) throws -> ([[Double]], [String]) {
    switch self {
    case .classes(let average):
      let (table, count) = (try average.probabilities(), average.classCount)
      let rows = (0..<average.exampleCount).map { Array(table[$0 * count..<($0 + 1) * count]) }
      return (rows, classNames ?? (0..<count).map { "p\($0)" })
    case .values(let average):
      let (means, spreads) = (average.means, average.spreads)
      let rows = stride(from: 0, to: means.count, by: outputs).map {
        Array(means[$0..<$0 + outputs] + spreads[$0..<$0 + outputs])
      }
      return (rows, (0..<outputs).map { "mean\($0)" } + (0..<outputs).map { "spread\($0)" })
    }
  }

  func scores() throws -> PredictionScores {
    switch self {
    case .classes(let average):
      let uncertainties = try average.uncertainties()
      let count = Double(uncertainties.count)
      let hasTargets = average.labels != nil
      return PredictionScores(
        average: hasTargets ? try average.scores() : nil, best: average.bestDraw?.scores, regression: nil,
        uncertainty: (
          uncertainties.reduce(0) { $0 + $1.aleatoric } / count, uncertainties.reduce(0) { $0 + $1.epistemic } / count
        ), hasTargets: hasTargets, drawCount: average.drawCount, exampleCount: average.exampleCount)
    case .values(let average):
      let hasTargets = average.targets != nil
      return PredictionScores(
        average: nil, best: nil,
        regression: hasTargets ? (try average.scores(), average.bestDraw?.rootMeanSquareError) : nil,
        uncertainty: nil, hasTargets: hasTargets, drawCount: average.drawCount, exampleCount: average.means.count)
    }
  }
}

extension Prediction {
  /// Writes the rows as CSV, with a header.
  public func write(to path: String) throws(FileFormatError) {
    var text = columns.map(csvField).joined(separator: ",") + "\n"
    for row in rows { text += row.map { "\($0)" }.joined(separator: ",") + "\n" }
    try OutputFile.replace(path, with: Array(text.utf8))
  }
}
