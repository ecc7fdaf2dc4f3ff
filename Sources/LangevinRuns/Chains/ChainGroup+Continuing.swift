import LangevinCore
import LangevinSamplers

extension ChainGroup {
  /// Chains that start where those of another group are now: from an optimiser to a sampler, or from a sampler to its control.
  ///
  ///     let training = try ChainGroup(posterior, sampler: Adam(stepSize: 1e-3), chains: 2, keepingEvery: 500) { ... }
  ///     try training.advance(steps: 1_500)
  ///     let chains = try ChainGroup(posterior, sampler: sampler, continuing: training, keepingEvery: 1_000, seed: 1)
  ///
  /// Steps are counted anew. Take another seed than the other group's, or the same random numbers come again.
  ///
  /// - Parameters:
  ///   - potential: What is sampled; it has as many parameters as that of the other group.
  ///   - sampler: How.
  ///   - batches: What each step sees of the data.
  ///   - other: The chains to go on from; there are as many new ones.
  ///   - warmup: Steps at the start, in which the sampler may adapt.
  ///   - interval: Steps from one kept row to the next.
  ///   - seed: All randomness follows from it and the number of the chain.
  ///   - threads: By default one for each core.
  ///   - observables: What the rows of the traces are computed from.
  ///   - quantities: Numbers of one's own that the rows show.
  ///   - test: The potential on data that the chains do not see.
  /// - Throws: ``ChainError`` where the sampler refuses its settings or its start.
  public convenience init<P: Potential, S: Sampler>(
    _ potential: P, sampler: S, batches: BatchScheme = .all, continuing other: ChainGroup, warmup: Int = 0,
    keepingEvery interval: Int, seed: UInt64, threads: Int? = nil, observables: ObservableScope = .full,
    quantities: [Quantity<P.Element>] = [], test: P? = nil
  ) throws where S.Element == P.Element {
    let starts = other.parameters
    try self.init(
      potential, sampler: sampler, chains: Array(0..<other.chainCount), threads: threads,
      options: ChainOptions(
        batches: batches, warmup: UInt64(warmup), thin: UInt64(interval), seed: seed, observables: observables,
        quantities: quantities, test: test)
    ) { chain, _ in starts[chain].tensor() }
  }
}
