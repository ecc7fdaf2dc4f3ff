import LangevinCore
import LangevinReproduce
import LangevinSamplers
import Testing

@Suite("Variants of pseudo-Langevin and of hybrid Monte Carlo")
struct PseudoLangevinVariantTests {
  /// A segment of one step is
  ///
  ///     w += (dt/M) [c1 p - (dt/2) g1 + k R1],   p = c1^2 p - c1 (dt/2) (g1 + g2) + c1 k R1 + sqrt(k^2 + m1^2 q) R2
  ///
  /// with q = v dt^2/4 and k^2 = c2^2 - q, here at r = 0.6 and with two given gradients.
  @Test func segmentOfOneStepHasTwoMinibatches() throws {
    let (m1, temperature, ratio) = (0.3, 0.7, 0.6)
    let potential = try ScriptedPotential(hessian: [[2, 0.3], [0.3, 1]], variances: [1, 2])
    let sampler = try PseudoLangevin<Double>(temperature: .constant(temperature)) {
      $0.ratio = ratio
      $0.updateEvery = .max
      $0.momentumLoss = m1
      $0.segment = 1
    }
    var (state, evaluator) = try scriptedChain(sampler, potential)
    state.position = Tensor([0.4, -0.3])
    state.momentum = Tensor([0.6, 0.2])
    let (r1, r2) = ([0.7, -1.1], [0.2, 0.9])
    let (xi1, xi2) = ([0.3, -0.2], [-0.5, 0.1])
    evaluator.noise = .list(r1 + r2)
    potential.script.noises = [xi1, xi2]

    let c1 = (1 - m1 * m1).squareRoot()
    var (w, p) = ([0.4, -0.3], [0.6, 0.2])
    func gradient(_ xi: [Double]) -> [Double] { [2 * w[0] + 0.3 * w[1] + xi[0], 0.3 * w[0] + w[1] + xi[1]] }
    let masses = [1.0, 2].map { $0 / (4 * ratio * temperature * m1 * m1) }
    let q = [1.0, 2].map { $0 / 4 }
    let k = (0..<2).map { (masses[$0] * temperature * m1 * m1 - q[$0]).squareRoot() }
    let g1 = gradient(xi1)
    for i in 0..<2 { w[i] += (c1 * p[i] - g1[i] / 2 + k[i] * r1[i]) / masses[i] }
    let g2 = gradient(xi2)
    for i in 0..<2 {
      p[i] =
        c1 * c1 * p[i] - c1 / 2 * (g1[i] + g2[i]) + c1 * k[i] * r1[i]
        + (k[i] * k[i] + m1 * m1 * q[i]).squareRoot() * r2[i]
    }
    let record = try sampler.step(&state, with: &evaluator)
    #expect(record.isDraw)
    for i in 0..<2 {
      #expect((state.position[i] - w[i]).magnitude < 1e-13)
      #expect((state.momentum[i] - p[i]).magnitude < 1e-13)
    }
  }

  /// CpL keeps the norm to rounding and the momentum tangent, through updates that draw momenta anew.
  @Test func constrainedChainStaysOnItsSphere() throws {
    let posterior = try PseudoLangevinNetworkTests.posterior(as: Double.self, precision: 0)
    let temperature = 1e-3
    let sampler = try ConstrainedPseudoLangevin<Double>(temperature: .constant(temperature), squaredNorm: 12) {
      $0.ratio = 0.05
      $0.resetProbability = 0.5
      $0.updateEvery = 7
    }
    var evaluator = try Evaluator(posterior, batches: .distinct(8), seed: 4)
    var state = try sampler.start(at: PseudoLangevinNetworkTests.start(posterior), with: &evaluator)
    let start = state.position
    for _ in 0..<200 {
      _ = try sampler.step(&state, with: &evaluator)
      var (norm, along, metric) = (0.0, 0.0, 0.0)
      for i in 0..<state.position.count {
        norm += state.position[i] * state.position[i]
        along += state.position[i] * state.inverseMasses[i] * state.momentum[i]
        metric += state.position[i] * state.inverseMasses[i] * state.position[i]
      }
      #expect((norm - 12).magnitude < 1e-10)
      #expect(along.magnitude < 1e-5 * (temperature * metric).squareRoot())
    }
    #expect(start != state.position)
  }

  /// On a circle, with equal masses, exp(-(h1 x^2 + h2 y^2)/2T): a von Mises law of the double angle, whose mean cosine is
  /// -I1(k)/I0(k), k = Q (h1 - h2)/(4 T). z = 4.9.
  @Test func constrainedChainHasTheLawOfTheCircle() throws {
    let potential = try NoisyHarmonicPotential(hessian: [[3, 0], [0, 1]], noiseFactor: [[1, 0], [0, 1]])
    let (squaredNorm, temperature) = (1.0, 0.5)
    let sampler = try ConstrainedPseudoLangevin<Double>(
      temperature: .constant(temperature), squaredNorm: squaredNorm
    ) {
      $0.ratio = 0.05
      $0.updateEvery = .max
      $0.variance = GradientVariance(.drawn, fewestDraws: 4000, mostDraws: 4000, pooling: .blocks)
      $0.momentumLoss = 0.4
    }
    var evaluator = try Evaluator(potential, batches: .withReplacement(1), seed: 8)
    var state = try sampler.start(at: Tensor([0, 1]), with: &evaluator)
    let steps = 64_000
    var mean = BlockMean(total: steps)
    for _ in 0..<steps {
      _ = try sampler.step(&state, with: &evaluator)
      mean.add(state.position[0] * state.position[0] - state.position[1] * state.position[1])
    }
    // I1(1)/I0(1) = 0.4463899659
    #expect((mean.mean + 0.446_389_965_9).magnitude < 4.9 * mean.standardError)
    #expect(mean.standardError < 0.02)
  }

  /// A step that cannot come back to the sphere is an error that names the remedy.
  @Test func tooLongADriftLeavesTheSphere() throws {
    let potential = try ScriptedPotential(hessian: [[0, 0], [0, 0]], variances: [1, 1])
    let sampler = try ConstrainedPseudoLangevin<Double>(temperature: 1, squaredNorm: 1) { $0.updateEvery = .max }
    var evaluator = try Evaluator(potential, batches: .withReplacement(1), seed: 8)
    var state = try sampler.start(at: Tensor([0, 1]), with: &evaluator)
    state.free.momentum = Tensor([10 / state.inverseMasses[0], 0])
    let error = #expect(throws: SamplingError.self) { _ = try sampler.step(&state, with: &evaluator) }
    #expect(error?.description.contains("smaller ratio") == true)
  }

  /// Minibatch forces, full-batch acceptance: exact. The variance of each of four modes with gradient noise that would
  /// otherwise double it. z = 4.9.
  @Test func minibatchForcesWithFullAcceptanceAreExact() throws {
    let potential = try NoisyHarmonicPotential(
      hessian: [[1, 0.3], [0.3, 2]], noiseFactor: [[1.5, 0], [0.5, 1]])
    let sampler = MinibatchHybridMonteCarlo(
      try HybridMonteCarlo<Double>(temperature: 0.5, stepSize: 0.6, leapfrogSteps: 2, jitter: 0.2))
    var evaluator = try Evaluator(potential, batches: .withReplacement(1), seed: 3)
    var state = try sampler.start(at: Tensor([0, 0]), with: &evaluator)
    let moves = 64_000
    var (first, second, weight) = (BlockMean(total: moves), BlockMean(total: moves), BlockMean(total: moves))
    var accepted = 0
    for _ in 0..<moves {
      let record = try sampler.step(&state, with: &evaluator)
      first.add(state.position[0] * state.position[0])
      second.add(state.position[1] * state.position[1])
      weight.add(exponential(-(record.details.first { $0.name == "energy_error" }?.value ?? .nan)))
      accepted += record.accepted == true ? 1 : 0
    }
    // T H^-1, H^-1 = [2, -0.3; -0.3, 1] / 1.91
    #expect(first.z(from: 0.5 * 2 / 1.91).magnitude < 4.9)
    #expect(second.z(from: 0.5 / 1.91).magnitude < 4.9)
    #expect(weight.z(from: 1).magnitude < 4.9)
    // The noise costs acceptance, so the check on U is what makes it exact.
    #expect(0.3..<0.9 ~= Double(accepted) / Double(moves))
  }

  @Test func variantsRestartBitForBit() throws {
    let posterior = try PseudoLangevinNetworkTests.posterior(as: Float.self)
    let start = PseudoLangevinNetworkTests.start(posterior)
    let batches = BatchScheme.distinct(8)
    #expect(
      try restartsBitForBit(
        NaivePseudoLangevin<Float>(temperature: 1e-3, masses: Tensor([1])), on: posterior, batches: batches,
        from: start,
        first: 7, steps: 20))
    #expect(
      try restartsBitForBit(
        ConstrainedPseudoLangevin<Float>(temperature: 1e-3) { $0.updateEvery = 5 }, on: posterior, batches: batches,
        from: start, first: 7, steps: 20))
    #expect(
      try restartsBitForBit(
        MinibatchHybridMonteCarlo(HybridMonteCarlo<Float>(temperature: 1e-3, stepSize: 0.05, leapfrogSteps: 3)),
        on: posterior, batches: batches, from: start, first: 7, steps: 20))
  }

  @Test func badSettingsAreRefused() {
    func refuses(_ name: String, _ make: () throws -> Void) {
      let error = #expect(throws: SamplingError.self) { try make() }
      #expect(error?.description.contains(name) == true)
    }
    refuses("temperature") { _ = try NaivePseudoLangevin<Float>(temperature: 0, masses: Tensor([1])) }
    refuses("mass 1") { _ = try NaivePseudoLangevin<Float>(temperature: 1, masses: Tensor([1, 0])) }
    refuses("masses") { _ = try NaivePseudoLangevin<Float>(temperature: 1, masses: Tensor([Float]())) }
    refuses("momentum loss") {
      _ = try NaivePseudoLangevin<Float>(temperature: 1, masses: Tensor([1]), momentumLoss: 1)
    }
    refuses("squared norm") { _ = try ConstrainedPseudoLangevin<Float>(temperature: 1, squaredNorm: 0) }
    refuses("ratio") { _ = try ConstrainedPseudoLangevin<Float>(temperature: 1) { $0.ratio = 1.01 } }
  }
}
