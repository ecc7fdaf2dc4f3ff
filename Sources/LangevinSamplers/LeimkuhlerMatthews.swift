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
  /// Step size and temperature.
  public let settings: LeimkuhlerMatthewsSettings
  /// h, above 0.
  package let stepSize: Schedule
  /// T, 0 or more.
  package let temperature: Schedule

  /// Steps of size h at temperature T: drift `-h grad U`, noise of variance 2 h T, for the law exp(-U/T).
  public init(
    stepSize: Schedule = LeimkuhlerMatthewsSettings().stepSize, temperature: Schedule
  ) throws(SamplingError) {
    var settings = LeimkuhlerMatthewsSettings()
    settings.stepSize = stepSize
    settings.temperature = temperature
    try self.init(settings)
  }

  /// The method with its settings.
  public init(_ settings: LeimkuhlerMatthewsSettings) throws(SamplingError) {
    try settings.check()
    self.settings = settings
    stepSize = settings.stepSize
    temperature = try required(settings.temperature)
  }

  /// `lm`
  public var name: String { LeimkuhlerMatthewsSettings.name }
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
    Pass().damp(0).noise(momentum: amplitude(at: 0))
      .run(position: &state.position, momentum: &state.half, gradient: zeros, noise: &evaluator.noise, step: 0)
    return state
  }

  /// One gradient, one pass. The noise drawn in step t belongs to step t + 1, and so does its place in the stream.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let h = stepSize.value(at: state.step)
    let energy = try evaluator.gradient(on: .next, at: state.position, into: &state.gradient, step: state.step)
    Pass().sharedOverdamped(h, next: amplitude(at: state.step + 1))
      .run(
        position: &state.position, momentum: &state.half, gradient: state.gradient, noise: &evaluator.noise,
        step: state.step + 1)
    state.step += 1
    return StepRecord(energy: energy)
  }

  private func amplitude(at step: UInt64) -> Double {
    (stepSize.value(at: step) * temperature.value(at: step) / 2).squareRoot()
  }
}

/// The settings of ``LeimkuhlerMatthews``.
public struct LeimkuhlerMatthewsSettings: SamplerSettings {
  /// h, above 0.
  public var stepSize: Schedule = 0.01
  /// T, 0 or more.
  public var temperature: Schedule?
  /// The defaults.
  public init() {}

  /// `lm`
  package static let names = ["lm", "leimkuhler-matthews"]
  /// A line for the list.
  package static let summary =
    "overdamped Langevin dynamics whose noise is shared by neighbouring steps: bias of second order"
  /// Every setting.
  package static let table: [Setting<Self>] = [.temperature(\.temperature), .stepSize(\.stepSize)]
  /// The posterior's temperature, if none was given.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? .constant(context.posteriorTemperature)
  }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try LeimkuhlerMatthews<Element>(self)
  }
}

extension LeimkuhlerMatthews: Exchangeable {
  /// The positions, less the half noise that each has already felt and keeps.
  public func exchangePoints(_ a: inout State, _ b: inout State) {
    swap(&a.position, &b.position)
    a.position.add(1, a.half)
    a.position.add(-1, b.half)
    b.position.add(1, b.half)
    b.position.add(-1, a.half)
  }
}
