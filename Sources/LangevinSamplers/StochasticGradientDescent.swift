import LangevinCore

/// Gradient descent on minibatches, with momentum on request: an optimiser, which draws from no law.
///
///     v' = mu v - h grad U_k(theta),    theta' = theta + v'
///
/// U is per example by default, which is the scale on which step sizes are usually quoted. With mu = exp(-gamma h') and
/// h = h'^2 it is the zero-temperature limit of underdamped Langevin dynamics of step h' and friction gamma.
public struct StochasticGradientDescent<Element: Scalar>: Sampler {
  /// Step size and momentum.
  public let settings: StochasticGradientDescentSettings

  /// Steps of size h: `v' = mu v - h grad U`, `theta' = theta + v'`.
  public init(
    stepSize: Schedule = StochasticGradientDescentSettings().stepSize,
    momentum: Double = StochasticGradientDescentSettings().momentum
  ) throws(SamplingError) {
    var settings = StochasticGradientDescentSettings()
    settings.stepSize = stepSize
    settings.momentum = momentum
    try self.init(settings)
  }

  /// The method with its settings.
  public init(_ settings: StochasticGradientDescentSettings) throws(SamplingError) {
    try settings.check()
    self.settings = settings
  }

  /// h
  package var stepSize: Schedule { settings.stepSize }
  /// mu
  package var momentum: Double { settings.momentum }

  /// `sgd`, or `momentum-sgd`.
  public var name: String { momentum == 0 ? "sgd" : "momentum-sgd" }
  /// None.
  public var law: StationaryLaw { .none }

  /// A position and its velocity.
  public struct State: SamplerState {
    /// theta
    public package(set) var position: Tensor<Element>
    /// The number of steps done.
    public package(set) var step: UInt64 = 0
    /// v; empty without momentum.
    fileprivate var velocity: Tensor<Element>
    fileprivate var gradient: Tensor<Element>

    /// Position, velocity and step.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &position)
      try archive.field("velocity", &velocity)
      try archive.field("step", &step)
    }
  }

  /// Starts at `position`, at rest.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    return State(
      position: position, velocity: Tensor(zeros: momentum == 0 ? 0 : position.count),
      gradient: Tensor(zeros: position.count))
  }

  /// One gradient, one pass.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let h = stepSize.value(at: state.step)
    let energy = try evaluator.gradient(on: .next, at: state.position, into: &state.gradient, step: state.step)
    if momentum == 0 {
      Pass().descend(h)
        .run(position: &state.position, gradient: state.gradient, noise: &evaluator.noise, step: state.step)
    } else {
      Pass().damp(momentum).kick(h).drift(1)
        .run(
          position: &state.position, momentum: &state.velocity, gradient: state.gradient, noise: &evaluator.noise,
          step: state.step)
    }
    state.step += 1
    return StepRecord(energy: energy)
  }
}

/// The settings of ``StochasticGradientDescent``.
public struct StochasticGradientDescentSettings: SamplerSettings {
  /// h, above 0.
  public var stepSize: Schedule = 0.1
  /// mu, from 0 to below 1.
  public var momentum = 0.0
  /// The defaults.
  public init() {}

  /// `sgd`
  package static let names = ["sgd"]
  /// A line for the list.
  package static let summary = "stochastic gradient descent, with momentum if wanted: an optimiser, for comparison"
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .stepSize(\.stepSize),
    Setting("momentum", \.momentum, in: .from(0, below: 1), "share of the last step kept"),
  ]
  /// The optimiser.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try StochasticGradientDescent<Element>(self)
  }
}
