import LangevinCore
import LangevinSamplers
import Testing

/// Pseudo-Langevin on a small classifier: the noise of real minibatches, restart, and what is refused.
@Suite("Pseudo-Langevin on a network")
struct PseudoLangevinNetworkTests {
  /// 60 examples of 6 inputs in 3 classes, for a 6-5-3 network with ReLU after the last layer; 53 parameters.
  static func posterior<Element: Scalar>(
    as type: Element.Type = Element.self, normalisation: Normalisation = .mean,
    precision: Double = 1e-3
  ) throws -> Posterior<Element> {
    let stream = RandomStream(seed: 5, purpose: .data)
    let labels = (0..<60).map { Int32($0 % 3) }
    let examples = try Examples<Element>(count: 60, inputWidth: 6, targets: .classes(labels, count: 3)) { row, inputs in
      for column in 0..<6 {
        let centre = column % 3 == row % 3 ? 0.8 : 0
        inputs[column] = Element(centre + stream.normal(step: UInt64(row), element: column))
      }
    }
    return try Posterior(
      MLP([6, 5, 3], output: .relu), examples: examples, loss: .crossEntropy,
      prior: .gaussian(precision: precision), normalisation: normalisation)
  }

  static func start<Element: Scalar>(_ posterior: Posterior<Element>) -> Tensor<Element> {
    posterior.network.initialParameters(from: RandomStream(seed: 9, purpose: .initialisation))
  }

  /// Drawn and exact variances agree for each draw of minibatches.
  @Test(arguments: [BatchScheme.withReplacement(8), .distinct(8), .subset(8)])
  func drawnVariancesAgreeWithExactOnes(scheme: BatchScheme) throws {
    let posterior = try Self.posterior(as: Double.self)
    var evaluator = try Evaluator(posterior, batches: scheme, seed: 3)
    let position = Self.start(posterior)
    var gradient = position
    func measure(_ method: GradientVariance.Method) throws -> GradientVariance.Measurement<Double> {
      try GradientVariance(method, fewestDraws: 4000, mostDraws: 4000).measure(
        at: position, with: &evaluator, gradient: &gradient, step: 0)
    }
    let (exact, drawn) = (try measure(.exact), try measure(.drawn))
    #expect(exact.draws == 0 && drawn.draws == 4000)
    var (square, compared) = (0.0, 0)
    for index in 0..<position.count {
      if exact.variances[index] == 0 {
        #expect(drawn.variances[index] == 0)
        continue
      }
      let z = (drawn.variances[index] / exact.variances[index] - 1) / (2.0 / 4000).squareRoot()
      // Excess kurtosis of such noise adds to the 2; 7 is 4.9 for a kurtosis of 5.
      #expect(z.magnitude < 7)
      square += z * z
      compared += 1
    }
    #expect(compared > 40)
    #expect(square / Double(compared) < 3)
  }

  /// A sum over the data has P^2 times the variance of the mean.
  @Test func variancesFollowTheNormalisation() throws {
    let (mean, sum) = (try Self.posterior(as: Double.self), try Self.posterior(as: Double.self, normalisation: .sum))
    func variances(_ posterior: Posterior<Double>) throws -> Tensor<Double> {
      var workspace = posterior.makeWorkspace()
      return try #require(
        try posterior.minibatchVariance(at: Self.start(posterior), of: .withReplacement(4), workspace: &workspace))
    }
    let (a, b) = (try variances(mean), try variances(sum))
    for index in 0..<a.count { #expect((b[index] - 3600 * a[index]).magnitude <= 1e-12 * b[index]) }
  }

  /// The middle step repeated at one (w, p) with fresh minibatches and normals spreads as c2^2 (1 + c1^2) says.
  @Test(arguments: [0.01, 0.25]) func middleStepHasTheThermalVariance(ratio: Double) throws {
    let posterior = try Self.posterior(as: Float.self)
    let m1 = 0.1
    let sampler = try PseudoLangevin<Float>(temperature: 1e-3) {
      $0.ratio = ratio
      $0.updateEvery = .max
      $0.variance = GradientVariance(.exact, relativeFloor: 0)
      $0.guardsUnits = false
      $0.directions = 0
    }
    var evaluator = try Evaluator(posterior, batches: .distinct(16), seed: 4)
    var state = try sampler.start(at: Self.start(posterior), with: &evaluator)
    // Where the variances were measured.
    let (position, momentum) = (state.position, state.momentum)
    let repeats = 4000
    var sums = [(mean: Double, square: Double)](repeating: (0, 0), count: position.count)
    for _ in 0..<repeats {
      state.position = position
      state.momentum = momentum
      state.place = 1
      _ = try sampler.step(&state, with: &evaluator)
      for index in sums.indices {
        let change = Double(state.momentum[index]) - Double(momentum[index])
        sums[index].mean += change / Double(repeats)
        sums[index].square += change * change / Double(repeats)
      }
    }
    let relative = sums.indices.filter { state.gradientVariances[$0] > 1e-8 }.map { index in
      let variance = sums[index].square - sums[index].mean * sums[index].mean
      return variance * Double(state.inverseMasses[index]) / ((2 - m1 * m1) * 1e-3 * m1 * m1)
    }.sorted()
    #expect(relative.count > 40)
    #expect((relative[relative.count / 2] - 1).magnitude < 0.01)
    #expect(relative.count { ($0 - 1).magnitude < 0.1 } >= relative.count * 98 / 100)
  }

  /// Mid-segment, mid-adaptation, with drawn variances and the low-rank correction in force.
  @Test(arguments: [0, 3, 10, 23]) func restartIsBitForBit(first: Int) throws {
    let posterior = try Self.posterior(as: Float.self)
    let sampler = try PseudoLangevin<Float>(temperature: .ladder([.init(1e-3, steps: 24), .init(5e-4, steps: 1000)])) {
      $0.ratio = 0.05
      $0.resetProbability = 0.5
      $0.updateEvery = 10
      $0.variance = GradientVariance(.drawn, fewestDraws: 20, mostDraws: 40)
      $0.segment = 5
      $0.directions = 2
      $0.directionDraws = 10
      $0.correctsDirections = true
    }
    #expect(
      try restartsBitForBit(
        sampler, on: posterior, batches: .distinct(8), from: Self.start(posterior), first: first, steps: 60))
  }

  /// Chain 1 alone is chain 1 of two, and not chain 0.
  @Test func chainsHaveTheirOwnNumbers() throws {
    let posterior = try Self.posterior(as: Float.self)
    let sampler = try PseudoLangevin<Float>(temperature: 1e-3) { $0.segment = 5 }
    func run(chain: Int) throws -> Tensor<Float> {
      var evaluator = try Evaluator(posterior, batches: .distinct(8), seed: 4, chain: chain)
      var state = try sampler.start(at: Self.start(posterior), with: &evaluator)
      for _ in 0..<20 { _ = try sampler.step(&state, with: &evaluator) }
      return state.position
    }
    let (first, second) = (try run(chain: 0), try run(chain: 1))
    #expect(try run(chain: 1) == second)
    #expect(first != second)
  }

  /// Only a chain's closed states are draws, and they carry its kinetic temperature.
  @Test func drawsAreClosedStates() throws {
    let posterior = try Self.posterior(as: Float.self)
    let sampler = try PseudoLangevin<Float>(temperature: 1e-3) { $0.segment = 4 }
    var evaluator = try Evaluator(posterior, batches: .distinct(8), seed: 4)
    var state = try sampler.start(at: Self.start(posterior), with: &evaluator)
    for step in 1...12 {
      let record = try sampler.step(&state, with: &evaluator)
      #expect(record.isDraw == (step % 4 == 0))
      #expect(state.isClosed == record.isDraw)
      #expect((record.kinetic != nil) == record.isDraw)
      #expect(state.step == UInt64(step))
    }
  }

  /// Light masses on correlated noise: the worst direction is measured and the user told.
  @Test func hotDirectionsAreReported() throws {
    let posterior = try Self.posterior(as: Float.self)
    let sampler = try PseudoLangevin<Float>(temperature: 1e-3) {
      $0.ratio = 0.3
      $0.updateEvery = 5
      $0.segment = 5
    }
    var evaluator = try Evaluator(posterior, batches: .distinct(8), seed: 4)
    var state = try sampler.start(at: Self.start(posterior), with: &evaluator)
    var warnings: [String] = []
    for _ in 0..<5 { warnings += try sampler.step(&state, with: &evaluator).warnings }
    let correlated = warnings.filter { $0.contains("correlated") && $0.contains("smaller ratio") }
    #expect(correlated.map { $0.prefix(7) } == ["step 0:", "step 5:"])
    #expect((state.directions?.temperatureRatios(momentumLoss: 0.1).first ?? 0) > 2)
  }

  @Test func unsettledVariancesAreReported() throws {
    let posterior = try Self.posterior(as: Float.self)
    let sampler = try PseudoLangevin<Float>(temperature: 1e-3) {
      $0.updateEvery = 2
      $0.variance = GradientVariance(.drawn, fewestDraws: 5, mostDraws: 10)
      $0.segment = 2
      $0.directions = 0
    }
    var evaluator = try Evaluator(posterior, batches: .distinct(8), seed: 4)
    var state = try sampler.start(at: Self.start(posterior), with: &evaluator)
    var warnings: [String] = []
    for _ in 0..<2 { warnings += try sampler.step(&state, with: &evaluator).warnings }
    let unsettled = warnings.filter { $0.contains("had not settled") && $0.contains("exact variances") }
    #expect(unsettled.map { $0.prefix(7) } == ["step 0:", "step 2:"])
  }

  // MARK: What is refused

  @Test func badSettingsAreRefused() {
    func refuses(_ name: String, _ make: () throws -> Void) {
      let error = #expect(throws: SamplingError.self) { try make() }
      #expect(error?.description.contains(name) == true, "\(String(describing: error))")
    }
    func make(_ change: (inout PseudoLangevinSettings) -> Void) throws {
      _ = try PseudoLangevin<Float>(temperature: 1e-3, change)
    }
    for (name, change) in [
      ("temperature", { $0.temperature = 0 }), ("temperature", { $0.temperature = .constant(.nan) }),
      ("temperature", { $0.temperature = nil }),
      ("ladder", { $0.temperature = .geometric(start: 1, end: 0.1, steps: 10) }),
      ("momentum loss", { $0.momentumLoss = 0 }), ("momentum loss", { $0.momentumLoss = 1 }),
      ("momentum loss", { $0.momentumLoss = -0.1 }), ("momentum loss", { $0.momentumLoss = .nan }),
      ("segment", { $0.segment = 0 }), ("time step", { $0.timeStep = 0 }),
      ("the ratio", { $0.ratio = 0 }), ("the ratio", { $0.ratio = -0.1 }), ("the ratio", { $0.ratio = .nan }),
      ("the ratio", { $0.largestRatio = 1e-4 }),
      ("settling ratio", { ($0.settlingRatio, $0.largestRatio) = (0.02, 0.01) }),
      ("reset ratio", { $0.resetRatio = 0.02 }), ("0.5025", { $0.ratio = 0.51 }),
      ("largest ratio", { $0.largestRatio = 0.6 }), ("reset probability", { $0.resetProbability = 1.1 }),
      ("update every", { $0.updateEvery = 0 }),
      ("update at most", { ($0.updateEvery, $0.updateAtMost) = (10, 9) }),
      ("fewest draws", { $0.variance.fewestDraws = 1 }), ("most draws", { $0.variance.mostDraws = 99 }),
      ("tolerance", { $0.variance.tolerance = -1 }), ("variance floor", { $0.variance.absoluteFloor = 1 }),
      ("relative floor", { $0.variance.relativeFloor = 1 }), ("noise directions", { $0.directions = -1 }),
      ("draws for noise directions", { $0.directionDraws = 1 }), ("sweeps", { $0.firstSweeps = 0 }),
    ] as [(String, (inout PseudoLangevinSettings) -> Void)] {
      refuses(name) { try make(change) }
    }
    // With two minibatches for each drift nothing is merged, and there is room up to 1.
    #expect(throws: Never.self) { try make { ($0.ratio, $0.segment) = (1, 1) } }
    #expect(throws: Never.self) { try make { $0.ratio = 1 / 1.99 } }
  }

  @Test(arguments: [BatchScheme.all, .epochs(8), .fixedPartition(8), .sweeps(8)])
  func dependentMinibatchesAreRefused(scheme: BatchScheme) throws {
    let posterior = try Self.posterior(as: Float.self)
    let sampler = try PseudoLangevin<Float>(temperature: 1e-3)
    var evaluator = try Evaluator(posterior, batches: scheme, seed: 1)
    let error = #expect(throws: SamplingError.self) {
      _ = try sampler.start(at: Self.start(posterior), with: &evaluator)
    }
    #expect(error?.description.contains("minibatches") == true)
  }

  @Test func batchesLargerThanTheDataAreRefused() throws {
    let posterior = try Self.posterior(as: Float.self)
    #expect(throws: LangevinError.self) { _ = try Evaluator(posterior, batches: .distinct(61), seed: 1) }
  }

  /// No noise anywhere: all weights 0, and with them all gradients but those of clamped outputs.
  @Test func absentNoiseIsRefused() throws {
    let posterior = try Self.posterior(as: Float.self)
    let sampler = try PseudoLangevin<Float>(temperature: 1e-3)
    var evaluator = try Evaluator(posterior, batches: .distinct(8), seed: 1)
    let error = #expect(throws: SamplingError.self) {
      _ = try sampler.start(at: Tensor([Float](repeating: 0, count: posterior.parameterCount)), with: &evaluator)
    }
    #expect(error?.description.contains("trained network") == true)
  }

  @Test func exactVariancesThatNobodyKnowsAreRefused() throws {
    let potential = try NoisyHarmonicPotential(hessian: [[1]], noiseFactor: [[1]])
    let sampler = try PseudoLangevin<Double>(temperature: 1) { $0.variance.method = .exact }
    var evaluator = try Evaluator(potential, batches: .withReplacement(1), seed: 1)
    let error = #expect(throws: SamplingError.self) { _ = try sampler.start(at: Tensor([0]), with: &evaluator) }
    #expect(error?.description.contains("drawn") == true)
  }

  /// A chain that has blown up says where, and what its noise was; the state is the last that could be evaluated.
  @Test func divergenceIsExplained() throws {
    let posterior = try Self.posterior(as: Float.self)
    let sampler = try PseudoLangevin<Float>(temperature: 1e-3) {
      $0.segment = 3
      $0.directions = 0
    }
    var evaluator = try Evaluator(posterior, batches: .distinct(8), seed: 4)
    var state = try sampler.start(at: Self.start(posterior), with: &evaluator)
    for _ in 0..<4 { _ = try sampler.step(&state, with: &evaluator) }
    state.position[7] = .infinity
    let error = #expect(throws: SamplingError.self) { _ = try sampler.step(&state, with: &evaluator) }
    guard case .diverged(4, _, "layer1.weight", let hint) = error else {
      Issue.record("found \(String(describing: error))")
      return
    }
    #expect(hint.contains("ratio") && hint.contains("variance") && hint.contains("smaller ratio"))
    #expect(state.step == 4)
  }
}
