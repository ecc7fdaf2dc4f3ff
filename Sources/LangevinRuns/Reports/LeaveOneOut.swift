import LangevinData
import LangevinDiagnostics
import LangevinPlatform

/// How well a run's networks predict training examples that they would not have seen, by Pareto-smoothed importance sampling.
package struct LeaveOneOut: Sendable {
  /// The run.
  package let folder: RunFolder
  /// The scores, example by example.
  package let score: ModelScore
  /// The rows of the file, from 1 below the header.
  package let rows: [Int]
  /// Effective over actual draws, of the likelihoods of 200 examples: `reff` of ArviZ's `loo`.
  package let efficiency: Double
  /// The power of the likelihood that was sampled, 1 for the posterior.
  package let power: Double
  /// What the examples are.
  let fingerprint: String

  /// Of one run, by one pass over its stored draws.
  ///
  /// - Throws: ``FileError`` where the data have changed or there are no draws.
  package init(_ folder: RunFolder) throws {
    self.folder = folder
    let draws = try DrawLikelihoods(of: [folder])
    let count = draws.chains.reduce(0) { $0 + $1.count }
    let examples = draws.targets.count
    let length = draws.chains.map(\.count).min() ?? 0
    // Evenly spaced examples stand for all in the efficiency.
    let watched = (0..<min(200, examples)).map { $0 * examples / min(200, examples) }
    var likelihoods = watched.map { _ in draws.chains.map { _ in [Double]() } }
    var points = (0..<examples).map { _ in LikelihoodDraws(plannedDraws: count, power: draws.power) }
    for (chain, range) in draws.chains.enumerated() {
      for draw in range {
        let found = try draws.logLikelihoods(draw)
        for example in points.indices { try points[example].add(found[example]) }
        guard draw - range.lowerBound < length else { continue }
        for (place, example) in watched.enumerated() { likelihoods[place][chain].append(exp(found[example])) }
      }
    }
    let efficiencies = likelihoods.compactMap { chains in
      (try? Draws(chains: chains)).map { effectiveSampleSize(of: $0) / Double(length * chains.count) }
    }
    let efficiency = efficiencies.isEmpty ? 1 : efficiencies.reduce(0, +) / Double(efficiencies.count)
    self.efficiency = efficiency
    score = try ModelScore(
      points: points.map { (point) throws(DiagnosticsError) in try point.pointwise(efficiency: efficiency) },
      drawCount: count)
    (rows, power) = (draws.rows, draws.power)
    fingerprint = try folder.readConfiguration().fingerprint ?? ""
  }
}

/// Runs beside each other, the best first.
package struct ModelComparison: Sendable {
  /// The runs.
  package let models: [LeaveOneOut]
  /// The weights of the mixture of them that predicts best.
  package let weights: [Double]

  /// Of runs on the same examples.
  ///
  /// - Throws: ``FileError`` for runs on different examples.
  package init(_ models: [LeaveOneOut]) throws {
    if let first = models.first, let other = models.first(where: { $0.fingerprint != first.fingerprint }) {
      throw FileError(
        other.folder.path, "was made from other data than \(first.folder.path); expected runs on the same examples")
    }
    self.models = models.sorted { $0.score.leaveOneOut.value > $1.score.leaveOneOut.value }
    weights = models.count > 1 ? try stackingWeights(of: self.models.map(\.score)) : [1]
  }

  /// The table for a terminal.
  package var table: TextTable {
    var table = TextTable(["", "elpd_loo", "se", "p_loo", "elpd_waic", "lppd"])
    if models.count > 1 { table.header += ["diff", "se", "weight"] }
    for (model, weight) in zip(models, weights) {
      let score = model.score
      var row = [model.folder.path]
      row += [
        score.leaveOneOut.value, score.leaveOneOut.standardError, score.effectiveParameters,
        score.widelyApplicable.value,
        score.logPredictiveDensity,
      ].map { Format.fixed($0, 2) }
      if models.count > 1 {
        let gap = (try? models[0].score.difference(to: score)) ?? Estimate(value: .nan, standardError: .nan)
        row += [gap.value, gap.standardError].map { Format.fixed($0, 2) } + [Format.fixed(weight, 3)]
      }
      table.rows.append(row)
    }
    return table
  }

  /// What a careful reader would want to know.
  package var notes: [String] {
    var notes: [String] = []
    for model in models {
      let (path, score) = (model.folder.path, model.score)
      notes.append("\(path): reff \(Format.significant(model.efficiency, 4)), \(score.drawCount) draws")
      if abs(model.power - 1) > 1e-9 {
        notes[notes.count - 1] += ", power \(Format.significant(model.power, 4)) of the likelihood"
      }
      let doubtful = score.doubtfulExamples
      if !doubtful.isEmpty {
        let worst = doubtful.prefix(5).map { "\(model.rows[$0]) (\(Format.fixed(score.points[$0].shape, 2)))" }
        notes.append(
          "\(path): \(doubtful.count) of \(score.points.count) examples have k above \(Format.fixed(score.shapeLimit, 2)) and "
            + "cannot be trusted; the worst are rows \(worst.joined(separator: ", "))")
      }
      if !score.trustsWidelyApplicable {
        notes.append("\(path): elpd_waic is not to be trusted, some p_waic is above 0.4")
      }
    }
    if models.count > 1, let gap = try? models[0].score.difference(to: models[1].score),
      gap.value < 4 || gap.value < 2 * gap.standardError
    {
      notes.append("no difference between the two best")
    }
    return notes
  }

  /// The same as a document.
  package var json: JSON {
    .array(
      zip(models, weights).map { model, weight in
        let score = model.score
        func estimate(_ value: Estimate) -> JSON {
          .object([.init("value", JSON(value.value)), .init("se", JSON(value.standardError))])
        }
        return .object([
          .init("run", .string(model.folder.path)), .init("elpd_loo", estimate(score.leaveOneOut)),
          .init("p_loo", JSON(score.effectiveParameters)), .init("elpd_waic", estimate(score.widelyApplicable)),
          .init("lppd", JSON(score.logPredictiveDensity)), .init("reff", JSON(model.efficiency)),
          .init("power", JSON(model.power)), .init("draws", JSON(score.drawCount)), .init("weight", JSON(weight)),
          .init("doubtful_rows", .array(score.doubtfulExamples.map { JSON(model.rows[$0]) })),
        ])
      })
  }

  /// Each example of the best run, as CSV.
  package func writePoints(to path: String) throws {
    guard let best = models.first else { return }
    let lines = zip(best.rows, best.score.points).map { row, point in
      "\(row),\(point.leaveOneOut),\(point.shape),\(point.logPredictiveDensity),\(point.variance)\n"
    }
    try OutputFile.replace(path, with: Array(("row,elpd_loo,pareto_k,lppd,p_waic\n" + lines.joined()).utf8))
  }
}
