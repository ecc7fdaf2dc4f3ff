import LangevinCore
import LangevinData
import LangevinSamplers

/// Where a chain starts: random weights or a draw of another run, moved by a few steps of an optimiser into the region that
/// matters.
///
/// Samplers that adapt to the gradient noise would otherwise measure it on a plateau where it is much too small.
///
/// With a validation share each chain is a member of an ensemble that is stopped early: the weights with the lowest loss on
/// examples that the optimiser does not see, as in Sommer et al., "Microcanonical Langevin ensembles" (ICLR 2025). The
/// sampling that follows has all examples. How many members end in a mode is the optimiser's choice, not the posterior's.
package struct WarmStart<Element: Scalar> {
  var network: MLP
  let law: Initialiser
  /// Draws to start from; without any, random weights. More chains than draws begin with the first again.
  var draws: [Tensor<Element>]
  let steps: Int
  let batches: BatchScheme
  let stepSize: Double
  /// The share of the examples that chooses the weights; 0 for the last ones.
  let validation: Double
  /// Epochs without better ones.
  let patience: Int
  let interrupt: Interrupt

  package init(
    network: MLP, law: Initialiser, draws: [Tensor<Element>] = [], steps: Int, batches: BatchScheme, stepSize: Double,
    validation: Double = 0, patience: Int = 20, interrupt: Interrupt = Interrupt()
  ) {
    self.network = network
    self.law = law
    self.draws = draws
    self.steps = steps
    self.batches = batches
    self.stepSize = stepSize
    self.validation = validation
    self.patience = patience
    self.interrupt = interrupt
  }

  /// The first layers of the network where the first chain of the whole network would start.
  func frozenLayers(
    _ settings: NetworkSettings, on examples: Examples<Element>, seed: UInt64, pool: ThreadPool
  ) throws -> FrozenLayers<Element> {
    let whole = try Posterior(
      network, examples: examples, loss: settings.loss ?? .squaredError,
      prior: settings.prior?.prior(temperature: settings.temperature) ?? .flat, normalisation: settings.normalisation)
    return try FrozenLayers(
      settings.frozenLayers, of: network, at: try position(on: whole, seed: seed, chain: 0, pool: pool))
  }

  /// The start of one chain. The optimiser's minibatches come from a seed of their own, not from the chain's.
  package func position(
    on posterior: Posterior<Element>, seed: UInt64, chain: Int, pool: ThreadPool = .single
  ) throws -> Tensor<Element> {
    let initial = draws.isEmpty ? randomWeights(seed: seed, chain: chain) : draws[chain % draws.count]
    guard steps > 0 else { return initial }
    let random = stream(seed: seed, chain: chain)
    let adam = try Adam<Element>(stepSize: .constant(stepSize))
    let parts = try split(posterior, random: random.substream(2))
    // What is held out may leave fewer examples than a minibatch has.
    let count = parts.training.exampleCount
    let batches = batches.size.map { BatchScheme.withReplacement(min($0, count)) } ?? .all
    var evaluator = try Evaluator(
      parts.training, batches: batches, seed: random.substream(1).key, chain: chain, pool: pool)
    var state = try adam.start(at: initial, with: &evaluator)
    let epoch = max(1, count / (batches.size ?? count))
    var best = (loss: Double.infinity, position: initial, epochs: 0)
    for step in 1...steps {
      if interrupt.isRequested { throw Interruption(signal: interrupt.signal) }
      _ = try adam.step(&state, with: &evaluator)
      guard let judge = parts.validation, step % epoch == 0 else { continue }
      var gradient: Tensor<Element>?
      var workspace = judge.makeWorkspace(pool: pool)
      let loss = try judge.measure(at: state.position, gradient: &gradient, workspace: &workspace).energy.cost
      best = loss < best.loss ? (loss, state.position, 0) : (best.loss, best.position, best.epochs + 1)
      if best.epochs == patience { break }
    }
    return best.loss.isFinite ? best.position : state.position
  }

  /// The examples to learn from, and those to judge by; each member has a split of its own.
  private func split(
    _ posterior: Posterior<Element>, random: RandomStream
  ) throws -> (training: Posterior<Element>, validation: Posterior<Element>?) {
    let count = posterior.exampleCount
    let held = Int((validation * Double(count)).rounded())
    guard held > 0, held < count else { return (posterior, nil) }
    var rows = Array(0..<Int32(count))
    rows.withUnsafeMutableBufferPointer { random.shuffle($0, step: 0) }
    func part(_ rows: ArraySlice<Int32>) throws -> Posterior<Element> {
      try Posterior(
        posterior.network, examples: posterior.examples.selecting(rows.map(Int.init)), loss: posterior.loss,
        prior: posterior.prior, normalisation: posterior.normalisation)
    }
    return (try part(rows[held...]), try part(rows[..<held]))
  }

  /// Weights by the law of the network.
  func randomWeights(seed: UInt64, chain: Int) -> Tensor<Element> {
    network.initialParameters(law, from: stream(seed: seed, chain: chain))
  }

  private func stream(seed: UInt64, chain: Int) -> RandomStream {
    RandomStream(seed: seed, chain: chain, purpose: .initialisation)
  }
}
