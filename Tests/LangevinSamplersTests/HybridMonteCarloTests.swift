import LangevinCore
import LangevinPlatform
import LangevinSamplers
import Testing
import _LangevinTestSupport

@Suite("Hybrid Monte Carlo")
struct HybridMonteCarloTests {
  /// Quartic and coupled, so that no leapfrog step is exact.
  static func quartic<Element: Scalar>() throws -> ClosurePotential<Element> {
    try ClosurePotential(count: 3) { x, gradient in
      var energy = 0.0
      for i in 0..<3 {
        let (q, next) = (Double(x[i]), Double(x[(i + 1) % 3]))
        energy += q * q / 2 + q * q * q * q / 4 + 0.3 * q * next
        gradient[i] = Element(q + q * q * q + 0.3 * next + 0.3 * Double(x[(i + 2) % 3]))
      }
      return energy
    }
  }

  static func chain<Element: Scalar>(
    _ sampler: HybridMonteCarlo<Element>, _ potential: some Potential<Element>, from position: [Element],
    seed: UInt64 = 1
  ) throws -> (HybridMonteCarlo<Element>.State, Evaluator<some Potential<Element>>) {
    var evaluator = try Evaluator(potential, seed: seed)
    let state = try sampler.start(at: Tensor(position), with: &evaluator)
    return (state, evaluator)
  }

  /// 9.4a: at a fixed length the energy error falls as dt^2.
  @Test func energyErrorIsOfSecondOrder() throws {
    func error(_ steps: Int) throws -> Double {
      let sampler = try HybridMonteCarlo<Double>(
        temperature: 1, stepSize: 1.5 / Double(steps), leapfrogSteps: steps, jitter: 0)
      var (state, evaluator) = try Self.chain(sampler, try Self.quartic(), from: [0.7, -0.4, 1.1])
      let record = try sampler.step(&state, with: &evaluator)
      return try #require(record.details.first { $0.name == "energy_error" }?.value)
    }
    let errors = try [40, 80, 160].map(error)
    for (coarse, fine) in zip(errors, errors.dropFirst()) { #expect((coarse / fine - 4).magnitude < 0.3) }
  }

  /// 9.4b: with the momentum turned around, and kept, a trajectory returns.
  @Test func trajectoriesAreReversible() throws {
    let sampler = try HybridMonteCarlo<Float>(
      temperature: 1, stepSize: 0.05, leapfrogSteps: 30, jitter: 0, momentumKept: 0.5)
    let start: [Float] = [0.7, -0.4, 1.1]
    var (state, evaluator) = try Self.chain(sampler, try Self.quartic(), from: start)
    // The refresh p <- p/2 + sqrt(3/4) R is undone by a momentum twice as large and R = 0.
    func move(_ state: inout HybridMonteCarlo<Float>.State) throws {
      for i in 0..<3 { state.momentum[i] *= 2 }
      evaluator.noise = .list([0, 0, 0])
      let record = try sampler.step(&state, with: &evaluator)
      #expect(record.accepted == true)
    }
    try move(&state)
    #expect((state.position[0] - start[0]).magnitude > 0.1)
    for i in 0..<3 { state.momentum[i] *= -1 }
    try move(&state)
    for i in 0..<3 { #expect((state.position[i] - start[i]).magnitude < 1e-5) }
  }

  /// 9.4c and d: mean exp(-dE/T) = 1 at an acceptance well below 1, and the variances of a Gaussian, plain and with
  /// partial refresh. z = 4.9.
  @Test(arguments: [0.0, 0.7]) func theLawIsExact(momentumKept: Double) throws {
    let stiffness = (0..<10).map { 0.5 + 0.35 * Double($0) }
    let potential = try HarmonicPotential<Double>(stiffness: stiffness)
    let temperature = 0.5
    let sampler = try HybridMonteCarlo<Double>(
      temperature: temperature, stepSize: 0.8 * 1.7.squareRoot(), leapfrogSteps: 3, mass: 1.7, jitter: 0.2,
      momentumKept: momentumKept)
    var (state, evaluator) = try Self.chain(sampler, potential, from: Array(repeating: 0, count: 10), seed: 3)
    let moves = 12_000
    var squares = [Double](repeating: 0, count: 10)
    var (weight, weightSquare, accepted) = (0.0, 0.0, 0)
    for move in -200..<moves {
      let record = try sampler.step(&state, with: &evaluator)
      if move < 0 { continue }
      for i in 0..<10 { squares[i] += state.position[i] * state.position[i] }
      let w = exp(-(record.details.first { $0.name == "energy_error" }?.value ?? .nan))
      weight += w
      weightSquare += w * w
      accepted += record.accepted == true ? 1 : 0
    }
    let n = Double(moves)
    let mean = weight / n
    #expect((mean - 1).magnitude < 4.9 * ((weightSquare / n - mean * mean) / n).squareRoot())
    #expect(0.5..<0.95 ~= Double(accepted) / n)
    for i in 0..<10 {
      // An integrated time of 8 moves bounds what is seen.
      #expect((squares[i] / n * stiffness[i] / temperature - 1).magnitude < 4.9 * (2 * 8 / n).squareRoot())
    }
  }

  /// A rejected move leaves position, energy and gradient bit for bit, and turns the momentum.
  @Test func rejectionRestoresEverything() throws {
    let sampler = try HybridMonteCarlo<Double>(
      temperature: 1e-3, stepSize: 1.3, leapfrogSteps: 5, jitter: 0, momentumKept: 0.5)
    var (state, evaluator) = try Self.chain(sampler, try Self.quartic(), from: [0.7, -0.4, 1.1])
    let before = state
    evaluator.noise = .list([0, 0, 0])
    let record = try sampler.step(&state, with: &evaluator)
    #expect(record.accepted == false)
    #expect(record.energy == before.energy)
    #expect(state.position == before.position)
    #expect(state.gradient == before.gradient)
    #expect(state.energy == before.energy)
    #expect(state.momentum.elements == before.momentum.elements.map { -$0 / 2 })
    #expect(state.step == 1)
  }

  /// Warm-up finds the step of the wanted acceptance and the masses of a badly scaled well, then leaves both alone.
  @Test func warmUpAdaptsStepAndMasses() throws {
    let stiffness = [100.0, 100, 1, 1, 0.01, 0.01]
    let potential = try HarmonicPotential<Double>(stiffness: stiffness)
    let sampler = try HybridMonteCarlo<Double>(
      temperature: 1, stepSize: 0.01, leapfrogSteps: 20,
      adaptMoves: 2000, targetAcceptance: 0.8, adaptsMass: true)
    var (state, evaluator) = try Self.chain(sampler, potential, from: [0, 0, 0, 0, 0, 0])
    var draws = 0
    for _ in 0..<2000 { draws += try sampler.step(&state, with: &evaluator).isDraw ? 1 : 0 }
    #expect(draws == 0)
    // Masses go as the stiffness: within a factor 2 of 10^4 between the extremes.
    let spread = (state.masses[0] + state.masses[1]) / (state.masses[4] + state.masses[5])
    #expect(5e3..<2e4 ~= spread)
    let masses = state.masses
    var accepted = 0
    for _ in 0..<1000 { accepted += try sampler.step(&state, with: &evaluator).accepted == true ? 1 : 0 }
    #expect(state.masses == masses)
    #expect(0.7..<0.95 ~= Double(accepted) / 1000)
  }

  @Test func fiftyDivergencesStopTheChain() throws {
    let sampler = try HybridMonteCarlo<Double>(temperature: 1, stepSize: 50, leapfrogSteps: 400)
    var (state, evaluator) = try Self.chain(sampler, try Self.quartic(), from: [0.7, -0.4, 1.1])
    let start = state.position
    for move in 1..<50 {
      let record = try sampler.step(&state, with: &evaluator)
      #expect(record.accepted == false)
      #expect(state.divergences == UInt64(move))
    }
    let error = #expect(throws: SamplingError.self) { _ = try sampler.step(&state, with: &evaluator) }
    guard case .diverged(50, _, _, let hint) = error else {
      Issue.record("expected a divergence, found \(String(describing: error))")
      return
    }
    #expect(hint.contains("step size"))
    #expect(state.position == start)
  }

  @Test(arguments: [0, 3, 12, 25]) func restartIsBitForBit(first: Int) throws {
    let sampler = try HybridMonteCarlo<Double>(
      temperature: 1, stepSize: 0.3, leapfrogSteps: 4, momentumKept: 0.3,
      adaptMoves: 20, adaptsMass: true)
    #expect(
      try restartsBitForBit(
        sampler, on: try Self.quartic(), batches: .all, from: Tensor([0.7, -0.4, 1.1]), first: first, steps: 40))
  }

  @Test func badSettingsAreRefused() {
    func refuses(_ name: String, _ make: () throws -> HybridMonteCarlo<Double>) {
      let error = #expect(throws: SamplingError.self) { _ = try make() }
      #expect(error?.description.contains(name) == true)
    }
    refuses("temperature") { try .init(temperature: 0, stepSize: 1) }
    refuses("temperature") { try .init(temperature: .infinity, stepSize: 1) }
    refuses("step size") { try .init(temperature: 1, stepSize: -1) }
    refuses("step size") { try .init(temperature: 1, stepSize: .nan) }
    refuses("leapfrog") { try .init(temperature: 1, stepSize: 1, leapfrogSteps: 0) }
    refuses("mass") { try .init(temperature: 1, stepSize: 1, mass: 0) }
    refuses("jitter") { try .init(temperature: 1, stepSize: 1, jitter: 1) }
    refuses("momentum kept") { try .init(temperature: 1, stepSize: 1, momentumKept: 1) }
    refuses("acceptance") { try .init(temperature: 1, stepSize: 1, adaptMoves: 10, targetAcceptance: 1) }
    refuses("warm-up") { try .init(temperature: 1, stepSize: 1, adaptMoves: 10, adaptsMass: true) }
  }
}
