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
  }

  /// Why a run has ended.
  public enum Ending: Sendable {
    /// All steps are done.
    case finished
    /// A stopping rule was met.
    case stopped
    /// Someone asked it to; it can be resumed.
    case interrupted
  }

  /// The chains.
  public let chains: ChainGroup
  /// Its folder.
  public let folder: RunFolder
  /// What a careful user would want to know about the sampler's settings.
  public let warnings: [String]
  /// What was found out or decided when the data were read, a line each.
  public let notes: [String]
  /// Time spent on steps, over all sessions of the run.
  public private(set) var seconds = 0.0
  /// The last step.
  public let steps: UInt64
  let record: RunRecord
  private var files: [ChainFiles] = []

  /// A run of a potential.
  ///
  /// - Parameters:
  ///   - potential: What is sampled.
  ///   - sampler: How.
  ///   - plan: How long, how many chains, which rows and draws are kept, how minibatches are drawn.
  ///   - folder: Where its files go.
  ///   - opening: What becomes of a run that lies there.
  ///   - name: What the potential is called in the report.
  ///   - quantities: Numbers of one's own that the rows show.
  ///   - test: The potential on data that the chains do not see.
  ///   - start: Where a chain starts, from its own stream of random numbers.
  /// - Throws: ``SettingError`` where the plan does not fit, ``ChainError`` where the sampler refuses its settings or its start,
  ///   ``FileError`` where a file is missing, damaged or of another run.
  public convenience init<P: Potential, S: Sampler>(
    _ potential: P, sampler: S, plan: RunPlan = RunPlan(), in folder: RunFolder, opening: Opening = .new,
    name: String = "\(P.self)", quantities: [Quantity<P.Element>] = [], test: P? = nil,
    startingAt start: @Sendable (RandomStream) throws -> Tensor<P.Element>
  ) throws where S.Element == P.Element {
    var plan = plan
    let habits = (sampler.settings as? any SamplerSettings).map { type(of: $0).habits } ?? SamplerHabits()
    try plan.complete(for: habits, exampleCount: potential.exampleCount)
    let seed = plan.seed
    try self.init(
      potential, sampler: sampler, plan: plan, problem: [JSON.Member("name", .string(name))], in: folder,
      opening: opening, quantities: quantities, test: test
    ) { chain, _ in try start(RandomStream(seed: seed, chain: chain, purpose: .initialisation)) }
  }

  /// The same with a plan that is complete and what `run.json` says of the problem.
  init<P: Potential, S: Sampler>(
    _ potential: P, sampler: S, plan: RunPlan, problem: [JSON.Member], in folder: RunFolder, opening: Opening,
    quantities: [Quantity<P.Element>] = [], test: P? = nil, notes: [String] = [],
    start: (Int, ThreadPool) throws -> Tensor<P.Element>
  ) throws where S.Element == P.Element {
    self.folder = folder
    record = RunRecord(potential, sampler, plan, problem: problem)
    steps = UInt64(plan.steps ?? 1)
    self.notes = notes
    var warnings = sampler.warnings(for: potential.layout)
    let isResumed = opening == .resuming || opening == .resumingFromPrevious
    if isResumed {
      let stored = try folder.readRecord()
      try record.check(isSameAs: stored, in: folder.path)
      if let set = stored.instructionSet, let now = record.instructionSet, set != now {
        warnings.append(
          "the run was started with the instruction set \(set) and goes on with \(now): what follows is a run of the same "
            + "law, but not bit for bit the one that would have been; LANGEVIN_ISA=\(set) chooses the old set")
      }
    }
    self.warnings = warnings
    let isNew = isResumed ? false : try folder.make(replacing: opening == .replacing)
    do {
      chains = try ChainGroup(
        potential, sampler: sampler, chains: plan.chains, threads: plan.threadCount,
        options: ChainOptions(
          batches: plan.batches, warmup: UInt64(plan.warmup ?? 0), thin: UInt64(plan.thin ?? 1), seed: plan.seed,
          ladder: plan.ladderPlan, observables: plan.observables, quantities: quantities, test: test), start: start)
    } catch {
      if isNew { folder.removeIfEmpty() }
      throw error
    }
    if isResumed {
      try restore(fromPrevious: opening == .resumingFromPrevious)
    } else {
      folder.clear()
      try OutputFile.replace(folder.settings, with: Array((record.json.description + "\n").utf8))
      files = try (0..<plan.chains).map { try ChainFiles(folder, chain: $0, of: record) }
    }
  }

  /// The effective sample size at which the run ends, if it ends by itself.
  package var wantedSampleSize: Double? { record.plan.minESS }

  /// What it is, in a line.
  public var outline: String {
    let chains = chains.chainCount == 1 ? "1 chain" : "\(chains.chainCount) chains"
    let rungs = record.plan.ladder.map { ", each on a ladder of \($0.count) temperatures" } ?? ""
    return
      "\(wantedSampleSize == nil ? "" : "at most ")\(Format.count(steps)) steps of \(record.samplerName) in \(chains)\(rungs), "
      + "\(Format.count(UInt64(record.layout.count))) parameters"
  }

  /// Steps until the end, writing traces, draws and checkpoints; more observers may look on.
  @discardableResult
  public func advance(observers: [any Observer] = [], interrupt: Interrupt = Interrupt()) throws -> Ending {
    let clock = Stopwatch(from: seconds)
    defer { seconds = clock.seconds }
    let checkpointer = Checkpointer(every: record.plan.checkpointEvery, clock: clock) { [unowned self] in
      seconds = clock.seconds
      try writeCheckpoints()
    }
    var rules: [any Observer] = []
    if let limit = record.plan.maxSeconds { rules.append(TimeLimit(limit, clock: clock)) }
    if let target = record.plan.minESS { rules.append(EnoughSamples(target)) }
    let stop = StopWatcher(rules)
    try chains.advance(to: steps, observers: files + observers + [checkpointer, stop]) { interrupt.isRequested }
    seconds = clock.seconds
    try writeCheckpoints()
    if stop.hasStopped { return .stopped }
    return chains.step < steps ? .interrupted : .finished
  }

  // MARK: Checkpoints

  private func writeCheckpoints() throws {
    for chain in files.indices {
      try files[chain].flush()
      var archive = ArchiveWriter()
      var lengths = files[chain].lengths
      try archiveChain(chain, &lengths, in: &archive)
      try Checkpoint(fingerprint: record.identity, payload: archive.bytes).write(to: folder.checkpoint(chain))
    }
  }

  /// Goes on where each chain was last stored. One that was killed before its first checkpoint starts again; one killed
  /// between two renames has the checkpoint before.
  private func restore(fromPrevious: Bool) throws {
    for chain in 0..<record.plan.chains {
      let latest = folder.checkpoint(chain)
      let previous = folder.previousCheckpoint(chain)
      let path = fromPrevious || !RunFolder.exists(latest) ? previous : latest
      var lengths = FileLengths()
      if fromPrevious || RunFolder.exists(path) { lengths = try restore(chain, from: path, orElse: previous) }
      files.append(try ChainFiles(folder, chain: chain, of: record, lengths: lengths))
    }
    if files.allSatisfy(\.hasRows) { chains.adopt(try folder.readTraces()) }
  }

  private func restore(_ chain: Int, from path: String, orElse previous: String) throws -> FileLengths {
    do {
      let checkpoint = try Checkpoint(readingFrom: path)
      guard checkpoint.fingerprint == record.identity else {
        throw FileError(path, "belongs to a run with other settings than run.json")
      }
      var archive = ArchiveReader(checkpoint, path: path)
      var lengths = FileLengths()
      try archiveChain(chain, &lengths, in: &archive)
      try archive.finish()
      return lengths
    } catch {
      guard path != previous, RunFolder.exists(previous), (try? Checkpoint(readingFrom: previous)) != nil else {
        throw error
      }
      throw FileError(
        path,
        "\((error as? FileError)?.reason ?? "\(error)"). The checkpoint before it is whole: "
          + "'langevin resume \(folder.path) --previous'")
    }
  }

  private func archiveChain(_ chain: Int, _ lengths: inout FileLengths, in archive: inout some StateArchive) throws {
    var number = chain
    try archive.field("chain", &number)
    try archive.field("seconds", &seconds)
    try archive.field("trace-bytes", &lengths.trace)
    try archive.field("draws", &lengths.draws)
    if record.plan.ladder != nil { try archive.field("rung-bytes", &lengths.rungs) }
    try chains.archive(chain: chain, in: &archive)
  }
}
