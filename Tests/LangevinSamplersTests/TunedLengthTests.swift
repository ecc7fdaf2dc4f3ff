import LangevinCore
import LangevinSamplers
import Testing

/// Hybrid Monte Carlo whose trajectories find their length in the warm-up.
@Suite("Hybrid Monte Carlo: tuned lengths") struct TunedLengthTests {
  /// By the defaults alone, with and without masses. z = 4.9.
  @Test(arguments: [(1.0, true), (100, true), (10_000, true), (100, false)])
  func theLawIsExact(condition: Double, adaptsMass: Bool) throws {
    let run = try GaussianRun(
      HybridMonteCarlo<Double>(temperature: 0.3, adaptsMass: adaptsMass),
      stiffness: stiffnesses(8, condition: condition), temperature: 0.3, warmup: 500, draws: 3200, seed: 6)
    for z in run.z { #expect(z.magnitude < 4.9, "\(run.ratios)") }
  }

  /// A quarter period of the widest direction, (pi/2) sqrt(M/k): here pi for M = 1 and k = 1/4. From some hundred positions the
  /// spread is known to 10 %. It stays in the draws, and numbers of steps vary around what it makes.
  @Test func trajectoriesAreAQuarterPeriodLong() throws {
    let sampler = try HybridMonteCarlo<Double>(temperature: 0.3)
    var evaluator = try Evaluator(try HarmonicPotential<Double>(stiffness: [0.25, 1, 1]), seed: 2, warmup: 1000)
    var state = try sampler.start(at: Tensor([1, 1, 1]), with: &evaluator)
    for _ in 0..<1000 { _ = try sampler.step(&state, with: &evaluator) }
    let period = try #require(state.quarterPeriod)
    #expect((period / .pi - 1).magnitude < 0.2)
    let before = evaluator.evaluations
    var counts: Set<UInt64> = []
    for _ in 0..<400 {
      let start = evaluator.evaluations
      _ = try sampler.step(&state, with: &evaluator)
      counts.insert(evaluator.evaluations - start)
    }
    let mean = Double(evaluator.evaluations - before) / 400
    #expect((mean * state.adaptation.averagedStep / period - 1).magnitude < 0.05 || mean <= 1.6)
    #expect(state.quarterPeriod == period && counts.count > 1)
  }
}
