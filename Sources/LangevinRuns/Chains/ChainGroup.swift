import LangevinCore
import LangevinDiagnostics
import LangevinSamplers

/// Chains side by side: the same sampler on the same potential, each chain with random numbers of its own.
///
///     let posterior = try Posterior(network, examples: examples, loss: .crossEntropy, prior: .gaussian(precision: 1e-3))
///     let chains = try ChainGroup(posterior, sampler: sampler, batches: .distinct(128), chains: 4, seed: 7) {
///       network.initialParameters(from: $0)
///     }
///     try chains.advance(steps: 100_000, keepingEvery: 100, warmup: 20_000)
///     print(try chains.summary())
///
/// Chains run on as many threads as there are cores. What they draw does not depend on that, nor on how many chains there
/// are: chain 0 of four is chain 0 alone.
public final class ChainGroup {
  /// The rows kept so far, one trace for each chain.
  public private(set) var traces: [Trace] = []
  /// The potential's number of parameters.
  public let parameterCount: Int
  /// Whether parameters are in single precision.
  public let isSinglePrecision: Bool
  private let chains: [any AnyChain]
  private let team: ThreadPool

  /// Chains of one sampler on one potential.
  ///
  /// - Parameters:
  ///   - potential: What is sampled.
  ///   - sampler: How.
  ///   - batches: What each step sees of the data.
  ///   - count: The number of chains.
  ///   - seed: All randomness follows from it and the number of the chain.
  ///   - threads: By default one for each core; more than there are chains help each gradient.
  ///   - observables: What the rows of the traces are computed from.
  ///   - test: The potential on data that the chains do not see.
  ///   - start: Where a chain starts, from its own stream of random numbers; asked for all chains at once, by all threads.
  /// - Throws: ``ChainError`` where the sampler refuses its settings or its start.
  public convenience init<P: Potential, S: Sampler>(
    _ potential: P, sampler: S, batches: BatchScheme = .all, chains count: Int = 1, seed: UInt64 = 0,
    threads: Int? = nil, observables: ObservableScope = .full, test: P? = nil,
    startingAt start: @Sendable (RandomStream) throws -> Tensor<P.Element>
  ) throws where S.Element == P.Element {
    try self.init(
      potential, sampler: sampler, batches: batches, chains: count, seed: seed, threads: threads,
      observables: observables, test: test
    ) { chain, _ in try start(RandomStream(seed: seed, chain: chain, purpose: .initialisation)) }
  }

  /// The same; `start` is called side by side, each time with the chain's number and its threads.
  init<P: Potential, S: Sampler>(
    _ potential: P, sampler: S, batches: BatchScheme, chains count: Int, seed: UInt64, threads: Int?,
    observables: ObservableScope, test: P?, start: (Int, ThreadPool) throws -> Tensor<P.Element>
  ) throws where S.Element == P.Element {
    let threads = threads ?? ThreadPool.availableCores
    try require(1...10_000 ~= count, "the number of chains", is: count, expected: "1 to 10000")
    try require(1...1024 ~= threads, "the number of threads", is: threads, expected: "1 to 1024")
    parameterCount = potential.parameterCount
    isSinglePrecision = P.Element.self == Float.self
    team = try ThreadPool(threads: min(threads, count))
    let share = max(1, threads / count)
    chains = try team.map(0..<count) { number in
      let pool = share == 1 ? ThreadPool.single : try ThreadPool(threads: share)
      do {
        return try Chain(
          potential, sampler: sampler, batches: batches, seed: seed, number: number, pool: pool,
          observables: observables, test: test, startingAt: try start(number, pool))
      } catch let interruption as Interruption {
        throw interruption
      } catch {
        throw ChainError(chain: number, step: 0, cause: error)
      }
    }
  }

  /// The number of chains.
  public var chainCount: Int { chains.count }
  /// The number of steps that every chain has done.
  public var step: UInt64 { chains.map(\.step).min() ?? 0 }
  /// The parameters of each chain now.
  public var parameters: [Parameters] { chains.map(\.parameters) }
  /// The temperature of the law that is sampled; nil where it is not a Gibbs law.
  public var temperature: Double? { chains.first?.temperature }
  /// Gradient evaluations of all chains together.
  public var evaluations: UInt64 { chains.reduce(0) { $0 + $1.evaluations } }
  /// What the steps since the last row were like, by chain.
  public var latest: [StepSummary] { chains.map(\.latest) }

  /// Goes on for `steps` steps and keeps a row of each chain's trace every `interval` steps.
  ///
  /// - Parameters:
  ///   - steps: How many.
  ///   - interval: Steps from one row to the next.
  ///   - warmup: Steps, counted from the very first, whose rows are marked and left out of every summary.
  ///   - observers: Shown each kept row, in the order of the chains.
  ///   - isInterrupted: Asked before each step, by all threads; once true, the chains stop where they are.
  /// - Throws: ``ChainError`` with the chain that failed; whatever an observer throws.
  public func advance(
    steps: Int, keepingEvery interval: Int = 1, warmup: Int = 0, observers: [any Observer] = [],
    unless isInterrupted: @Sendable () -> Bool = { false }
  ) throws {
    precondition(steps >= 0 && interval > 0 && warmup >= 0, "steps, interval and warm-up are not negative")
    try advance(
      to: step + UInt64(steps), keepingEvery: UInt64(interval), warmup: UInt64(warmup), observers: observers,
      unless: isInterrupted)
  }

  /// The same with the number of the last step; rows are kept at the multiples of `interval`.
  func advance(
    to end: UInt64, keepingEvery interval: UInt64, warmup: UInt64, observers: [any Observer],
    unless isInterrupted: @Sendable () -> Bool
  ) throws {
    while step < end {
      let stop = min(end, (step / interval + 1) * interval)
      let rows = try team.map(chains.indices) { [chains, held] number -> Row? in
        let chain = chains[number]
        do {
          // Done before an interruption that caught the others.
          if let row = held[number] { return row }
          try chain.advance(to: stop, unless: isInterrupted)
          return chain.step == stop && stop % interval == 0 ? try chain.keep() : nil
        } catch {
          throw ChainError(chain: number, step: chain.step, cause: error)
        }
      }
      held = Dictionary(uniqueKeysWithValues: rows.enumerated().compactMap { number, row in row.map { (number, $0) } })
      guard chains.allSatisfy({ $0.step == stop }) else { return }
      held = [:]
      try keep(rows, isWarmup: stop <= warmup, for: observers)
      for observer in observers { if try observer.shouldStop(self) { return } }
    }
  }

  // MARK: Rows

  /// Rows of chains that were done when others were interrupted.
  private var held: [Int: Row] = [:]

  private func keep(_ rows: [Row?], isWarmup: Bool, for observers: [any Observer]) throws {
    for (chain, row) in zip(chains, rows) {
      // Outside the warm-up only states that the sampler calls draws are kept.
      guard let row, isWarmup || chain.isAtDraw else { continue }
      if traces.isEmpty { traces = chains.map { _ in Trace(columns: row.columns) } }
      let columns = traces[chain.number].columns
      let values = columns.map { name in row.columns.firstIndex(of: name).map { row.values[$0] } ?? .nan }
      traces[chain.number].append(values, isWarmup: isWarmup)
      let warnings = traces[chain.number].add(warnings: row.warnings)
      let kept = KeptStep(
        chain: chain.number, step: chain.step, isWarmup: isWarmup, columns: columns, values: values,
        warnings: warnings, parameters: { chain.parameters })
      for observer in observers { try observer.observe(kept) }
    }
  }

  // MARK: Checkpoints

  /// All that decides the future, to be written to a file.
  func archive(in archive: inout some RunArchive) throws {
    for chain in chains { try chain.archive(in: &archive) }
    for number in chains.indices {
      var (names, values) = ((held[number]?.columns ?? []).joined(separator: ","), held[number]?.values ?? [])
      try archive.field("held.names", &names)
      try archive.field("held.values", &values)
      var warnings = held[number]?.warnings ?? []
      try archive.field("held.warnings", &warnings)
      held[number] = values.isEmpty ? nil : Row(columns: names.split(separator: ",").map(String.init), values: values)
      held[number]?.warnings = warnings
    }
  }

  /// Goes on with the rows of an earlier run.
  func adopt(_ traces: [Trace]) { self.traces = traces }
}

/// A chain that cannot go on. All rows and draws before it were kept.
public struct ChainError: Error, CustomStringConvertible {
  /// The chain, from 0.
  public let chain: Int
  /// The steps it had done.
  public let step: UInt64
  /// Why.
  public let cause: any Error

  /// One sentence for the user; there chains are counted from 1, as in the names of their files.
  public var description: String { "chain \(chain + 1) stopped after step \(step): \(cause)" }
}
