import LangevinCore
import LangevinSamplers
import Testing

@Suite("The no-U-turn sampler") struct NUTSTests {
  struct Move: Sendable {
    let x: [Double]
    let depth, leapfrogs: Int
    let acceptance: Double
    let uniforms: Int
  }

  /// From an independent implementation in NumPy: inverse masses sigma^2, momenta z1/sigma, z2/sigma, u/sigma, and one list of
  /// uniforms for all three moves.
  static let table: [(h: Double, moves: [Move])] = [
    (
      0.1,
      [
        Move(
          x: [-0.604745766624, -0.884252206804, -0.597420931219], depth: 4, leapfrogs: 15, acceptance: 0.999715804551,
          uniforms: 19),
        Move(
          x: [-0.835519596213, 0.458175659889, -0.117546305472], depth: 4, leapfrogs: 15, acceptance: 0.998778540165,
          uniforms: 38),
        Move(
          x: [0.320106082309, -0.502949415242, -1.086189140025], depth: 4, leapfrogs: 31, acceptance: 0.999477152244,
          uniforms: 73),
      ]
    ),
    (
      0.3,
      [
        Move(
          x: [-0.021321297581, 0.029898228610, -0.328687759556], depth: 2, leapfrogs: 7, acceptance: 0.992627503284,
          uniforms: 9),
        Move(
          x: [-0.621046156852, 0.469071857354, 0.331177229350], depth: 3, leapfrogs: 7, acceptance: 0.937648255490,
          uniforms: 19),
        Move(
          x: [-0.177003361530, -0.160756083371, 1.159562341383], depth: 3, leapfrogs: 15, acceptance: 0.989910103712,
          uniforms: 36),
      ]
    ),
  ]

  @Test(arguments: [0, 1]) func movesAreThoseOfTheTable(_ row: Int) throws {
    let (h, moves) = Self.table[row]
    let sampler = try NUTS<Double>(temperature: 1, stepSize: h)
    var evaluator = try Evaluator(try IsokineticInput.quartic(), seed: 1)
    var state = try sampler.start(at: Tensor(IsokineticInput.position(3)), with: &evaluator)
    state.masses = Tensor(IsokineticInput.scales(3).map { 1 / ($0 * $0) })
    evaluator.noise = .list(IsokineticInput.normals(3) + IsokineticInput.direction(3))
    var random = SplitMix(seed: 42)
    var uniforms = UniformSource((0..<100).map { _ in random.uniform() })
    for move in moves {
      _ = try sampler.step(&state, with: &evaluator, uniforms: &uniforms)
      for i in 0..<3 { #expect((state.position[i] - move.x[i]).magnitude < 1e-10) }
      #expect(state.report.depth == move.depth && state.report.leapfrogs == move.leapfrogs)
      #expect((state.report.acceptance - move.acceptance).magnitude < 1e-10)
      #expect(uniforms.used == move.uniforms)
    }
  }

  /// By the defaults alone. z = 4.9.
  @Test(arguments: [1.0, 100, 10_000]) func theLawIsExact(condition: Double) throws {
    let run = try GaussianRun(
      NUTS<Double>(temperature: 0.3), stiffness: stiffnesses(8, condition: condition), temperature: 0.3, warmup: 500,
      draws: 3200, seed: 5)
    for z in run.z { #expect(z.magnitude < 4.9, "\(run.ratios)") }
    #expect(0.6..<0.99 ~= run.columns["acceptance_statistic"] ?? 0)
    #expect(run.columns["divergences"] == 0)
    // On a Gaussian of d parameters the energy forgets itself at once.
    #expect(run.columns["energy_information"] ?? 0 > 0.6)
  }

  /// A given step, far from the limit of small ones: the quartic's identity <x_i dU/dx_i> = T.
  @Test func theLawIsExactAtLargeSteps() throws {
    let potential = try IsokineticInput.quartic()
    let sampler = try NUTS<Double>(temperature: 0.7, stepSize: 0.9)
    var evaluator = try Evaluator(potential, seed: 4)
    var state = try sampler.start(at: Tensor(IsokineticInput.position(3)), with: &evaluator)
    var virials = (0..<3).map { _ in BlockMean(total: 12_800) }
    for _ in 0..<12_800 {
      _ = try sampler.step(&state, with: &evaluator)
      for i in 0..<3 { virials[i].add(state.position[i] * state.gradient[i]) }
    }
    for virial in virials { #expect(virial.z(from: 0.7).magnitude < 4.9, "\(virial.mean)") }
  }

  /// The step and the masses found in the warm-up stay.
  @Test func nothingAdaptsAfterTheWarmUp() throws {
    let stiffness = stiffnesses(6, condition: 10_000)
    var evaluator = try Evaluator(try HarmonicPotential<Double>(stiffness: stiffness), seed: 1, warmup: 1000)
    let sampler = try NUTS<Double>(temperature: 1)
    var state = try sampler.start(at: Tensor(zeros: 6), with: &evaluator)
    for _ in 0..<1000 { _ = try sampler.step(&state, with: &evaluator) }
    let (masses, h) = (state.masses, state.adaptation.averagedStep)
    for _ in 0..<100 { _ = try sampler.step(&state, with: &evaluator) }
    #expect(state.masses == masses && state.adaptation.averagedStep == h)
    // Masses go as the stiffness: within a factor 2 of 10^4 between the extremes.
    #expect(5e3..<2e4 ~= masses[5] / masses[0])
  }

  @Test func badInputIsRefused() throws {
    func refuses(_ name: String, _ make: () throws -> Void) {
      let error = #expect(throws: SamplingError.self) { try make() }
      #expect(error?.description.contains(name) == true, "\(String(describing: error))")
    }
    refuses("temperature") { _ = try NUTS<Double>(temperature: 0) }
    refuses("step size") { _ = try NUTS<Double>(temperature: 1, stepSize: .infinity) }
    refuses("target acceptance") { _ = try NUTS<Double>(temperature: 1, targetAcceptance: 1) }
    refuses("largest depth") { _ = try NUTS<Double>(temperature: 1, largestDepth: 0) }
    refuses("minibatches") {
      let data = try ScriptedPotential(hessian: [[1, 0], [0, 1]], variances: [1, 1])
      var evaluator = try Evaluator(data, batches: .withReplacement(2), seed: 1)
      _ = try NUTS<Double>(temperature: 1).start(at: Tensor([1, 1]), with: &evaluator)
    }
    refuses("not finite") {
      let steep = try ClosurePotential<Double>(count: 2) { x, gradient in
        (gradient[0], gradient[1]) = (1 / x[0], x[1])
        return x[1] * x[1] / 2
      }
      var evaluator = try Evaluator(steep, seed: 1)
      _ = try NUTS<Double>(temperature: 1).start(at: Tensor([0, 1]), with: &evaluator)
    }
  }

  @Test func fiftyDivergencesStopTheChain() throws {
    let trap = try ClosurePotential<Double>(count: 2) { x, gradient in
      (gradient[0], gradient[1]) = (1, 1)
      return x[0] == 0.5 && x[1] == 0.5 ? 1 : .nan
    }
    var evaluator = try Evaluator(trap, seed: 1)
    let sampler = try NUTS<Double>(temperature: 1)
    var state = try sampler.start(at: Tensor([0.5, 0.5]), with: &evaluator)
    for _ in 1..<50 { _ = try sampler.step(&state, with: &evaluator) }
    #expect(throws: SamplingError.self) { _ = try sampler.step(&state, with: &evaluator) }
    #expect(state.position == Tensor([0.5, 0.5]))
  }
}
