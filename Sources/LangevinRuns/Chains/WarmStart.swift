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
