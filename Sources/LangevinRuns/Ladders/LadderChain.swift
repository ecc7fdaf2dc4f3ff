import LangevinCore
import LangevinSamplers

/// A chain that hotter ones help along: one chain on each rung of a ladder of temperatures, which now and then exchange their
/// points.
///
/// To its driver it is the chain of the coldest rung; one checkpoint holds all rungs, so it is whole or not there. Rung k of
/// ladder n has the random numbers of chain n K + k, and whether rungs exchange follows from the step and their energies
/// alone: threads and ranks change no bit.
///
/// Of n ranks each steps every n-th rung and holds the others as they were last heard of: from a rung with which one of
/// its own exchanges points, and from all at a checkpoint. Energies cross at every sweep, states only where an exchange is
/// accepted.
final class LadderChain<S: Exchangeable, P: Potential>: AnyChain where S.Element == P.Element {
  let number: Int
  private let rungs: [Chain<S, P>]
  private let interval: UInt64
  private let warmup: UInt64
  private let team: ThreadPool
  private let random: RandomStream
  private let ranks = Ranks.current
  /// Where every rung is, as the ranks last told each other.
  private var steps: [UInt64]
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
    steps = Array(repeating: 0, count: temperatures.count)
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

  /// The rungs that this rank steps.
  private var own: [Int] { ranks.share(of: Array(rungs.indices)) }
  private func owner(of rung: Int) -> Int { rung % ranks.count }

  var step: UInt64 { steps.min() ?? 0 }
  var temperature: Double? { rungs[0].temperature }
  var evaluations: UInt64 { rungs.reduce(0) { $0 + $1.evaluations } }
  var parameters: Parameters { rungs[0].parameters }
  private(set) var isAtDraw = false
  var latest: StepSummary { rungs[0].latest }

  // MARK: Steps

  func advance(to end: UInt64, isCancelled: () -> Bool) throws {
    while step < end {
      let due = max((record.sweep + 1) * interval, lastExchange + 1)
      let arrivals = try arrive(from: due, upTo: end, isCancelled: isCancelled)
      steps = arrivals.map(\.step)
      let now = step
      guard steps.allSatisfy({ $0 == now }) else {
        // A rung that was told to stop waits where it is; when the chain goes on, the others wait for it.
        if arrivals.contains(where: \.isCancelled) { return }
        throw SamplingError.refused(
          "the rungs of the ladder may not be read at the same steps: \(Set(steps).sorted())")
      }
      let energies = arrivals.compactMap(\.energy)
      if energies.count == rungs.count {
        try exchange(at: now, energies)
        lastExchange = now
      } else if now < end {
        return
      }
    }
  }

  /// A rung at the end of its steps.
  private struct Arrival {
    var step: UInt64 = 0
    var isCancelled = false
    /// The energy of its point, if it may be exchanged now.
    var energy: Double?

    mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("step", &step)
      try archive.field("is-cancelled", &isCancelled)
      var numbers = energy.map { [$0] } ?? []
      try archive.field("energy", &numbers)
      energy = numbers.first
    }
  }

  /// Every rung goes on until it may exchange; what became of all of them.
  private func arrive(from due: UInt64, upTo end: UInt64, isCancelled: () -> Bool) throws -> [Arrival] {
    let found = try onEach(own) { rung in
      try rung.advance(toExchangeFrom: due, upTo: end, isCancelled: isCancelled)
      return Arrival(
        step: rung.step, isCancelled: isCancelled(),
        energy: rung.step >= due && rung.mayExchange ? try rung.pointEnergy() : nil)
    }
    var writer = ArchiveWriter()
    for var arrival in found { try arrival.archive(in: &writer) }
    var arrivals = rungs.map { _ in Arrival() }
    for (rank, bytes) in try ranks.gather(writer.bytes).enumerated() {
      var reader = ArchiveReader(bytes, path: "the arrivals of rank \(rank)")
      for rung in rungs.indices where owner(of: rung) == rank { try arrivals[rung].archive(in: &reader) }
    }
    return arrivals
  }

  /// Tries the even or the odd pairs of rungs.
  private func exchange(at step: UInt64, _ energies: [Double]) throws {
    if step > warmup, !isSettled {
      record.restartCounts()
      isSettled = true
    }
    for pair in record.pairs {
      let exponent = (1 / temperatures[pair] - 1 / temperatures[pair + 1]) * (energies[pair] - energies[pair + 1])
      if record.accepts(pair, exponent: exponent, random: random) {
        try exchangePoints(pair, pair + 1)
      }
    }
    record.finishSweep()
    // The samplers' own warm-up needs some time at the temperatures that stay.
    if step <= warmup / 2, let moved = adaptation.moved(temperatures, after: record) {
      temperatures = moved
      record.restartCounts()
      try temper()
    }
  }

  /// Two rungs exchange points. Where they are on two ranks, each tells the other of its own.
  private func exchangePoints(_ cold: Int, _ hot: Int) throws {
    let owners = [owner(of: cold), owner(of: hot)]
    guard owners.contains(ranks.rank) else { return }
    if owners[0] != owners[1] {
      let (mine, other) = owners[0] == ranks.rank ? (cold, hot) : (hot, cold)
      try rungs[other].restore(from: try ranks.exchange(try rungs[mine].archived(), with: owner(of: other)))
    }
    rungs[cold].exchangePoint(with: rungs[hot])
  }

  private func temper() throws {
    _ = try team.map(rungs.indices) { rung in
      if rungs[rung].temperature != temperatures[rung] { try rungs[rung].temper(at: temperatures[rung]) }
    }
  }

  private func onEach<Value>(_ chosen: [Int], _ body: (Chain<S, P>) throws -> Value) throws -> [Value] {
    try team.map(chosen) { rung in
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
    let found = try onEach(own) { try $0.makeRow() }
    var writer = ArchiveWriter()
    for var row in found { try row.archive(in: &writer) }
    var rows = rungs.map { _ in Row(step: 0) }
    for (rank, bytes) in try ranks.gather(writer.bytes).enumerated() {
      var reader = ArchiveReader(bytes, path: "the rows of rank \(rank)")
      for rung in rungs.indices where owner(of: rung) == rank { try rows[rung].archive(in: &reader) }
    }
    isAtDraw = rows[0].isDraw
    let acceptance = record.acceptance
    for rung in rows.indices {
      rows[rung].add(Row.temperature, temperatures[rung])
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

  /// The first rank hears of all rungs, as it writes the checkpoint.
  func prepareCheckpoint() throws {
    for rung in rungs.indices where owner(of: rung) != 0 {
      if ranks.isFirst { try rungs[rung].restore(from: try ranks.exchange([], with: owner(of: rung))) }
      if owner(of: rung) == ranks.rank { _ = try ranks.exchange(try rungs[rung].archived(), with: 0) }
    }
  }

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
      steps[rung] = chain.step
    }
  }
}
