import LangevinCore
import LangevinSamplers
import Testing

@Suite("Metropolis-adjusted Langevin")
struct MALATests {
  /// At h k = 0.7 and 1.4, where the same steps without rejection would have variances 1.5 and 3.3 times too large:
  /// T/(k (1 - h k/2)). The weight exp(-dE/T) has the mean 1 over proposals in equilibrium. z = 4.9.
  @Test func varianceIsExactAtALargeStep() throws {
    let (temperature, stiffness) = (0.3, [1.0, 2])
    let sampler = try MALA<Double>(temperature: temperature, stepSize: 0.7)
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: stiffness), seed: 7)
    var state = try sampler.start(at: Tensor([0, 0]), with: &evaluator)
    let steps = 64_000
    var (first, second, weight) = (BlockMean(total: steps), BlockMean(total: steps), BlockMean(total: steps))
    var accepted = 0
    for _ in 0..<steps {
      let record = try sampler.step(&state, with: &evaluator)
      first.add(state.position[0] * state.position[0])
      second.add(state.position[1] * state.position[1])
      weight.add(exponential(-(record.details.first { $0.name == "energy_error" }?.value ?? .nan)))
      accepted += record.accepted == true ? 1 : 0
    }
    #expect(first.z(from: temperature).magnitude < 4.9)
    #expect(second.z(from: temperature / 2).magnitude < 4.9)
    #expect(weight.z(from: 1).magnitude < 4.9)
    #expect(first.standardError < 0.02 * temperature && second.standardError < 0.02 * temperature)
    #expect(0.3..<0.95 ~= Double(accepted) / Double(steps))
  }

  /// The warm-up finds the step for which 0.574 of the proposals are accepted, and then keeps it. Draws come after it.
  @Test func warmupFindsTheAcceptance() throws {
    let well = try HarmonicPotential<Double>(stiffness: Array(repeating: 1, count: 50))
    let sampler = try MALA<Double>(temperature: 1, stepSize: 0.001)
    var evaluator = try Evaluator(well, seed: 3, warmup: 1000)
    var state = try sampler.start(at: Tensor(Array(repeating: 0, count: 50)), with: &evaluator)
    for _ in 0..<1000 { #expect(try !sampler.step(&state, with: &evaluator).isDraw) }
    var (accepted, sizes) = (0, Set<Double>())
    for _ in 0..<4000 {
      let record = try sampler.step(&state, with: &evaluator)
      #expect(record.isDraw)
      accepted += record.accepted == true ? 1 : 0
      sizes.insert(record.details.first { $0.name == "step_size" }?.value ?? .nan)
    }
    #expect(sizes.count == 1)
    #expect((Double(accepted) / 4000 - 0.574).magnitude < 0.08)
  }

  @Test(arguments: [5, 30, 60]) func restartIsBitForBit(first: Int) throws {
    let sampler = try MALA<Double>(temperature: 1, stepSize: 0.2, adaptSteps: 40)
    let well = try DoubleWellPotential<Double>(height: 1, count: 2)
    #expect(try restartsBitForBit(sampler, on: well, from: Tensor([1, -1]), first: first, steps: 90))
  }
}
