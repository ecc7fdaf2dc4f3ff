import LangevinCore
import LangevinSamplers

/// A chain that hotter ones help along: one chain on each rung of a ladder of temperatures, which now and then exchange their
/// points.
///
/// To its driver it is the chain of the coldest rung; one checkpoint holds all rungs, so it is whole or not there. Rung k of
/// ladder n has the random numbers of chain n K + k, and whether rungs exchange follows from the step and their energies
/// alone: threads change no bit.
final class LadderChain<S: Exchangeable, P: Potential>: AnyChain where S.Element == P.Element {
  let number: Int
  private let rungs: [Chain<S, P>]
  private let interval: UInt64
  private let warmup: UInt64
  private let team: ThreadPool
  private let random: RandomStream
  private var temperatures: [Double]
  private var record: ExchangeRecord
  private var adaptation: LadderAdaptation
  private var lastExchange: UInt64 = 0
  /// Whether the counts are those after the warm-up.
  private var isSettled = false

  /// All rungs start at `position`.
  init(
    _ potential: P, sampler: S, number: Int, pool: ThreadPool, options: ChainOptions<P>, plan: LadderPlan,
    startingAt position: Tensor<P.Element>
  ) throws {
    self.number = number
    interval = plan.interval
    warmup = options.warmup
    random = RandomStream(seed: options.seed, chain: number, purpose: .exchange)
    let temperatures = plan.ladder.temperatures
    self.temperatures = temperatures
    record = ExchangeRecord(rungs: temperatures.count)
    adaptation = LadderAdaptation(of: plan.ladder)
    team = try ThreadPool(threads: min(pool.threadCount, temperatures.count))
    let share = pool.threadCount / temperatures.count
    rungs = try team.map(temperatures.indices) { rung in
      do {
        return try Chain(
          potential, sampler: try sampler.tempered(at: temperatures[rung]),
          number: number * temperatures.count + rung,
          pool: share > 1 ? try ThreadPool(threads: share) : .single, options: options, startingAt: position)
      } catch {
        throw RungError(rung: rung, temperature: temperatures[rung], cause: error)
      }
    }
  }

  var step: UInt64 { rungs.map(\.step).min() ?? 0 }
  var temperature: Double? { rungs[0].temperature }
  var evaluations: UInt64 { rungs.reduce(0) { $0 + $1.evaluations } }
  var parameters: Parameters { rungs[0].parameters }
  var isAtDraw: Bool { rungs[0].isAtDraw }
  var latest: StepSummary { rungs[0].latest }

  // MARK: Steps

  func advance(to end: UInt64, isCancelled: () -> Bool) throws {
    while step < end {
      let due = max((record.sweep + 1) * interval, lastExchange + 1)
      _ = try onEachRung { try $0.advance(toExchangeFrom: due, upTo: end, isCancelled: isCancelled) }
      let now = step
      guard rungs.allSatisfy({ $0.step == now }) else {
        // A rung that was told to stop waits where it is; when the chain goes on, the others wait for it.
        if isCancelled() { return }
        throw SamplingError.refused(
          "the rungs of the ladder may not be read at the same steps: \(Set(rungs.map(\.step)).sorted())")
      }
      if now >= due, rungs.allSatisfy(\.mayExchange) {
        try exchange(at: now)
        lastExchange = now
      } else if now < end {
        return
      }
    }
  }

  /// Tries the even or the odd pairs of rungs.
  private func exchange(at step: UInt64) throws {
    if step > warmup, !isSettled {
      record.restartCounts()
      isSettled = true
    }
    let energies = try onEachRung { try $0.pointEnergy() }
    for pair in record.pairs {
      let exponent = (1 / temperatures[pair] - 1 / temperatures[pair + 1]) * (energies[pair] - energies[pair + 1])
      if record.accepts(pair, exponent: exponent, random: random) { rungs[pair].exchangePoint(with: rungs[pair + 1]) }
    }
    record.finishSweep()
    // The samplers' own warm-up needs some time at the temperatures that stay.
    if step <= warmup / 2, let moved = adaptation.moved(temperatures, after: record) {
      temperatures = moved
      record.restartCounts()
      try temper()
    }
  }

  private func temper() throws {
    _ = try team.map(rungs.indices) { rung in
      if rungs[rung].temperature != temperatures[rung] { try rungs[rung].temper(at: temperatures[rung]) }
    }
  }

  private func onEachRung<Value>(_ body: (Chain<S, P>) throws -> Value) throws -> [Value] {
    try team.map(rungs.indices) { rung in
      do {
        return try body(rungs[rung])
      } catch {
        throw RungError(rung: rung, temperature: temperatures[rung], cause: error)
      }
    }
  }

  // MARK: Rows

  /// The row of the coldest rung, with those of the others.
  func makeRow() throws -> Row {
    var rows = try onEachRung { try $0.makeRow() }
    let acceptance = record.acceptance
    for rung in rows.indices {
      rows[rung].add("temperature__", temperatures[rung])
      rows[rung].add("walker__", Double(record.walkers[rung] + 1))
      rows[rung].add("swap_acceptance__", rung < acceptance.count ? acceptance[rung] ?? .nan : .nan)
      rows[rung].add("sweeps__", Double(record.countedSweeps))
      rows[rung].add("round_trips__", Double(record.roundTrips))
    }
    for rung in rows.indices.dropFirst() {
      rows[0].warnings += rows[rung].warnings.map { "rung \(rung + 1): \($0)" }
    }
    rows[0].hotter = Array(rows.dropFirst())
    return rows[0]
  }

  // MARK: Checkpoints

  func archive(in archive: inout some StateArchive) throws {
    try archive.nested("ladder") { archive in
      try archive.field("temperatures", &temperatures)
      try record.archive(in: &archive)
      try adaptation.archive(in: &archive)
      try archive.field("is-settled", &isSettled)
      try archive.field("last-exchange", &lastExchange)
    }
    // Rungs that are restored were moved before.
    try temper()
    for (rung, chain) in rungs.enumerated() {
      try archive.nested("rung\(rung + 1)") { archive in try chain.archive(in: &archive) }
    }
  }
}
