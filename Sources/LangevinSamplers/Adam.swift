import LangevinCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Adam: gradient descent with a step of its own for each parameter. An optimiser, which draws from no law.
///
///     m' = beta_1 m + (1 - beta_1) g,    v' = beta_2 v + (1 - beta_2) g^2
///     theta' = theta - h (m' / (1 - beta_1^t)) / (sqrt(v' / (1 - beta_2^t)) + epsilon),    t = 1, 2, ...
///
/// g is the gradient of U on a minibatch; the scale of U matters only against epsilon.
///
/// Diederik Kingma and Jimmy Ba, "Adam: a method for stochastic optimization", ICLR 2015, arXiv 1412.6980, algorithm 1.
public struct Adam<Element: Scalar>: Sampler {
  /// h, above 0: about the largest change of a parameter per step.
  public let stepSize: Schedule
  /// beta_1 and beta_2, from 0 to below 1: the memory of the first and the second moment.
  public let decays: (first: Double, second: Double)
  /// epsilon, above 0, outside the root.
  public let epsilon: Double

  /// Steps of size h; `theta' = theta - h m / (sqrt(v) + epsilon)` with bias-corrected moments m and v of grad U.
  public init(
    stepSize: Schedule, decays: (first: Double, second: Double) = (0.9, 0.999), epsilon: Double = 1e-8
  ) throws(SamplingError) {
    try stepSize.check("the step size")
    for (name, decay) in [("the first decay", decays.first), ("the second decay", decays.second)] {
      try check(decay >= 0 && decay < 1, name, is: decay, expected: "from 0 to below 1")
    }
    try check(epsilon > 0 && epsilon.isFinite, "epsilon", is: epsilon, expected: "above 0, finite")
    self.stepSize = stepSize
    self.decays = decays
    self.epsilon = epsilon
  }

  /// `adam`
  public var name: String { "adam" }
  /// None.
  public var law: StationaryLaw { .none }

  /// A position and the moments of its gradients.
  public struct State: SamplerState {
    /// theta
    public package(set) var position: Tensor<Element>
    /// The number of steps done.
    public package(set) var step: UInt64 = 0
    fileprivate var firstMoment: Tensor<Element>
    fileprivate var secondMoment: Tensor<Element>
    fileprivate var gradient: Tensor<Element>

    /// Position, both moments and the step.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &position)
      try archive.field("first-moment", &firstMoment)
      try archive.field("second-moment", &secondMoment)
      try archive.field("step", &step)
    }
  }

  /// Starts at `position`, with moments 0.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    let zeros = Tensor<Element>(zeros: position.count)
    return State(position: position, firstMoment: zeros, secondMoment: zeros, gradient: zeros)
  }

  /// One gradient, one pass.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let energy = try evaluator.evaluateNextFinite(at: state.position, gradient: &state.gradient, step: state.step)

    // h m/(1 - b_1^t) / (sqrt(v/(1 - b_2^t)) + eps) = a m / (sqrt(v) + e) with the corrections in the scalars a and e.
    let t = Double(state.step + 1)
    let root = (1 - pow(decays.second, t)).squareRoot()
    let a = stepSize.value(at: state.step) * root / (1 - pow(decays.first, t))
    let count = state.position.count
    state.gradient.withPointer { g in
      state.firstMoment.withMutablePointer { m in
        state.secondMoment.withMutablePointer { v in
          state.position.withMutablePointer { theta in
            Element.kernels.adamPass(decays.first, decays.second, a, epsilon * root, g, m, v, theta, count)
          }
        }
      }
    }
    state.step += 1
    return StepRecord(energy: energy)
  }
}
