import LangevinDiagnostics
import Testing

@Suite("Tables that cannot be used are refused by name of chain and draw")
struct DrawsTests {
  static let good = [0.1, 0.4, 0.2, 0.3]

  @Test("No chain, three draws, unequal lengths")
  func shapes() {
    #expect(throws: DiagnosticsError.noChains) { try Draws(chains: []) }
    #expect(throws: DiagnosticsError.tooFewDraws(chain: 1, found: 3, needed: 4)) {
      try Draws(chains: [Self.good, [1, 2, 3]])
    }
    #expect(throws: DiagnosticsError.tooFewDraws(chain: 0, found: 0, needed: 4)) { try Draws([]) }
    #expect(throws: DiagnosticsError.unequalChains(chain: 2, found: 5, expected: 4)) {
      try Draws(chains: [Self.good, Self.good, Self.good + [0]])
    }
  }

  @Test(
    "Not a number, infinite, or beyond fourth powers", arguments: [Double.nan, .infinity, -.infinity, 1e75, -1e300])
  func values(bad: Double) throws {
    let error = try #require(throws: DiagnosticsError.self) {
      try Draws(chains: [Self.good, [0, 0, bad, 0]])
    }
    // NaN is unequal to itself, so the case is compared by its parts.
    guard case .unusableValue(chain: 1, draw: 2, let value) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(value.bitPattern == bad.bitPattern)
    #expect(error.description.contains("draw 2 of chain 1 is \(bad)"))
  }

  @Test("Four draws are enough for every number")
  func fewest() throws {
    let draws = try Draws(chains: [Self.good, Self.good.reversed()])
    let summary = ObservableSummary(of: draws)
    #expect(summary.mean == 0.25)
    #expect(summary.rHat.map(\.isFinite) == true)
    #expect(summary.standardError > 0)
    // Halves of two draws have no lag to sum, so the bound on the gain by alternation is all that is left.
    #expect(relativeError(summary.bulkEffectiveSampleSize, 8 * 0.903089986991943) < 1e-12)
  }

  @Test("The largest values allowed give finite numbers")
  func large() throws {
    let draws = try Draws(Self.good.map { $0 * 9e74 })
    #expect(monteCarloStandardError(of: draws, for: .standardDeviation).isFinite)
    #expect(effectiveSampleSize(of: draws, for: .standardDeviation).isFinite)
  }
}
