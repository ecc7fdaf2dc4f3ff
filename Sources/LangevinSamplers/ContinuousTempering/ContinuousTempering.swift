import LangevinCore

/// CTLD (reconstruction): Langevin dynamics whose temperature T/s(alpha) follows a variable alpha that moves by itself, so
/// that a chain warms up, crosses barriers, cools down, and is read only when cold.
///
///     noise form:  dr = -grad U dt - gamma r dt + sqrt(2 gamma m T/s) dW,       force on alpha: -s' (U - U_ref + K)/T
///     force form:  dr = -s grad U dt - gamma r dt + sqrt(2 gamma m T) dW,       force on alpha: -s' (U - U_ref)/T
///
/// with theta' = r/m, K the kinetic energy, and alpha in a Langevin bath of temperature 1 under that force, a bias V that
/// makes it visit all temperatures equally, and walls. Where |alpha| <= coldEdge, s is 1 and the law of theta is exactly
/// exp(-U/T), whatever V is: those are the draws, and they need no weights. A step is
///
///     A(h/2) O(h) A(h/2) [gradient] B(h/2) Balpha(h) B(h/2)
///
/// The bias adapts for `adaptingSteps`, then it is frozen, and only then are there draws. Energy noise of variance v from
/// minibatches heats alpha on the ramp, and through it the cold law: keep h v max|s'|^2 / T^2 below 0.2 gamma_alpha m_alpha.
///
/// The idea of two phases, a variable noise strength and a learned bias is that of Nanyang Ye, Zhanxing Zhu and Rafal
/// Mantiuk, "Langevin dynamics with continuous tempering for training deep neural networks", NIPS 2017, arXiv 1703.04379; the
/// force form is that of Gianpaolo Gobbo and Benedict Leimkuhler, Phys. Rev. E 91, 061301 (2015). Forces, coupling,
/// discretisation and defaults are a reconstruction, correct by their own invariance and not the paper's choices.
public struct ContinuousTempering<Element: Scalar>: Sampler {
  /// Temperature, step, bias and all else.
  public let settings: ContinuousTemperingSettings
  /// T, of the cold states.
  package let temperature: Double
  /// s(alpha), and the walls.
  package let coupling: TemperingCoupling
  /// m_alpha.
  package let temperingMass: Double

  /// A sampler at temperature T of the cold states; `change` sets what shall not be as by default.
  ///
  ///     let sampler = try ContinuousTempering<Double>(temperature: 1) { $0.stepSize = 0.05 }
  ///
  /// - Throws: ``SamplingError`` where a setting is out of range.
  public init(
    temperature: Double, _ change: (inout ContinuousTemperingSettings) -> Void = { _ in }
  ) throws(SamplingError) {
    var settings = ContinuousTemperingSettings()
    settings.temperature = temperature
    change(&settings)
    try self.init(settings)
  }

  /// The method with its settings.
  public init(_ settings: ContinuousTemperingSettings) throws(SamplingError) {
    try settings.check()
    try settings.checkTogether()
    self.settings = settings
    temperature = try required(settings.temperature)
    coupling = settings.resolvedCoupling
    temperingMass = settings.resolvedTemperingMass
  }

  /// `ctld`
  public var name: String { ContinuousTemperingSettings.name }
  /// exp(-U/T) for the draws, once the bias is frozen.
  public var law: StationaryLaw {
    settings.exploresForEver
      ? .nonequilibrium("exploration: the bias adapts for ever") : .gibbs(temperature: temperature)
  }

  /// Intervals too narrow for the step, and a run that never freezes.
  public func warnings(for layout: ParameterLayout) -> [String] {
    var warnings: [String] = []
    let stride = settings.stepSize / temperingMass.squareRoot()
    if stride > coupling.limit / Double(2 * settings.intervals) {
      warnings.append(
        "alpha moves about \(stride) per step, more than half an interval of the bias: it will be learned wrong; use a "
          + "larger temperingMass or fewer intervals")
    }
    if case .nonequilibrium(let reason) = law { warnings.append("the draws are no posterior sample: \(reason)") }
    return warnings
  }
}

// MARK: State

extension ContinuousTempering {
  /// A chain with its temperature.
  public struct State: SamplerState {
    /// theta
    public package(set) var position: Tensor<Element>
    /// r
    package var momentum: Tensor<Element>
    /// The number of steps done.
    public package(set) var step: UInt64 = 0
    /// The tempering variable.
    package var alpha = 0.0
    /// r_alpha
    package var temperingMomentum = 0.0
    /// Consecutive cold steps up to now.
    package fileprivate(set) var coldSteps: UInt64 = 0

    var bias: TemperingBias
    var reference: ReferenceEnergy
    var tally: TemperingTally
    fileprivate var gradient: Tensor<Element>
    /// L_a, after which the bias is frozen.
    let adaptingSteps: UInt64

    /// V at the K + 1 nodes, less the part that stands for the reference energy only when it is reported.
    package var biasValues: [Double] { bias.values }
    /// U_ref
    package var referenceEnergy: Double { reference.value }

    /// Everything but the gradient, which belongs to the position of the next step.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &position)
      try archive.field("momentum", &momentum)
      try archive.field("step", &step)
      try archive.field("alpha", &alpha)
      try archive.field("tempering-momentum", &temperingMomentum)
      try archive.field("cold-steps", &coldSteps)
      try bias.archive(in: &archive)
      try reference.archive(in: &archive)
      try tally.archive(in: &archive)
    }
  }

  /// Starts at `position`, cold and at rest.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    let count = position.count
    let zeros = Tensor<Element>(zeros: count)
    let nodes = settings.initialBias ?? initialBias(parameterCount: count)
    return State(
      position: position, momentum: zeros,
      bias: TemperingBias(settings.adaptation, limit: coupling.limit, nodes: nodes),
      reference: ReferenceEnergy(fixed: settings.referenceEnergy, steps: settings.referenceSteps),
      tally: TemperingTally(intervals: settings.intervals), gradient: zeros,
      adaptingSteps: settings.adaptingSteps ?? evaluator.warmup)
  }

  /// -d ln s, or half of it in the force form, where momenta stay cold.
  private func initialBias(parameterCount: Int) -> [Double] {
    let dimension = settings.effectiveDimension ?? (parameterCount < 10 ? 0 : Double(parameterCount))
    let intervals = settings.intervals
    return (0...intervals).map { index in
      let s = coupling.factor(at: Double(index) * coupling.limit / Double(intervals))
      return -dimension * (settings.form == .noise ? 1 : 0.5) * Math.log(s)
    }
  }
}

// MARK: Step

extension ContinuousTempering {
  /// One energy and gradient, two passes.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let h = settings.stepSize

    // A(h/2) O(h) A(h/2); alpha is frozen during O, so its first half drift comes before all that needs s.
    try drift(&state)
    moveAndThermalise(&state, &evaluator.noise)
    let c = Math.exp(-settings.temperingFriction * h)
    state.temperingMomentum *= c
    state.temperingMomentum +=
      (temperingMass * (1 - c * c)).squareRoot() * evaluator.noise.normal(step: state.step, lane: 1)
    try drift(&state)

    let s = coupling.factor(at: state.alpha)
    let energy = try evaluate(&state, s, with: &evaluator)

    // B(h/2) Balpha(h) B(h/2): both kicks in one pass, since alpha's needs of the momenta between them only the energy K.
    let kinetic = kick(&state, by: settings.form == .noise ? h : h * s, &evaluator.noise)
    guard kinetic.end.isFinite else { throw diverged(state, "the momentum", s) }
    let isCold = coupling.isCold(state.alpha)
    let shift = state.reference.observe(energy.total, isCold: isCold)
    if shift != 0 { state.bias.compensate(shift / temperature, coupling) }
    let tempered = energy.total - state.reference.value + (settings.form == .noise ? kinetic.middle : 0)
    let force = coupling.slope(at: state.alpha) * tempered / temperature
    let direction = sign(state.alpha)
    state.temperingMomentum -=
      h * (force + coupling.wallSlope(at: state.alpha) + direction * state.bias.slope(at: abs(state.alpha)))
    guard state.temperingMomentum.isFinite else { throw diverged(state, "the momentum of alpha", s) }

    let adapts = settings.adaptation != .none && state.step < state.adaptingSteps
    if adapts && (state.reference.isSettled || !settings.adaptation.isByForce) {
      state.bias.adapt(at: abs(state.alpha), force: direction * force)
    }
    state.coldSteps = isCold ? state.coldSteps + 1 : 0
    state.step += 1
    state.tally.add(state, self, energy: energy.total, kinetic: kinetic.end, isFrozen: !adapts)
    let isDraw = (!adapts || settings.exploresForEver) && state.coldSteps > settings.settle
    return StepRecord(energy: energy, kinetic: (2 * kinetic.end, state.position.count), isDraw: isDraw)
  }

  /// alpha += (h/2) r_alpha/m_alpha, with the walls.
  private func drift(_ state: inout State) throws(SamplingError) {
    let stride = settings.stepSize * state.temperingMomentum / temperingMass
    guard abs(stride) <= coupling.limit else { throw alphaRanAway(state) }
    state.alpha += stride / 2
    guard coupling.reflect(&state.alpha, &state.temperingMomentum) else { throw alphaRanAway(state) }
  }

  /// theta += (h/2) r/m;  r = c r + sqrt((1 - c^2) m T_r) R;  theta += (h/2) r/m
  private func moveAndThermalise(_ state: inout State, _ noise: inout NoiseSource) {
    let (h, mass) = (settings.stepSize, settings.mass)
    let c = Math.exp(-settings.friction * h)
    let heat = settings.form == .noise ? temperature / coupling.factor(at: state.alpha) : temperature
    let amplitude = ((1 - c * c) * mass * heat).squareRoot()
    let half = h / (2 * mass)
    Pass().drift(half).damp(c).noise(momentum: amplitude).drift(half)
      .run(
        position: &state.position, momentum: &state.momentum, gradient: state.gradient, noise: &noise, step: state.step)
  }

  /// r -= time G; returns the kinetic energy in the middle of the kick, which alpha feels, and at its end, where a well's
  /// kinetic temperature is T whatever the step size.
  ///
  /// With r the momentum before, |r - time G/2|^2 is that of the end plus time r.G - (3/4) time^2 |G|^2.
  private func kick(_ state: inout State, by time: Double, _ noise: inout NoiseSource) -> (middle: Double, end: Double)
  {
    let sums = Pass().kick(time)
      .run(
        position: &state.position, momentum: &state.momentum, gradient: state.gradient, noise: &noise,
        step: state.step, sums: true)
    let mass = settings.mass
    let middle = sums.kinetic + time * sums.power - 0.75 * time * time * sums.gradient
    return (middle / (2 * mass), sums.kinetic / (2 * mass))
  }

  private func evaluate<P: Potential>(
    _ state: inout State, _ s: Double, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> Energy where P.Element == Element {
    do throws(SamplingError) {
      return try evaluator.gradient(on: .next, at: state.position, into: &state.gradient, step: state.step)
    } catch {
      throw diverged(state, "energy or gradient (\(error))", s)
    }
  }

  private func diverged(_ state: State, _ quantity: String, _ s: Double) -> SamplingError {
    .diverged(
      step: state.step, quantity: quantity, in: "the chain at alpha = \(state.alpha), s = \(s)",
      hint: "where s is small, the step size is likely too large for the temperature T/s")
  }

  private func alphaRanAway(_ state: State) -> SamplingError {
    .diverged(
      step: state.step, quantity: "alpha = \(state.alpha) with momentum \(state.temperingMomentum)",
      in: "the tempering variable",
      hint:
        "the force on alpha is too large; set the reference energy or the effective dimension, or lower the step size")
  }
}
