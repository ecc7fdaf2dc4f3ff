import LangevinCore
import LangevinData
import LangevinDiagnostics

/// What the draws of a run predict for examples, averaged over networks: a law for each number, probabilities of the classes.
///
///     let prediction = try Prediction(of: [RunFolder("run7")], interval: 0.9)
///     print(prediction.scores.table)
///
/// Predictions of a table are in the units of its file, whatever the network was trained on.
public struct Prediction: Sendable {
  /// The examples that were predicted.
  package enum Subject: Sendable, Hashable {
    /// The run's own test set.
    case testSet
    /// The examples that the run was trained on, because it has no others: the scores flatter it.
    case trainingSet
    /// Examples of another file.
    case file(String)
  }

  /// The examples that were predicted.
  package let subject: Subject
  /// The names of the columns of ``rows``.
  public let columns: [String]
  /// A row for each example, as text: its number, its target where that is known, and what is predicted.
  public let rows: [[String]]
  /// How good the predictions are, where the targets are known.
  package let scores: PredictionScores
  /// The means and intervals of the first target beside it, for a picture; empty for classes.
  let bands: [(input: Double?, band: PredictiveBand)]

  /// The predictions of the stored draws of runs.
  ///
  /// - Parameters:
  ///   - folders: Runs with the same potential.
  ///   - data: Other examples than the run's own test set (or, without one, its training set). Columns of a table are found by
  ///     their names; it may lack the target column, and then there are no scores.
  ///   - mostDraws: At most so many draws, evenly spread over the chains.
  ///   - interval: The probability that a predicted interval holds.
  /// - Throws: ``FileError`` where a folder holds no draws or another potential, or the run's data have changed since; the errors
  ///   of the data.
  public init(
    of folders: [RunFolder], on data: String? = nil, mostDraws: Int = 200, interval: Double = 0.9
  ) throws {
    try self.init(of: folders, on: data, mostDraws: mostDraws, interval: interval, mostExamples: .max)
  }

  /// The same for at most so many examples.
  init(
    of folders: [RunFolder], on data: String? = nil, mostDraws: Int, interval: Double = 0.9, mostExamples: Int
  ) throws {
    _ = try StoredRuns(folders)
    let run = try folders[0].readConfiguration()
    let work = Work(
      folders: folders, run: run, file: data, mostDraws: mostDraws, level: interval, mostExamples: mostExamples)
    switch run.network.precision {
    case .single: self = try work.prediction(Float.self)
    case .double: self = try work.prediction(Double.self)
    }
  }

  fileprivate init(
    subject: Subject, columns: [String], rows: [[String]], scores: PredictionScores,
    bands: [(input: Double?, band: PredictiveBand)]
  ) {
    (self.subject, self.columns, self.rows, self.scores, self.bands) = (subject, columns, rows, scores, bands)
  }

  /// Writes the rows as CSV, with a header.
  public func write(to path: String) throws(FileFormatError) {
    let lines = [columns] + rows
    try OutputFile.replace(
      path, with: Array(lines.map { $0.map(csvField).joined(separator: ",") + "\n" }.joined().utf8))
  }
}

/// The predictive law of one number beside the number: what a picture shows.
struct PredictiveBand: Sendable {
  let mean, lower, upper: Double
  let target: Double?
}

/// What is predicted, by what.
private struct Work {
  let folders: [RunFolder]
  let run: CheckedConfiguration
  let file: String?
  let mostDraws: Int
  let level: Double
  let mostExamples: Int

  /// The examples: which they are, their numbers in the file, whether their targets are known.
  private struct Subjects<Element: Scalar> {
    let subject: Prediction.Subject
    let examples: Examples<Element>
    let hasTargets: Bool
    let numbers: [Int]

    /// The first ones of them.
    func prefix(_ most: Int) throws -> Subjects {
      guard examples.count > most else { return self }
      return Subjects(
        subject: subject, examples: try examples.selecting(0..<most), hasTargets: hasTargets,
        numbers: Array(numbers.prefix(most)))
    }
  }

  func prediction<Element: Scalar>(_ type: Element.Type) throws -> Prediction {
    let pool = try ThreadPool()
    let network = try run.network.makeNetwork()
    let subjects = try (subjects(network, pool) as Subjects<Element>).prefix(mostExamples)
    let frozen: FrozenLayers<Element>? =
      run.network.frozenLayers > 0 ? try folders[0].readFrozenLayers(run.network) : nil
    let examples = subjects.examples.unweighted
    let posterior = try run.network.posterior(on: try frozen?.features(of: examples, pool: pool) ?? examples)
    var workspace = posterior.makeWorkspace(pool: pool)
    let draws = try DrawsReader<Element>(
      folders, parameterCount: posterior.parameterCount, single: Element.self == Float.self)
    let outputs = try draws.spread(mostDraws).map { draw in
      try posterior.predictions(at: try draws.draw(draw), probabilities: true, workspace: &workspace)
    }
    switch subjects.examples.targets {
    case .classes(let labels, let count): return try classes(outputs, labels, max(2, count), subjects)
    case .values(let targets): return try values(outputs, targets, subjects)
    }
  }

  private func subjects<Element: Scalar>(_ network: MLP, _ pool: ThreadPool) throws -> Subjects<Element> {
    if let file {
      let loss = run.network.loss ?? .squaredError
      let isForClasses = loss.isForClasses
      let new: NewExamples<Element> = try run.source.examples(
        in: file, classes: isForClasses ? max(2, network.outputWidth) : nil, inputWidth: network.inputWidth,
        targetWidth: loss.targetCount(outputs: network.outputWidth), applying: run.rule)
      return Subjects(
        subject: .file(file), examples: new.examples, hasTargets: new.hasTargets,
        numbers: Array(1...max(1, new.examples.count)))
    }
    let own = try run.source.load(as: Element.self, on: pool, applying: run.rule)
    if let expected = run.fingerprint, "\(own.fingerprint)" != expected {
      throw FileError(
        folders[0].path,
        "was made from other data: \(run.source.name) has the fingerprint \(own.fingerprint), the run \(expected); name "
          + "the examples to predict with --data FILE")
    }
    let examples = own.test ?? own.train
    let rows = own.test == nil ? [] : own.origin?.testRows ?? []
    return Subjects(
      subject: own.test == nil ? .trainingSet : .testSet, examples: examples, hasTargets: true,
      numbers: rows.count == examples.count ? rows.map { $0 + 1 } : Array(1...max(1, examples.count)))
  }

  // MARK: Classes

  private func classes<Element: Scalar>(
    _ outputs: [Tensor<Element>], _ labels: [Int32], _ count: Int, _ subjects: Subjects<Element>
  ) throws -> Prediction {
    var average =
      subjects.hasTargets
      ? try ClassProbabilityAverage(labels: labels.map { Int($0) }, classCount: count)
      : try ClassProbabilityAverage(exampleCount: labels.count, classCount: count)
    for output in outputs {
      let numbers = output.elements.map { Double($0) }
      // One output is the probability of class 1.
      try average.add(numbers.count == labels.count ? numbers.flatMap { [1 - $0, $0] } : numbers)
    }
    let names = run.source.classNames ?? (0..<count).map { "\($0)" }
    let (probabilities, spreads) = (try average.probabilities(), try average.spreads())
    let rows = labels.indices.map { example -> [String] in
      let own = probabilities[example * count..<(example + 1) * count]
      let best = own.indices.max { own[$0] < own[$1] } ?? own.startIndex
      return ["\(subjects.numbers[example])"] + (subjects.hasTargets ? [names[Int(labels[example])]] : [])
        + [names[best - own.startIndex]] + own.map { "\($0)" }
        + spreads[example * count..<(example + 1) * count].map { "\($0)" }
    }
    let columns =
      ["row"] + (subjects.hasTargets ? [run.rule?.target?.name ?? "target"] : []) + ["class"]
      + names.map { "p_\($0)" } + names.map { "sd_\($0)" }
    let uncertainties = try average.uncertainties()
    let number = Double(max(1, uncertainties.count))
    var area: Double?
    if subjects.hasTargets, count == 2 {
      let ofSecond = labels.indices.map { probabilities[$0 * 2 + 1] }
      let positive = zip(ofSecond, labels).filter { $1 == 1 }.map(\.0)
      let negative = zip(ofSecond, labels).filter { $1 == 0 }.map(\.0)
      area =
        positive.isEmpty || negative.isEmpty ? nil : try Discrimination(negatives: negative, positives: positive).area
    }
    let scores = PredictionScores(
      subject: subjects.subject, drawCount: outputs.count, exampleCount: labels.count,
      classes: subjects.hasTargets
        ? .init(average: try average.scores(), typical: average.typicalDraw, area: area) : nil, values: [],
      uncertainty: (
        uncertainties.reduce(0) { $0 + $1.aleatoric } / number, uncertainties.reduce(0) { $0 + $1.epistemic } / number
      ))
    return Prediction(subject: subjects.subject, columns: columns, rows: rows, scores: scores, bands: [])
  }

  // MARK: Values

  /// The standard deviation of the noise that squared errors stand for: exp(-U/T) is a product of normal laws of that width.
  private func noise(weight: Double) throws -> Double {
    let temperature = try folders[0].readRecord().temperature ?? 0
    return (run.network.normalisation == .mean ? temperature * weight : temperature).squareRoot()
  }

  private func values<Element: Scalar>(
    _ outputs: [Tensor<Element>], _ targets: Tensor<Element>, _ subjects: Subjects<Element>
  ) throws -> Prediction {
    let (count, width) = (targets.shape[0], targets.shape[1])
    let loss = run.network.loss ?? .squaredError
    let noise = loss == .squaredError ? try noise(weight: trainingWeight()) : 0
    let scaling = run.rule?.target?.scaling ?? Preprocessing.Scaling()
    let name = run.rule?.target?.name ?? "y"
    let names = width == 1 ? [name] : (0..<width).map { "\(name)\($0)" }
    var scores = names.map { _ in ForecastScores(levels: Array(Set([0.5, 0.9, 0.95, level])).sorted()) }
    var typical = Array(repeating: RunningMoments(), count: width)
    var squares = Array(repeating: Array(repeating: 0.0, count: width), count: outputs.count)
    var rows: [[String]] = []
    var bands: [(input: Double?, band: PredictiveBand)] = []
    let isCurve = subjects.examples.inputWidth == 1 && run.rule?.inputs.count ?? 1 == 1
    let inputScaling = run.rule?.inputs.first?.scaling ?? Preprocessing.Scaling()
    for example in 0..<count {
      var row = ["\(subjects.numbers[example])"]
      for target in 0..<width {
        let laws = outputs.map { output in
          loss.predictive(
            Double(output[example, target]), scale: loss.hasScales ? Double(output[example, width + target]) : 0,
            noise: noise, in: scaling)
        }
        let mixture = PredictiveMixture(laws)
        let interval = mixture.interval(level)
        let known = subjects.hasTargets ? scaling.undone(Double(targets[example, target])) : nil
        if let known {
          scores[target].add(mixture, target: known)
          for (draw, law) in laws.enumerated() { squares[draw][target] += (law.mean - known) * (law.mean - known) }
        }
        row +=
          (known.map { ["\($0)"] } ?? []) + [
            "\(mixture.mean)", "\(mixture.deviation)", "\(mixture.meanDeviation)", "\(interval.lowerBound)",
            "\(interval.upperBound)",
          ]
        if target == 0 {
          let input = isCurve ? inputScaling.undone(Double(subjects.examples.input(example)[0])) : nil
          let band = PredictiveBand(
            mean: mixture.mean, lower: interval.lowerBound, upper: interval.upperBound, target: known)
          bands.append((input, band))
        }
      }
      rows.append(row)
    }
    if subjects.hasTargets {
      for draw in squares {
        for target in 0..<width { typical[target].add((draw[target] / Double(count)).squareRoot()) }
      }
    }
    let percent = Format.plain(100 * level)
    let columns =
      ["row"]
      + names.flatMap { name in
        let prefix = width == 1 ? "" : name + "_"
        return (subjects.hasTargets ? [name] : []) + [
          prefix + "mean", prefix + "sd", prefix + "mean_sd", "\(prefix)lower_\(percent)", "\(prefix)upper_\(percent)",
        ]
      }
    let values =
      subjects.hasTargets
      ? names.indices.map { PredictionScores.Values(name: names[$0], forecast: scores[$0], typical: typical[$0]) } : []
    return Prediction(
      subject: subjects.subject, columns: columns, rows: rows,
      scores: PredictionScores(
        subject: subjects.subject, drawCount: outputs.count, exampleCount: count, classes: nil, values: values,
        uncertainty: nil, level: level), bands: bands)
  }

  private func trainingWeight() throws -> Double {
    try run.source.load(as: Float.self, applying: run.rule).train.totalWeight
  }
}
