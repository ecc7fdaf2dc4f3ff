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
  /// Step size and temperature.
  public let settings: SGLDSettings
  /// h. Under a schedule that decays, averages over draws are weighted by the step size of each.
  package let stepSize: Schedule
  /// T, 0 or more. At 0 this is gradient descent.
  package let temperature: Schedule
  /// The diagonal of G, above 0; nil for the identity.
  package let preconditioner: Tensor<Element>?

  private let masses: Masses<Element>

  /// Steps of size h at temperature T: `theta - h grad U + sqrt(2 h T) xi`, for the law exp(-U/T).
  public init(
    stepSize: Schedule = SGLDSettings().stepSize, temperature: Schedule, preconditioner: Tensor<Element>? = nil
  ) throws(SamplingError) {
    var settings = SGLDSettings()
    settings.stepSize = stepSize
    settings.temperature = temperature
    try self.init(settings, preconditioner: preconditioner)
  }

  /// The method with its settings.
  ///
  /// A preconditioner that depends on the position would need another term in the drift and is not offered.
  public init(_ settings: SGLDSettings, preconditioner: Tensor<Element>? = nil) throws(SamplingError) {
    try settings.check()
    self.settings = settings
    stepSize = settings.stepSize
    temperature = try required(settings.temperature)
    self.preconditioner = preconditioner
    for index in 0..<(preconditioner?.count ?? 0) {
      let value = preconditioner.map { Double($0[index]) } ?? 1
      try check(
        value > 0 && value.isFinite, "the preconditioner", in: "parameter \(index)", is: value,
        expected: "above 0, finite")
    }
    // A mass 1/G is 1/m = G and a noise of 1/m sqrt(m) = sqrt(G).
    masses = preconditioner.map { Masses(inverse: $0, amplitude: $0.mapped { 1 / $0.squareRoot() }) } ?? .unit
  }

  /// `sgld`
  public var name: String { SGLDSettings.name }
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
    let h = stepSize.value(at: state.step)
    let T = temperature.value(at: state.step)
    let energy = try evaluator.gradient(on: .next, at: state.position, into: &state.gradient, step: state.step)
    Pass().overdamped(h, temperature: T)
      .run(
        position: &state.position, gradient: state.gradient, masses: masses, noise: &evaluator.noise, step: state.step)
    state.step += 1
    return StepRecord(energy: energy)
  }
}

/// The settings of ``SGLD``.
public struct SGLDSettings: SamplerSettings {
  /// h, above 0.
  public var stepSize: Schedule = 0.01
  /// T, 0 or more.
  public var temperature: Schedule?
  /// The defaults.
  public init() {}

  /// `sgld`
  package static let names = ["sgld"]
  /// A line for the list.
  package static let summary = "stochastic gradient Langevin dynamics: a step down the minibatch gradient, and noise"
  /// Every setting.
  package static let table: [Setting<Self>] = [.temperature(\.temperature), .stepSize(\.stepSize)]
  /// The posterior's temperature, if none was given.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? .constant(context.posteriorTemperature)
  }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try SGLD<Element>(self)
  }
}

extension SGLD: Exchangeable {
  /// The positions.
  public func exchangePoints(_ a: inout State, _ b: inout State) { swap(&a.position, &b.position) }

  /// The same at another temperature.
  public func tempered(at temperature: Double) throws(SamplingError) -> SGLD {
    try SGLD(stepSize: settings.stepSize, temperature: .constant(temperature), preconditioner: preconditioner)
  }
}
