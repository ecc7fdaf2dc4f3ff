import Langevin

/// How far a run is: one line that redraws on a terminal, a plain line now and then elsewhere.
final class Progress: Observer {
  private let log: Log
  private let total: UInt64
  private let warmup: UInt64
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var first: UInt64
  private var next: ContinuousClock.Instant
  private var isDrawn = false
  private var warned: Set<String> = []
  private let wanted: Double?
  private var agreement: Agreement?
  private var lookedAt = 0

  init(_ log: Log, of run: SamplingRun) {
    self.log = log
    total = run.steps
    warmup = run.chains.warmup
    wanted = run.wantedSampleSize
    first = run.chains.step
    start = clock.now
    next = start
  }

  /// Passes on what the sampler warns of, once, however many chains it comes up in.
  func observe(_ kept: KeptStep) {
    for warning in kept.warnings where warned.insert(Trace.withoutNumbers(warning)).inserted {
      finish()
      log.warn("chain \(kept.chain + 1), \(warning)")
    }
  }

  func shouldStop(_ chains: ChainGroup) -> Bool {
    let now = clock.now
    guard now >= next else { return false }
    let isFirst = next == start
    next = now + (log.console.isTerminal ? .milliseconds(200) : .seconds(isFirst ? 5 : 30))
    if isFirst && !log.console.isTerminal { return false }
    let line = line(chains, seconds: (now - start) / .seconds(1))
    if log.console.isTerminal {
      log.console.redraw(String(line.prefix(max(20, log.console.width - 1))))
      isDrawn = true
    } else {
      log.note(line)
    }
    return false
  }

  /// Leaves the line for what comes after.
  func finish() {
    if isDrawn { log.console.redraw("") }
    isDrawn = false
  }

  private func line(_ chains: ChainGroup, seconds: Double) -> String {
    let share = Double(chains.step) / Double(total)
    let speed = Double(chains.step - first) / max(seconds, 1e-9)
    look(at: chains)
    var parts = [
      log.console.isTerminal ? bar(share) : "", "\(Format.fixed(100 * share, 0)) %",
      "\(Format.significant(speed, 3)) steps/s",
      "\(wanted == nil ? "" : "< ")\(Format.duration(stepsLeft(chains) / max(speed, 1e-9))) left",
    ]
    if chains.step < warmup { parts.append("warm-up") }
    if let agreement {
      let goal = wanted.map { "/\(Format.significant($0))" } ?? ""
      parts.append("ESS \(Format.fixed(agreement.sampleSize, 0))\(goal)")
      if let rHat = agreement.rHat { parts.append("R-hat \(Format.fixed(rHat, 2))") }
    }
    if let trace = chains.traces.first {
      for (name, label) in [("energy", "U"), ("acceptance", "accepted"), ("minibatch_share.1__", "minibatch share")] {
        if let value = trace[name]?.last { parts.append("\(label) \(Format.significant(value, 4))") }
      }
    }
    return parts.filter { !$0.isEmpty }.joined(separator: "  ")
  }

  /// Looks at the convergence when the rows have grown by a tenth.
  private func look(at chains: ChainGroup) {
    let rows = chains.traces.map { $0.rowCount - $0.warmupRows }.min() ?? 0
    guard rows >= 20, rows >= lookedAt + lookedAt / 10 else { return }
    lookedAt = rows
    agreement = Agreement(of: chains.traces)
  }

  /// At most to the end; to the wanted sample size, if that grows as it has so far.
  private func stepsLeft(_ chains: ChainGroup) -> Double {
    let most = Double(total - chains.step)
    guard let wanted, let agreement, agreement.sampleSize > 0, chains.step > warmup else { return most }
    return min(most, Double(chains.step - warmup) * max(0, wanted / agreement.sampleSize - 1))
  }

  private func bar(_ share: Double) -> String {
    let full = Int(share * 12)
    return "[" + String(repeating: "=", count: full) + String(repeating: " ", count: 12 - full) + "]"
  }
}
