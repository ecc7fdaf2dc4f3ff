import LangevinDiagnostics
import Testing

@Suite("Effective sample size, R-hat and Monte Carlo error")
struct ConvergenceTests {
  /// Independent chains of the series, without their first draws, which remember the start at zero.
  static func chains(_ rho: Double, count: Int, draws: Int, firstSeed: UInt64 = 100) throws -> Draws {
    try Draws(chains: rows(rho, count: count, draws: draws, firstSeed: firstSeed))
  }

  static func rows(_ rho: Double, count: Int, draws: Int, firstSeed: UInt64 = 100) -> [[Double]] {
    (0..<count).map { Array(autoregressive(rho, count: draws + 100, seed: firstSeed + UInt64($0)).dropFirst(100)) }
  }

  @Test("A constant table counts every draw, has no error and no R-hat")
  func constant() throws {
    let draws = try Draws(chains: [[Double]](repeating: [Double](repeating: 0.1, count: 11), count: 3))
    for estimand in [Estimand.mean, .standardDeviation, .quantile(0.05), .quantile(0.95)] {
      #expect(monteCarloStandardError(of: draws, for: estimand) == 0)
    }
    // The halves drop the middle draw, so 30 of 33 count.
    #expect(effectiveSampleSize(of: draws) == 30)
    #expect(bulkEffectiveSampleSize(of: draws) == 30)
    #expect(tailEffectiveSampleSize(of: draws) == 30)
    #expect(rHat(of: draws) == nil)
    #expect(splitRHat(of: draws) == nil)
    #expect(autocorrelation(of: draws, upToLag: 3) == [1, 0, 0, 0])
    #expect(Estimate(meanOf: draws) == Estimate(value: 0.1, standardError: 0))
  }

  @Test("Chains stuck in different places have infinite R-hat and next to no effective draws")
  func stuckApart() throws {
    let draws = try Draws(chains: [0.1, 0.2, 0.3, 0.7].map { [Double](repeating: $0, count: 100) })
    #expect(rHat(of: draws) == .infinity)
    #expect(splitRHat(of: draws) == .infinity)
    #expect(bulkEffectiveSampleSize(of: draws) < 5)
    #expect(effectiveSampleSize(of: draws) < 5)
  }

  @Test("One chain that never moves among others that do is seen")
  func oneStuck() throws {
    let moving = Self.rows(0, count: 3, draws: 500)
    let honest = try Draws(chains: moving + Self.rows(0, count: 1, draws: 500, firstSeed: 7))
    let draws = try Draws(chains: moving + [[Double](repeating: 0.01, count: 500)])
    #expect(try #require(rHat(of: honest)) < 1.01)
    #expect(try #require(rHat(of: draws)) > 1.1)
    #expect(effectiveSampleSize(of: draws, for: .standardDeviation) < 50)
  }

  @Test("A chain that drifts disagrees with its own halves")
  func drifting() throws {
    let drifting = (0..<2).map {
      autoregressive(0, count: 400, seed: $0 + 1).enumerated().map { $1 + Double($0) / 400 }
    }
    #expect(try #require(rHat(of: try Draws(chains: drifting))) > 1.3)
  }

  @Test("Draws that alternate count for more than their number, up to the bound")
  func alternating() throws {
    let strict = try Draws(chains: [(0..<1000).map { $0.isMultiple(of: 2) ? 1.0 : -1 }])
    #expect(relativeError(effectiveSampleSize(of: strict), 3000) < 1e-12)
    #expect(monteCarloStandardError(of: strict, for: .standardDeviation) == 0)
    // rho = -1/2: time 1/3.
    let draws = try Self.chains(-0.5, count: 4, draws: 4000)
    let z = 4.9
    // Relative error of a summed autocorrelation time, sqrt(2 (2W + 1) / S), with the sum cut at about lag W = 10.
    #expect(relativeError(integratedAutocorrelationTime(of: draws), 1.0 / 3) < z * (2 * 21.0 / 16000).squareRoot())
  }

  @Test("The autocorrelation time of an autoregressive series is (1 + rho)/(1 - rho)", arguments: [0, 0.5, 0.8])
  func knownTime(rho: Double) throws {
    let draws = try Self.chains(rho, count: 4, draws: 4000)
    let time = (1 + rho) / (1 - rho)
    let z = 4.9
    let window = 2 + 4 * time
    #expect(
      relativeError(integratedAutocorrelationTime(of: draws), time) < z * (2 * (2 * window + 1) / 16000).squareRoot())
  }

  @Test("The autocorrelation by Fourier transform is the sum it stands for", arguments: [1, 2, 3])
  func directSum(count: Int) throws {
    let rows = Self.rows(0.7, count: count, draws: 37)
    let fast = autocorrelation(of: try Draws(chains: rows), upToLag: 100)
    #expect(fast.count == 37)
    let direct = (0..<37).map { lag in
      rows.reduce(0.0) { sum, row in
        let mean = row.reduce(0, +) / 37
        return sum + zip(row, row.dropFirst(lag)).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
      }
    }
    for (lag, value) in fast.enumerated() { #expect((value - direct[lag] / direct[0]).magnitude < 1e-13) }
  }

  @Test("The error of the mean is the scatter of means over repeated runs")
  func coverage() throws {
    let runs = 200
    let deviations = try (0..<runs).map { run in
      Estimate(meanOf: try Self.chains(0.8, count: 1, draws: 600, firstSeed: UInt64(1000 + run))).deviation(from: 0)
    }
    let meanSquare = deviations.reduce(0) { $0 + $1 * $1 } / Double(runs)
    // The time is uncertain by about sqrt(2 (2 x 30 + 1) / 600), which adds its square to the mean of 1.
    let z = 4.9
    #expect((meanSquare - 1).magnitude < z * (2 / Double(runs)).squareRoot() + 0.2)
  }

  @Test("The errors of a standard deviation and of a quantile are their scatter too", arguments: [false, true])
  func coverageBeyondTheMean(ofQuantile: Bool) throws {
    // Uniform draws on [-1/2, 1/2]: standard deviation 1/sqrt 12, tenth percentile -0.4.
    let runs = 200
    let meanSquare =
      try (0..<runs).map { run in
        let row = autoregressive(0, count: 400, seed: UInt64(5000 + run))
        let draws = try Draws(row)
        let deviation =
          ofQuantile
          ? (row.sorted()[39] + 0.4) / monteCarloStandardError(of: draws, for: .quantile(0.1))
          : (ObservableSummary(of: draws).standardDeviation - (1 / 12.0).squareRoot())
            / monteCarloStandardError(of: draws, for: .standardDeviation)
        return deviation * deviation
      }.reduce(0, +) / Double(runs)
    let z = 4.9
    #expect((meanSquare - 1).magnitude < z * (2 / Double(runs)).squareRoot() + 0.2)
  }

  @Test("Ranks make the bulk blind to a monotone change of the observable")
  func monotone() throws {
    let rows = Self.rows(0.5, count: 2, draws: 101)
    let draws = try Draws(chains: rows)
    let cubed = try Draws(chains: rows.map { $0.map { $0 * $0 * $0 } })
    #expect(bulkEffectiveSampleSize(of: draws) == bulkEffectiveSampleSize(of: cubed))
    #expect(effectiveSampleSize(of: draws) != effectiveSampleSize(of: cubed))
  }

  @Test("Of an odd number of draws the middle one is left out")
  func middle() throws {
    var rows = Self.rows(0.5, count: 2, draws: 101)
    let before = try Draws(chains: rows)
    rows[1][50] += 1e-3
    let after = try Draws(chains: rows)
    #expect(before != after)
    #expect(rHat(of: before) == rHat(of: after))
    #expect(effectiveSampleSize(of: before) == effectiveSampleSize(of: after))
  }
}
