import LangevinCore

/// Gradient descent on minibatches, with momentum on request: an optimiser, which draws from no law.
///
///     v' = mu v - h grad U_k(theta),    theta' = theta + v'
///
/// U is per example by default, which is the scale on which step sizes are usually quoted. With mu = exp(-gamma h') and
/// h = h'^2 it is the zero-temperature limit of underdamped Langevin dynamics of step h' and friction gamma.
public struct StochasticGradientDescent<Element: Scalar>: Sampler {
  /// h, above 0.
  public let stepSize: Schedule
  /// mu, from 0 to below 1.
  public let momentum: Double

  /// Steps of size h: `v' = mu v - h grad U`, `theta' = theta + v'`.
  public init(stepSize: Schedule, momentum: Double = 0) throws(SamplingError) {
    try stepSize.check("the step size")
    try check(momentum >= 0 && momentum < 1, "the momentum", is: momentum, expected: "from 0 to below 1")
    self.stepSize = stepSize
    self.momentum = momentum
  }

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
    let energy = try evaluator.evaluateNextFinite(at: state.position, gradient: &state.gradient, step: state.step)
    descend(&state, stepSize: stepSize.value(at: state.step), &evaluator.noise)
    return StepRecord(energy: energy)
  }

  private func descend(_ state: inout State, stepSize h: Double, _ noise: inout NoiseSource) {
    var pass = LinearPass()
    pass.coefficients.theta_g = -h
    if momentum == 0 {
      pass.run(position: &state.position, gradient: state.gradient, noise: &noise, step: state.step)
    } else {
      pass.coefficients.p_g = -h
      pass.coefficients.p_p = momentum
      pass.coefficients.theta_p = momentum
      pass.run(
        position: &state.position, momentum: &state.velocity, gradient: state.gradient, noise: &noise,
        step: state.step)
    }
    state.step += 1
  }
}
