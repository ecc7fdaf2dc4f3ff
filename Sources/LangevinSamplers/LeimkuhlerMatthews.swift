import LangevinCore

/// The Leimkuhler-Matthews step: overdamped Langevin dynamics whose noise is shared between neighbouring steps.
///
///     theta' = theta - h grad U(theta) + sqrt(h T / 2) (R_before + R)          the next step's R_before is this R
///
/// The law is exp(-U/T), with U as the potential normalises it. It is the high-friction limit of BAOAB: with exact gradients
/// the law of a harmonic well is exact at every stable step (h k < 2), and elsewhere its error is of second order in h where
/// that of the Euler step is of first. Minibatch noise heats it as it heats ``SGLD``.
///
/// Benedict Leimkuhler and Charles Matthews, "Rational construction of stochastic numerical methods for molecular sampling",
/// Applied Mathematics Research eXpress 2013, arXiv 1203.5428.
public struct LeimkuhlerMatthews<Element: Scalar>: Sampler {
  /// h, above 0.
  public let stepSize: Schedule
  /// T, 0 or more.
  public let temperature: Schedule

  /// Steps of size h at temperature T: drift `-h grad U`, noise of variance 2 h T, for the law exp(-U/T).
  public init(stepSize: Schedule, temperature: Schedule) throws(SamplingError) {
    try stepSize.check("the step size")
    try temperature.check("the temperature", zeroAllowed: true)
    self.stepSize = stepSize
    self.temperature = temperature
  }

  /// `leimkuhler-matthews`
  public var name: String { "leimkuhler-matthews" }
  /// exp(-U/T) while the temperature is constant.
  public var law: StationaryLaw { .gibbs(at: temperature) }

  /// A position and the half of a noise that it has already felt.
  public struct State: SamplerState {
    /// theta
    public package(set) var position: Tensor<Element>
    /// The number of steps done.
    public package(set) var step: UInt64 = 0
    /// sqrt(h T / 2) R_before, each with the h and T of the step that begins with it.
    package var half: Tensor<Element>
    fileprivate var gradient: Tensor<Element>

    /// Position, step and the shared noise.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &position)
      try archive.field("step", &step)
      try archive.field("half", &half)
    }
  }

  /// Starts at `position`; the first R_before is a fresh draw.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    let zeros = Tensor<Element>(zeros: position.count)
    var state = State(position: position, half: zeros, gradient: zeros)
    var draw = LinearPass()
    draw.addNoise(momentum: amplitude(at: 0), position: 0)
    draw.run(
      position: &state.position, momentum: &state.half, gradient: zeros, noise: &evaluator.noise,
      step: 0)
    return state
  }

  /// One gradient, one pass. The noise drawn in step t belongs to step t + 1, and so does its place in the stream.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let energy = try evaluator.evaluateNextFinite(at: state.position, gradient: &state.gradient, step: state.step)
    let next = amplitude(at: state.step + 1)
    var pass = LinearPass()
    pass.coefficients.theta_g = -stepSize.value(at: state.step)
    pass.coefficients.theta_p = 1
    pass.addNoise(momentum: next, position: next)
    pass.run(
      position: &state.position, momentum: &state.half, gradient: state.gradient,
      noise: &evaluator.noise,
      step: state.step + 1)
    state.step += 1
    return StepRecord(energy: energy)
  }

  private func amplitude(at step: UInt64) -> Double {
    (stepSize.value(at: step) * temperature.value(at: step) / 2).squareRoot()
  }
}
