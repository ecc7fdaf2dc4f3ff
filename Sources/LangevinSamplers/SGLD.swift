import LangevinCore

/// Stochastic gradient Langevin dynamics: overdamped steps with minibatch gradients.
///
///     theta' = theta - h G grad U_k(theta) + sqrt(2 h T) G^(1/2) xi
///
/// The law is exp(-U/T), with U as the potential normalises it: per example by default, so that T = 1/P is the posterior of
/// P examples. U_k is the estimate on minibatch k, xi a fresh normal for each parameter, and G an optional constant diagonal
/// preconditioner, which changes the speed and not the law. Welling and Teh's epsilon is 2 h for U over all of the data.
///
/// Two errors of the law are of first order in h: that of the discretisation (on a well of stiffness k the variance is
/// T / (k (1 - h k / 2))), and the heat of the minibatch noise, which is the larger by about the number of batches in an
/// epoch. ``SGWORLD`` removes the second, ``LeimkuhlerMatthews`` the first.
///
/// Max Welling and Yee Whye Teh, "Bayesian learning via stochastic gradient Langevin dynamics", ICML 2011.
public struct SGLD<Element: Scalar>: Sampler {
  /// h. Under a schedule that decays, averages over draws are weighted by the step size of each.
  public let stepSize: Schedule
  /// T, 0 or more. At 0 this is gradient descent.
  public let temperature: Schedule
  /// The diagonal of G, above 0; nil for the identity.
  public let preconditioner: Tensor<Element>?

  private let masses: Masses<Element>

  /// Steps of size h at temperature T: `theta - h grad U + sqrt(2 h T) xi`, for the law exp(-U/T).
  ///
  /// A preconditioner that depends on the position would need another term in the drift and is not offered.
  public init(
    stepSize: Schedule, temperature: Schedule, preconditioner: Tensor<Element>? = nil
  ) throws(SamplingError) {
    try stepSize.check("the step size")
    try temperature.check("the temperature", zeroAllowed: true)
    if let preconditioner {
      for index in 0..<preconditioner.count {
        let value = Double(preconditioner[index])
        try check(
          value > 0 && value.isFinite, "the preconditioner", in: "parameter \(index)", is: value,
          expected: "above 0, finite")
      }
    }
    self.stepSize = stepSize
    self.temperature = temperature
    self.preconditioner = preconditioner
    // A mass 1/G is 1/m = G and a noise of 1/m sqrt(m) = sqrt(G).
    masses = preconditioner.map { Masses(inverse: $0, amplitude: $0.mapped { 1 / $0.squareRoot() }) } ?? .unit
  }

  /// `sgld`
  public var name: String { "sgld" }
  /// exp(-U/T) while the temperature is constant.
  public var law: StationaryLaw { .gibbs(at: temperature) }

  /// A position and how many steps it has made.
  public struct State: SamplerState {
    /// theta
    public package(set) var position: Tensor<Element>
    /// The number of steps done.
    public package(set) var step: UInt64 = 0
    fileprivate var gradient: Tensor<Element>

    /// Position and step: noise and minibatches follow from seed, chain and step.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &position)
      try archive.field("step", &step)
    }
  }

  /// Starts at `position`.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    if let found = preconditioner?.count, found != position.count {
      throw .setting("the preconditioner", in: "", found: "\(found) numbers", expected: "\(position.count)")
    }
    return State(position: position, gradient: Tensor(zeros: position.count))
  }

  /// One gradient, one pass.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let energy = try evaluator.evaluateNextFinite(at: state.position, gradient: &state.gradient, step: state.step)
    let h = stepSize.value(at: state.step)
    var pass = LinearPass()
    pass.coefficients.theta_g = -h
    pass.addNoise(momentum: 0, position: (2 * h * temperature.value(at: state.step)).squareRoot())
    pass.run(
      position: &state.position, gradient: state.gradient, masses: masses, noise: &evaluator.noise,
      step: state.step)
    state.step += 1
    return StepRecord(energy: energy)
  }
}

extension StationaryLaw {
  /// The Gibbs law of a temperature that may be scheduled.
  package static func gibbs(at temperature: Schedule) -> StationaryLaw {
    temperature.isConstant
      ? .gibbs(temperature: temperature.value(at: 0)) : .nonequilibrium("the temperature changes along the run")
  }
}

extension Tensor {
  /// The tensor of the function's values.
  package func mapped(_ function: (Element) -> Element) -> Tensor {
    var result = self
    for index in 0..<count { result[index] = function(self[index]) }
    return result
  }
}
