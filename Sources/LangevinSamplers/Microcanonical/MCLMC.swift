import LangevinCore

/// Microcanonical Langevin Monte Carlo: a point that moves at constant speed while the slope of the energy and noise turn its
/// direction. It tunes itself.
///
///     dx = sigma (.) u dt,    du = (1 - u u^T) g/(d - 1) dt + eta (1 - u u^T) dW,    g = -sigma (.) grad U(x)/T
///     a step:  O(eps/2) S(eps) O(eps/2)
///     A(t): x += t sigma (.) u     B(t): u turns towards g, exactly     O(t): u = (u + nu R)/|u + nu R|, nu^2 = (e^(2t/L) - 1)/d
///     S = B(b) A(1/2) B(1 - 2b) A(1/2) B(b), b = 0.1931833275037836,   or   B(1/2) A(1) B(1/2)
///
/// **Law** exp(-U(x)/T) up to the bias of the step size, which is of second order in eps and does not fall with the length of
/// the run. It is controlled through the energy error dE = dK + dU/T of a step, which the exact dynamics keeps at 0: the step
/// is tuned to a variance of dE per dimension, EEVPD, of 5e-4. For a Gaussian of any covariance the root mean square over modes
/// of the relative error of the variance is then at most (EEVPD/4)^(1/3), 5 %, to leading order (our derivation, in the theory of
/// the leapfrog step; the papers state a bound whose formula was not at hand). For other laws this is an observation of the
/// paper and no bound. ``MAMS`` is the exact form.
///
/// eps is a length in units of sigma, so at sigma = 1 it goes as sqrt(T). Everything adapts in the warm-up, sigma, then L, then
/// eps last, and is frozen for the draws. All of the data, 2 gradients a step (1 with leapfrog).
///
/// Robnik, De Luca, Silverstein and Seljak, arXiv 2212.08549; Robnik and Seljak, "Fluctuation without dissipation:
/// microcanonical Langevin Monte Carlo"; on the energy error Robnik, Cohn-Gordon and Seljak, arXiv 2412.08876.
public struct MCLMC<Element: Scalar>: Sampler {
  /// Temperature, scheme, and what is not left to the warm-up.
  public let settings: MCLMCSettings
  /// T.
  package let temperature: Double

  /// A sampler at temperature T that tunes itself in the warm-up; without one, both lengths have to be given.
  public init(
    temperature: Double, scheme: IsokineticScheme = MCLMCSettings().scheme,
    energyError: Double = MCLMCSettings().energyError, stepSize: Double? = nil, decoherence: Double? = nil,
    adaptsScales: Bool = MCLMCSettings().adaptsScales
  ) throws(SamplingError) {
    var settings = MCLMCSettings()
    settings.temperature = temperature
    settings.scheme = scheme
    settings.energyError = energyError
    settings.stepSize = stepSize
    settings.decoherence = decoherence
    settings.adaptsScales = adaptsScales
    try self.init(settings)
  }

  /// The method with its settings.
  public init(_ settings: MCLMCSettings) throws(SamplingError) {
    try settings.check()
    if let eps = settings.stepSize, let length = settings.decoherence {
      try LangevinSamplers.check(
        length >= eps, "the decoherence", is: length, expected: "at least the step size \(eps)")
    }
    self.settings = settings
    temperature = try required(settings.temperature)
  }

  /// `mclmc`
  public var name: String { MCLMCSettings.name }
  /// The Gibbs law.
  public var law: StationaryLaw { .gibbs(temperature: temperature) }

  /// Where the chain is and which way it goes, and what the warm-up has learnt.
  public struct State: SamplerState {
    package var walk: IsokineticWalk<Element>
    /// Steps done.
    public package(set) var step: UInt64 = 0

    /// x.
    public var position: Tensor<Element> { walk.point.position }
    /// u, a unit vector.
    package var direction: Tensor<Element> { walk.point.direction }
    /// sigma, the unit of length of each parameter.
    package var scales: Tensor<Element> { walk.scales }
    /// eps.
    package var stepSize: Double { walk.rule.stepSize }
    /// L.
    package var decoherence: Double { walk.decoherence }
    /// Var(dE)/d over the draws.
    package var energyErrorVariance: Double { walk.tally.variancePerDimension }

    /// Every stored quantity.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("step", &step)
      try walk.archive(in: &archive)
    }
  }

  /// Energy and gradient at the starting point, and a direction drawn uniformly.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try settings.check(warmUp: evaluator.warmup)
    return State(
      walk: try IsokineticWalk(
        settings.walk, temperature: temperature, warmup: evaluator.warmup, at: position, with: &evaluator))
  }

  /// One step.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let isFlat = state.step == 0 && state.walk.isFlat
    let error = try state.walk.step(number: state.step, with: &evaluator)
    state.step += 1
    var record = StepRecord(energy: state.walk.point.energy, isDraw: state.step > state.walk.warmup)
    if state.step % (evaluator.thin ?? 1) == 0 {
      record.details = details(of: state, energyError: error)
      if state.walk.tally.count >= 100 { record.warnings = warnings(about: state) }
    }
    if state.step == state.walk.warmup { record.warnings += state.walk.warnings }
    if isFlat { record.warnings.append(flatStart) }
    return record
  }

  private func details(of state: State, energyError: Double?) -> [(name: String, value: Double)] {
    let tally = state.walk.tally
    var details = [("step_size", state.stepSize), ("decoherence", state.decoherence)]
    if let energyError { details.append(("energy_error", energyError)) }
    if state.walk.failures > 0 { details.append(("failures", Double(state.walk.failures))) }
    if tally.count > 1 {
      details += [("energy_error_variance", tally.variancePerDimension), ("variance_error_bound", tally.biasBound)]
    }
    return details.map { (name: $0.0, value: $0.1) }
  }

  /// What a user should know of the draws so far.
  private func warnings(about state: State) -> [String] {
    let tally = state.walk.tally
    var warnings: [String] = []
    let variance = tally.variancePerDimension
    if variance > 0.02 {
      warnings.append(
        "the energy error has the variance \(variance) per dimension: the draws follow no known law; warm up longer")
    } else if variance > min(1e-3, 4 * settings.energyError) {
      warnings.append(
        "the energy error has the variance \(variance) per dimension: step-size bias up to \(tally.biasBound) of a variance"
      )
    }
    return warnings
  }
}

extension IsokineticWalk {
  /// What a user should know at the end of the warm-up.
  var warnings: [String] {
    var warnings: [String] = []
    if smallestSampleSize < 10, smallestSampleSize.isFinite {
      warnings.append(
        "the warm-up saw \(smallestSampleSize) independent positions of the slowest parameter, too few to choose the decoherence "
          + "length; it is sqrt(parameters): warm up longer")
    }
    if rule.cap.isFinite {
      warnings.append("\(failures) steps of the warm-up had no finite energy: the step size stays below \(rule.cap)")
    }
    return warnings
  }
}

/// The settings of ``MCLMC``.
public struct MCLMCSettings: SamplerSettings {
  /// T, above 0.
  public var temperature: Double?
  /// How a step is put together.
  public var scheme = IsokineticScheme.mclachlan
  /// Var(dE)/d that eps is tuned to.
  public var energyError = 5e-4
  /// eps: where the warm-up starts from, or what it is without one.
  public var stepSize: Double?
  /// L, over which the direction is forgotten.
  public var decoherence: Double?
  /// Whether each parameter gets a unit of length of its own, from the spread of its positions in the warm-up.
  public var adaptsScales = true
  /// The defaults.
  public init() {}

  /// `mclmc`
  package static let names = ["mclmc"]
  /// A line for the list.
  package static let summary = "microcanonical Langevin on all of the data: tunes itself; a small, stated bias"
  /// All of the data, from an optimised start.
  package static let habits = SamplerHabits(
    batchSize: nil, steps: 100_000, warmup: 2000, startsOptimised: true, usesAllData: true)
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature, .positive),
    Setting("scheme", \.scheme, "how a step is put together of kicks and drifts"),
    Setting(
      "energy-error", \.energyError, in: .positive, "variance of the energy error per dimension, for the step size"),
    Setting(
      "step-size", \.stepSize, in: .positive, unit: "length", default: "tuned, from sqrt(parameters)/4",
      "eps at the start of the warm-up, or always without one"),
    Setting(
      "decoherence", \.decoherence, in: .positive, unit: "length", default: "tuned",
      "L, over which the direction is forgotten"
    ),
    Setting("adapts-scales", \.adaptsScales, "whether each parameter gets a unit of length from its spread"),
  ]
  /// The posterior's temperature, if none was given.
  package mutating func complete(for context: RunContext) { temperature = temperature ?? context.posteriorTemperature }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try MCLMC<Element>(self)
  }

  fileprivate var walk: IsokineticSettings {
    IsokineticSettings(
      scheme: scheme, stepSize: stepSize, decoherence: decoherence, energyError: energyError, adaptsScales: adaptsScales
    )
  }

  fileprivate func check(warmUp steps: UInt64) throws(SamplingError) {
    if steps == 0, stepSize == nil || decoherence == nil {
      throw .setting(
        stepSize == nil ? "the step size" : "the decoherence", in: "", found: "open and there is no warm-up",
        expected: "a number, or a warm-up of 200 steps or more that finds it")
    }
    try checkIsokinetic(warmUp: steps)
  }
}

/// What a user should know of a start where nothing turns the direction.
let flatStart = "the gradient is 0 at the start: a saddle or a plateau, from which only chance leads away"

/// Throws if a warm-up is too short for what it has to find.
func checkIsokinetic(warmUp steps: UInt64) throws(SamplingError) {
  guard steps == 0 || steps >= 200 else {
    throw .setting("the warm-up", in: "", found: "\(steps) steps", expected: "200 or more, or 0 with everything given")
  }
}

extension MCLMC: Exchangeable {
  /// The positions with their energies and gradients; direction, step size and units of length belong to the temperature.
  public func exchangePoints(_ a: inout State, _ b: inout State) { a.walk.exchangePoint(&b.walk) }
  /// That of the point, which is on all of the data.
  public func energy(of state: State) -> Double? { state.walk.point.energy.total }
}
