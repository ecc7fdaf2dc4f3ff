/// An energy U over a flat vector of parameters, whose Gibbs law exp(-U/T) a sampler explores.
///
/// A potential knows no temperature and no sampler; a sampler knows nothing of a potential but this protocol. So every
/// sampler runs on a network's posterior and on a harmonic well alike.
///
/// The energy may be a sum over examples. A minibatch then gives an unbiased estimate of energy and gradient, both of
/// the same examples. A potential without data has one example and ignores the batch.
public protocol Potential<Element>: Sendable {
  /// The scalar of parameters and gradients.
  associatedtype Element: Scalar
  /// The memory that an evaluation works in. It belongs to one chain.
  associatedtype Workspace = Void

  /// The names and places of the parameters.
  var layout: ParameterLayout { get }
  /// The number of examples that a minibatch chooses from.
  var exampleCount: Int { get }
  /// T at which exp(-U/T) is the posterior of the examples; 1 for a potential without data.
  var posteriorTemperature: Double { get }
  /// Memory for evaluations, made once per chain. Evaluations may use the threads of `pool`, which change no bit.
  func makeWorkspace(pool: ThreadPool) -> Workspace
  /// The energy at `position`, estimated from `batch`, and its gradient.
  ///
  /// - Throws: ``LangevinError`` if shapes or rows do not fit or if the energy is not finite.
  func evaluate(
    at position: Tensor<Element>, over batch: Minibatch, gradient: inout Tensor<Element>, workspace: inout Workspace
  ) throws(LangevinError) -> Energy
  /// What is worth knowing of a position on all of the data; with a gradient tensor, its gradient too.
  func measure(
    at position: Tensor<Element>, gradient: inout Tensor<Element>?, workspace: inout Workspace
  ) throws(LangevinError) -> Reading
  /// The exact variance of every component of a minibatch gradient drawn by `scheme`; nil, the default, where the
  /// potential does not know it.
  func minibatchVariance(
    at position: Tensor<Element>, of scheme: BatchScheme, workspace: inout Workspace
  ) throws(LangevinError) -> Tensor<Element>?
}

/// What a potential says of a position, on all of its data.
public struct Reading: Hashable, Sendable {
  /// The energy.
  public var energy: Energy
  /// The share of examples that are classified wrongly; nil where there are no classes.
  public var errorRate: Double?

  /// A reading.
  public init(energy: Energy, errorRate: Double? = nil) {
    self.energy = energy
    self.errorRate = errorRate
  }
}

extension Potential {
  /// The energy alone.
  public func measure(
    at position: Tensor<Element>, gradient: inout Tensor<Element>?, workspace: inout Workspace
  ) throws(LangevinError) -> Reading {
    var slope = gradient ?? Tensor(zeros: parameterCount)
    gradient = nil
    let energy = try evaluate(at: position, over: .all, gradient: &slope, workspace: &workspace)
    gradient = slope
    return Reading(energy: energy)
  }

  /// The number of parameters.
  public var parameterCount: Int { layout.count }

  /// 1
  public var posteriorTemperature: Double { 1 }

  /// Not known.
  public func minibatchVariance(
    at position: Tensor<Element>, of scheme: BatchScheme, workspace: inout Workspace
  ) throws(LangevinError) -> Tensor<Element>? { nil }

  /// Throws unless position and gradient have one element for each parameter.
  package func check(position: Tensor<Element>, gradient: Tensor<Element>) throws(LangevinError) {
    let count = parameterCount
    guard position.count == count else {
      throw .shape(of: "the position", found: position.shape, expected: [count])
    }
    guard gradient.count == count else {
      throw .shape(of: "the gradient", found: gradient.shape, expected: [count])
    }
  }
}

extension Potential where Workspace == Void {
  /// No memory is needed.
  public func makeWorkspace(pool: ThreadPool) {}
}

/// The value of a potential, with the part that comes from data apart.
public struct Energy: Hashable, Sendable {
  /// The loss over the data, as the potential normalises it.
  public var cost: Double
  /// The energy of the prior.
  public var prior: Double

  /// U = cost + prior.
  public var total: Double { cost + prior }

  /// An energy from its parts.
  public init(cost: Double, prior: Double = 0) {
    self.cost = cost
    self.prior = prior
  }
}
