import LangevinCore

/// Microcanonical Langevin on minibatches, with the share of the refreshment that their noise brings left out.
///
///     a step:  O B(1/2) A(1) B(1/2), one minibatch; its gradient serves the next step's first kick as well
///     O: u = (u + z)/|u + z|,  z_i normal of variance nu^2 - eps^2 s_i^2/(d - 1)^2,   nu^2 = (e^(2 eps/L) - 1)/d
///
/// The noise of a minibatch gradient, s_i^2 = Var(g_i)/T^2, turns the direction as O does. Were it the same in all components
/// it would be more of O and nothing else; where it differs u crowds into the noisy components: per step
/// E[d(u_i^2)] = eps^2 (s_i^2 - mean s^2)/((d - 1)(d + 2)/d), and positions are too wide there and too narrow elsewhere, at first
/// order in eps. With the exact variances of the minibatch gradient, measured in the warm-up and frozen, B and O together are
/// isotropic to leading order.
///
/// **Law**: corrected, exp(-U/T) up to O(eps^2), for noise that is uncorrelated between components and does not depend on the
/// place; it is never exact, and the energy error that ``MCLMC`` is tuned by says nothing here, because a minibatch's energy is
/// noise. Not corrected, it has no known law. The correction and its order are ours; that such noise biases is known
/// (stochastic MCLMC), no published correction was at hand.
///
/// **Is it worth it?** To leave room for the correction eps L may be about 2 d B/P in whitened coordinates, so that one
/// decoherence length costs some P/2 example gradients whatever the batch size B: a gain of 3 to 4 over ``MCLMC`` at the most
/// at the posterior's temperature, and more at higher ones.
public struct MinibatchMCLMC<Element: Scalar>: Sampler {
  /// Temperature, the two lengths, and whether the noise is corrected for.
  public let settings: MinibatchMCLMCSettings
  private let temperature: Double

  /// Steps of length eps that forget their direction over the length L.
  public init(temperature: Double, stepSize: Double, decoherence: Double, isCorrected: Bool = true)
    throws(SamplingError)
  {
    var settings = MinibatchMCLMCSettings()
    settings.temperature = temperature
    settings.stepSize = stepSize
    settings.decoherence = decoherence
    settings.isCorrected = isCorrected
    try self.init(settings)
  }

  /// The method with its settings.
  public init(_ settings: MinibatchMCLMCSettings) throws(SamplingError) {
    try settings.check()
    try LangevinSamplers.check(
      settings.decoherence >= settings.stepSize, "the decoherence", is: settings.decoherence,
      expected: "at least the step size \(settings.stepSize)")
    self.settings = settings
    temperature = try required(settings.temperature)
  }

  /// `minibatch-mclmc`
  public var name: String { MinibatchMCLMCSettings.name }
  /// The Gibbs law where the noise is corrected for.
  public var law: StationaryLaw {
    settings.isCorrected
      ? .gibbs(temperature: temperature) : .nonequilibrium("minibatch noise that differs between parameters")
  }

  /// Where the chain is, which way it goes, and how much of O each component still needs.
  public struct State: SamplerState {
    var point: IsokineticPoint<Element>
    /// The number of steps done.
    public package(set) var step: UInt64 = 0
    /// The standard deviation of z_i.
    package fileprivate(set) var amplitudes: Tensor<Element>
    /// rho, the largest share of O that minibatches bring in a component.
    package fileprivate(set) var share = 0.0
    fileprivate var normals: Tensor<Element>
    fileprivate let units: Tensor<Element>
    fileprivate let warmup: UInt64

    /// x
    public var position: Tensor<Element> { point.position }

    /// Position, direction, gradient, and the amplitudes of the refreshment.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &point.position)
      try archive.field("direction", &point.direction)
      try archive.field("gradient", &point.gradient)
      try archive.field("step", &step)
      try archive.field("amplitudes", &amplitudes)
      try archive.field("share", &share)
    }
  }

  /// The gradient of a first minibatch, and a direction drawn uniformly.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    try check(
      position.count >= 2, "the number of parameters", is: Double(position.count),
      expected: "2 or more: a direction needs room to turn")
    var gradient = Tensor<Element>(zeros: position.count)
    let energy = try evaluator.gradient(on: .next, at: position, into: &gradient, step: 0)
    var normals = gradient
    evaluator.stream(.momenta).fillNormals(&normals, step: 0, lane: 0)
    let ones = position.mapped { _ in 1 }
    var point = IsokineticPoint(position: position, direction: normals, gradient: gradient, energy: energy)
    point.draw(direction: normals)
    var state = State(point: point, amplitudes: ones, normals: normals, units: ones, warmup: evaluator.warmup)
    try measure(&state, with: &evaluator)
    return state
  }

  /// A refreshment, half a turn, a drift, the next minibatch, and the other half.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let (eps, step) = (settings.stepSize, state.step)
    evaluator.noise.fillNormals(&state.normals, step: step, lane: 0)
    state.point.refresh(amplitudes: state.amplitudes, normals: state.normals)
    _ = state.point.kick(eps / 2, scales: state.units, temperature: temperature)
    state.point.drift(eps, scales: state.units)
    state.point.energy = try evaluator.gradient(
      on: .next, at: state.point.position, into: &state.point.gradient, step: step)
    _ = state.point.kick(eps / 2, scales: state.units, temperature: temperature)
    state.step += 1
    var record = StepRecord(energy: state.point.energy, isDraw: state.step > state.warmup)
    if state.warmup > 0, state.step == state.warmup { try measure(&state, with: &evaluator) }
    if state.step == max(1, state.warmup), state.share > 0.5 {
      record.warnings = [
        "minibatches bring \(state.share) of the refreshment in some component: shorten the step or the decoherence length"
      ]
    }
    return record
  }

  /// What is left of nu^2 in each component, by the exact variances at this place.
  private func measure<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) where P.Element == Element {
    let count = state.point.position.count
    let whole = Math.expm1(2 * settings.stepSize / settings.decoherence) / Double(count)
    for index in 0..<count { state.amplitudes[index] = Element(whole.squareRoot()) }
    state.share = 0
    guard settings.isCorrected else { return }
    guard let variances = try evaluator.minibatchVariance(at: state.point.position, step: state.step) else {
      throw .refused(
        "the potential does not know the variance of its minibatch gradients, which the correction takes out of the refreshment"
      )
    }
    let turn = settings.stepSize / temperature / Double(count - 1)
    for index in 0..<count {
      let brought = turn * turn * Double(variances[index])
      state.share = max(state.share, brought / whole)
      state.amplitudes[index] = Element(max(0, whole - brought).squareRoot())
    }
    guard state.share <= 1 else {
      throw .refused(
        "minibatch noise exceeds the refreshment: it brings \(state.share) of it in one component, at most 1 can be corrected; "
          + "shorten the step, shorten the decoherence length, or enlarge the batch")
    }
  }
}

extension IsokineticPoint {
  /// O with an amplitude for each component.
  fileprivate mutating func refresh(amplitudes: Tensor<Element>, normals: Tensor<Element>) {
    let count = direction.count
    for index in 0..<count { direction[index] += amplitudes[index] * normals[index] }
    normalise()
  }
}

/// The settings of ``MinibatchMCLMC``.
public struct MinibatchMCLMCSettings: SamplerSettings {
  /// T, above 0.
  public var temperature: Double?
  /// eps, the length of a step.
  public var stepSize = 0.1
  /// L, over which the direction is forgotten.
  public var decoherence = 1.0
  /// Whether what minibatches bring is left out of the refreshment.
  public var isCorrected = true
  /// The defaults.
  public init() {}

  /// `minibatch-mclmc`
  package static let names = ["minibatch-mclmc"]
  /// A line for the list.
  package static let summary =
    "microcanonical Langevin on minibatches, their noise left out of its own: biased to O(eps^2)"
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature, .positive),
    Setting("step-size", \.stepSize, in: .positive, unit: "length", "eps, the length of a step"),
    Setting("decoherence", \.decoherence, in: .positive, unit: "length", "L, over which the direction is forgotten"),
    Setting("corrected", \.isCorrected, "whether what minibatches bring is left out of the refreshment"),
  ]
  /// The posterior's temperature, if none was given.
  package mutating func complete(for context: RunContext) { temperature = temperature ?? context.posteriorTemperature }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try MinibatchMCLMC<Element>(self)
  }
}
