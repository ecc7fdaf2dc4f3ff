import LangevinCore
import LangevinData
import LangevinSamplers

/// A run in its folder: chains, the files that they fill, and checkpoints from which it goes on bit for bit.
///
///     var run = try Run(configuration.check(), in: RunFolder("run7"))
///     let ending = try run.go(interrupt: .onSignals())
public final class Run {
  /// Why a run has ended.
  public enum Ending: Sendable {
    /// All steps are done.
    case finished
    /// A stopping rule was met.
    case stopped
    /// Someone asked it to; it can be resumed.
    case interrupted
  }

  /// The experiment.
  public let experiment: Experiment
  /// Its folder.
  public let folder: RunFolder
  /// Time spent on steps, over all sessions of the run.
  public private(set) var seconds = 0.0
  /// The last step, by default that of the settings.
  public let steps: UInt64

  private var files: [ChainFiles] = []
  private let settings: RunSettings

  /// Starts a new run: makes the folder and writes `run.json`.
  ///
  /// - Throws: ``Interruption`` if it is asked to stop before the first step; the folder is as it was then.
  public init(
    _ configuration: CheckedConfiguration, in folder: RunFolder, replacing: Bool = false,
    interrupt: Interrupt = Interrupt()
  ) throws {
    // A folder that cannot be made is found before the data are, and one for a run that cannot start does not stay.
    let isNew = try folder.make(replacing: replacing)
    do {
      experiment = try Experiment(configuration, interrupt: interrupt)
    } catch {
      if isNew { folder.removeIfEmpty() }
      throw error
    }
    settings = experiment.settings
    self.folder = folder
    steps = UInt64(settings.plain.integer("steps"))
    folder.clear()
    try OutputFile.replace(folder.settings, with: Array((settings.json.description + "\n").utf8))
    files = try experiment.chains.parameters.indices.map { try ChainFiles(folder, chain: $0, self) }
  }

  /// Goes on with the run in a folder, from its last checkpoint or the one before.
  ///
  /// - Parameters:
  ///   - folder: Where the run lies.
  ///   - steps: Up to which step, if not the one of its settings.
  ///   - previous: Whether to start from the checkpoint before the last.
  ///   - interrupt: Asked while a run that has no checkpoint yet finds its start anew.
  /// - Throws: ``FileError`` where a file is missing, damaged or of another run.
  public init(
    resuming folder: RunFolder, steps: Int? = nil, previous: Bool = false, interrupt: Interrupt = Interrupt()
  ) throws {
    // A run that was killed before its first checkpoint starts again; one killed between two renames has the one before.
    let latest = RunFolder.exists(folder.checkpoint) ? folder.checkpoint : folder.previousCheckpoint
    let path = previous ? folder.previousCheckpoint : latest
    let isRestored = previous || RunFolder.exists(path)
    experiment = try Experiment(try folder.readSettings(), isRestored: isRestored, interrupt: interrupt)
    settings = experiment.settings
    self.folder = folder
    self.steps = UInt64(steps ?? settings.plain.integer("steps"))
    let warmup = settings.plain.integer("warmup")
    guard self.steps > UInt64(warmup) else {
      throw SettingError(
        "steps is \(self.steps) and the warm-up of the run is \(warmup); expected more steps than that")
    }
    if isRestored {
      try restore(path)
    } else {
      files = try experiment.chains.parameters.indices.map { try ChainFiles(folder, chain: $0, self) }
    }
  }

  /// Steps until the end, writing traces, draws and checkpoints; more observers may look on.
  public func go(observers: [any Observer] = [], interrupt: Interrupt = Interrupt()) throws -> Ending {
    let plain = settings.plain
    let clock = Stopwatch(from: seconds)
    defer { seconds = clock.seconds }
    let keeper = Checkpointer(every: plain.real("checkpoint-every"), clock: clock) { [unowned self] in
      seconds = clock.seconds
      try writeCheckpoint()
    }
    var rules: [any Observer] = []
    if let limit = plain.optional("max-seconds").flatMap({ Double($0) }) {
      rules.append(TimeLimit(limit, clock: clock))
    }
    if let target = plain.optional("min-ess").flatMap({ Double($0) }) { rules.append(EnoughSamples(target)) }
    let stop = StopWatcher(rules)
    let chains = experiment.chains
    try chains.advance(
      to: steps, keepingEvery: UInt64(plain.integer("thin")), warmup: UInt64(plain.integer("warmup")),
      observers: files + observers + [keeper, stop], unless: { interrupt.isRequested })
    seconds = clock.seconds
    try writeCheckpoint()
    if stop.hasStopped { return .stopped }
    return chains.step < steps ? .interrupted : .finished
  }

  // MARK: Checkpoints

  private func writeCheckpoint() throws {
    for file in files { try file.flush() }
    var archive = ArchiveWriter()
    try archiveRun(in: &archive)
    try Checkpoint(fingerprint: settings.identity, payload: archive.bytes).write(to: folder.checkpoint)
  }

  private func restore(_ path: String) throws {
    do {
      let checkpoint = try Checkpoint(readingFrom: path)
      guard checkpoint.fingerprint == settings.identity else {
        throw FileError(path, "belongs to a run with other settings than run.json")
      }
      var archive = ArchiveReader(checkpoint, path: path)
      try archiveRun(in: &archive)
      try archive.finish()
    } catch {
      let other = folder.previousCheckpoint
      guard path != other, RunFolder.exists(other), (try? Checkpoint(readingFrom: other)) != nil else { throw error }
      throw FileError(
        path,
        "\((error as? FileError)?.reason ?? "\(error)"). The checkpoint before it is whole: "
          + "'langevin resume \(folder.path) --previous'")
    }
    files = try experiment.chains.parameters.indices.map {
      try ChainFiles(folder, chain: $0, self, lengths: lengths[$0])
    }
    if files.allSatisfy({ $0.hasRows }) {
      experiment.chains.adopt(try folder.readTraces())
    }
  }

  private var lengths: [(trace: Int, draws: Int)] = []

  private func archiveRun(in archive: inout some RunArchive) throws {
    try archive.field("seconds", &seconds)
    var count = experiment.chains.chainCount
    try archive.field("chains", &count)
    lengths = files.isEmpty ? Array(repeating: (0, 0), count: count) : files.map(\.lengths)
    for chain in lengths.indices {
      try archive.field("trace", &lengths[chain].trace)
      try archive.field("draws", &lengths[chain].draws)
    }
    try experiment.chains.archive(in: &archive)
  }

  /// What stands at the top of a trace file.
  fileprivate func comments(chain: Int) -> [(name: String, value: String)] {
    let plain = settings.plain
    return [
      ("langevin", Version.current), ("sampler", settings.sampler.name), ("data", settings.source.name),
      ("network", plain.text("network")), ("id", "\(chain + 1)"), ("seed", plain.text("seed")),
      ("num_warmup", plain.text("warmup")), ("save_warmup", "1"), ("thin", plain.text("thin")),
    ]
  }
}

/// The two files that a chain fills.
private final class ChainFiles: Observer {
  private let chain: Int
  private let trace: TraceFile
  private let draws: DrawsFile
  private let comments: [(name: String, value: String)]
  private let drawEvery: Int
  private var keptRows: Int

  init(_ folder: RunFolder, chain: Int, _ run: Run, lengths: (trace: Int, draws: Int) = (0, 0)) throws {
    self.chain = chain
    let chains = run.experiment.chains
    trace = try TraceFile(folder.trace(chain), keeping: lengths.trace)
    draws = try DrawsFile(
      folder.draws(chain), parameterCount: chains.parameterCount, single: chains.isSinglePrecision,
      keeping: lengths.draws)
    comments = run.comments(chain: chain)
    drawEvery = run.experiment.settings.plain.integer("draw-every")
    // With every k-th row drawn, d draws tell the number of rows up to the next draw only; the trace tells it exactly.
    keptRows = 0
    if lengths.trace > 0 {
      let trace = try Trace(readingFrom: folder.trace(chain))
      keptRows = trace.rowCount - trace.warmupRows
    }
  }

  var lengths: (trace: Int, draws: Int) { (trace.byteCount, draws.drawCount) }
  var hasRows: Bool { trace.byteCount > 0 }

  func observe(_ kept: KeptStep) throws {
    guard kept.chain == chain else { return }
    if trace.byteCount == 0 { try trace.begin(comments: comments, columns: kept.columns) }
    try trace.append(kept.values)
    for warning in kept.warnings { try trace.append(comment: "warning", warning) }
    if kept.isWarmup || drawEvery == 0 { return }
    if keptRows % drawEvery == 0 { try draws.append(kept.draw) }
    keptRows += 1
  }

  func flush() throws {
    try trace.flush()
    try draws.flush()
  }
}

/// Writes a checkpoint when it is time.
private final class Checkpointer: Observer {
  private let interval: Double
  private let clock: Stopwatch
  private let write: () throws -> Void
  private var next: Double

  init(every interval: Double, clock: Stopwatch, write: @escaping () throws -> Void) {
    self.interval = interval
    self.clock = clock
    self.write = write
    next = clock.seconds + interval
  }

  func shouldStop(_ chains: ChainGroup) throws -> Bool {
    if clock.seconds >= next {
      try write()
      next = clock.seconds + interval
    }
    return false
  }
}

/// Ends a run after a time.
private final class TimeLimit: Observer {
  private let limit: Double
  private let clock: Stopwatch

  init(_ limit: Double, clock: Stopwatch) {
    self.limit = limit
    self.clock = clock
  }

  func shouldStop(_ chains: ChainGroup) -> Bool { clock.seconds >= limit }
}

/// Remembers whether one of the rules has ended the run.
private final class StopWatcher: Observer {
  private let rules: [any Observer]
  private(set) var hasStopped = false

  init(_ rules: [any Observer]) { self.rules = rules }

  func shouldStop(_ chains: ChainGroup) throws -> Bool {
    for rule in rules { if try rule.shouldStop(chains) { hasStopped = true } }
    return hasStopped
  }
}

/// Seconds since a start, on a clock that no one sets.
struct Stopwatch: Sendable {
  private let start = ContinuousClock.now
  private let before: Double

  /// A watch that shows `before` now.
  init(from before: Double = 0) { self.before = before }

  var seconds: Double {
    let passed = ContinuousClock.now - start
    return before + Double(passed.components.seconds) + Double(passed.components.attoseconds) * 1e-18
  }
}
