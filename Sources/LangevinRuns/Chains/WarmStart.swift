import LangevinCore
import LangevinSamplers

/// Where a chain starts: random weights or a draw of another run, moved by a few steps of an optimiser into the region that
/// matters.
///
/// Samplers that adapt to the gradient noise would otherwise measure it on a plateau where it is much too small.
struct WarmStart<Element: Scalar> {
  let network: MLP
  let law: Initialiser
  /// Draws to start from; without any, random weights. More chains than draws begin with the first again.
  let draws: [Tensor<Element>]
  let steps: Int
  let batches: BatchScheme
  let stepSize: Double
  let interrupt: Interrupt

  /// The start of one chain. The optimiser's minibatches come from a seed of their own, not from the chain's.
  func position(on posterior: Posterior<Element>, seed: UInt64, chain: Int, pool: ThreadPool) throws -> Tensor<Element>
  {
    let initial = draws.isEmpty ? randomWeights(seed: seed, chain: chain) : draws[chain % draws.count]
    guard steps > 0 else { return initial }
    let adam = try Adam<Element>(stepSize: .constant(stepSize))
    let random = stream(seed: seed, chain: chain)
    var evaluator = try Evaluator(posterior, batches: batches, seed: random.substream(1).key, chain: chain, pool: pool)
    var state = try adam.start(at: initial, with: &evaluator)
    for _ in 0..<steps {
      if interrupt.isRequested { throw Interruption(signal: interrupt.signal) }
      _ = try adam.step(&state, with: &evaluator)
    }
    return state.position
  }

  /// Weights by the law of the network.
  func randomWeights(seed: UInt64, chain: Int) -> Tensor<Element> {
    network.initialParameters(law, from: stream(seed: seed, chain: chain))
  }

  private func stream(seed: UInt64, chain: Int) -> RandomStream {
    RandomStream(seed: seed, chain: chain, purpose: .initialisation)
  }
}
