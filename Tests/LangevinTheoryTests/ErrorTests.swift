import LangevinCore
import LangevinSamplers
import LangevinTheory
import Testing

/// Standard errors are as large as the scatter of repeated runs.
@Suite struct ErrorTests {
  /// The scatter of values over the root mean square of their errors: 1, with a standard error of 1/sqrt(2 n).
  private func ratio(_ estimates: [(value: Double, standardError: Double)]) -> Double {
    let n = Double(estimates.count)
    let mean = estimates.reduce(0) { $0 + $1.value } / n
    let scatter = estimates.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) } / (n - 1)
    let claimed = estimates.reduce(0) { $0 + $1.standardError * $1.standardError } / n
    return (scatter / claimed).squareRoot()
  }

  /// Entropy production over windows: its mean, the integral theorem and the slope of the detailed one. 400 runs: 4.9 standard
  /// errors are 0.17, and an error that is off by sqrt(2) is 0.29 or 0.41 away.
  @Test func entropyProductionHasTheErrorsOfItsScatter() throws {
    let state = try LinearSteadyState(
      hessian: TwoDimensionalChain.hessian, diffusion: TwoDimensionalChain.diffusion, timeStep: 0.2)
    let functional = try EntropyFunctional.exact(state)
    var (means, integrals, slopes):
      (
        [(value: Double, standardError: Double)], [(value: Double, standardError: Double)],
        [(value: Double, standardError: Double)]
      ) = ([], [], [])
    for seed in 0..<400 {
      var chain = try NoisyDescent(state, seed: UInt64(seed))
      var u = chain.stationaryDraw()
      var measurement = try TrajectoryMeasurement(
        reference: [0, 0], functional: functional, expectedEntropy: state.entropyProduction, windows: [20, 1])
      try measurement.follow(&u, timeUnits: 2000) { chain.advance(&$0) }
      let window = measurement.windows[0]
      means.append((window.mean.value, window.mean.standardError))
      integrals.append((window.integral.value, window.integral.standardError))
      if let slope = measurement.windows[1].slope { slopes.append((slope.value.value, slope.value.standardError)) }
    }
    for (name, estimates) in [("mean", means), ("integral", integrals), ("slope", slopes)] {
      #expect(estimates.count == 400)
      let ratio = ratio(estimates)
      #expect(abs(ratio - 1) < 0.2, "\(name): the scatter is \(ratio) of the error")
    }
  }

  /// The jackknife of a measured divergence, where chains are correlated over several steps. 40 runs of 6 blocks: 4.9 standard errors are
  /// 0.6; a jackknife that forgets its factor n - 1 is too small by sqrt(5).
  @Test func measuredDivergencesHaveTheErrorsOfTheirScatter() throws {
    let problem = try LinearGaussianProblem.line(count: 6)
    let sampler = try SGLD<Double>(stepSize: 0.02, temperature: 1)
    let estimates = try (0..<40).map { seed in
      let found = try problem.measuredDivergence(of: sampler, batches: .all, draws: 6 * 4096, seed: UInt64(seed))
      return (value: found.value, standardError: found.standardError)
    }
    let ratio = ratio(estimates)
    #expect(ratio > 0.55 && ratio < 1.6, "the scatter is \(ratio) of the error")
  }
}
