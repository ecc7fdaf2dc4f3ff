import LangevinCore
import LangevinData
import LangevinSamplers

/// A run in its folder, of any sampler on any potential: chains, the files that they fill, and checkpoints from which it goes
/// on bit for bit.
///
///     var plan = RunPlan()
///     plan.steps = 50_000
///     plan.thin = 50
///     let run = try SamplingRun(Rosenbrock(), sampler: hmc, plan: plan, in: RunFolder("rosenbrock")) { _ in [0, 0] }
///     try run.advance()
///     try RunResults(run).write(report: true)
///
/// The same call with `opening: .resuming` goes on with the run that lies in the folder, after an interruption, a kill, or with
/// more steps in the plan. ``NetworkRun`` makes the runs of the command.
public final class SamplingRun {
  /// What becomes of a folder that may hold a run already.
  public enum Opening: Sendable {
    /// A run that lies there is an error.
    case new
    /// A run that lies there is replaced.
    case replacing
    /// The run that lies there goes on from its last checkpoints.
    case resuming
    /// The run that lies there goes on from the checkpoints before the last.
    case resumingFromPrevious
    /// The run that lies there goes on; where there is none, or a chain of it has not begun, it starts.
    case resumingIfThere
  }

  /// Why a run has ended.
  public enum Ending: Sendable {
    /// All steps are done.
    case finished
    /// A stopping rule was met.
    case stopped
    /// Someone asked it to; it can be resumed.
    case interrupted
    /// The time of its plan is over; it can be resumed.
    case outOfTime
  }

  /// The chains.
  public let chains: ChainGroup
  /// Its folder.
  public let folder: RunFolder
  /// What a careful user would want to know about the sampler's settings.
  public let warnings: [String]
  /// What was found out or decided when the data were read, a line each.
  public let notes: [String]
  /// Time spent on steps, over all processes that have worked on these chains.
  public internal(set) var seconds = 0.0
  /// The last step.
  public let steps: UInt64
  let record: RunRecord
  let observers: [any Observer]
  /// The processes that share the work, and whether this one writes files: of ladders only the first does.
  let ranks = Ranks.current
  let isWriting: Bool
  var files: [ChainFiles] = []
  private var locks: [ChainLock] = []
  /// Time spent on each chain before.
  var secondsBefore: [Double] = []

  /// A run of a potential.
  ///
  /// - Parameters:
  ///   - potential: What is sampled.
  ///   - sampler: How.
  ///   - plan: How long, how many chains, which rows and draws are kept, how minibatches are drawn.
  ///   - folder: Where its files go.
  ///   - opening: What becomes of a run that lies there.
  ///   - only: Which of the plan's chains run here, numbered from 0; by default all. Other processes may run the others at the
  ///     same time, in the same folder.
  ///   - isLocking: Whether chains are locked, so that no other process works on them.
  ///   - name: What the potential is called in the report.
  ///   - quantities: Numbers of one's own that the rows show.
  ///   - test: The potential on data that the chains do not see.
  ///   - observers: Those that look on from the first step to the last; what they remember is in the checkpoints, so that
  ///     a resumed run needs the same ones.
  ///   - start: Where a chain starts, from its own stream of random numbers.
  /// - Throws: ``SettingError`` where the plan does not fit, ``ChainError`` where the sampler refuses its settings or its start,
  ///   ``FileError`` where a file is missing, damaged or of another run.
  public convenience init<P: Potential, S: Sampler>(
    _ potential: P, sampler: S, plan: RunPlan = RunPlan(), in folder: RunFolder, opening: Opening = .new,
    only: [Int]? = nil, isLocking: Bool = true, name: String = "\(P.self)", quantities: [Quantity<P.Element>] = [],
    test: P? = nil, observers: [any Observer] = [],
    startingAt start: @Sendable (RandomStream) throws -> Tensor<P.Element>
  ) throws where S.Element == P.Element {
    var plan = plan
    let habits = (sampler.settings as? any SamplerSettings).map { type(of: $0).habits } ?? SamplerHabits()
    try plan.complete(for: habits, exampleCount: potential.exampleCount)
    let seed = plan.seed
    try self.init(
      potential, sampler: sampler, plan: plan, problem: [JSON.Member("name", .string(name))], in: folder,
      opening: opening, only: only, isLocking: isLocking, quantities: quantities, test: test,
      observers: observers
    ) { chain, _ in try start(RandomStream(seed: seed, chain: chain, purpose: .initialisation)) }
  }

  /// The same with a plan that is complete and what `run.json` says of the problem.
  init<P: Potential, S: Sampler>(
    _ potential: P, sampler: S, plan: RunPlan, problem: [JSON.Member], in folder: RunFolder, opening: Opening,
    only: [Int]? = nil, isLocking: Bool = true, quantities: [Quantity<P.Element>] = [], test: P? = nil,
    observers: [any Observer] = [], notes: [String] = [],
    start: (Int, ThreadPool) throws -> Tensor<P.Element>
  ) throws where S.Element == P.Element {
    self.folder = folder
    self.observers = observers
    record = RunRecord(potential, sampler, plan, problem: problem)
    steps = UInt64(plan.steps ?? 1)
    self.notes = notes
    var warnings = sampler.warnings(for: potential.layout)
    let isNew = try folder.make(for: opening)
    let stored = try Self.recordToGoOn(from: folder, opening)
    if let stored {
      try record.check(isSameAs: stored, in: folder.path)
      if let set = stored.instructionSet, let now = record.instructionSet, set != now {
        warnings.append(
          "the run was started with the instruction set \(set) and goes on with \(now): what follows is a run of the same "
            + "law, but not bit for bit the one that would have been; LANGEVIN_ISA=\(set) chooses the old set")
      }
    }
    self.warnings = warnings
    if let stored, plan.chains < stored.plan.chains {
      throw SettingError(
        "chains is \(plan.chains) and the run has \(stored.plan.chains); expected as many or more, and --only-chains to choose"
      )
    }
    let numbers = try Self.share(ranks, of: ChainGroup.numbers(of: plan.chains, only: only), plan)
    try ranks.checkAgreement(on: "fingerprint \(record.identity)", what: "the run")
    isWriting = plan.ladder == nil || ranks.isFirst
    do {
      OpenFiles.allowMost()
      // Before the starts are found, which may take long, so that a second process learns of the first at once.
      if isLocking, isWriting {
        locks = try numbers.map { try ChainLock(folder, chain: $0, steps: UInt64(plan.steps ?? 1)) }
      }
      // Another process may have been there between the first look and the lock.
      _ = try folder.make(for: opening)
      chains = try ChainGroup(
        potential, sampler: sampler, chains: numbers, threads: plan.threadCount,
        options: ChainOptions(
          batches: plan.batches, warmup: UInt64(plan.warmup ?? 0), thin: UInt64(plan.thin ?? 1), seed: plan.seed,
          ladder: plan.ladderPlan, observables: plan.observables, quantities: quantities, test: test), start: start)
      if opening == .replacing { try Self.clear(folder, but: numbers, isLocking: isLocking) }
      if stored == nil, isWriting { try folder.writeOnce(record) }
      try openFiles(fromPrevious: opening == .resumingFromPrevious)
    } catch {
      if !folder.holdsRun { for lock in locks { lock.discard() } }
      if isNew { folder.removeIfEmpty() }
      throw error
    }
  }

  /// The chains that fall to this rank. Of ladders all ranks have all: they share the rungs.
  private static func share(_ ranks: Ranks, of numbers: [Int], _ plan: RunPlan) throws -> [Int] {
    if let ladder = plan.ladderPlan {
      try ladder.check(suits: ranks)
      return numbers
    }
    guard ranks.count <= numbers.count else {
      throw SettingError("\(ranks.count) ranks and \(numbers.count) chains; expected no more ranks than chains")
    }
    return ranks.share(of: numbers)
  }

  /// What lies in the folder to be gone on with; nil if the run is to be started.
  private static func recordToGoOn(from folder: RunFolder, _ opening: Opening) throws -> RunRecord? {
    if opening == .new || opening == .replacing || opening == .resumingIfThere && !folder.holdsRun { return nil }
    let record = try folder.readRecord()
    if RunFolder.exists(folder.path + "/checkpoint") {
      throw FileError(
        folder.path,
        "was written by langevin \(record.version) with one checkpoint for all chains: go on with that program, or start "
          + "anew in another folder with --config \(folder.settings)")
    }
    return record
  }

  /// Makes a folder ready for a new run that several processes open together.
  package static func prepare(_ folder: RunFolder, _ opening: Opening, isLocking: Bool) throws {
    _ = try folder.make(for: opening)
    if opening == .replacing { try clear(folder, but: [], isLocking: isLocking) }
  }

  /// Removes what lies in the folder, once no process works on any of it.
  private static func clear(_ folder: RunFolder, but numbers: [Int], isLocking: Bool) throws {
    let others = isLocking ? Set(folder.chains).subtracting(numbers).sorted() : []
    let locks = try others.map { try ChainLock(folder, chain: $0, steps: 0) }
    folder.clear()
    for lock in locks { lock.discard() }
  }

  /// The effective sample size at which the run ends, if it ends by itself.
  package var wantedSampleSize: Double? { record.plan.minESS }

  /// What it is, in a line.
  public var outline: String {
    let all = record.plan.chains == 1 ? "1 chain" : "\(record.plan.chains) chains"
    let some =
      chains.chainCount == record.plan.chains
      ? all : "chain\(chains.chainCount == 1 ? "" : "s") \(ChainNumbers(chains.numbers)) of \(record.plan.chains)"
    let rungs = record.plan.ladder.map { ", each on a ladder of \($0.count) temperatures" } ?? ""
    return
      "\(wantedSampleSize == nil ? "" : "at most ")\(Format.count(steps)) steps of \(record.samplerName) in \(some)\(rungs), "
      + "\(Format.count(UInt64(record.layout.count))) parameters"
  }

  /// Whether all chains of the plan run here.
  package var hasAllChains: Bool { chains.chainCount == record.plan.chains }

  /// A chain of the folder that another process works on, if there is one; those that run here are asked about only once they
  /// are released.
  package var otherChainAtWork: Int? {
    hasAllChains ? nil : folder.chains.first { folder.holder(of: $0) != nil }
  }

  /// Whether every chain has enough rows to be summarised.
  package var hasRowsForSummary: Bool {
    !chains.traces.isEmpty && chains.traces.allSatisfy { $0.rowCount - $0.warmupRows >= 4 }
  }

  /// Steps until the end, writing traces, draws and checkpoints; more observers may look on, for this time only.
  ///
  /// The chains are locked from when the run was opened until this returns. It may be called again as long as no other process
  /// has worked on the chains meanwhile.
  @discardableResult
  public func advance(observers: [any Observer] = [], interrupt: Interrupt = Interrupt()) throws -> Ending {
    defer { for lock in locks { lock.release() } }
    for lock in locks { try lock.reacquire() }
    if try ranks.least(chains.step) >= steps { return .finished }
    let rule = record.plan.minESS.flatMap { $0 > 0 ? StopWatcher(EnoughSamples($0)) : nil }
    // Who goes on with a run that is good enough already need not do anything.
    if try rule?.shouldStop(chains) == true { return .stopped }

    let clock = Stopwatch()
    let before = seconds
    let save = { [unowned self] in
      seconds = before + clock.seconds
      for index in chains.numbers.indices { try writeCheckpoint(index, after: clock.seconds) }
    }
    let observers =
      files + self.observers + observers + [
        Checkpointer(every: record.plan.checkpointEvery, clock: clock, ranks: ranks, write: save)
      ]
      + (rule.map { [$0] } ?? [])
    let limit = record.plan.maxSeconds ?? .infinity
    // The clock is looked at only where there is a limit: it costs as much as the step of a tiny network.
    let isPaused: @Sendable () -> Bool = { interrupt.isPauseRequested || limit.isFinite && clock.seconds >= limit }
    var isToStop = false
    repeat {
      try chains.advance(to: steps, observers: observers, isCancelled: isPaused)
      try save()
      isToStop = try ranks.any(interrupt.isRequested || clock.seconds >= limit) || rule?.hasStopped == true
    } while try ranks.any(interrupt.takeCheckpointRequest()) && !isToStop
    for index in secondsBefore.indices { secondsBefore[index] += clock.seconds }
    if rule?.hasStopped == true { return .stopped }
    if try ranks.least(chains.step) >= steps { return .finished }
    return !interrupt.isRequested && clock.seconds >= limit ? .outOfTime : .interrupted
  }
}
