import LangevinDiagnostics

/// How far chains are from convergence, by the observables that count.
package struct Agreement: Sendable {
  /// The smallest effective sample size of bulk and tails, over all chains.
  package let sampleSize: Double
  /// The largest R-hat; nil for one chain.
  package let rHat: Double?

  /// Of the kept rows; nil while there are too few of them, and where the temperature changes, so that there is no law.
  package init?(of traces: [Trace]) {
    guard let first = traces.first, RunSummary.temperatures(of: traces).count < 2 else { return nil }
    var sampleSize = Double.infinity
    var rHat: Double?
    for name in first.observables.filter(Verdict.counts) {
      guard let draws = try? RunSummary.draws(name, of: traces) else { return nil }
      sampleSize = min(sampleSize, bulkEffectiveSampleSize(of: draws), tailEffectiveSampleSize(of: draws))
      if traces.count > 1 { rHat = max(rHat ?? 0, LangevinDiagnostics.rHat(of: draws) ?? 1) }
    }
    (self.sampleSize, self.rHat) = (sampleSize, rHat)
  }

  /// Whether the chains agree and have seen enough.
  func reaches(_ wanted: Double) -> Bool { sampleSize >= wanted && rHat ?? 1 <= Verdict.largestRHat }
}
