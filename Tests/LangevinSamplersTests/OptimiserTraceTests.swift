import LangevinCore
import LangevinSamplers
import Testing

/// From a program of another hand: the first steps of SGD, Adam and SGLD on the two spirals with portable random numbers.
@Suite struct OptimiserTraceTests {
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
      [(1, 0.697750427305, 13.776704904596), (10, 0.631378221591, 14.148040963148)])
  }

  /// Loss of the step's batch and sum of all parameters after the step.
  private func follow(_ sampler: some Sampler<Double>, _ rows: [(step: Int, loss: Double, sum: Double)]) throws {
    let spirals = PortableSpirals(s: 0)
    let potential = GivenBatches<Double>(posterior: try spirals.posterior(), batches: spirals.batches(epochs: 1))
    var evaluator = try Evaluator(potential, seed: 1)
    evaluator.noise = .list(spirals.normals(count: 10 * 401))
    var state = try sampler.start(at: spirals.initial(), with: &evaluator)
    for step in 1...10 {
      let record = try sampler.step(&state, with: &evaluator)
      guard let row = rows.first(where: { $0.step == step }) else { continue }
      let tolerance = step <= 2 ? 1e-9 : 1e-7
      let sum = state.position.elements.reduce(0, +)
      #expect(abs(record.energy.total - row.loss) < tolerance, "\(sampler.name): loss \(record.energy.total)")
      #expect(abs(sum - row.sum) < tolerance, "\(sampler.name): sum \(sum)")
    }
  }
}
