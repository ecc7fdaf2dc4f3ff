import LangevinCore
import LangevinSamplers
import Testing

@Suite struct OverdampedTests {
  // MARK: One step with given noise

  @Test func oneStepOfSGLD() throws {
    let quartic = try ClosurePotential<Double>(count: 1) { x, gradient in
      gradient[0] = x[0] * x[0] * x[0]
      return x[0] * x[0] * x[0] * x[0] / 4
    }
    var evaluator = try Evaluator(quartic, seed: 1)
    evaluator.noise = .list([0.3])
    let sampler = try SGLD<Double>(stepSize: 0.05, temperature: 0.8)
    var state = try sampler.start(at: Tensor([1.2]), with: &evaluator)
    let record = try sampler.step(&state, with: &evaluator)
    #expect(abs(state.position[0] - 1.198452813742386) < 1e-14)
    #expect(abs(record.energy.total - 1.2 * 1.2 * 1.2 * 1.2 / 4) < 1e-14)
  }

  /// theta - h G g + sqrt(2 h T G) R, written out.
  @Test func oneStepWithAPreconditioner() throws {
    let well = try HarmonicPotential<Double>(stiffness: [1, 3])
    var evaluator = try Evaluator(well, seed: 1)
    evaluator.noise = .list([0.3, -1.1])
    let sampler = try SGLD<Double>(stepSize: 0.1, temperature: 0.8, preconditioner: Tensor([0.25, 4]))
    var state = try sampler.start(at: Tensor([2, -1]), with: &evaluator)
    _ = try sampler.step(&state, with: &evaluator)
    #expect(abs(state.position[0] - (2 - 0.1 * 0.25 * 2 + 0.04.squareRoot() * 0.3)) < 1e-14)
    #expect(abs(state.position[1] - (-1 + 0.1 * 4 * 3 - 0.64.squareRoot() * 1.1)) < 1e-14)
  }

  /// Neighbouring steps share a noise, each with the amplitude of the step that it belongs to.
  @Test func twoStepsOfLeimkuhlerMatthews() throws {
    let well = try HarmonicPotential<Double>(stiffness: [2])
    var evaluator = try Evaluator(well, seed: 1)
    evaluator.noise = .list([0.3, -1.1, 0.6])
    let sizes = Schedule.ladder([.init(0.1, steps: 1), .init(0.2, steps: 1), .init(0.4, steps: 1)])
    let sampler = try LeimkuhlerMatthews<Double>(stepSize: sizes, temperature: 0.8)
    var state = try sampler.start(at: Tensor([1.5]), with: &evaluator)
    let halves = [0.3 * 0.04.squareRoot(), -1.1 * 0.08.squareRoot(), 0.6 * 0.16.squareRoot()]
    let first = 1.5 - 0.1 * 2 * 1.5 + halves[0] + halves[1]
    _ = try sampler.step(&state, with: &evaluator)
    #expect(abs(state.position[0] - first) < 1e-14)
    _ = try sampler.step(&state, with: &evaluator)
    #expect(abs(state.position[0] - (first - 0.2 * 2 * first + halves[1] + halves[2])) < 1e-14)
  }

  // MARK: Exact laws of the harmonic well

  /// Mean x^2 over many equal wells side by side; the standard error is that of an AR(1) process of coefficient 1 - h k.
  private func variance(
    _ sampler: some Sampler<Double>, rate: Double, wells: Int = 2000, steps: Int = 150
  ) throws -> (value: Double, relativeError: Double) {
    let well = try HarmonicPotential<Double>(stiffness: Array(repeating: 2, count: wells))
    var evaluator = try Evaluator(well, seed: 11)
    var state = try sampler.start(at: Tensor(Array(repeating: 0, count: wells)), with: &evaluator)
    let squaredMemory = (1 - rate) * (1 - rate)
    var sum = 0.0
    for _ in 0..<50 { _ = try sampler.step(&state, with: &evaluator) }
    for _ in 0..<steps {
      _ = try sampler.step(&state, with: &evaluator)
      sum += Double.kernels.dot(state.position)
    }
    let count = Double(wells * steps)
    return (sum / count, (2 / count * (1 + squaredMemory) / (1 - squaredMemory)).squareRoot())
  }

  @Test(arguments: [0.25, 0.5, 1.5])
  func harmonicVarianceOfSGLDIsThatOfItsStep(rate: Double) throws {
    let sampler = try SGLD<Double>(stepSize: .constant(rate / 2), temperature: 0.8)
    let (value, error) = try variance(sampler, rate: rate)
    let expected = 0.8 / (2 * (1 - rate / 2))
    #expect(abs(value / expected - 1) < 4.9 * error, "\(value) instead of \(expected)")
  }

  @Test(arguments: [0.25, 0.5, 1.5])
  func harmonicVarianceOfLeimkuhlerMatthewsIsExact(rate: Double) throws {
    let sampler = try LeimkuhlerMatthews<Double>(stepSize: .constant(rate / 2), temperature: 0.8)
    let (value, error) = try variance(sampler, rate: rate)
    #expect(abs(value / 0.4 - 1) < 4.9 * error, "\(value) instead of 0.4")
  }

  @Test func aPreconditionerLeavesTheLaw() throws {
    let wells = 1000
    let sampler = try SGLD<Double>(
      stepSize: 0.025, temperature: 0.8, preconditioner: Tensor((0..<wells).map { $0 % 2 == 0 ? 1 : 10 }))
    let well = try HarmonicPotential<Double>(stiffness: (0..<wells).map { $0 % 2 == 0 ? 10 : 1 })
    var evaluator = try Evaluator(well, seed: 12)
    var state = try sampler.start(at: Tensor(Array(repeating: 0, count: wells)), with: &evaluator)
    var sums = [0.0, 0.0]
    for step in 0..<250 {
      _ = try sampler.step(&state, with: &evaluator)
      if step < 50 { continue }
      for index in 0..<wells { sums[index % 2] += state.position[index] * state.position[index] }
    }
    // h G k = 1/4 in both kinds: variance T / (k (1 - 1/8)).
    let error = (2 / 1e5 * (1 + 0.5625) / (1 - 0.5625)).squareRoot()
    #expect(abs(sums[0] / 1e5 / (0.08 / 0.875) - 1) < 4.9 * error)
    #expect(abs(sums[1] / 1e5 / (0.8 / 0.875) - 1) < 4.9 * error)
  }

  @Test func withoutTemperatureTheyDescend() throws {
    let well = try HarmonicPotential<Float>(stiffness: [1, 2])
    func end(_ sampler: some Sampler<Float>) throws -> [Float] {
      var evaluator = try Evaluator(well, seed: 3)
      var state = try sampler.start(at: Tensor([1, -1]), with: &evaluator)
      for _ in 0..<20 { _ = try sampler.step(&state, with: &evaluator) }
      return state.position.elements
    }
    let descent = try end(StochasticGradientDescent(stepSize: 0.1))
    #expect(try end(SGLD(stepSize: 0.1, temperature: 0)) == descent)
    #expect(try end(LeimkuhlerMatthews(stepSize: 0.1, temperature: 0)) == descent)
    #expect(try end(SGWORLD(stepSize: 0.1, temperature: 0, level: .one)) == descent)
  }

  // MARK: Momentum

  @Test func momentumIsTheHeavyBall() throws {
    let well = try HarmonicPotential<Double>(stiffness: [2])
    var evaluator = try Evaluator(well, seed: 1)
    let sampler = try StochasticGradientDescent<Double>(stepSize: 0.1, momentum: 0.9)
    var state = try sampler.start(at: Tensor([1]), with: &evaluator)
    var (theta, v) = (1.0, 0.0)
    for _ in 0..<5 {
      _ = try sampler.step(&state, with: &evaluator)
      v = 0.9 * v - 0.1 * 2 * theta
      theta += v
      #expect(abs(state.position[0] - theta) < 1e-14)
    }
  }

  // MARK: Restart and bad input

  @Test func restartsAreExact() throws {
    let well = try HarmonicPotential<Double>(stiffness: [1, 2, 3])
    let start = Tensor([1.0, -1, 0.5])
    let decaying = Schedule.polynomial(scale: 0.1, offset: 2, power: 0.6)
    #expect(try restartsBitForBit(SGLD(stepSize: decaying, temperature: 1), on: well, from: start, first: 5, steps: 9))
    #expect(
      try restartsBitForBit(
        LeimkuhlerMatthews(stepSize: decaying, temperature: 1), on: well, from: start, first: 5, steps: 9))
    #expect(
      try restartsBitForBit(
        StochasticGradientDescent(stepSize: 0.1, momentum: 0.9), on: well, from: start, first: 5, steps: 9))
    #expect(try restartsBitForBit(Adam(stepSize: 0.1), on: well, from: start, first: 5, steps: 9))
  }

  @Test func badSettingsAreRefused() throws {
    for stepSize in [0, -1, Double.nan, .infinity] {
      #expect(throws: SamplingError.self) { try SGLD<Double>(stepSize: .constant(stepSize), temperature: 1) }
      #expect(throws: SamplingError.self) {
        try LeimkuhlerMatthews<Double>(stepSize: .constant(stepSize), temperature: 1)
      }
      #expect(throws: SamplingError.self) { try StochasticGradientDescent<Double>(stepSize: .constant(stepSize)) }
      #expect(throws: SamplingError.self) { try Adam<Double>(stepSize: .constant(stepSize)) }
    }
    for temperature in [-1, Double.nan, .infinity] {
      #expect(throws: SamplingError.self) { try SGLD<Double>(stepSize: 0.1, temperature: .constant(temperature)) }
    }
    for power in [0.5, 1.1] {
      let schedule = Schedule.polynomial(scale: 1, offset: 1, power: power)
      #expect(throws: SamplingError.self) { try SGLD<Double>(stepSize: schedule, temperature: 1) }
    }
    #expect(throws: SamplingError.self) { try StochasticGradientDescent<Double>(stepSize: 0.1, momentum: 1) }
    #expect(throws: SamplingError.self) { try Adam<Double>(stepSize: 0.1, decays: (1, 0.999)) }
    #expect(throws: SamplingError.self) { try Adam<Double>(stepSize: 0.1, epsilon: 0) }
    #expect(throws: SamplingError.self) {
      try SGLD<Double>(stepSize: 0.1, temperature: 1, preconditioner: Tensor([1, 0]))
    }
  }

  @Test func badStartsAreRefused() throws {
    let well = try HarmonicPotential<Double>(stiffness: [1, 2])
    var evaluator = try Evaluator(well, seed: 1)
    let sampler = try SGLD<Double>(stepSize: 0.1, temperature: 1, preconditioner: Tensor([1]))
    #expect(throws: SamplingError.self) { try sampler.start(at: Tensor([1, 2]), with: &evaluator) }
    let plain = try SGLD<Double>(stepSize: 0.1, temperature: 1)
    #expect(throws: SamplingError.self) { try plain.start(at: Tensor([1]), with: &evaluator) }
    #expect(throws: SamplingError.self) { try plain.start(at: Tensor([1, .nan]), with: &evaluator) }
  }

  /// A gradient that is not finite stops the chain where it is.
  @Test func divergenceKeepsTheLastGoodState() throws {
    let cliff = try ClosurePotential<Double>(count: 2) { x, gradient in
      gradient[0] = -1
      gradient[1] = x[0] > 1 ? .infinity : 0
      return 0
    }
    func stops(_ sampler: some Sampler<Double>) throws {
      var evaluator = try Evaluator(cliff, seed: 1)
      var state = try sampler.start(at: Tensor([0, 0]), with: &evaluator)
      var (last, steps) = (state.position, state.step)
      var failure: SamplingError?
      while failure == nil && steps < 1000 {
        do throws(SamplingError) {
          _ = try sampler.step(&state, with: &evaluator)
          (last, steps) = (state.position, state.step)
        } catch {
          failure = error
        }
      }
      let hint = "the step size is likely too large"
      #expect(failure == .diverged(step: steps, quantity: "the gradient", in: "position", hint: hint))
      #expect(state.position == last && state.position.elements.allSatisfy(\.isFinite) && state.step == steps)
    }
    try stops(SGLD(stepSize: 0.1, temperature: 1e-3))
    try stops(LeimkuhlerMatthews(stepSize: 0.1, temperature: 1e-3))
    try stops(SGWORLD(stepSize: 0.1, temperature: 1e-3))
    try stops(StochasticGradientDescent(stepSize: 0.1, momentum: 0.5))
    try stops(Adam(stepSize: 0.1))
  }
}

extension Kernels {
  /// |x|^2
  func dot(_ x: Tensor<Element>) -> Double { x.withPointer { dot($0, $0, x.count) } }
}
