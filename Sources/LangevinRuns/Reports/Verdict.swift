import LangevinDiagnostics

/// What to think of a run, in a word, with the reason and what helps. Symptoms of one cause are told once.
public struct Verdict: Sendable, Equatable {
  /// The word.
  public enum Word: String, Sendable, CaseIterable {
    /// The chains agree, and every observable that counts has been seen often enough.
    case converged
    /// They do not yet.
    case notConverged = "not converged"
    /// A chain does not move.
    case stuck
    /// A chain left every bound.
    case diverged
    /// The draws follow no law that could be converged to: an optimiser, or a temperature that changes.
    case noStationaryLaw = "no stationary law"
  }

  /// The word.
  public let word: Word
  /// Why.
  public let reason: String
  /// The command that helps, if one does.
  public let command: String?
  /// What a careful reader would want to know besides: chains that are missing or not whole, what the sampler warned of.
  public let notes: [String]

  /// R-hat at most this,
  static let largestRHat = 1.01
  /// and bulk and tail effective sample sizes at least this, over all chains.
  static let fewestSamples = 400.0

  /// The word and the reason.
  var sentence: String { "verdict: \(word.rawValue), \(reason)" }

  /// The verdict in lines, as the terminal has it.
  public var text: String {
    let lines = [sentence] + notes.map { "note: " + $0 }
    var folded = lines.map { Format.folded($0, indent: 2).joined(separator: "\n") }
    // A command stays in one line, to be copied.
    if let command { folded.insert("  " + command, at: 1) }
    return folded.joined(separator: "\n")
  }

  /// The observables that were looked at, in a few words.
  private static func list(_ names: [String]) -> String {
    let probes = names.count { $0.hasPrefix("probe.") }
    let words = names.filter { !$0.hasPrefix("probe.") } + (probes > 0 ? ["the outputs at \(probes) probes"] : [])
    return words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " and " + (words.last ?? "")
  }
}

extension Verdict {
  /// What the summary of a run's rows says.
  ///
  /// - Parameters:
  ///   - summary: The summary.
  ///   - gaps: Chains that are missing or not whole.
  ///   - steps: Steps of each chain.
  ///   - folder: Where the run lies, for the command that helps.
  ///   - isAnnealed: Whether rows of several temperatures were kept.
  package init(_ summary: RunSummary, gaps: [String] = [], steps: UInt64, folder: String, isAnnealed: Bool = false) {
    notes = gaps + summary.warnings
    guard let temperature = summary.temperature, !isAnnealed else {
      let reason =
        isAnnealed
        ? "the temperature changes along the run: a table is of the rows of one temperature"
        : "so there is nothing that chains could converge to"
      (word, self.reason, command) = (.noStationaryLaw, reason, nil)
      return
    }
    let counted = summary.observables.filter { Self.counts($0.name) }
    let further = "langevin resume \(folder) --steps \(steps * 4)"
    if let still = summary["energy"], still.summary.standardDeviation == 0 {
      (word, reason, command) = (
        .stuck, "the energy never changes: no move was accepted, or the step size is 0",
        "a smaller --step-size, or another --sampler"
      )
      return
    }
    let apart = counted.max { ($0.summary.rHat ?? 1) < ($1.summary.rHat ?? 1) }
    if let apart, let rHat = apart.summary.rHat, rHat > Self.largestRHat {
      (word, reason, command) = (
        .notConverged, "the chains disagree: R-hat is \(Format.fixed(rHat, 3)) for \(apart.name)", further
      )
      return
    }
    if let few = counted.min(by: { $0.smallestSampleSize < $1.smallestSampleSize }),
      few.smallestSampleSize < Self.fewestSamples
    {
      (word, reason, command) = (
        .notConverged,
        "\(few.name) has an effective sample size of \(Format.significant(few.smallestSampleSize, 3)), below "
          + "\(Int(Self.fewestSamples))", further
      )
      return
    }
    let off = summary.layers.filter { layer in
      // Of many layers one is three errors off by chance; five are no chance.
      [layer.configurational, layer.kinetic].contains { ($0?.deviation(from: temperature) ?? 0).magnitude > 5 }
    }
    if !off.isEmpty {
      let names = off.map(\.name).joined(separator: ", ")
      (word, reason, command) = (
        .notConverged,
        "the chains agree, but the temperature of \(names) is not that of the law: a bias of the step or of "
          + "minibatches", "a smaller --step-size or larger --batch, or --sampler hmc"
      )
      return
    }
    let chains = "\(summary.chainCount) chain\(summary.chainCount == 1 ? "" : "s")"
    (word, reason, command) = (
      .converged,
      "\(chains) agree\(summary.chainCount == 1 ? "s with itself" : ""), and \(Self.list(counted.map(\.name))) have "
        + "effective sample sizes of at least \(Int(Self.fewestSamples))", nil
    )
  }

  /// Whether an observable says something of the law and not of the sampler alone: energies, errors, and the outputs at the
  /// probes. The squared norm wanders along symmetries that change no prediction.
  package static func counts(_ name: String) -> Bool { name == "energy" || name == "cost" || name.hasPrefix("probe.") }
}

extension RunSummary.Observable {
  /// The smaller one of the effective sample sizes of bulk and tails.
  var smallestSampleSize: Double { min(summary.bulkEffectiveSampleSize, summary.tailEffectiveSampleSize) }
}
