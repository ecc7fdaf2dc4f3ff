import Langevin
import Testing
import _LangevinTestSupport

/// Precisions of the prior that are sampled between the steps.
@Suite struct SampledPrecisionTests {
  static let methods = SamplerCatalogue.methods.map { $0.name }.filter {
    !["ctld", "sgd", "adam", "baoab", "sghmc", "sgnht", "badodab", "adla", "lala", "adlala", "lol", "csgld"].contains(
      $0)
  }

  private func posterior(temperature: Double) throws -> Posterior<Double> {
    var set = KSpin()
    (set.spins, set.classes, set.train, set.test) = (6, 3, 60, 0)
    return try Posterior(
      MLP([6, 5, 3]), examples: set.make(as: Double.self).train, loss: .crossEntropy,
      prior: .sampledPrecisions(temperature: temperature))
  }

  /// Energy and gradient that a sampler keeps are those of the new prior: each method, after three steps.
  @Test(arguments: methods)
  func whatIsKeptFollowsThePrior(_ name: String) throws {
    let method = try #require(SamplerCatalogue.methods.first { $0.name == name })
    let posterior = try posterior(temperature: 1.0 / 60)
    let settings = method.init().completed(for: SmallProblem.context(for: posterior, method))
    try check(settings.sampler(of: Double.self), posterior, method)
  }

  private func check<S: Sampler<Double>>(
    _ sampler: S, _ posterior: Posterior<Double>, _ method: any SamplerSettings.Type
  ) throws {
    var evaluator = try SmallProblem.evaluator(posterior, method)
    var state = try sampler.start(at: SmallProblem.start(posterior), with: &evaluator)
    for _ in 0..<3 { _ = try sampler.step(&state, with: &evaluator) }
    let position = state.position
    let renewal = evaluator.withWorkspace { _, workspace in
      workspace.precisions?.renew(at: position, step: 3, random: RandomStream(seed: 2, purpose: .precisions))
    }
    let change = try #require(renewal)
    var archive = PriorChange(energy: change.energy, gradient: change.gradient)
    try state.archive(in: &archive)
    var list = FieldList()
    try state.archive(in: &list)
    var gradient = state.position
    let batch: GradientBatch = ["hmc", "mala", "nuts", "mams", "mclmc"].contains(method.name) ? .all : .same
    let energy = try evaluator.gradient(on: batch, at: state.position, into: &gradient, step: 3)
    for field in list.fields where field.name.split(separator: ".").last == "gradient" {
      guard case .numbers(let bits) = field.value, bits.count == gradient.count else { continue }
      for (kept, fresh) in zip(bits, gradient.elements) {
        #expect(abs(Double(bitPattern: kept) - fresh) < 1e-12, "\(field.name) of \(method.name)")
      }
    }
    for field in list.fields where field.name.hasSuffix("energy.prior") {
      if case .numbers(let bits) = field.value { #expect(abs(Double(bitPattern: bits[0]) - energy.prior) < 1e-12) }
    }
  }

  /// Without data to speak of, a block has Student's t law: 2a degrees, scale sqrt(r/a). Half of a parameter's draws lie within
  /// 0.7407 scales for four degrees, four fifths within 1.5332, nineteen twentieths within 2.7764.
  @Test(arguments: ["hmc", "mala"])
  func blocksHaveStudentsLaw(_ name: String) throws {
    let network = try MLP([3, 1], biases: false)
    let examples = try Examples<Double>(
      inputs: Tensor(shape: [1, 3]), targets: .values(Tensor(shape: [1, 1])))
    let posterior = try Posterior(
      network, examples: examples, loss: .squaredError,
      prior: .sampledPrecisions(shape: 2, rate: 1.5, interval: 2, temperature: 1), normalisation: .sum)
    let method = try #require(SamplerCatalogue.methods.first { $0.name == name })
    var settings = method.init()
    for (key, text) in [
      "temperature": "1", "step-size": name == "hmc" ? "0.7" : name == "mala" ? "1" : "0.3", "leapfrog-steps": "3",
      "friction": "1",
    ] where method.rows.contains(where: { $0.name == key }) { try settings.set(key, to: text, as: key) }
    let completed = settings.completed(for: RunContext(parameterCount: 3))
    let draws = try draws(completed.sampler(of: Double.self), posterior)
    for (bound, share) in [(0.7407, 0.5), (1.5332, 0.8), (2.7764, 0.95)] {
      let inside = draws.map { abs($0) < bound * (1.5 / 2.0).squareRoot() ? 1.0 : 0 }
      // Blocks of draws that are long beside the time between draws that know nothing of one another.
      let means = stride(from: 0, to: inside.count, by: 500).map { start in
        inside[start..<start + 500].reduce(0, +) / 500
      }
      let mean = means.reduce(0, +) / Double(means.count)
      let variance = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(means.count * (means.count - 1))
      #expect(abs(mean - share) < 4.9 * variance.squareRoot(), "\(mean) beside \(share)")
    }
  }

  private func draws<S: Sampler<Double>>(_ sampler: S, _ posterior: Posterior<Double>) throws -> [Double] {
    let steps = 40_000
    let chains = try ChainGroup(
      posterior, sampler: sampler, keepingEvery: 2, seed: 3, threads: 1, observables: .minibatch,
      quantities: [Quantity("x") { Double($0[0]) }]
    ) { _ in Tensor([0.1, -0.2, 0.3]) }
    try chains.advance(steps: steps)
    return try #require(chains.traces.first?["x"])
  }

  /// Precisions are part of the checkpoint: a run that was cut goes on bit for bit, and its rows show them.
  @Test(arguments: ["hmc", "aboba", "pl", "mclmc"])
  func aRunThatWasCutGoesOnBitForBit(_ sampler: String) throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let settings = ["prior": "sampled:shape=2,interval=3", "threads": "1"]
    let (whole, cut) = (RunFolder(temporary.file("whole")), RunFolder(temporary.file("cut")))
    _ = try NetworkRun.start(smallRun(sampler, settings), in: whole).advance()
    var ending = try NetworkRun.start(smallRun(sampler, settings), in: cut).advance(
      interrupt: Interrupt(afterLooks: 17))
    while ending == .interrupted { ending = try NetworkRun.resume(cut).advance(interrupt: Interrupt(afterLooks: 37)) }
    for file in ["chain-1.csv", "chain-2.csv", "draws-1.npy", "draws-2.npy"] {
      #expect(try bytes(whole.path + "/" + file) == bytes(cut.path + "/" + file), "\(file)")
    }
    let trace = try #require(try whole.readTraces().first)
    for block in ["layer1.weight", "layer1.bias", "layer2.weight", "layer2.bias"] {
      let values = try #require(trace["prior.\(block)"])
      #expect(Set(values).count > values.count / 2 && values.allSatisfy { $0 > 0 })
    }
  }

  /// Between the steps of a method that visits other temperatures the conditional law is another one.
  @Test func temperedMethodsAreRefused() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    #expect(throws: (any Error).self) {
      try NetworkRun.start(smallRun("ctld", ["prior": "sampled"]), in: RunFolder(temporary.file("run")))
    }
    #expect(throws: (any Error).self) {
      try NetworkRun.start(smallRun("baoab", ["prior": "sampled"]), in: RunFolder(temporary.file("word")))
    }
  }
}
