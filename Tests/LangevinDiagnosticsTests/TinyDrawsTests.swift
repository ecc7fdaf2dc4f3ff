import Foundation
import LangevinDiagnostics
import Testing

@Suite("Draws whose squares would vanish")
struct TinyDrawsTests {
  /// Powers of two scale exactly, so all that is free of a unit stays the same to the last bit.
  @Test("Errors scale with the draws, sample sizes do not change", arguments: [-200, -664, -1000])
  func scaled(exponent: Int) throws {
    let chains = [autoregressive(0.6, count: 400, seed: 1), autoregressive(0.6, count: 400, seed: 2)]
    let scale = Double(sign: .plus, exponent: exponent, significand: 1)
    let plain = try Draws(chains: chains)
    let tiny = try Draws(chains: chains.map { $0.map { $0 * scale } })
    for estimand in [Estimand.mean, .standardDeviation, .quantile(0.9)] {
      let sizes = [plain, tiny].map { effectiveSampleSize(of: $0, for: estimand) }
      #expect(relativeError(sizes[1], sizes[0]) < 1e-9)
      let errors = [plain, tiny].map { monteCarloStandardError(of: $0, for: estimand) }
      #expect(relativeError(errors[1] / scale, errors[0]) < 1e-9)
    }
    let (a, b) = (ObservableSummary(of: plain), ObservableSummary(of: tiny))
    #expect(relativeError(b.standardDeviation / scale, a.standardDeviation) < 1e-9)
    #expect(a.rHat == b.rHat && a.bulkEffectiveSampleSize == b.bulkEffectiveSampleSize)
    #expect(relativeError(try #require(splitRHat(of: tiny)), try #require(splitRHat(of: plain))) < 1e-9)
    let correlations = [plain, tiny].map { autocorrelation(of: $0, upToLag: 5) }
    for (one, other) in zip(correlations[0], correlations[1]) { #expect((one - other).magnitude < 1e-9) }
    let moved = try drift(of: tiny)
    #expect(relativeError(moved.standardError / scale, try drift(of: plain).standardError) < 1e-9)
  }
}
