import Foundation
import LangevinDiagnostics
import Testing

@Suite("Distributions and tests of fit")
struct DistributionTests {
  @Test(
    "Normal quantiles of the tables",
    arguments: [
      (1e-20, -9.262340089798408), (0.01, -2.326347874040841), (0.25, -0.6744897501960817), (0.5, 0),
      (0.9, 1.2815515655446004), (0.975, 1.959963984540054), (0.99, 2.326347874040841),
    ])
  func normalQuantile(probability: Double, expected: Double) {
    #expect((StandardNormal.quantile(probability) - expected).magnitude <= 1e-15 * expected.magnitude)
  }

  @Test("The normal quantile undoes the cumulative function, also far out and next to the middle")
  func normalInverse() {
    for x in [-37.0, -20, -8, -3, -1, -0.67, -0.3, -1e-9, 1e-5, 0.5] {
      let probability = StandardNormal.cumulative(x)
      // A last-bit error of the probability moves x by that much of the probability over the density.
      let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      let tolerance = 4e-16 * (x.magnitude + probability / density)
      #expect((StandardNormal.quantile(probability) - x).magnitude < tolerance, "\(x)")
    }
    #expect(StandardNormal.quantile(0) == -.infinity)
    #expect(StandardNormal.quantile(1) == .infinity)
    #expect(StandardNormal.quantile(-0.1).isNaN && StandardNormal.quantile(1.1).isNaN)
    #expect(StandardNormal.quantile(.nan).isNaN)
  }

  @Test("The beta law in closed form, and its quantile as inverse")
  func beta() {
    for x in [1e-8, 0.01, 0.3, 0.5, 0.77, 0.999] {
      #expect(relativeError(BetaDistribution(3.5, 1).cumulative(x), pow(x, 3.5)) < 1e-13)
      #expect(relativeError(BetaDistribution(1, 7.25).cumulative(x), -expm1(7.25 * log1p(-x))) < 1e-12)
      #expect(relativeError(BetaDistribution(2, 2).cumulative(x), x * x * (3 - 2 * x)) < 1e-13)
    }
    for (a, b) in [(1.0, 1.0), (1.3, 20), (11, 191), (5e4, 9.5e5)] {
      let law = BetaDistribution(a, b)
      for probability in [1e-6, 0.1586553, 0.5, 0.8413447] {
        #expect(relativeError(law.cumulative(law.quantile(probability)), probability) < 1e-10)
      }
    }
    #expect((BetaDistribution(1e5, 1e5).quantile(0.5) - 0.5).magnitude < 1e-12)
  }

  @Test("The chi-squared tail in closed form")
  func chiSquared() {
    for x in [0.01, 0.5, 3, 12, 40, 300] {
      #expect(relativeError(chiSquaredTail(x, degreesOfFreedom: 2), exp(-x / 2)) < 1e-12)
      #expect(
        relativeError(chiSquaredTail(x, degreesOfFreedom: 1), 2 * StandardNormal.cumulative(-x.squareRoot())) < 1e-12)
      // Ten degrees of freedom: fewer than five events of a Poisson process.
      let poisson = exp(-x / 2) * (0..<5).reduce(0.0) { $0 + pow(x / 2, Double($1)) / tgamma(Double($1 + 1)) }
      #expect(relativeError(chiSquaredTail(x, degreesOfFreedom: 10), poisson) < 1e-12)
    }
    #expect(chiSquaredTail(0, degreesOfFreedom: 4) == 1)
  }

  @Test("A fair die passes Pearson's test, a loaded one fails")
  func die() throws {
    let fair = try chiSquaredTest(observed: [9, 11, 10, 8, 12, 10], expected: [10, 10, 10, 10, 10, 10])
    #expect(relativeError(fair.statistic, 1) < 1e-14)
    // Upper tail of chi-squared with 5 degrees of freedom at 1, closed form for odd degrees.
    let expected = 2 * StandardNormal.cumulative(-1) + (2 / Double.pi).squareRoot() * exp(-0.5) * (1 + 1.0 / 3)
    #expect(relativeError(fair.pValue, expected) < 1e-12)
    #expect(try chiSquaredTest(observed: [30, 6, 6, 6, 6, 6], expected: [10, 10, 10, 10, 10, 10]).pValue < 1e-6)

    #expect(throws: DiagnosticsError.sizeMismatch(what: "bins with an observed count", found: 1, expected: 2)) {
      try chiSquaredTest(observed: [1], expected: [1, 1])
    }
    #expect(throws: DiagnosticsError.self) { try chiSquaredTest(observed: [1], expected: [1]) }
    #expect(throws: DiagnosticsError.self) { try chiSquaredTest(observed: [1, 2], expected: [3, 0]) }
  }

  @Test("Kolmogorov and Smirnov: p-values are uniform under the law and vanish off it")
  func kolmogorov() throws {
    let trials = 1000
    var rejected = [0.01: 0, 0.1: 0, 0.5: 0]
    for trial in 0..<trials {
      let sample = autoregressive(0, count: 40, seed: UInt64(trial))
      let outcome = try kolmogorovSmirnovTest(of: sample) { $0 + 0.5 }
      for level in rejected.keys where outcome.pValue < level { rejected[level, default: 0] += 1 }
    }
    let z = 4.9
    for (level, count) in rejected {
      // The limit law is itself off by up to 0.01 at 40 draws.
      let tolerance = z * (level * (1 - level) / Double(trials)).squareRoot() + 0.01
      #expect((Double(count) / Double(trials) - level).magnitude < tolerance, "\(level): \(count)")
    }
    let normal = try kolmogorovSmirnovTest(
      of: autoregressive(0, count: 500, seed: 1), cumulative: StandardNormal.cumulative)
    #expect(normal.pValue < 1e-9)
    // Eight draws in the middle of their eighths: distance 1/16.
    let even = try kolmogorovSmirnovTest(of: (0..<8).map { (Double($0) + 0.5) / 8 }) { $0 }
    #expect(even.statistic == 0.0625 && even.pValue > 0.99 && even.pValue <= 1)
    #expect(throws: DiagnosticsError.empty(what: "sample")) { try kolmogorovSmirnovTest(of: []) { $0 } }
    #expect(throws: DiagnosticsError.self) { try kolmogorovSmirnovTest(of: [0.1, .nan]) { $0 } }
  }

  @Test("The Kolmogorov limit at its tabulated points")
  func kolmogorovLimit() throws {
    // 0.8276, 1.2238, 1.3581 and 1.6276 are the 50 %, 10 %, 5 % and 1 % points; 1e4 draws move them by 0.0012 of their size.
    for (point, level) in [(0.82757, 0.5), (1.2238, 0.1), (1.3581, 0.05), (1.6276, 0.01)] {
      let count = 10_000
      let distance = point / (100 + 0.12 + 0.0011)
      // Evenly spaced draws, all shifted down by the distance less half a spacing.
      let sample = (0..<count).map { (Double($0) + 1) / Double(count) - distance }
      let outcome = try kolmogorovSmirnovTest(of: sample) { min(max($0, 0), 1) }
      #expect(relativeError(outcome.statistic, distance) < 1e-9)
      #expect(relativeError(outcome.pValue, level) < 1e-3)
    }
  }

  @Test("A histogram counts each number once, outliers and edges included")
  func histogram() {
    var histogram = Histogram(from: -1, to: 1, bins: 4)
    for value in [-1, -0.75, -0.5, 0, 0.1, 0.2, 0.99, 1.0.nextDown, 1, 7, -1.01, .nan, .infinity, -.infinity] {
      histogram.add(value)
    }
    #expect(histogram.counts == [2, 1, 3, 2])
    #expect(histogram.below == 2 && histogram.above == 4)
    #expect(histogram.total == 14)
    #expect(histogram.binWidth == 0.5 && histogram.center(ofBin: 0) == -0.75)
    #expect(relativeError(histogram.densities[2], 3 / (14 * 0.5)) < 1e-15)

    var twice = histogram
    twice.merge(histogram)
    #expect(twice.counts == [4, 2, 6, 4] && twice.total == 28)
    #expect(Histogram(from: 0, to: 1, bins: 2).densities == [0, 0])
  }

  @Test("Total variation of equal, disjoint and overlapping laws")
  func variation() {
    #expect(totalVariation([1, 2, 3], [2, 4, 6]) == 0)
    #expect(totalVariation([1, 0], [0, 5]) == 1)
    #expect(totalVariation([0.5, 0.5], [0.75, 0.25]) == 0.25)
  }
}
