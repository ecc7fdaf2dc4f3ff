import LangevinCore

/// The potential as one chain sees it: its minibatches in order, its streams of random numbers, its memory, and the place of
/// the warm-up.
///
/// Everything random about a chain follows from (seed, chain): chain i alone is chain i of n.
public struct Evaluator<P: Potential> {
  /// What is evaluated.
  public let potential: P
  /// The seed of the run.
  package let seed: UInt64
  /// The number of the chain, from 0.
  package var chain: Int
  /// Steps at the start of the chain in which a sampler may adapt.
  public let warmup: UInt64
  /// Steps from one kept row to the next, where that is known.
  public let thin: UInt64?
  /// The minibatches; the current one is that of the last gradient.
  public package(set) var batches: BatchStream
  /// Gradient evaluations so far, in units of one minibatch or one pass over all of the data.
  package private(set) var evaluations: UInt64 = 0
  /// Where the normals of a ``Pass`` come from.
  public var noise: NoiseSource
  private var workspace: P.Workspace

  /// The potential for one chain; `pool` gives threads to each evaluation and changes no bit.
  public init(
    _ potential: P, batches scheme: BatchScheme = .all, seed: UInt64, chain: Int = 0, warmup: UInt64 = 0,
    thin: UInt64? = nil, pool: ThreadPool = .single
  ) throws(LangevinError) {
    self.potential = potential
    self.seed = seed
    self.chain = chain
    self.warmup = warmup
    self.thin = thin
    batches = try BatchStream(scheme, exampleCount: potential.exampleCount, seed: seed, chain: chain)
    noise = .stream(RandomStream(seed: seed, chain: chain, purpose: .noise))
    workspace = potential.makeWorkspace(pool: pool)
  }

  /// The chain's stream for a purpose of the sampler's own.
  public func stream(_ purpose: RandomStream.Purpose) -> RandomStream {
    RandomStream(seed: seed, chain: chain, purpose: purpose)
  }

  /// Whether a draw may be taken: always, but with sweeps only where one is complete.
  package var isAtSweepEnd: Bool {
    if case .sweeps = batches.scheme { batches.isAtEpochStart } else { true }
  }

  /// Stores or restores the chain's place in its minibatches; all else follows from seed and chain.
  package mutating func archive(in archive: inout some StateArchive) throws {
    var step = batches.step
    try archive.field("batches.step", &step)
    if step != batches.step { batches.seek(to: step) }
    try archive.field("evaluations", &evaluations)
  }
}

// MARK: Gradients

/// The examples that a gradient is estimated from.
public enum GradientBatch: Sendable {
  /// The next minibatch of the chain.
  case next
  /// The minibatch of the last gradient once more.
  case same
  /// The next minibatch, which stays the next.
  case ahead
  /// All of the data.
  case all
  /// Rows of the sampler's choice.
  case rows(Minibatch)
}

extension Evaluator {
  /// Energy and gradient at a position.
  ///
  /// - Parameters:
  ///   - batch: The examples.
  ///   - position: theta.
  ///   - gradient: Where the gradient goes.
  ///   - step: For messages.
  ///   - checked: Whether a gradient that is not finite is an error, as it should be before a step that moves by it.
  /// - Returns: The energy, estimated from the same examples.
  /// - Throws: ``SamplingError`` where energy or gradient cannot be evaluated or are not finite.
  public mutating func gradient(
    on batch: GradientBatch, at position: Tensor<P.Element>, into gradient: inout Tensor<P.Element>, step: UInt64,
    checked: Bool = true
  ) throws(SamplingError) -> Energy {
    let rows: Minibatch
    switch batch {
    case .next:
      batches.advance()
      rows = batches.current
    case .ahead:
      let place = batches.step
      batches.advance()
      rows = batches.current
      batches.seek(to: place)
    case .same: rows = batches.current
    case .all: rows = .all
    case .rows(let minibatch): rows = minibatch
    }
    evaluations += 1
    let energy: Energy
    do throws(LangevinError) {
      energy = try potential.evaluate(at: position, over: rows, gradient: &gradient, workspace: &workspace)
    } catch {
      throw .evaluation(error, step: step)
    }
    if checked { try check(gradient: gradient, step: step) }
    return energy
  }

  /// Throws if a gradient is not finite, before it has moved anything.
  public func check(gradient: Tensor<P.Element>, step: UInt64) throws(SamplingError) {
    guard let place = gradient.firstNonFinite else { return }
    throw .diverged(
      step: step, quantity: "the gradient", in: potential.layout.blockName(at: place),
      hint: "the step size is likely too large")
  }

  /// Throws unless a chain can start at `position`: one finite number for each parameter.
  public func check(start position: Tensor<P.Element>) throws(SamplingError) {
    do throws(LangevinError) {
      try potential.check(position: position, gradient: position)
      if let place = position.firstNonFinite {
        throw .nonFinite("the starting point", in: potential.layout.blockName(at: place), hint: "")
      }
    } catch {
      throw .evaluation(error, step: 0)
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
}
