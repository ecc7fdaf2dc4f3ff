import Foundation
import LangevinData
import LangevinDiagnostics

/// What came out of the run in a folder, or of several runs with the same potential: made from the files alone.
public struct RunResults: Sendable {
  /// The summary of all chains together.
  public let summary: RunSummary
  /// Where the temperature changes along the run, a summary for each temperature that was stayed at; else none.
  let byTemperature: [RunSummary]
  /// Whether rows of several temperatures were kept.
  let isAnnealed: Bool
  /// Steps of each chain.
  package let steps: UInt64
  /// Time spent on them.
  package let seconds: Double
  /// The traces of all chains.
  let traces: [Trace]
  /// What the chains are called, in their order.
  let labels: [String]
  /// Chains of the runs that are missing here, or not whole, in sentences.
  package let gaps: [String]
  /// How exchanges went, where the chains are on ladders.
  package let ladders: [LadderResults]
  package let folders: [RunFolder]
  let record: RunRecord

  /// The results of a run that was just done: of the chains that ran here.
  public init(_ run: SamplingRun) throws {
    try self.init(
      [run.folder], traces: run.chains.traces, labels: run.chains.numbers.map { "\($0 + 1)" }, gaps: [],
      record: run.record, seconds: run.seconds)
  }

  private init(
    _ folders: [RunFolder], traces: [Trace], labels: [String], gaps: [String], record: RunRecord, seconds: Double
  ) throws {
    guard (traces.map { $0.rowCount - $0.warmupRows }.min() ?? 0) >= 4 else {
      throw FileError(
        folders[0].path,
        "has fewer than four rows after the warm-up, too few for a summary; 'langevin status "
          + "\(folders[0].path)' shows how far its chains are")
    }
    isAnnealed = RunSummary.temperatures(of: traces).count > 1
    byTemperature = try RunSummary.byTemperature(traces, labels: labels)
    summary = try byTemperature.last ?? RunSummary(of: traces, temperature: record.temperature, labels: labels)
    ladders = try folders.flatMap { try $0.readLadders($0.readRecord()) }
    steps = UInt64(traces.compactMap { $0["step__"]?.last }.max() ?? 0)
    self.seconds = seconds
    self.traces = traces
    self.labels = labels
    self.gaps = gaps
    self.folders = folders
    self.record = record
  }

  /// The document `summary.json`.
  package var json: JSON {
    guard case .object(let members) = summary.json(steps: steps, seconds: seconds) else { return .null }
    return .object(
      [
        JSON.Member("verdict", .string(verdict.word.rawValue)), JSON.Member("reason", .string(verdict.reason)),
        JSON.Member("command", verdict.command.map(JSON.string) ?? .null),
        JSON.Member("gaps", .array(gaps.map(JSON.string))),
      ] + members
        + (byTemperature.isEmpty
          ? [] : [JSON.Member("temperatures", .array(byTemperature.map { $0.json(steps: steps, seconds: seconds) }))])
        + (ladders.isEmpty ? [] : [JSON.Member("ladders", .array(ladders.map(\.json)))]))
  }

  /// The table for a terminal, with what else is to be said.
  public var text: String {
    var tables =
      byTemperature.isEmpty
      ? isAnnealed ? [] : [summary.table.description]
      : byTemperature.map { "T = \(Format.significant($0.temperature ?? .nan))\n" + $0.table.description }
    if !ladders.isEmpty { tables.append(LadderResults.table(ladders).description) }
    let end =
      effort + "\n" + ladders.map { $0.line + "\n" }.joined() + verdict.text
      + ladders.compactMap(\.advice).map { "\nnote: " + $0 }.joined()
    return (tables + [end]).joined(separator: "\n\n")
  }

  /// What to think of them.
  public var verdict: Verdict {
    Verdict(summary, gaps: gaps, steps: steps, folder: folders[0].path, isAnnealed: isAnnealed)
  }

  /// How much was done, in a line.
  var effort: String {
    let size =
      "\(summary.chainCount) chain\(summary.chainCount == 1 ? "" : "s") of \(Format.count(summary.rowsPerChain)) rows, "
      + "\(Format.count(steps)) steps each"
    return size
      + (seconds > 0
        ? ", \(Format.duration(seconds)), \(Format.significant(Double(steps) / seconds, 3)) steps per second" : "")
  }

  /// Writes `summary.json` and, if wanted, `report.html` into the folder.
  public func write(report: Bool) throws { try write(report: report, command: nil) }

  /// The same; the report shows the command line that made the run.
  package func write(report: Bool, command: String?) throws {
    for folder in folders {
      try folder.replace(folder.summary, with: json.description + "\n")
      if !report { continue }
      var page = Report(results: self)
      (page.command, page.date) = (command, Self.now)
      page.diffusion = try diffusion(of: folder)
      if record.problem.contains(where: { $0.key == "network" }), record.plan.drawEvery > 0,
        let prediction = try? Prediction(of: [folder], mostDraws: 100, mostExamples: 1000)
      {
        page.prediction = prediction.scores
        page.predicted = prediction.bands
      }
      try folder.replace(folder.report, with: page.html)
    }
  }

  /// Date and time in UTC.
  private static var now: String {
    Date().ISO8601Format().replacing("T", with: " ").replacing("Z", with: " UTC")
  }

  /// How far the stored draws are apart, up to half of the run; of very many parameters a sample, scaled up; of the first
  /// chains only, as many as a picture has colours for.
  private func diffusion(of folder: RunFolder) throws -> [[Displacement]] {
    let parameters = record.layout.count
    let rowsPerDraw = record.plan.drawEvery
    guard rowsPerDraw > 0 else { return [] }
    let draws = try DrawsReader<Float>(
      [folder], parameterCount: parameters, single: record.precision == .single)
    return try draws.chains.prefix(8).compactMap { chain in
      guard chain.count > 2 else { return nil }
      // At most 100 configurations of about 10 000 parameters each: a fraction of a second.
      let spacing = max(1, chain.count / 100)
      let share = max(1, parameters / 10_000)
      let chosen = stride(from: chain.lowerBound, to: chain.upperBound, by: spacing)
      let configurations = try chosen.map { draw in
        let all = try draws.draw(draw)
        return stride(from: 0, to: parameters, by: share).map { all[$0] * Float(share).squareRoot() }
      }
      let steps = configurations.indices.map { $0 * spacing * rowsPerDraw * (record.plan.thin ?? 1) }
      return try meanSquaredDisplacement(
        of: configurations, steps: steps, seconds: steps.map { Double($0) }, upToLag: configurations.count / 2)
    }
  }
}

extension RunResults {
  /// The results of finished, running or killed runs, from their folders. Chains that are missing or much shorter than the
  /// others are left out, and the verdict says so.
  public init(_ folders: [RunFolder]) throws {
    let stored = try StoredRuns(folders)
    try stored.checkIndependence()
    let isOne = folders.count == 1
    try self.init(
      folders, traces: stored.traces,
      labels: stored.chains.enumerated().map { "\(isOne ? $1.number + 1 : $0 + 1)" }, gaps: stored.gaps,
      record: stored.record, seconds: stored.seconds)
  }
}
