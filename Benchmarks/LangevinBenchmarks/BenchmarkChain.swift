import Langevin

/// A chain with nothing around it: sampler, potential, state.
struct BenchmarkChain<S: Sampler, P: Potential> where S.Element == P.Element {
  private let sampler: S
  private var evaluator: Evaluator<P>
  private var state: S.State

  init(
    _ sampler: S, on potential: P, startingAt position: Tensor<P.Element>, batch: Int, trainingSteps: Int = 0
  ) throws {
    self.sampler = sampler
    evaluator = try Evaluator(potential, batches: .distinct(batch), seed: 1)
    var position = position
    if trainingSteps > 0 {
      // Away from the plateau where a network starts, which no low temperature holds.
      let adam = try Adam<P.Element>(stepSize: 1e-3)
      var training = try adam.start(at: position, with: &evaluator)
      for _ in 0..<trainingSteps { _ = try adam.step(&training, with: &evaluator) }
      position = training.position
    }
    state = try sampler.start(at: position, with: &evaluator)
  }

  mutating func step() throws { _ = try sampler.step(&state, with: &evaluator) }
}

extension BenchmarkChain {
  /// A chain on a network.
  init(_ sampler: S, on posterior: P, batch: Int, trainingSteps: Int = 0) throws where P == Posterior<S.Element> {
    let start = posterior.network.initialParameters(
      as: S.Element.self, from: RandomStream(seed: 2, purpose: .initialisation))
    try self.init(sampler, on: posterior, startingAt: start, batch: batch, trainingSteps: trainingSteps)
  }
}
