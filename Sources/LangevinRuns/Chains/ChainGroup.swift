import LangevinCore
import LangevinDiagnostics
import LangevinSamplers

/// Chains side by side: the same sampler on the same potential, each chain with random numbers of its own.
///
///     let posterior = try Posterior(network, examples: examples, loss: .crossEntropy, prior: .gaussian(precision: 1e-3))
///     let chains = try ChainGroup(
///       posterior, sampler: sampler, batches: .distinct(128), chains: 4, warmup: 20_000, keepingEvery: 100, seed: 7
///     ) { network.initialParameters(from: $0) }
///     try chains.advance(steps: 100_000)
///     print(try chains.summary())
///
/// Chains run on as many threads as there are cores. What they draw does not depend on that, nor on how many chains there
/// are: chain 0 of four is chain 0 alone. So some of the chains may run here and the others in other processes.
public final class ChainGroup {
  /// The rows kept so far, one trace for each chain that runs here.
  public private(set) var traces: [Trace] = []
  /// The potential's number of parameters.
  package let parameterCount: Int
  /// Steps at the start of each chain, in which samplers adapt; their rows are marked and left out of every summary.
  public let warmup: UInt64
  /// Steps from one row to the next.
  public let thin: UInt64
  /// The rungs of the ladder that each chain is the coldest of; 1 for chains alone.
  package let rungCount: Int
  /// The processes that share the work: chains, or the rungs of each ladder.
  let ranks = Ranks.current
  private let chains: [any AnyChain]
  private let team: ThreadPool

  /// Chains of one sampler on one potential.
  ///
  /// - Parameters:
  ///   - potential: What is sampled.
  ///   - sampler: How.
  ///   - batches: What each step sees of the data.
  ///   - count: The number of chains.
  ///   - only: Which of them run here, numbered from 0; by default all.
  ///   - warmup: Steps at the start, in which the sampler may adapt.
  ///   - interval: Steps from one kept row to the next.
  ///   - seed: All randomness follows from it and the number of the chain.
  ///   - threads: By default one for each core; more than there are chains help each gradient.
  ///   - observables: What the rows of the traces are computed from.
  ///   - quantities: Numbers of one's own that the rows show.
  ///   - test: The potential on data that the chains do not see.
  ///   - start: Where a chain starts, from its own stream of random numbers; asked for all chains at once, by all threads.
  /// - Throws: ``ChainError`` where the sampler refuses its settings or its start.
  public convenience init<P: Potential, S: Sampler>(
    _ potential: P, sampler: S, batches: BatchScheme = .all, chains count: Int = 1, only: [Int]? = nil,
    warmup: Int = 0, keepingEvery interval: Int, seed: UInt64 = 0, threads: Int? = nil,
    observables: ObservableScope = .full,
    quantities: [Quantity<P.Element>] = [], test: P? = nil,
    startingAt start: @Sendable (RandomStream) throws -> Tensor<P.Element>
  ) throws where S.Element == P.Element {
    precondition(interval > 0 && warmup >= 0, "the interval is above 0, the warm-up not negative")
    try self.init(
      potential, sampler: sampler, chains: Self.numbers(of: count, only: only), threads: threads,
      options: ChainOptions(
        batches: batches, warmup: UInt64(warmup), thin: UInt64(interval), seed: seed, observables: observables,
        quantities: quantities, test: test)
    ) { chain, _ in try start(RandomStream(seed: seed, chain: chain, purpose: .initialisation)) }
  }

  /// The chains that run here, in order.
  static func numbers(of count: Int, only: [Int]?) throws -> [Int] {
    try require(1...10_000 ~= count, "the number of chains", is: count, expected: "1 to 10000")
    guard let only else { return Array(0..<count) }
    if only.isEmpty { throw SettingError("no chain is to run here; expected one or more of \(count)") }
    if let number = only.first(where: { !(0..<count ~= $0) }) {
      throw SettingError("chain \(number + 1) is to run here; expected chains from 1 to \(count), those of the run")
    }
    return Set(only).sorted()
  }

  /// The same with the numbers of the chains; `start` is called side by side, each time with one of them and its threads.
  init<P: Potential, S: Sampler>(
    _ potential: P, sampler: S, chains numbers: [Int], threads: Int?, options: ChainOptions<P>,
    start: (Int, ThreadPool) throws -> Tensor<P.Element>
  ) throws where S.Element == P.Element {
    let threads = threads ?? ThreadPool.availableCores
    try require(1...1024 ~= threads, "the number of threads", is: threads, expected: "1 to 1024")
    try options.ladder?.check(suits: sampler)
    rungCount = options.ladder?.ladder.count ?? 1
    parameterCount = potential.parameterCount
    warmup = options.warmup
    thin = options.thin
    // Ladders over several ranks take turns, in the one thread that may speak to the others.
    let atOnce = options.ladder != nil && ranks.canTalk ? 1 : numbers.count
    team = try ThreadPool(threads: min(threads, atOnce))
    let share = max(1, threads / atOnce)
    chains = try team.map(numbers.indices) { index in
      let number = numbers[index]
      let pool = share == 1 ? ThreadPool.single : try ThreadPool(threads: share)
      do {
        return try makeChain(
          potential, sampler: sampler, number: number, pool: pool, options: options,
          startingAt: try start(number, pool))
      } catch let interruption as Interruption {
        throw interruption
      } catch {
        throw ChainError(chain: number, step: 0, cause: error)
      }
    }
  }

  /// The number of chains that run here.
  public var chainCount: Int { chains.count }
  /// Their numbers, from 0, in order.
  package var numbers: [Int] { chains.map(\.number) }
  /// The number of steps that every chain has done.
  public var step: UInt64 { chains.map(\.step).min() ?? 0 }
  /// The parameters of each chain now.
  public var parameters: [Parameters] { chains.map(\.parameters) }
  /// The temperature of the law that is sampled; nil where it is not a Gibbs law.
  package var temperature: Double? { chains.first?.temperature }
  /// Gradient evaluations of all chains together.
  package var evaluations: UInt64 { chains.reduce(0) { $0 + $1.evaluations } }
  /// What the steps since the last row were like, by chain.
  package var latest: [StepSummary] { chains.map(\.latest) }

  /// Goes on for `steps` steps and keeps a row of each chain's trace at the multiples of ``thin``.
  ///
  /// - Parameters:
  ///   - steps: How many.
  ///   - observers: Shown each kept row, in the order of the chains.
  ///   - isCancelled: Asked before each step, by all threads; once true, the chains stop where they are.
  /// - Throws: ``ChainError`` with the chain that failed; whatever an observer throws.
  public func advance(
    steps: Int, observers: [any Observer] = [], isCancelled: @Sendable () -> Bool = { false }
  ) throws {
    precondition(steps >= 0, "the number of steps is not negative")
    try advance(to: step + UInt64(steps), observers: observers, isCancelled: isCancelled)
  }

  /// The same with the number of the last step. Chains that are further already wait for the others.
  func advance(to end: UInt64, observers: [any Observer], isCancelled: @Sendable () -> Bool) throws {
    // All ranks go from row to row together.
    var now = try ranks.least(step)
    while now < end {
      let stop = min(end, (now / thin + 1) * thin)
      let rows = try team.map(chains.indices) { [chains, thin] index -> Row? in
        let chain = chains[index]
        guard chain.step < stop else { return nil }
        do {
          try chain.advance(to: stop, isCancelled: isCancelled)
          return chain.step == stop && stop % thin == 0 ? try chain.makeRow() : nil
        } catch {
          throw ChainError(chain: chain.number, step: chain.step, cause: error)
        }
      }
      try keep(rows, for: observers)
      now = try ranks.least(step)
      guard now == stop else { return }
      for observer in observers { if try observer.shouldStop(self) { return } }
    }
  }

  private func keep(_ rows: [Row?], for observers: [any Observer]) throws {
    for (index, row) in rows.enumerated() {
      // Outside the warm-up only states that the sampler calls draws are kept.
      let chain = chains[index]
      let isWarmup = chain.step <= warmup
      guard let row, isWarmup || chain.isAtDraw else { continue }
      if traces.isEmpty { traces = chains.map { _ in Trace(columns: row.columns) } }
      let columns = traces[index].columns
      let values = row.values(of: columns)
      traces[index].append(values, isWarmup: isWarmup)
      let warnings = traces[index].add(warnings: row.warnings)
      let kept = KeptStep(
        chain: chain.number, step: chain.step, isWarmup: isWarmup, columns: columns, values: values,
        warnings: warnings, hotter: row.hotter.map { $0.values(of: columns) }, parameters: { chain.parameters })
      for observer in observers { try observer.observe(kept) }
    }
  }

  // MARK: Checkpoints

  /// Before checkpoints of a chain, on all ranks at once.
  func prepareCheckpoint(_ index: Int) throws { try chains[index].prepareCheckpoint() }

  /// All that decides the future of a chain that runs here, to be written to a file or read from one.
  func archive(_ index: Int, in archive: inout some StateArchive) throws { try chains[index].archive(in: &archive) }

  /// The number of steps that a chain that runs here has done.
  func steps(of index: Int) -> UInt64 { chains[index].step }

  /// Goes on with the rows of an earlier run; nil for a chain that has none yet.
  func adopt(_ traces: [Trace?]) {
    guard let columns = traces.lazy.compactMap({ $0?.columns }).first else { return }
    self.traces = traces.map { $0 ?? Trace(columns: columns) }
  }
}

/// A chain that cannot go on. All rows and draws before it were kept.
public struct ChainError: Error, CustomStringConvertible {
  /// The chain, from 0.
  public let chain: Int
  /// The steps it had done.
  public let step: UInt64
  /// Why.
  public let cause: any Error

  /// Whether it left every bound.
  package var isDivergence: Bool {
    switch cause as? SamplingError {
    case .diverged: true
    case .evaluation(.nonFinite, _): true
    default: false
    }
  }

  /// One sentence for the user; there chains are counted from 1, as in the names of their files.
  public var description: String { "chain \(chain + 1) stopped after step \(step): \(cause)" }
}
