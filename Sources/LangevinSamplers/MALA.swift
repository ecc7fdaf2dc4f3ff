import LangevinCore

/// The Metropolis-adjusted Langevin algorithm: the overdamped step on all of the data, accepted or rejected.
///
///     theta* = theta - h g + sqrt(2 h T) R,      g = grad U(theta),  g* = grad U(theta*)
///     accept with probability min(1, exp(-dE/T)),
///     dE = U* - U - (theta* - theta).(g + g*)/2 + (h/4) (|g*|^2 - |g|^2)
///
/// **Law** exp(-U(theta)/T) exactly, at any step: dE/T is the logarithm of exp(-U/T) q(theta*|theta) over the same with both
/// exchanged, q being the normal law of the proposal. U is per example unless the potential says otherwise, so T is on the
/// scale of 1/P. The step is that of ``SGLD`` without minibatches; what is rejected is what that does wrong.
///
/// During warm-up the step is adapted to a target acceptance, then it is frozen, and draws begin. For N independent parameters
/// acceptance 0.574 is the fastest, at a step that falls as N^(-1/3); ``HybridMonteCarlo`` goes farther for the same work.
///
/// Besag, J. R. Stat. Soc. B 56 (1994); Roberts and Tweedie, Bernoulli 2 (1996); Roberts and Rosenthal, J. R. Stat. Soc. B 60
/// (1998) for the acceptance.
public struct MALA<Element: Scalar>: Sampler {
  /// Temperature, step and warm-up.
  public let settings: MALASettings
  /// T.
  package let temperature: Double

  /// A sampler at temperature T, with steps of size h, `theta - h grad U + sqrt(2 h T) R`, or starting from there.
  public init(
    temperature: Double, stepSize: Double = MALASettings().stepSize, adaptSteps: UInt64? = nil,
    targetAcceptance: Double = MALASettings().targetAcceptance
  ) throws(SamplingError) {
    var settings = MALASettings()
    settings.temperature = temperature
    settings.stepSize = stepSize
    settings.adaptSteps = adaptSteps
    settings.targetAcceptance = targetAcceptance
    try self.init(settings)
  }

  /// The method with its settings.
  public init(_ settings: MALASettings) throws(SamplingError) {
    try settings.check()
    self.settings = settings
    temperature = try required(settings.temperature)
  }

  /// `mala`
  public var name: String { MALASettings.name }
  /// The Gibbs law.
  public var law: StationaryLaw { .gibbs(temperature: temperature) }

  /// The last accepted point with its energy and gradient, and what warm-up has learnt.
  public struct State: SamplerState {
    /// theta
    public package(set) var position: Tensor<Element>
    /// The number of steps done.
    public package(set) var step: UInt64 = 0
    /// U(theta)
    public package(set) var energy: Energy
    fileprivate var gradient: Tensor<Element>
    fileprivate var adaptation: DualAveraging
    /// The steps that adapt.
    fileprivate let warmup: UInt64
    /// theta* and g*
    fileprivate var proposal: (position: Tensor<Element>, gradient: Tensor<Element>)

    /// The point with its energy and gradient, the step, and the adaptation.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &position)
      try archive.field("step", &step)
      try archive.field("energy.cost", &energy.cost)
      try archive.field("energy.prior", &energy.prior)
      try archive.field("gradient", &gradient)
      try adaptation.archive(in: &archive)
    }
  }

  /// Energy and gradient at the starting point.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    var gradient = Tensor<Element>(zeros: position.count)
    let energy = try evaluator.gradient(on: .all, at: position, into: &gradient, step: 0)
    return State(
      position: position, energy: energy, gradient: gradient, adaptation: DualAveraging(from: settings.stepSize),
      warmup: settings.adaptSteps ?? evaluator.warmup, proposal: (position, gradient))
  }

  /// A proposal, its gradient on all of the data, and the decision.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let h = stepSize(of: state)
    state.proposal.position.copy(state.position)
    Pass().overdamped(h, temperature: temperature)
      .run(
        position: &state.proposal.position, gradient: state.gradient, noise: &evaluator.noise, step: state.step)

    let end = try evaluate(&state, with: &evaluator)
    let change = end.map { energyError(to: $0, h, state) / temperature } ?? .infinity
    let random = evaluator.stream(.acceptance).uniform(step: state.step)
    let isAccepted = change.isFinite && Math.log(random) <= -change
    if isAccepted, let end {
      state.energy = end
      swap(&state.position, &state.proposal.position)
      swap(&state.gradient, &state.proposal.gradient)
    }
    if state.step < state.warmup {
      let acceptance = change.isFinite ? min(1, Math.exp(-change)) : 0
      state.adaptation.learn(acceptance: acceptance, target: settings.targetAcceptance)
    }
    state.step += 1
    return StepRecord(
      energy: state.energy, accepted: isAccepted, isDraw: state.step > state.warmup,
      details: [("energy_error", change), ("step_size", h)])
  }

  /// dE
  private func energyError(to end: Energy, _ h: Double, _ state: State) -> Double {
    let (old, new) = (state.gradient, state.proposal.gradient)
    let path =
      state.proposal.position.dot(old) + state.proposal.position.dot(new)
      - state.position.dot(old) - state.position.dot(new)
    return end.total - state.energy.total - path / 2 + h / 4 * (new.squaredNorm() - old.squaredNorm())
  }

  /// U* and g*; nil where they are not finite: a proposal that far out is a rejection and no error.
  private func evaluate<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> Energy? where P.Element == Element {
    do throws(SamplingError) {
      return try evaluator.gradient(
        on: .all, at: state.proposal.position, into: &state.proposal.gradient, step: state.step, checked: false)
    } catch .evaluation(.nonFinite, _) {
      return nil
    }
  }

  private func stepSize(of state: State) -> Double {
    if state.warmup == 0 { return settings.stepSize }
    return state.step < state.warmup ? state.adaptation.step : state.adaptation.averagedStep
  }
}

/// The settings of ``MALA``.
public struct MALASettings: SamplerSettings {
  /// T, above 0.
  public var temperature: Double?
  /// h, or where its adaptation starts.
  public var stepSize = 0.01
  /// The first steps, which adapt h and are no draws; by default the warm-up of the run.
  public var adaptSteps: UInt64?
  /// The acceptance that h is adapted to.
  public var targetAcceptance = 0.574
  /// The defaults.
  public init() {}

  /// `mala`
  package static let names = ["mala"]
  /// A line for the list.
  package static let summary =
    "Metropolis-adjusted Langevin: overdamped steps on all of the data, accepted or rejected: exact"
  /// All of the data, from an optimised start.
  package static let habits = SamplerHabits(
    batchSize: nil, startsOptimised: true, usesAllData: true)
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature, .positive),
    Setting("step-size", \.stepSize, in: .positive, unit: "time", "h, or where its adaptation starts"),
    Setting(
      "adapt-steps", \.adaptSteps, in: .notNegative, unit: "steps", default: "warmup", "steps that adapt h"),
    Setting("target-acceptance", \.targetAcceptance, in: .between(0, 1), "acceptance that h is adapted to"),
  ]
  /// The posterior's temperature and the warm-up of the run, if none were given.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? context.posteriorTemperature
    adaptSteps = adaptSteps ?? context.warmup
  }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try MALA<Element>(self)
  }
}

extension MALA: Exchangeable {
  /// The positions with their energies and gradients; step sizes belong to the temperature.
  public func exchangePoints(_ a: inout State, _ b: inout State) {
    swap(&a.position, &b.position)
    swap(&a.gradient, &b.gradient)
    swap(&a.energy, &b.energy)
  }

  /// That of the last accepted point.
  public func energy(of state: State) -> Double? { state.energy.total }
}
