import LangevinCore

/// Adam: gradient descent with a step of its own for each parameter. An optimiser, which draws from no law.
///
///     m' = beta_1 m + (1 - beta_1) g,    v' = beta_2 v + (1 - beta_2) g^2
///     theta' = theta - h (m' / (1 - beta_1^t)) / (sqrt(v' / (1 - beta_2^t)) + epsilon),    t = 1, 2, ...
///
/// g is the gradient of U on a minibatch; the scale of U matters only against epsilon.
///
/// Diederik Kingma and Jimmy Ba, "Adam: a method for stochastic optimization", ICLR 2015, arXiv 1412.6980, algorithm 1.
public struct Adam<Element: Scalar>: Sampler {
  /// Step size, decays and epsilon.
  public let settings: AdamSettings

  /// Steps of size h; `theta' = theta - h m / (sqrt(v) + epsilon)` with bias-corrected moments m and v of grad U.
  public init(
    stepSize: Schedule = AdamSettings().stepSize,
    decays: (first: Double, second: Double) = (AdamSettings().firstDecay, AdamSettings().secondDecay),
    epsilon: Double = AdamSettings().epsilon
  ) throws(SamplingError) {
    var settings = AdamSettings()
    settings.stepSize = stepSize
    (settings.firstDecay, settings.secondDecay) = decays
    settings.epsilon = epsilon
    try self.init(settings)
  }

  /// The method with its settings.
  public init(_ settings: AdamSettings) throws(SamplingError) {
    try settings.check()
    self.settings = settings
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
    let energy = try evaluator.gradient(on: .next, at: state.position, into: &state.gradient, step: state.step)

    // h m/(1 - b_1^t) / (sqrt(v/(1 - b_2^t)) + eps) = a m / (sqrt(v) + e) with the corrections in the scalars a and e.
    let t = Double(state.step + 1)
    let (first, second) = (settings.firstDecay, settings.secondDecay)
    let root = (1 - Math.pow(second, t)).squareRoot()
    let a = settings.stepSize.value(at: state.step) * root / (1 - Math.pow(first, t))
    let e = settings.epsilon * root
    Pass.adam(
      decays: (first, second), step: a, epsilon: e, gradient: state.gradient, firstMoment: &state.firstMoment,
      secondMoment: &state.secondMoment, position: &state.position)
    state.step += 1
    return StepRecord(energy: energy)
  }
}

/// The settings of ``Adam``.
public struct AdamSettings: SamplerSettings {
  /// h, above 0: about the largest change of a parameter per step.
  public var stepSize: Schedule = 0.001
  /// beta_1, from 0 to below 1: the memory of the first moment.
  public var firstDecay = 0.9
  /// beta_2, from 0 to below 1: the memory of the second moment.
  public var secondDecay = 0.999
  /// epsilon, above 0, outside the root.
  public var epsilon = 1e-8
  /// The defaults.
  public init() {}

  /// `adam`
  package static let names = ["adam"]
  /// A line for the list.
  package static let summary = "Adam: an optimiser, for comparison"
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .stepSize(\.stepSize),
    Setting("first-decay", \.firstDecay, in: .from(0, below: 1), "memory of the mean gradient"),
    Setting("second-decay", \.secondDecay, in: .from(0, below: 1), "memory of the mean square"),
    Setting("epsilon", \.epsilon, in: .positive, "added to the root of the mean square"),
  ]
  /// The optimiser.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try Adam<Element>(self)
  }
}
