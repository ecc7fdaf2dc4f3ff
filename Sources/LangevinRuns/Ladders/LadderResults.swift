import LangevinData
import LangevinDiagnostics
import LangevinSamplers

/// How the exchanges on the ladder of one chain went, from the traces of its rungs.
package struct LadderResults: Sendable {
  /// One temperature.
  package struct Rung: Sendable {
    /// Its temperature.
    package let temperature: Double
    /// <U> with its error.
    package let energy: ObservableSummary
    /// The mean probability of an exchange with the next hotter rung; nil for the hottest.
    package let acceptance: Double?
    /// The share of rows in which the walker was here that was here most often: 1/K where all walkers go everywhere.
    package let mostFrequentWalker: Double
  }

  /// The chain, from 0.
  let chain: Int
  /// The coldest first.
  package let rungs: [Rung]
  /// Sweeps of exchanges after the warm-up, and walkers that went from the coldest rung to the hottest and back in them.
  let sweeps: Double
  let roundTrips: Double
  /// Each row after the warm-up: which walker is on which rung, the coldest first.
  let walkers: [[Double]]

  /// Of the traces of all rungs, the coldest first; nil where there are too few rows to say anything.
  init?(chain: Int, traces: [Trace]) {
    let rungs = traces.enumerated().compactMap { rung, trace -> Rung? in
      guard let temperature = trace[Row.temperature]?.last, let energies = trace.kept("energy"),
        let draws = try? Draws(chains: [energies]), let walkers = trace.kept("walker__")
      else { return nil }
      var visits: [Double: Int] = [:]
      for walker in walkers { visits[walker, default: 0] += 1 }
      return Rung(
        temperature: temperature, energy: ObservableSummary(of: draws),
        acceptance: rung + 1 < traces.count ? trace["swap_acceptance__"]?.last : nil,
        mostFrequentWalker: Double(visits.values.max() ?? 0) / Double(walkers.count))
    }
    guard rungs.count == traces.count, rungs.count > 1, let cold = traces.first,
      let sweeps = cold["sweeps__"]?.last, let roundTrips = cold["round_trips__"]?.last
    else { return nil }
    (self.chain, self.rungs, self.sweeps, self.roundTrips) = (chain, rungs, sweeps, roundTrips)
    walkers = traces.map { $0.kept("walker__") ?? [] }
  }

  private var rejections: [Double] { rungs.compactMap { $0.acceptance.map { 1 - $0 } } }
  /// The sum of the rejection rates.
  var barrier: Double { TemperatureLadder.barrier(rejections) }
  /// Round trips in a sweep over those of rungs that forget their energies between sweeps.
  package var efficiency: Double { roundTrips / max(1, sweeps) / TemperatureLadder.idealRoundTrips(rejections) }
}

// MARK: - In words and numbers

extension LadderResults {
  /// A line for each rung of each chain.
  static func table(_ ladders: [LadderResults]) -> TextTable {
    var table = TextTable(["chain", "rung", "temperature", "energy", "mcse", "ess", "exchanges", "most one walker"])
    for ladder in ladders {
      for (number, rung) in ladder.rungs.enumerated() {
        table.rows.append([
          "\(ladder.chain + 1)", "\(number + 1)", Format.significant(rung.temperature, 4),
          Format.significant(rung.energy.mean, 5), Format.significant(rung.energy.standardError, 2),
          Format.significant(rung.energy.bulkEffectiveSampleSize, 3),
          rung.acceptance.map { Format.fixed($0, 2) } ?? "", Format.fixed(rung.mostFrequentWalker, 2),
        ])
      }
    }
    return table
  }

  /// How far the walkers went.
  package var line: String {
    "ladder of chain \(chain + 1): \(Int(roundTrips)) round trips in \(Int(sweeps)) sweeps, "
      + "\(Format.significant(efficiency, 2)) of what rungs would make that forget between exchanges; "
      + "barrier \(Format.significant(barrier, 3))"
  }

  /// What to do about a ladder that does not help.
  var advice: String? {
    let wanted = max(1, Int((2 * barrier).rounded(.up))) + 1
    if let gap = rejections.indices.max(by: { rejections[$0] < rejections[$1] }), rejections[gap] > 0.9 {
      return "ladder of chain \(chain + 1): rungs \(gap + 1) and \(gap + 2) exchange at "
        + "\(Format.significant(1 - rejections[gap], 2)) of the attempts only; about \(max(wanted, rungs.count + 1)) rungs "
        + "between the same ends would do"
    }
    if sweeps >= 20 / TemperatureLadder.idealRoundTrips(rejections), efficiency < 0.5 {
      return
        "ladder of chain \(chain + 1): fewer than half of the round trips that its exchanges allow, so the rungs do not "
        + "forget their energies between them; a larger --exchange-every costs no trips"
    }
    return nil
  }

  var json: JSON {
    .object([
      .init("chain", JSON(chain + 1)), .init("sweeps", JSON(sweeps)), .init("round_trips", JSON(roundTrips)),
      .init("round_trips_over_ideal", JSON(efficiency)), .init("barrier", JSON(barrier)),
      .init(
        "rungs",
        .array(
          rungs.map { rung in
            .object([
              .init("temperature", JSON(rung.temperature)), .init("energy", JSON(rung.energy.mean)),
              .init("mcse", JSON(rung.energy.standardError)),
              .init("ess_bulk", JSON(rung.energy.bulkEffectiveSampleSize)),
              .init("acceptance", rung.acceptance.map { JSON($0) } ?? .null),
              .init("most_frequent_walker", JSON(rung.mostFrequentWalker)),
            ])
          })),
    ])
  }

  /// Where the first few walkers are along the run.
  func paths(thin: Double, after warmup: Double) -> Plot {
    let shown = min(4, rungs.count)
    var plot = Plot(
      title: "rungs of walkers, chain \(chain + 1)", xLabel: "step", legend: (1...shown).map { "walker \($0)" },
      fromZero: true)
    let rows = walkers[0].count
    for walker in 1...shown {
      plot.marks.append(
        .line(
          stride(from: 0, to: rows, by: max(1, rows / 500)).compactMap { row in
            walkers.firstIndex { $0[row] == Double(walker) }.map { (warmup + thin * Double(row + 1), Double($0 + 1)) }
          }, color: walker))
    }
    return plot
  }
}

extension RunFolder {
  /// How the exchanges of each chain went, as far as its rungs have traces.
  func readLadders(_ record: RunRecord) throws -> [LadderResults] {
    guard let ladder = record.plan.ladder else { return [] }
    return try (0..<record.plan.chains).compactMap { chain in
      let files = ladder.temperatures.indices.map { $0 == 0 ? trace(chain) : trace(chain, rung: $0) }
      guard try files.allSatisfy({ try Self.exists($0) && RawFile(path: $0).size > 0 }) else { return nil }
      return LadderResults(chain: chain, traces: try files.map { try Trace(readingFrom: $0) })
    }
  }
}
