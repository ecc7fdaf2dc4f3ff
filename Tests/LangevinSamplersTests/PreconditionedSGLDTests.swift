import LangevinCore
import LangevinSamplers
import Testing
import _LangevinTestSupport

@Suite("SGLD with a preconditioner")
struct PreconditionedSGLDTests {
  private func sampler(
    stepSize: Double, temperature: Double, _ change: (inout PreconditionedSGLDSettings) -> Void = { _ in }
  ) throws -> PreconditionedSGLD<Double> {
    var settings = PreconditionedSGLDSettings()
    settings.stepSize = .constant(stepSize)
    settings.temperature = .constant(temperature)
    change(&settings)
    return try PreconditionedSGLD(settings)
  }

  /// Two steps with given noise, by hand: V is g^2 after the first, (a g0^2 + g1^2)/(1 + a) after the second.
  @Test func twoStepsOfTheWarmup() throws {
    let well = try HarmonicPotential<Double>(stiffness: [1, 4])
    var evaluator = try Evaluator(well, seed: 1)
    evaluator.noise = .list([0.3, -1.1, 0.7, 0.2])
    let (h, T, a, d) = (0.05, 0.8, 0.9, 0.1)
    let sampler = try sampler(stepSize: h, temperature: T) {
      $0.adaptSteps = 2
      $0.decay = a
      $0.damping = d
    }
    var state = try sampler.start(at: Tensor([2, -1]), with: &evaluator)
    var (theta, squares, weight) = ([2.0, -1], [0.0, 0], 0.0)
    for noise in [[0.3, -1.1], [0.7, 0.2]] {
      _ = try sampler.step(&state, with: &evaluator)
      let g = [theta[0], 4 * theta[1]]
      squares = zip(squares, g).map { a * $0 + (1 - a) * $1 * $1 }
      weight = a * weight + 1 - a
      let roots = squares.map { ($0 / weight).squareRoot() }
      let r = ((roots[0] * roots[0] + roots[1] * roots[1]) / 2).squareRoot()
      for i in 0..<2 {
        let G = r / (roots[i] + d * r)
        theta[i] += -h * G * g[i] + (2 * h * T * G).squareRoot() * noise[i]
        #expect(abs(state.preconditioner[i] - G) < 1e-13)
        #expect(abs(state.position[i] - theta[i]) < 1e-13)
      }
    }
  }

  /// Mean x^2 over many equal pairs of wells, of which the second is `ratio` times as stiff.
  private func variances(
    _ sampler: PreconditionedSGLD<Double>, stiffness: [Double], warmup: Int, steps: Int
  ) throws -> (mean: [Double], preconditioner: [Double]) {
    let wells = 2000
    let potential = try HarmonicPotential<Double>(stiffness: (0..<wells).map { stiffness[$0 % stiffness.count] })
    var evaluator = try Evaluator(potential, seed: 5, warmup: UInt64(warmup))
    var state = try sampler.start(at: Tensor((0..<wells).map { $0 % 3 == 0 ? 1 : -0.5 }), with: &evaluator)
    for _ in 0..<warmup { #expect(try !sampler.step(&state, with: &evaluator).isDraw) }
    let frozen = state.preconditioner
    var sums = [Double](repeating: 0, count: stiffness.count)
    for _ in 0..<steps {
      #expect(try sampler.step(&state, with: &evaluator).isDraw)
      for index in 0..<wells { sums[index % sums.count] += state.position[index] * state.position[index] }
    }
    #expect((state.preconditioner == frozen) == !sampler.settings.keepsAdapting)
    let count = Double(wells / stiffness.count * steps)
    return (sums.map { $0 / count }, Array(frozen.elements.prefix(stiffness.count)))
  }

  /// Frozen after the warm-up, a well of stiffness k has the variance T/(k (1 - h G k/2)) with its own G. Where gradients
  /// are larger G is smaller: <g^2> = k T, so that G falls as 1/sqrt(k).
  @Test func frozenItDrawsFromTheLaw() throws {
    let sampler = try sampler(stepSize: 0.2, temperature: 1)
    // G of each well differs a little; the expectation is the mean over wells, taken by the running mean's own spread.
    let (mean, G) = try variances(sampler, stiffness: [1, 9], warmup: 300, steps: 400)
    for (i, k) in [1.0, 9].enumerated() {
      let expected = 1 / (k * (1 - 0.2 * G[i] * k / 2))
      #expect(abs(mean[i] / expected - 1) < 0.05, "stiffness \(k): \(mean[i]) instead of \(expected)")
    }
    #expect(G[0] > 1.8 * G[1])
  }

  /// Never frozen, and with G from the last gradient alone, the draws follow exp(-U/T)/G: with g = k x and k = T = 1 the
  /// density is (|x| + d r) exp(-x^2/2), r^2 = <x^2>. Its moments: <x^2> = (c m + 2)/(c m + 1), c = d r, m = sqrt(pi/2),
  /// which for d = 0.3 is solved by 1.673. The law would have 1.
  @Test func neverFrozenItDoesNot() throws {
    let sampler = try sampler(stepSize: 0.004, temperature: 1) {
      $0.decay = 0
      $0.damping = 0.3
      $0.keepsAdapting = true
    }
    #expect(sampler.law != .gibbs(temperature: 1))
    let (mean, _) = try variances(sampler, stiffness: [1], warmup: 1500, steps: 1500)
    #expect(abs(mean[0] - 1.673) < 0.07, "\(mean[0])")
  }

  /// The exact moments of a network's gradient are those that many minibatches give.
  @Test func exactMomentsAreThoseOfTheMinibatches() throws {
    let spirals: Posterior<Double> = try PortableSpirals(s: 0).posterior()
    let start: Tensor<Double> = PortableSpirals(s: 0).initial()
    func preconditioner(_ moments: PreconditionedSGLDSettings.Moments, steps: UInt64) throws -> Tensor<Double> {
      // So small a step stays where it is.
      let sampler = try sampler(stepSize: 1e-12, temperature: 0) {
        $0.moments = moments
        $0.adaptSteps = steps
        $0.decay = 0.9999
      }
      var evaluator = try Evaluator(spirals, batches: .withReplacement(20), seed: 5)
      var state = try sampler.start(at: start, with: &evaluator)
      for _ in 0...steps { _ = try sampler.step(&state, with: &evaluator) }
      return state.preconditioner
    }
    let (drawn, exact) = (try preconditioner(.running, steps: 4000), try preconditioner(.exact, steps: 4))
    for index in 0..<drawn.count { #expect(abs(drawn[index] / exact[index] - 1) < 0.1, "parameter \(index)") }
  }

  @Test func unknownMomentsAreRefused() throws {
    let sampler = try sampler(stepSize: 0.1, temperature: 1) { $0.moments = .exact }
    var evaluator = try Evaluator(try HarmonicPotential<Double>(stiffness: [1]), seed: 1)
    var state = try sampler.start(at: Tensor([1]), with: &evaluator)
    #expect(throws: SamplingError.self) { try sampler.step(&state, with: &evaluator) }
  }

  @Test(arguments: [3, 20, 45]) func restartIsBitForBit(first: Int) throws {
    let well = try HarmonicPotential<Double>(stiffness: [1, 2, 30])
    let sampler = try sampler(stepSize: 0.01, temperature: 1)
    #expect(
      try restartsBitForBit(sampler, on: well, warmup: 30, from: Tensor([1, -1, 0.5]), first: first, steps: 60))
  }
}

@Suite("Cyclical SGLD")
struct CyclicalSGLDTests {
  /// Sizes fall as a half cosine from h0, there is noise in the last fifth of a cycle only, and only that is drawn.
  @Test func aCycle() throws {
    var evaluator = try Evaluator(try HarmonicPotential<Double>(stiffness: [2]), seed: 1)
    evaluator.noise = .list(Array(repeating: 0.5, count: 20))
    let sampler = try CyclicalSGLD<Double>(stepSize: 0.1, temperature: 0.8, cycle: 10)
    var state = try sampler.start(at: Tensor([1]), with: &evaluator)
    var theta = 1.0
    for step in 0..<20 {
      let place = step % 10
      let h = 0.05 * (1 + cos(.pi * Double(place) / 10))
      theta -= h * 2 * theta
      if place >= 8 { theta += (2 * h * 0.8).squareRoot() * 0.5 }
      let record = try sampler.step(&state, with: &evaluator)
      #expect(abs(state.position[0] - theta) < 1e-14)
      #expect(record.isDraw == (place >= 8))
    }
  }

  /// In a double well with unequal sides the draws are spread as the descents end, not as exp(-U/T) would have it.
  @Test func modesAreWeighedByDescents() throws {
    let sampler = try CyclicalSGLD<Double>(stepSize: 0.1, temperature: 0.02, cycle: 50)
    #expect(sampler.law != .gibbs(temperature: 0.02))
    let well = try DoubleWellPotential<Double>(height: 1, count: 1)
    var evaluator = try Evaluator(well, seed: 4)
    var state = try sampler.start(at: Tensor([0.9]), with: &evaluator)
    var (below, draws) = (0, 0)
    for _ in 0..<5000 where try sampler.step(&state, with: &evaluator).isDraw {
      draws += 1
      below += state.position[0] < 0 ? 1 : 0
    }
    // exp(-U/T) would have a half on each side; a descent never crosses.
    #expect(draws == 1000)
    #expect(below == 0)
  }

  @Test func restartIsBitForBit() throws {
    let sampler = try CyclicalSGLD<Double>(stepSize: 0.05, temperature: 1, cycle: 7)
    let well = try HarmonicPotential<Double>(stiffness: [1, 2])
    #expect(try restartsBitForBit(sampler, on: well, from: Tensor([1, -1]), first: 5, steps: 20))
  }
}
