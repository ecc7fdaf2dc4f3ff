import LangevinData

/// How much of the files of a chain belongs to a checkpoint.
struct FileLengths {
  /// Bytes of the trace.
  var trace = 0
  /// Draws.
  var draws = 0
  /// Bytes of the traces of the hotter rungs.
  var rungs: [Int] = []
}

/// The files that a chain fills: its trace and its draws, and the traces of the hotter rungs of its ladder.
final class ChainFiles: Observer {
  private let chain: Int
  private let trace: TraceFile
  private let draws: DrawsFile
  private let rungs: [TraceFile]
  private let comments: [(name: String, value: String)]
  private let drawEvery: Int
  private var keptRows: Int

  init(_ folder: RunFolder, chain: Int, of record: RunRecord, lengths: FileLengths = FileLengths()) throws {
    self.chain = chain
    trace = try TraceFile(folder.trace(chain), keeping: lengths.trace)
    draws = try DrawsFile(
      folder.draws(chain), parameterCount: record.layout.count, single: record.precision == .single,
      keeping: lengths.draws)
    let plan = record.plan
    rungs = try (1..<max(1, plan.ladder?.count ?? 1)).map { rung in
      let path = folder.trace(chain, rung: rung)
      return try TraceFile(path, keeping: lengths.rungs.isEmpty ? 0 : lengths.rungs[rung - 1])
    }
    comments = [
      ("langevin", record.version), ("sampler", record.samplerName), ("problem", record.title), ("id", "\(chain + 1)"),
      ("seed", "\(plan.seed)"), ("num_warmup", "\(plan.warmup ?? 0)"), ("save_warmup", "1"),
      ("thin", "\(plan.thin ?? 1)"),
    ]
    drawEvery = plan.drawEvery
    // With every k-th row drawn, d draws tell the number of rows up to the next draw only; the trace tells it exactly.
    keptRows = 0
    if lengths.trace > 0 {
      let trace = try Trace(readingFrom: folder.trace(chain))
      keptRows = trace.rowCount - trace.warmupRows
    }
  }

  var lengths: FileLengths {
    FileLengths(trace: trace.byteCount, draws: draws.drawCount, rungs: rungs.map(\.byteCount))
  }

  func observe(_ kept: KeptStep) throws {
    guard kept.chain == chain else { return }
    if trace.byteCount == 0 { try trace.begin(comments: comments, columns: kept.columns) }
    try trace.append(kept.values)
    for (rung, values) in kept.hotter.enumerated() {
      if rungs[rung].byteCount == 0 {
        try rungs[rung].begin(comments: comments + [("rung", "\(rung + 2)")], columns: kept.columns)
      }
      try rungs[rung].append(values)
    }
    for warning in kept.warnings { try trace.append(comment: "warning", warning) }
    if kept.isWarmup || drawEvery == 0 { return }
    if keptRows % drawEvery == 0 { try draws.append(kept.draw) }
    keptRows += 1
  }

  func flush() throws {
    try trace.flush()
    try draws.flush()
    for file in rungs { try file.flush() }
  }
}

/// Writes checkpoints when it is time.
final class Checkpointer: Observer {
  private let interval: Double
  private let clock: Stopwatch
  private let ranks: Ranks
  private let write: () throws -> Void
  private var next: Double

  init(every interval: Double, clock: Stopwatch, ranks: Ranks, write: @escaping () throws -> Void) {
    self.interval = interval
    self.clock = clock
    self.ranks = ranks
    self.write = write
    next = clock.seconds + interval
  }

  func shouldStop(_ chains: ChainGroup) throws -> Bool {
    // A clock of one decides for all, as they write together.
    if try ranks.first(clock.seconds >= next) {
      try write()
      next = clock.seconds + interval
    }
    return false
  }
}
