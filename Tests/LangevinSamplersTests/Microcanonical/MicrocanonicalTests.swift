import LangevinCore
import LangevinSamplers
import Testing
import _LangevinTestSupport

/// Stiffnesses from 1/sqrt(condition) to sqrt(condition).
func stiffnesses(_ count: Int, condition: Double) -> [Double] {
  (0..<count).map { pow(condition, Double($0) / Double(count - 1) - 0.5) }
}

/// k_i <x_i^2>/T over the draws of one chain, each with its z against 1 by block means; only the self-tuned defaults are used.
struct GaussianRun {
  var ratios: [Double] = []
  var z: [Double] = []
  /// The number `column` says in the last record that had it.
  var columns: [String: Double] = [:]

  init<S: Sampler>(
    _ sampler: S, stiffness: [Double], temperature: Double, warmup: UInt64, draws: Int, seed: UInt64
  ) throws where S.Element == Double {
    let potential = try HarmonicPotential<Double>(stiffness: stiffness)
    var evaluator = try Evaluator(potential, seed: seed, warmup: warmup)
    // The start is as far out as a typical point.
    let start = stiffness.indices.map { (temperature / stiffness[$0]).squareRoot() * ($0 % 2 == 0 ? 1 : -1) }
    var state = try sampler.start(at: Tensor(start), with: &evaluator)
    for _ in 0..<warmup {
      let record = try sampler.step(&state, with: &evaluator)
      #expect(!record.isDraw)
    }
    var means = stiffness.map { _ in BlockMean(total: draws) }
    for _ in 0..<draws {
      let record = try sampler.step(&state, with: &evaluator)
      #expect(record.isDraw)
      for detail in record.details { columns[detail.name] = detail.value }
      for i in stiffness.indices { means[i].add(stiffness[i] * state.position[i] * state.position[i] / temperature) }
    }
    ratios = means.map(\.mean)
    z = means.map { $0.z(from: 1) }
  }
}

@Suite("Microcanonical samplers") struct MicrocanonicalTests {
  // MARK: Laws

  /// The exact ones, by their defaults alone. z = 4.9.
  @Test(arguments: [1.0, 100, 10_000]) func adjustedLawsAreExact(condition: Double) throws {
    let run = try GaussianRun(
      MAMS<Double>(temperature: 0.3), stiffness: stiffnesses(8, condition: condition), temperature: 0.3, warmup: 1000,
      draws: 6400, seed: 5)
    for z in run.z { #expect(z.magnitude < 4.9, "\(run.ratios)") }
  }

  /// Given step size and length, sigma 1, an acceptance well below 1: the law, and the mean of exp(-W), which is 1. With the
  /// direction turned around wrongly after a rejection, or not at all, the kept direction fails here.
  @Test(arguments: [
    (IsokineticScheme.mclachlan, 1.6, 3.0, nil as Double?, false), (.leapfrog, 1.2, 3, nil, false),
    (.leapfrog, 1.2, 3, 1.25, false), (.leapfrog, 1.3, 3, nil, true),
  ])
  func theLawIsExactAtAnyStep(
    scheme: IsokineticScheme, eps: Double, meanSteps: Double, inner: Double?, keeps: Bool
  ) throws {
    let stiffness = [1, 4, 0.25]
    let sampler = try MAMS<Double>(
      temperature: 1, scheme: scheme, stepSize: eps, meanSteps: meanSteps, innerRefresh: inner, keepsDirection: keeps)
    var evaluator = try Evaluator(try HarmonicPotential<Double>(stiffness: stiffness), seed: 3)
    var state = try sampler.start(at: Tensor([1, 0.5, 2]), with: &evaluator)
    let moves = 25_600
    var squares = stiffness.map { _ in BlockMean(total: moves) }
    var (weight, accepted) = (BlockMean(total: moves), 0)
    for move in -100..<moves {
      let record = try sampler.step(&state, with: &evaluator)
      if move < 0 { continue }
      accepted += record.accepted == true ? 1 : 0
      weight.add(exp(-(record.details.first { $0.name == "energy_error" }?.value ?? .infinity)))
      for i in 0..<3 { squares[i].add(stiffness[i] * state.position[i] * state.position[i]) }
    }
    #expect(0.5..<0.97 ~= Double(accepted) / Double(moves))
    #expect(weight.z(from: 1).magnitude < 4.9)
    for square in squares { #expect(square.z(from: 1).magnitude < 4.9, "\(square.mean) +- \(square.standardError)") }
  }

  /// MCLMC has a bias, and says how large it may be.
  @Test(arguments: [1.0, 100, 10_000]) func theBiasIsWithinWhatIsSaid(condition: Double) throws {
    let run = try GaussianRun(
      MCLMC<Double>(temperature: 0.3), stiffness: stiffnesses(8, condition: condition), temperature: 0.3, warmup: 2000,
      draws: 12_800, seed: 5)
    let bound = try #require(run.columns["variance_error_bound"])
    #expect(0.02..<0.06 ~= bound)
    // The root mean square over modes obeys the bound; one mode obeys that times sqrt d, and has a standard error.
    for (ratio, z) in zip(run.ratios, run.z) {
      let error = ((ratio - 1) / z).magnitude
      #expect((ratio - 1).magnitude < bound + 4.9 * error, "\(run.ratios)")
    }
  }

  /// The exact variance of an isotropic Gaussian in many dimensions, h = eps/sqrt(d): 1.089157 for leapfrog at h = 1, 0.964701
  /// for McLachlan at 1.5 (averages over the deterministic law of a step, d -> infinity). A d in place of d - 1, or a force that
  /// forgets T, is seen here.
  @Test(arguments: [(IsokineticScheme.leapfrog, 1.0, 1.089157097202), (.mclachlan, 1.5, 0.964701341947)])
  func theBiasOfManyDimensionsIsExact(scheme: IsokineticScheme, h: Double, variance: Double) throws {
    let d = 100
    let sampler = try MCLMC<Double>(temperature: 0.5, scheme: scheme, stepSize: h * 50.0.squareRoot(), decoherence: 20)
    var evaluator = try Evaluator(
      try HarmonicPotential<Double>(stiffness: Array(repeating: 1, count: d)), seed: 2)
    var start = Tensor<Double>(zeros: d)
    RandomStream(seed: 2, purpose: .initialisation).fillNormals(&start)
    start.scale(by: 0.5.squareRoot())
    var state = try sampler.start(at: start, with: &evaluator)
    // L = sqrt(d), also where the step is longer, which settings do not allow.
    state.walk.decoherence = 10
    var mean = BlockMean(total: 6400)
    for step in -50..<6400 {
      _ = try sampler.step(&state, with: &evaluator)
      if step >= 0 { mean.add(state.position.squaredNorm() / Double(d) / 0.5) }
    }
    #expect((mean.mean - variance).magnitude < 4.9 * mean.standardError + 0.6 / Double(d), "\(mean.mean)")
  }

  // MARK: Warm-up

  /// What is used for the draws was found before them and stays.
  @Test func nothingAdaptsAfterTheWarmUp() throws {
    let potential = try HarmonicPotential<Double>(stiffness: stiffnesses(6, condition: 100))
    var evaluator = try Evaluator(potential, seed: 1, warmup: 400)
    let sampler = try MCLMC<Double>(temperature: 1)
    var state = try sampler.start(at: Tensor(zeros: 6), with: &evaluator)
    for _ in 0..<360 { _ = try sampler.step(&state, with: &evaluator) }
    let (earlyScales, earlyLength) = (state.scales, state.decoherence)
    for _ in 360..<400 { _ = try sampler.step(&state, with: &evaluator) }
    let (scales, eps, length) = (state.scales, state.stepSize, state.decoherence)
    // The last tenth of the warm-up tunes the step size alone, for the sigma and the L of the draws.
    #expect(scales == earlyScales && length == earlyLength)
    for _ in 0..<300 { _ = try sampler.step(&state, with: &evaluator) }
    #expect(state.scales == scales && state.stepSize == eps && state.decoherence == length)
    #expect(length >= eps && length <= 30 * 6.0.squareRoot())
    #expect(1e-5..<2e-3 ~= state.energyErrorVariance)

    let adjusted = try MAMS<Double>(temperature: 1)
    var other = try adjusted.start(at: Tensor(zeros: 6), with: &evaluator)
    for _ in 0..<400 { _ = try adjusted.step(&other, with: &evaluator) }
    let (otherScales, meanSteps, step) = (other.scales, other.meanSteps, other.adaptation.averagedStep)
    for _ in 0..<300 { _ = try adjusted.step(&other, with: &evaluator) }
    #expect(other.scales == otherScales && other.meanSteps == meanSteps && other.adaptation.averagedStep == step)
    #expect(meanSteps >= 1.5)
  }

  /// An energy that is not a number beyond a wall: steps into it lower the cap, never raise eps.
  @Test func aWallLowersTheCap() throws {
    let potential = try ClosurePotential<Double>(count: 2) { x, gradient in
      for i in 0..<2 { gradient[i] = x[i] }
      return x[0] > 1 ? .nan : (x[0] * x[0] + x[1] * x[1]) / 2
    }
    var evaluator = try Evaluator(potential, seed: 1, warmup: 400)
    let sampler = try MCLMC<Double>(temperature: 1)
    var state = try sampler.start(at: Tensor([0.2, 0.1]), with: &evaluator)
    var failures = 0
    for _ in 0..<400 {
      let before = (eps: state.stepSize, failures: state.walk.failures, position: state.position)
      let cap = state.walk.rule.cap
      _ = try sampler.step(&state, with: &evaluator)
      guard state.walk.failures > before.failures else { continue }
      failures += 1
      #expect(state.position == before.position)
      // In units of length that change now and then, a cap keeps its ratio to eps.
      #expect(state.stepSize <= state.walk.rule.cap && state.walk.rule.cap < cap)
    }
    #expect(failures > 0 && state.walk.rule.cap.isFinite)
    #expect(state.position[0] <= 1)
  }

  /// In every phase of the warm-up and of the draws, also of the second sampler's own.
  @Test(arguments: [0, 7, 30, 61, 100, 101, 121, 150, 170, 190, 200, 230])
  func restartIsBitForBit(first: Int) throws {
    let potential = try IsokineticInput.rosenbrock()
    let start = Tensor(IsokineticInput.position(10))
    #expect(
      try restartsBitForBit(
        MCLMC<Double>(temperature: 1), on: potential, warmup: 200, from: start, first: first, steps: 240))
    #expect(
      try restartsBitForBit(
        MAMS<Double>(temperature: 1), on: potential, warmup: 200, from: start, first: first, steps: 240))
    #expect(
      try restartsBitForBit(
        NUTS<Double>(temperature: 1), on: potential, warmup: 200, from: start, first: first, steps: 240))
  }

  @Test func aDirectionOfAnotherLengthIsRefused() throws {
    var evaluator = try Evaluator(try IsokineticInput.quartic(), seed: 1)
    let sampler = try MCLMC<Double>(temperature: 1, stepSize: 0.4, decoherence: 1.5)
    var state = try sampler.start(at: Tensor(IsokineticInput.position(3)), with: &evaluator)
    state.walk.point.direction.scale(by: 1.00001)
    var archive = FieldList()
    let error = #expect(throws: SamplingError.self) { try state.archive(in: &archive) }
    #expect(error?.description.contains("direction") == true)
  }

  // MARK: Numbers of steps

  @Test func trajectoriesHaveTheLengthsOfTheTable() {
    for (mean, s) in [(1.0, 1.0), (1.5, 2), (2, 3), (3.7, 6.363636363636), (10, 19)] {
      #expect((TrajectoryLengths.rescale(mean) - s).magnitude < 1e-11)
    }
    func lengths(_ mean: Double) -> [Int] {
      (0..<8).map { TrajectoryLengths.steps(mean: mean, move: $0, shift: 0) }
    }
    #expect(lengths(3.7) == [4, 2, 5, 1, 4, 3, 6, 1])
    #expect(lengths(10) == [10, 5, 15, 3, 12, 8, 17, 2])
  }

  /// The mean over many moves, whatever the shift.
  @Test(arguments: [0.0, 0.37, 0.99]) func trajectoriesHaveTheirMeanLength(shift: Double) {
    let lengths = (0..<4096).map { TrajectoryLengths.steps(mean: 3.7, move: $0, shift: shift) }
    #expect((Double(lengths.reduce(0, +)) / 4096 - 3.7).magnitude < 0.01)
  }

  /// The number of steps of a move has nothing to do with the number that decides on its acceptance.
  @Test func lengthAndAcceptanceAreIndependent() throws {
    let sampler = try MAMS<Double>(temperature: 1, stepSize: 0.5, meanSteps: 3.7)
    var evaluator = try Evaluator(try HarmonicPotential<Double>(stiffness: [1, 1]), seed: 3)
    var state = try sampler.start(at: Tensor([1, 0.5]), with: &evaluator)
    let random = evaluator.stream(.acceptance)
    var covariance = 0.0
    for move in 0..<4096 {
      let record = try sampler.step(&state, with: &evaluator)
      let steps = try #require(record.details.first { $0.name == "steps" }?.value)
      covariance += (steps - 3.7) * (random.uniform(step: UInt64(move)) - 0.5) / 4096
    }
    // The spreads of the two are 1.8 and 0.29.
    #expect(covariance.magnitude < 4.9 * 1.8 * 0.29 / 64)
  }

  /// Numbers of the table: dual averaging from 0.1 towards 0.8.
  @Test func dualAveragingIsThatOfTheTable() {
    var rule = DualAveraging(from: 0.1)
    let acceptances = [0.9, 1, 0.4, 0, 0.8]
    let steps = [1.199396102035, 2.028114981647, 0.766079479864, 0.076426286991, 0.068338527924]
    let averages = [1.199396102035, 1.639115310912, 1.174070312928, 0.446910142179, 0.254866349118]
    for index in 0..<5 {
      rule.learn(acceptance: acceptances[index], target: 0.8)
      #expect((rule.step - steps[index]).magnitude < 1e-11)
      #expect((rule.averagedStep - averages[index]).magnitude < 1e-11)
    }
  }

  // MARK: Bad input

  @Test func badSettingsAreRefused() throws {
    func refuses(_ name: String, _ make: () throws -> Void) {
      let error = #expect(throws: SamplingError.self) { try make() }
      #expect(error?.description.contains(name) == true, "\(String(describing: error))")
    }
    for temperature in [0, -1, .nan, .infinity] {
      refuses("temperature") { _ = try MCLMC<Double>(temperature: temperature) }
      refuses("temperature") { _ = try MAMS<Double>(temperature: temperature) }
    }
    refuses("step size") { _ = try MCLMC<Double>(temperature: 1, stepSize: 0) }
    refuses("decoherence") { _ = try MCLMC<Double>(temperature: 1, decoherence: .nan) }
    refuses("decoherence") { _ = try MCLMC<Double>(temperature: 1, stepSize: 1, decoherence: 0.5) }
    refuses("energy error") { _ = try MCLMC<Double>(temperature: 1, energyError: 0) }
    refuses("mean steps") { _ = try MAMS<Double>(temperature: 1, meanSteps: 1.4) }
    refuses("target acceptance") { _ = try MAMS<Double>(temperature: 1, targetAcceptance: 1) }
    refuses("inner refresh") { _ = try MAMS<Double>(temperature: 1, innerRefresh: 0) }
  }

  @Test func badStartsAreRefused() throws {
    func refuses(
      _ text: String, _ potential: some Potential<Double>, warmup: UInt64 = 200, batches: BatchScheme = .all,
      at start: [Double]
    ) throws {
      for sampler in [try MCLMC<Double>(temperature: 1) as any Sampler<Double>, try MAMS<Double>(temperature: 1)] {
        var evaluator = try Evaluator(potential, batches: batches, seed: 1, warmup: warmup)
        let error = #expect(throws: SamplingError.self) {
          _ = try sampler.start(at: Tensor(start), with: &evaluator)
        }
        #expect(error?.description.contains(text) == true, "\(String(describing: error))")
      }
    }
    let well = try HarmonicPotential<Double>(stiffness: [1, 1])
    try refuses("number of parameters is 1", try HarmonicPotential<Double>(stiffness: [1]), at: [1])
    try refuses("warm-up is 199 steps", well, warmup: 199, at: [1, 1])
    try refuses("there is no warm-up", well, warmup: 0, at: [1, 1])
    let data = try ScriptedPotential(hessian: [[1, 0], [0, 1]], variances: [1, 1])
    try refuses("minibatches", data, batches: .withReplacement(2), at: [1, 1])
    let steep = try ClosurePotential<Double>(count: 2) { x, gradient in
      (gradient[0], gradient[1]) = (1 / x[0], x[1])
      return x[1] * x[1] / 2
    }
    try refuses("gradient at the start is not finite", steep, at: [0, 1])
    let empty = try ClosurePotential<Double>(count: 2) { x, _ in x[0] > 0 ? .infinity : 0 }
    try refuses("energy is not finite", empty, at: [1, 1])
  }

  /// Legal, and said.
  @Test func aFlatStartIsSaid() throws {
    let well = try HarmonicPotential<Double>(stiffness: [1, 1])
    var evaluator = try Evaluator(well, seed: 1, warmup: 200)
    let sampler = try MCLMC<Double>(temperature: 1)
    var state = try sampler.start(at: Tensor(zeros: 2), with: &evaluator)
    #expect(try sampler.step(&state, with: &evaluator).warnings.contains { $0.contains("gradient is 0") })
    #expect(state.position.squaredNorm() > 0)
  }

  /// A force that grows without end stops the chain with a sentence.
  @Test func fiftyFailuresStopTheChain() throws {
    let trap = try ClosurePotential<Double>(count: 2) { x, gradient in
      (gradient[0], gradient[1]) = (1, 1)
      return x[0] == 0.5 && x[1] == 0.5 ? 1 : .nan
    }
    var evaluator = try Evaluator(trap, seed: 1)
    let sampler = try MCLMC<Double>(temperature: 1, stepSize: 0.4, decoherence: 1.5)
    var state = try sampler.start(at: Tensor([0.5, 0.5]), with: &evaluator)
    for _ in 1..<50 { _ = try sampler.step(&state, with: &evaluator) }
    let error = #expect(throws: SamplingError.self) { _ = try sampler.step(&state, with: &evaluator) }
    #expect(error?.description.contains("50 steps in a row") == true)
    let adjusted = try MAMS<Double>(temperature: 1, stepSize: 0.4, meanSteps: 2)
    var other = try adjusted.start(at: Tensor([0.5, 0.5]), with: &evaluator)
    for _ in 1..<50 { _ = try adjusted.step(&other, with: &evaluator) }
    #expect(throws: SamplingError.self) { _ = try adjusted.step(&other, with: &evaluator) }
    #expect(other.position == Tensor([0.5, 0.5]))
  }
}
