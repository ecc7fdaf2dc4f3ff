import LangevinCore
import LangevinSamplers
import Testing

/// The first steps on the two spirals, digit by digit.
@Suite struct OverdampedSpiralTraceTests {
  @Test func theProblemIsTheTables() throws {
    let trace = try SpiralTrace()
    #expect(abs(trace.start.elements.reduce(0, +) - 13.846816396726) < 1e-9)
    var memory = trace.posterior.makeWorkspace()
    var gradient = trace.start
    let energy = try trace.posterior.evaluate(at: trace.start, gradient: &gradient, workspace: &memory)
    #expect(abs(energy.total - 0.683546647709) < 1e-11)
    #expect(abs(gradient[0] - 0.006362811708647) < 1e-12)
    #expect(abs(gradient.elements.reduce(0) { $0 + $1 * $1 } - 0.0953599841911746) < 1e-12)
  }

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
    var random = SplitMix(seed: 5000)
    let noise = (0..<10 * 401).map { _ in random.normal() }
    try follow(
      SGLD<Double>(stepSize: 0.1, temperature: 1e-4),
      [(1, 0.697750427305, 13.776704904596), (10, 0.631378221591, 14.148040963148)], noise: noise)
  }

  /// Loss of the step's batch and sum of all parameters after the step.
  private func follow(
    _ sampler: some Sampler<Double>, _ rows: [(step: Int, loss: Double, sum: Double)], noise: [Double] = []
  ) throws {
    let trace = try SpiralTrace()
    var evaluator = try Evaluator(trace, seed: 1)
    if !noise.isEmpty { evaluator.noise = .list(noise) }
    var state = try sampler.start(at: trace.start, with: &evaluator)
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
