import Langevin
import Testing
import _LangevinTestSupport

/// The columns of a trace, against the same quantities computed from the stored draws.
@Suite struct ColumnTests {
  /// U, its parts, lp__ at a temperature that is not 1, errors, norms and virials by layer, for three priors and both losses.
  @Test(arguments: [
    ("kspin:train=60,test=20,spins=6,classes=3", "6-5-3", "layer1=0.5,layer2.weight=0.25"),
    ("kspin:train=60,test=20,spins=6,classes=3", "6-5-4-3", "0.7"), ("linear:train=40,test=12", "5-4-1", "0.3"),
  ])
  func columnsAreThoseOfTheDraws(_ data: String, _ network: String, _ prior: String) throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = RunFolder(temporary.file("run"))
    var configuration = Configuration()
    for (name, value) in [
      ("data", data), ("network", network), ("prior", prior), ("sampler", "sgld"), ("temperature", "0.02"),
      ("batch", "16"),
      ("steps", "60"), ("thin", "5"), ("warmup", "20"), ("precision", "double"), ("step-size", "0.01"),
      ("output-activation", "identity"), ("loss", data.hasPrefix("kspin") ? "cross-entropy" : "squared-error"),
    ] where !value.isEmpty {
      try configuration.set(name, to: value, as: "test")
    }
    let checked = try configuration.check()
    _ = try NetworkRun.start(checked, in: folder).advance()
    let sets = try checked.source.load(as: Double.self)
    func posterior(on examples: Examples<Double>) throws -> Posterior<Double> {
      try Posterior(
        MLP(network), examples: examples, loss: data.hasPrefix("kspin") ? .crossEntropy : .squaredError,
        prior: Double(prior).map { .gaussian(precision: $0) } ?? .perBlock(["layer1": 0.5, "layer2.weight": 0.25]))
    }
    let test = try posterior(on: try #require(sets.test))
    let posterior = try posterior(on: sets.train)
    let layers = try posterior.layout.layers()
    for (chain, trace) in try folder.readTraces().enumerated() {
      let draws: Tensor<Double> = try NPYFile.read(folder.path + "/draws-\(chain + 1).npy")
      #expect(draws.shape[0] == 8)
      for draw in 0..<8 {
        let count = posterior.parameterCount
        let position = Tensor(draws.elements[draw * count..<(draw + 1) * count])
        var gradient: Tensor<Double>? = Tensor(zeros: count)
        var workspace = posterior.makeWorkspace(pool: .single)
        let found = try posterior.measure(at: position, gradient: &gradient, workspace: &workspace)
        var none: Tensor<Double>?
        var testWorkspace = test.makeWorkspace(pool: .single)
        let outside = try test.measure(at: position, gradient: &none, workspace: &testWorkspace)
        func expect(_ name: String, _ value: Double?) throws {
          let column = trace.kept(name)
          guard let value else {
            #expect(column == nil, "\(name)")
            return
          }
          let stored = try #require(column, "\(name)")[draw]
          #expect(abs(stored - value) <= 1e-12 * max(1, abs(value)), "\(name): \(stored), not \(value)")
        }
        try expect("energy", found.energy.cost + found.energy.prior)
        try expect("cost", found.energy.cost)
        try expect("lp__", -(found.energy.cost + found.energy.prior) / 0.02)
        try expect("error", found.errorRate)
        try expect("test_cost", outside.energy.cost)
        try expect("test_error", outside.errorRate)
        try expect("norm2", position.elements.reduce(0) { $0 + $1 * $1 })
        for (index, layer) in layers.enumerated() {
          let virial = layer.ranges.joined().reduce(0.0) { $0 + position[$1] * (gradient?[$1] ?? .nan) }
          try expect("virial.\(index + 1)", virial / Double(layer.ranges.reduce(0) { $0 + $1.count }))
        }
      }
    }
  }

  /// After the warm-up of hybrid Monte Carlo its step and its masses stay; before, they change from move to move.
  @Test func theStepOfHybridMonteCarloIsFrozen() throws {
    let posterior = try SmallProblem.posterior(of: Double.self)
    let sampler = try HybridMonteCarlo<Double>(
      temperature: 0.02, stepSize: 0.05, leapfrogSteps: 3, jitter: 0, adaptMoves: 40, adaptsMass: true)
    let (steps, masses) = try follow(sampler, on: posterior, steps: 100) { state, record in
      (record.details.first { $0.name == "step_size" }?.value ?? .nan, state.masses.elements)
    }
    #expect(Set(steps[..<40]).count > 35)
    #expect(Set(steps[41...]).count == 1 && steps[41] != steps[39])
    #expect(Set(masses[40...]).count == 1 && Set(masses[..<40]).count == 2)
  }

  /// Masses of pseudo-Langevin stay once it has settled, whatever its updates measure, and change before.
  @Test func theMassesOfPseudoLangevinAreKept() throws {
    let posterior = try SmallProblem.posterior(of: Double.self)
    let sampler = try PseudoLangevin<Double>(
      SettingsMatterTests.settings(
        PseudoLangevinSettings.self,
        [
          "temperature": "1e-3", "ratio": "0.01", "update-every": "10", "update-at-most": "10",
          "reset-probability": "1",
          "settling": "100", "segment": "10", "variance": "drawn",
        ]) as? PseudoLangevinSettings ?? PseudoLangevinSettings())
    let (masses, variances) = try follow(sampler, on: posterior, steps: 300) { state, _ in
      (state.inverseMasses.elements, state.gradientVariances.elements)
    }
    #expect(Set(masses[..<100]).count > 8)
    #expect(Set(masses[101...]).count == 1, "masses that follow for ever bias the law")
    #expect(Set(variances[101...]).count > 8, "the noise is still measured")
  }

  /// The bias of continuous tempering is frozen after its adaptation, and only then are there draws.
  @Test func theBiasOfTemperingIsFrozen() throws {
    let posterior = try SmallProblem.posterior(of: Double.self)
    let sampler = try ContinuousTempering<Double>(temperature: 0.01) {
      ($0.stepSize, $0.adaptingSteps, $0.referenceEnergy) = (0.1, 150, 1.2)
    }
    let (biases, draws) = try follow(sampler, on: posterior, steps: 400) { state, record in
      (state.biasValues, [record.isDraw ? 1.0 : 0])
    }
    #expect(Set(biases[..<150]).count > 100)
    #expect(Set(biases[150...]).count == 1)
    #expect(!draws[..<150].contains([1]) && draws[150...].contains([1]))
  }

  private func follow<S: Sampler<Double>, A, B>(
    _ sampler: S, on potential: Posterior<Double>, steps: Int, _ look: (S.State, StepRecord) -> (A, B)
  ) throws -> ([A], [B]) {
    var evaluator = try Evaluator(potential, batches: .distinct(16), seed: 3, warmup: 40, thin: 10)
    var state = try sampler.start(at: SmallProblem.start(potential), with: &evaluator)
    var (first, second): ([A], [B]) = ([], [])
    for _ in 0..<steps {
      let record = try sampler.step(&state, with: &evaluator)
      let (a, b) = look(state, record)
      first.append(a)
      second.append(b)
    }
    return (first, second)
  }
}
