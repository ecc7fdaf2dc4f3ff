import LangevinCore
import LangevinSamplers

/// Where a chain starts: random weights or a draw of another run, moved by a few steps of an optimiser into the region that
/// matters.
///
/// Samplers that adapt to the gradient noise would otherwise measure it on a plateau where it is much too small.
struct WarmStart<Element: Scalar> {
  var network: MLP
  let law: Initialiser
  /// Draws to start from; without any, random weights. More chains than draws begin with the first again.
  var draws: [Tensor<Element>]
  let steps: Int
  let batches: BatchScheme
  let stepSize: Double
  let interrupt: Interrupt

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
  func position(on posterior: Posterior<Element>, seed: UInt64, chain: Int, pool: ThreadPool) throws -> Tensor<Element>
  {
    let random = RandomStream(seed: seed, chain: chain, purpose: .initialisation)
    let initial = draws.isEmpty ? network.initialParameters(law, from: random) : draws[chain % draws.count]
    guard steps > 0 else { return initial }
    let adam = try Adam<Element>(stepSize: .constant(stepSize))
    var evaluator = try Evaluator(posterior, batches: batches, seed: random.substream(1).key, chain: chain, pool: pool)
    var state = try adam.start(at: initial, with: &evaluator)
    for _ in 0..<steps {
      if interrupt.isRequested { throw Interruption() }
      _ = try adam.step(&state, with: &evaluator)
    }
    return state.position
  }
}
