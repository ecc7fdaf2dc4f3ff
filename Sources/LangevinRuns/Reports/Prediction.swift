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
  /// What was noticed when the examples were read, a line each.
  package private(set) var notes: [String] = []
  /// What single draws predict, if that was asked for: the names of the columns, then a row for each example and draw.
  package private(set) var byDraw: [[String]] = []
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

  /// The same for at most so many examples; with what is done with texts that the training rows of a column did not have, if
  /// not what the run says; and whether the predictions of single draws are kept, too.
  package init(
    of folders: [RunFolder], on data: String? = nil, mostDraws: Int, interval: Double = 0.9, mostExamples: Int = .max,
    unknown: Preprocessing.UnknownPolicy? = nil, keepsDraws: Bool = false
  ) throws {
    _ = try StoredRuns(folders)
    let run = try folders[0].readConfiguration()
    let work = PredictionWork(
      folders: folders, run: run, file: data, mostDraws: mostDraws, level: interval, mostExamples: mostExamples,
      unknown: unknown, keepsDraws: keepsDraws)
    switch run.network.precision {
    case .single: self = try work.prediction(Float.self)
    case .double: self = try work.prediction(Double.self)
    }
  }

  fileprivate init(
    subject: Subject, columns: [String], rows: [[String]], scores: PredictionScores,
    bands: [(input: Double?, band: PredictiveBand)], byDraw: [[String]]
  ) {
    (self.subject, self.columns, self.rows, self.scores, self.bands) = (subject, columns, rows, scores, bands)
    self.byDraw = byDraw
  }

  /// Writes the rows as CSV, with a header.
  public func write(to path: String) throws(FileFormatError) { try Self.write([columns] + rows, to: path) }

  /// Writes what single draws predict as CSV, with a header.
  package func writeDraws(to path: String) throws(FileFormatError) { try Self.write(byDraw, to: path) }

  private static func write(_ lines: [[String]], to path: String) throws(FileFormatError) {
    try OutputFile.replace(
      path, with: Array(lines.map { $0.map(csvField).joined(separator: ",") + "\n" }.joined().utf8))
  }

  /// With what the file says of its rows besides, such as names, behind their numbers.
  fileprivate func adding(_ texts: [(name: String, fields: [String])], notes: [String]) -> Prediction {
    var columns = columns
    columns.insert(contentsOf: texts.map { columns.contains($0.name) ? $0.name + "_in_file" : $0.name }, at: 1)
    let rows = rows.enumerated().map { number, row in row.prefix(1) + texts.map { $0.fields[number] } + row.dropFirst()
    }
    var full = Prediction(
      subject: subject, columns: columns, rows: rows.map(Array.init), scores: scores, bands: bands, byDraw: byDraw)
    full.notes = notes
    return full
  }
}

/// The predictive law of one number beside the number: what a picture shows.
struct PredictiveBand: Sendable {
  let mean, lower, upper: Double
  let target: Double?
}

/// What is predicted, by what.
private struct PredictionWork {
  let folders: [RunFolder]
  let run: CheckedConfiguration
  let file: String?
  let mostDraws: Int
  let level: Double
  let mostExamples: Int
  let unknown: Preprocessing.UnknownPolicy?
  let keepsDraws: Bool

  /// The examples: which they are, their numbers in the file, whether their targets are known.
  private struct Subjects<Element: Scalar> {
    let subject: Prediction.Subject
    let examples: Examples<Element>
    let hasTargets: Bool
    let numbers: [Int]
    /// What the file says of them besides, by column.
    var texts: [(name: String, fields: [String])] = []
    var notes: [String] = []

    /// The first ones of them.
    func prefix(_ most: Int) throws -> Subjects {
      guard examples.count > most else { return self }
      return Subjects(
        subject: subject, examples: try examples.selecting(0..<most), hasTargets: hasTargets,
        numbers: Array(numbers.prefix(most)), texts: texts.map { ($0.name, Array($0.fields.prefix(most))) },
        notes: notes)
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
    let prediction =
      switch subjects.examples.targets {
      case .classes(let labels, let count): try classes(outputs, labels, max(2, count), subjects)
      case .values(let targets): try values(outputs, targets, subjects)
      }
    return prediction.adding(subjects.texts, notes: subjects.notes)
  }

  private func subjects<Element: Scalar>(_ network: MLP, _ pool: ThreadPool) throws -> Subjects<Element> {
    if let file {
      let loss = run.network.loss ?? .squaredError
      let isForClasses = loss.isForClasses
      let new: NewExamples<Element> = try run.source.examples(
        in: file, classes: isForClasses ? max(2, network.outputWidth) : nil, inputWidth: network.inputWidth,
        targetWidth: loss.targetCount(outputs: network.outputWidth), applying: run.rule, unknown: unknown)
      return Subjects(
        subject: .file(file), examples: new.examples, hasTargets: new.hasTargets,
        numbers: numbers(of: new.rows, new.examples.count), texts: try texts(of: new.rows, in: new.table),
        notes: new.notes)
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
      numbers: numbers(of: rows, examples.count),
      texts: rows.count == examples.count ? try texts(of: rows, in: own.origin?.testTable) : [])
  }

  /// The numbers of examples in their file, from 1 below the header.
  private func numbers(of rows: [Int], _ count: Int) -> [Int] {
    rows.count == count ? rows.map { $0 + 1 } : Array(1...max(1, count))
  }

  /// What a table says of its rows in columns that are neither inputs nor the target: names, dates, numbers of customers.
  private func texts(of rows: [Int], in table: Table?) throws -> [(name: String, fields: [String])] {
    guard let table, let rule = run.rule, rule.format.hasHeader == true, table.format.hasHeader == true else {
      return []
    }
    let used = Set(rule.inputs.map(\.name) + (rule.target.map { [$0.name] } ?? []))
    let names = table.columns.map(\.name).filter { !used.contains($0) }
    guard !names.isEmpty else { return [] }
    let all = try table.texts(of: names)
    return names.indices.map { place in (names[place], rows.map { all[$0][place] }) }
  }

  /// The data that the run was trained on, if they are still there and the same.
  private func training<Element: Scalar>() -> Examples<Element>? {
    guard let own = try? run.source.load(as: Element.self, applying: run.rule) else { return nil }
    return run.fingerprint.map { $0 == "\(own.fingerprint)" } ?? true ? own.train : nil
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
    var confusion = Array(repeating: Array(repeating: 0, count: count), count: count)
    let rows = labels.indices.map { example -> [String] in
      let own = probabilities[example * count..<(example + 1) * count]
      // The first of equals, as in the accuracy.
      let best = own.indices.first { own[$0] == own.max() } ?? own.startIndex
      confusion[Int(labels[example])][best - own.startIndex] += 1
      return ["\(subjects.numbers[example])"] + (subjects.hasTargets ? [names[Int(labels[example])]] : [])
        + [names[best - own.startIndex]] + own.map { "\($0)" }
        + spreads[example * count..<(example + 1) * count].map { "\($0)" }
    }
    let columns =
      ["row"] + (subjects.hasTargets ? [run.rule?.target?.name ?? "target"] : []) + ["class"]
      + names.map { "p_\($0)" } + names.map { "sd_\($0)" }
    var byDraw: [[String]] = []
    if keepsDraws {
      byDraw.append(["row", "draw"] + names.map { "p_\($0)" })
      for (draw, output) in outputs.enumerated() {
        let numbers = output.elements.map { Double($0) }
        for example in labels.indices {
          let own =
            numbers.count == labels.count
            ? [1 - numbers[example], numbers[example]] : Array(numbers[example * count..<(example + 1) * count])
          byDraw.append(["\(subjects.numbers[example])", "\(draw + 1)"] + own.map { "\($0)" })
        }
      }
    }
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
        ? .init(
          average: try average.scores(), typical: average.typicalDraw,
          baseline: try frequencies(for: labels, classCount: count, as: Element.self), area: area, confusion: confusion,
          names: names) : nil, values: [],
      uncertainty: (
        uncertainties.reduce(0) { $0 + $1.aleatoric } / number, uncertainties.reduce(0) { $0 + $1.epistemic } / number
      ))
    return Prediction(
      subject: subjects.subject, columns: columns, rows: rows, scores: scores, bands: [], byDraw: byDraw)
  }

  /// What the frequencies of the classes in training predict for every example.
  private func frequencies<Element: Scalar>(
    for labels: [Int32], classCount: Int, as type: Element.Type
  ) throws -> ClassificationScores? {
    guard let training: Examples<Element> = training(), case .classes(let known, _) = training.targets else {
      return nil
    }
    var counts = [Double](repeating: 0, count: classCount)
    for label in known { counts[Int(label)] += 1 }
    let shares = counts.map { $0 / Double(known.count) }
    return try ClassificationScores(
      probabilities: labels.flatMap { _ in shares }, labels: labels.map { Int($0) }, classCount: classCount)
  }

  // MARK: Values

  private func values<Element: Scalar>(
    _ outputs: [Tensor<Element>], _ targets: Tensor<Element>, _ subjects: Subjects<Element>
  ) throws -> Prediction {
    let (count, width) = (targets.shape[0], targets.shape[1])
    let predicted = TargetLaws(
      of: run, temperature: try folders[0].readRecord().temperature,
      trainingWeight: run.network.loss == .squaredError ? try trainingWeight() : 0, targetWidth: width)
    let scaling = predicted.scaling
    let name = run.rule?.target?.name ?? "y"
    let names = width == 1 ? [name] : (0..<width).map { "\(name)\($0)" }
    var scores = names.map { _ in ForecastScores(levels: Array(Set([0.5, 0.9, 0.95, level])).sorted()) }
    var typical = Array(repeating: RunningMoments(), count: width)
    var squares = Array(repeating: Array(repeating: 0.0, count: width), count: outputs.count)
    var baselines = names.map { _ in ForecastScores(levels: scores[0].intervals.map(\.level)) }
    let usual = subjects.hasTargets ? usualLaws(scaling, as: Element.self) : nil
    var rows: [[String]] = []
    var byDraw: [[String]] =
      keepsDraws ? [["row", "draw"] + names.flatMap { prefixed($0, ["mean", "sd"], width) }] : []
    var bands: [(input: Double?, band: PredictiveBand)] = []
    let isCurve = subjects.examples.inputWidth == 1 && run.rule?.inputs.count ?? 1 == 1
    let inputScaling = run.rule?.inputs.first?.scaling ?? Preprocessing.Scaling()
    for example in 0..<count {
      var row = ["\(subjects.numbers[example])"]
      var moments: [[[String]]] = []
      for target in 0..<width {
        let laws = outputs.map { predicted.law($0, example, target) }
        if keepsDraws { moments.append(laws.map { ["\($0.mean)", "\($0.variance.squareRoot())"] }) }
        let mixture = PredictiveMixture(laws)
        let interval = mixture.interval(level)
        let known = subjects.hasTargets ? scaling.undone(Double(targets[example, target])) : nil
        if let known {
          scores[target].add(mixture, target: known)
          for (draw, law) in laws.enumerated() { squares[draw][target] += (law.mean - known) * (law.mean - known) }
          if let usual { baselines[target].add(usual[target], target: known) }
        }
        row +=
          (known.map { ["\($0)"] } ?? []) + [
            "\(mixture.mean)", "\(mixture.deviation)", "\(mixture.meanDeviation)", "\(interval.lowerBound)",
            "\(interval.upperBound)",
          ] + (known.map { ["\(-mixture.negativeLogLikelihood(of: $0))"] } ?? [])
        if target == 0 {
          let input = isCurve ? inputScaling.undone(Double(subjects.examples.input(example)[0])) : nil
          let band = PredictiveBand(
            mean: mixture.mean, lower: interval.lowerBound, upper: interval.upperBound, target: known)
          bands.append((input, band))
        }
      }
      rows.append(row)
      for draw in outputs.indices where keepsDraws {
        byDraw.append(["\(subjects.numbers[example])", "\(draw + 1)"] + moments.flatMap { $0[draw] })
      }
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
        (subjects.hasTargets ? [name] : [])
          + prefixed(
            name,
            ["mean", "sd", "mean_sd", "lower_\(percent)", "upper_\(percent)"]
              + (subjects.hasTargets ? ["log_density"] : []), width)
      }
    let values =
      subjects.hasTargets
      ? names.indices.map {
        PredictionScores.Values(
          name: names[$0], forecast: scores[$0], typical: typical[$0], baseline: usual == nil ? nil : baselines[$0])
      } : []
    return Prediction(
      subject: subjects.subject, columns: columns, rows: rows,
      scores: PredictionScores(
        subject: subjects.subject, drawCount: outputs.count, exampleCount: count, classes: nil, values: values,
        uncertainty: nil, level: level), bands: bands, byDraw: byDraw)
  }

  /// Names of columns, with the name of the target in front where there are several.
  private func prefixed(_ name: String, _ columns: [String], _ width: Int) -> [String] {
    width == 1 ? columns : columns.map { "\(name)_\($0)" }
  }

  /// For each target the normal law of its mean and spread in training.
  private func usualLaws<Element: Scalar>(
    _ scaling: Preprocessing.Scaling, as type: Element.Type
  ) -> [PredictiveMixture]? {
    guard let training: Examples<Element> = training(), case .values(let targets) = training.targets else { return nil }
    return (0..<targets.shape[1]).map { target in
      var moments = RunningMoments()
      for example in 0..<targets.shape[0] { moments.add(scaling.undone(Double(targets[example, target]))) }
      return PredictiveMixture([.normal(mean: moments.mean, deviation: moments.standardDeviation ?? 0)])
    }
  }

  private func trainingWeight() throws -> Double {
    try run.source.load(as: Float.self, applying: run.rule).train.totalWeight
  }
}
