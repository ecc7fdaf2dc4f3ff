import LangevinCore
import LangevinSamplers
import Testing

/// The first steps on the two spirals, digit by digit.
@Suite struct OverdampedSpiralTraceTests {
  @Test func gradientDescent() throws {
    try follow(
      StochasticGradientDescent<Double>(stepSize: 0.1),
      [(1, 0.697750427305, 13.658827451546), (10, 0.627799446953, 13.797883555439)])
  }

  @Test func adam() throws {
    try follow(
      Adam<Double>(stepSize: 0.005),
      [(1, 0.697750427305, 13.591814763933), (10, 0.554569941501, 13.504656648410)])
  }

  @Test func sgld() throws {
    try follow(
      SGLD<Double>(stepSize: 0.1, temperature: 1e-4),
      [(1, 0.697750427305, 13.776704904596), (10, 0.631378221591, 14.148040963148)], noise: PortableSpirals(s: 0).normals(count: 10 * 401))
  }

  /// Loss of the step's batch and sum of all parameters after the step.
  private func follow(
    _ sampler: some Sampler<Double>, _ rows: [(step: Int, loss: Double, sum: Double)], noise: [Double] = []
  ) throws {
    let spirals = PortableSpirals(s: 0)
    let batches = GivenBatches<Double>(posterior: try spirals.posterior(), batches: spirals.batches(epochs: 1))
    var evaluator = try Evaluator(batches, seed: 1)
    if !noise.isEmpty { evaluator.noise = .list(noise) }
    var state = try sampler.start(at: spirals.initial(), with: &evaluator)
    for step in 1...10 {
      let record = try sampler.step(&state, with: &evaluator)
      guard let row = rows.first(where: { $0.step == step }) else { continue }
      let tolerance = step <= 2 ? 1e-9 : 1e-7
      let sum = state.position.elements.reduce(0, +)
      #expect(
        abs(record.energy.total - row.loss) < tolerance, "\(sampler.name) step \(step): loss \(record.energy.total)")
      #expect(abs(sum - row.sum) < tolerance, "\(sampler.name) step \(step): sum \(sum)")
    }
  }
}
