import LangevinCore

/// The potential as one chain sees it: its minibatches in order, its streams of random numbers, its memory.
///
/// Everything random about a chain follows from (seed, chain): chain i alone is chain i of n.
public struct Evaluator<P: Potential> {
  /// What is evaluated.
  public let potential: P
  /// The seed of the run.
  public let seed: UInt64
  /// The number of the chain, from 0.
  public package(set) var chain: Int
  /// The minibatches; the current one is that of the last gradient.
  public package(set) var batches: BatchStream
  /// Gradient evaluations so far, in units of one minibatch or one pass over all of the data.
  public private(set) var evaluations: UInt64 = 0
  /// Where the noise of the steps comes from.
  package var noise: NoiseSource
  private var workspace: P.Workspace

  /// The potential for one chain; `pool` gives threads to each evaluation and changes no bit.
  public init(
    _ potential: P, batches scheme: BatchScheme = .all, seed: UInt64, chain: Int = 0, pool: ThreadPool = .single
  ) throws(LangevinError) {
    self.potential = potential
    self.seed = seed
    self.chain = chain
    batches = try BatchStream(scheme, exampleCount: potential.exampleCount, seed: seed, chain: chain)
    noise = .stream(RandomStream(seed: seed, chain: chain, purpose: .noise))
    workspace = potential.makeWorkspace(pool: pool)
  }

  /// The chain's stream for a purpose of the sampler's own.
  public func stream(_ purpose: RandomStream.Purpose) -> RandomStream {
    RandomStream(seed: seed, chain: chain, purpose: purpose)
  }

  /// Energy and gradient on the next minibatch.
  public mutating func evaluateNext(
    at position: Tensor<P.Element>, gradient: inout Tensor<P.Element>, step: UInt64
  ) throws(SamplingError) -> Energy {
    batches.advance()
    return try evaluateAgain(at: position, gradient: &gradient, step: step)
  }

  /// Energy and gradient on the same minibatch as before.
  public mutating func evaluateAgain(
    at position: Tensor<P.Element>, gradient: inout Tensor<P.Element>, step: UInt64
  ) throws(SamplingError) -> Energy {
    try evaluate(at: position, over: batches.current, gradient: &gradient, step: step)
  }

  /// Energy and gradient on the minibatch that is next, which stays the next.
  package mutating func evaluateAhead(
    at position: Tensor<P.Element>, gradient: inout Tensor<P.Element>, step: UInt64
  ) throws(SamplingError) -> Energy {
    let place = batches.step
    defer { batches.seek(to: place) }
    return try evaluateNext(at: position, gradient: &gradient, step: step)
  }

  /// Whether a draw may be taken: always, but with sweeps only where one is complete.
  package var isAtSweepEnd: Bool {
    if case .sweeps = batches.scheme { batches.isAtEpochStart } else { true }
  }

  /// Energy and gradient on all of the data.
  public mutating func evaluateAll(
    at position: Tensor<P.Element>, gradient: inout Tensor<P.Element>, step: UInt64
  ) throws(SamplingError) -> Energy {
    try evaluate(at: position, over: .all, gradient: &gradient, step: step)
  }

  /// Energy and gradient on rows of the sampler's choice.
  public mutating func evaluate(
    at position: Tensor<P.Element>, over batch: Minibatch, gradient: inout Tensor<P.Element>, step: UInt64
  ) throws(SamplingError) -> Energy {
    evaluations += 1
    do throws(LangevinError) {
      return try potential.evaluate(at: position, over: batch, gradient: &gradient, workspace: &workspace)
    } catch {
      throw .evaluation(error, step: step)
    }
  }

  /// The exact variance of the minibatch gradients, by one pass over all of the data; nil where the potential has none.
  package mutating func minibatchVariance(
    at position: Tensor<P.Element>, step: UInt64
  ) throws(SamplingError) -> Tensor<P.Element>? {
    do throws(LangevinError) {
      let variance = try potential.minibatchVariance(at: position, of: batches.scheme, workspace: &workspace)
      if variance != nil { evaluations += 1 }
      return variance
    } catch {
      throw .evaluation(error, step: step)
    }
  }

  /// Lets a sampler use what only its kind of potential has, with the workspace at hand.
  package mutating func withWorkspace<Value, Failure: Error>(
    _ body: (P, inout P.Workspace) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try body(potential, &workspace)
  }

  /// Stores or restores the chain's place in its minibatches; all else follows from seed and chain.
  package mutating func archive(in archive: inout some StateArchive) throws {
    var step = batches.step
    try archive.field("batches.step", &step)
    if step != batches.step { batches.seek(to: step) }
    try archive.field("evaluations", &evaluations)
  }
}

/// Where the normals of a step come from: the chain's stream, or, in tests, a list.
package enum NoiseSource: Sendable {
  case stream(RandomStream)
  /// Used up from the front: letter by letter of the word, and for each letter parameter by parameter.
  case list([Double])
}
