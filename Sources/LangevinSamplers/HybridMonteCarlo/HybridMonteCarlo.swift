import LangevinCore

/// Hybrid (Hamiltonian) Monte Carlo on all of the data: trajectories of leapfrog steps, accepted or rejected.
///
///     p ~ N(0, M T)                                              or, with partial refresh, p <- c p + sqrt(1 - c^2) N(0, M T)
///     L times:  p -= (dt/2) g;  theta += dt p/M;  g = grad U(theta);  p -= (dt/2) g
///     accept with probability min(1, exp(-dE/T)),  dE = U' - U + K' - K,  K = sum p^2/(2M)
///
/// **Law** exp(-U(theta)/T) exactly, at any stable step: the reference for every other sampler. U is per example unless the
/// potential says otherwise, so T is on the scale of 1/P. Energies are in double, because dE is a small difference of
/// large numbers. One step of the protocol is one move, L gradients on all data.
///
/// During warm-up the step is adapted to a target acceptance, and where asked for a diagonal mass is made from the variances
/// of the positions. L follows so that L dt is a quarter period of the widest direction, (pi/2) sqrt(M <x^2>/T), and varies
/// from move to move, uniformly between 1 and about 2 L, so that no orbit closes. Then all is frozen, and draws begin. dt falls as
/// N^(-1/4).
///
/// Duane, Kennedy, Pendleton and Roweth, Phys. Lett. B 195 (1987); Horowitz, Phys. Lett. B 268 (1991) for partial refresh.
public struct HybridMonteCarlo<Element: Scalar>: Sampler {
  /// Temperature, trajectory and warm-up.
  public let settings: HybridMonteCarloSettings
  /// T.
  package let temperature: Double

  /// A sampler at temperature T, with steps of length dt or starting from there.
  public init(
    temperature: Double, stepSize: Double = HybridMonteCarloSettings().stepSize,
    leapfrogSteps: Int? = nil, mass: Double = HybridMonteCarloSettings().mass,
    jitter: Double = HybridMonteCarloSettings().jitter, momentumKept: Double = HybridMonteCarloSettings().momentumKept,
    adaptMoves: UInt64? = nil, targetAcceptance: Double = HybridMonteCarloSettings().targetAcceptance,
    adaptsMass: Bool = HybridMonteCarloSettings().adaptsMass
  ) throws(SamplingError) {
    var settings = HybridMonteCarloSettings()
    settings.temperature = temperature
    settings.stepSize = stepSize
    settings.leapfrogSteps = leapfrogSteps
    settings.mass = mass
    settings.jitter = jitter
    settings.momentumKept = momentumKept
    settings.adaptMoves = adaptMoves
    settings.targetAcceptance = targetAcceptance
    settings.adaptsMass = adaptsMass
    try self.init(settings)
  }

  /// The method with its settings.
  public init(_ settings: HybridMonteCarloSettings) throws(SamplingError) {
    try settings.check()
    if let moves = settings.adaptMoves { try settings.check(warmUp: moves) }
    self.settings = settings
    temperature = try required(settings.temperature)
  }

  /// `hmc`
  public var name: String { "hmc" }
  /// The Gibbs law.
  public var law: StationaryLaw { .gibbs(temperature: temperature) }

  // MARK: State

  /// The last accepted point with its energy and gradient, and what warm-up has learnt.
  public struct State: SamplerState {
    /// theta.
    public package(set) var position: Tensor<Element>
    /// p at the end of the last move, negated if it was rejected.
    package var momentum: Tensor<Element>
    /// Moves done.
    public package(set) var step: UInt64 = 0
    /// U(theta).
    package var energy: Energy
    /// grad U(theta).
    package var gradient: Tensor<Element>
    /// Proposals whose energy was not finite, all in all and in a row.
    package var divergences: UInt64 = 0
    package var divergencesInARow: UInt64 = 0
    package var adaptation: DualAveraging
    /// M_i.
    package var masses: Tensor<Element>
    package var spread: RunningVariance<Element>?
    /// A quarter period of the widest direction; nil until the warm-up has seen it.
    package var quarterPeriod: Double?

    /// The moves that adapt.
    let warmup: UInt64
    /// The end of the trajectory, before it is accepted.
    package var proposal: Point
    package struct Point: Sendable {
      package var position, momentum, gradient: Tensor<Element>
    }
    /// 1/M_i and sqrt(M_i); nil until needed.
    package var forms: Masses<Element>?

    /// Every stored quantity.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &position)
      try archive.field("momentum", &momentum)
      try archive.field("step", &step)
      try archive.field("energy.cost", &energy.cost)
      try archive.field("energy.prior", &energy.prior)
      try archive.field("gradient", &gradient)
      try archive.field("divergences", &divergences)
      try archive.field("divergencesInARow", &divergencesInARow)
      try adaptation.archive(in: &archive)
      try archive.field("masses", &masses)
      try spread?.archive(as: "spread", in: &archive)
      var period = quarterPeriod ?? 0
      try archive.field("quarterPeriod", &period)
      quarterPeriod = period > 0 ? period : nil
      forms = nil
    }
  }

  /// Energy and gradient at the starting point; no momentum yet.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    let warmup = settings.adaptMoves ?? evaluator.warmup
    try settings.check(warmUp: warmup)
    let zeros = Tensor<Element>(zeros: position.count)
    var gradient = zeros
    let energy = try evaluator.gradient(on: .all, at: position, into: &gradient, step: 0, checked: false)
    var masses = zeros
    for index in 0..<masses.count { masses[index] = Element(settings.mass) }
    var state = State(
      position: position, momentum: zeros, energy: energy, gradient: gradient,
      adaptation: DualAveraging(from: settings.stepSize), masses: masses,
      spread: settings.adaptsMass || settings.leapfrogSteps == nil ? RunningVariance(count: position.count) : nil,
      warmup: warmup,
      proposal: .init(position: position, momentum: zeros, gradient: gradient))
    refresh(&state, keeping: 0, &evaluator.noise, lane: 1)
    return state
  }

  // MARK: Move

  /// One move.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let steps = numberOfSteps(of: state, random: evaluator.stream(.acceptance))
    return try move(&state, with: &evaluator) {
      (state, stepSize, masses, evaluator) throws(SamplingError) in
      try trajectory(&state, steps: steps, stepSize: stepSize, masses: masses, with: &evaluator)
    }
  }

  /// L of this move: as given, or about as many as the quarter period has steps.
  private func numberOfSteps(of state: State, random: RandomStream) -> Int {
    if let steps = settings.leapfrogSteps { return steps }
    guard let period = state.quarterPeriod else { return state.warmup == 0 ? 30 : 10 }
    let mean = min(max(1.5, period / stepSize(of: state)), 10_000)
    return TrajectoryLengths.steps(mean: mean, move: state.step, shift: random.uniform(step: 0, lane: 2))
  }

  /// A path through phase space that is its own reverse and keeps volume: from the point in the proposal, with a step and
  /// masses, to the energy at its end.
  package typealias Path<P: Potential> = (
    inout State, Double, Masses<Element>, inout Evaluator<P>
  ) throws(SamplingError) -> Energy

  /// Refreshes the momentum, follows a path, and accepts or rejects its end.
  package func move<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>, along path: Path<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let random = evaluator.stream(.acceptance)
    let stepSize = stepSize(of: state) * (1 + settings.jitter * (2 * random.uniform(step: state.step, lane: 1) - 1))

    refresh(&state, keeping: settings.momentumKept, &evaluator.noise, lane: 0)
    let masses = forms(&state)
    let before = kinetic(state.momentum, masses)
    state.proposal.position.copy(state.position)
    state.proposal.momentum.copy(state.momentum)
    state.proposal.gradient.copy(state.gradient)
    let end: Energy?
    do throws(SamplingError) {
      end = try path(&state, stepSize, masses, &evaluator)
    } catch .evaluation(.nonFinite, _) {
      // A proposal that far out is a rejection and no error.
      end = nil
    }
    let after = kinetic(state.proposal.momentum, masses)
    let change = (end.map { $0.total - state.energy.total + after - before } ?? .infinity) / temperature

    let isDivergent = !change.isFinite
    let isAccepted = !isDivergent && Math.log(random.uniform(step: state.step)) <= -change
    if isAccepted, let end {
      state.energy = end
      swap(&state.position, &state.proposal.position)
      swap(&state.momentum, &state.proposal.momentum)
      swap(&state.gradient, &state.proposal.gradient)
    } else {
      // Position, energy and gradient were never touched. The momentum turns back, which matters if it is kept.
      state.momentum.scale(by: -1)
    }
    state.divergences += isDivergent ? 1 : 0
    state.divergencesInARow = isDivergent ? state.divergencesInARow + 1 : 0
    learn(&state, acceptance: isDivergent ? 0 : min(1, Math.exp(-change)))
    state.step += 1
    if state.divergencesInARow >= 50 {
      throw .diverged(
        step: state.step, quantity: "the energy", in: "50 proposals in a row",
        hint: "the step size \(stepSize) is beyond stability: it must be below 2/sqrt(largest curvature / mass)")
    }
    return StepRecord(
      energy: state.energy, kinetic: (2 * kinetic(state.momentum, masses), state.position.count), accepted: isAccepted,
      isDraw: state.step > state.warmup,
      details: [("energy_error", change), ("step_size", stepSize), ("divergences", Double(state.divergences))])
  }

  /// p <- c p + sqrt(1 - c^2) sqrt(M T) R.
  private func refresh(_ state: inout State, keeping kept: Double, _ noise: inout NoiseSource, lane: UInt32) {
    Pass().refresh(keeping: kept, temperature: temperature)
      .run(
        position: &state.position, momentum: &state.momentum, gradient: state.gradient, masses: forms(&state),
        noise: &noise, step: state.step, firstLane: lane)
  }

  /// L leapfrog steps on all data.
  ///
  /// Half kicks that meet are one kick, and a kick and the drift after it one pass.
  private func trajectory<P: Potential>(
    _ state: inout State, steps: Int, stepSize: Double, masses: Masses<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> Energy where P.Element == Element {
    let h = stepSize
    var end = state.energy
    move(&state.proposal, by: Pass().kick(h / 2).drift(h), masses, &evaluator.noise)
    for index in 1...steps {
      end = try evaluator.gradient(
        on: .all, at: state.proposal.position, into: &state.proposal.gradient, step: state.step, checked: false)
      let isLast = index == steps
      move(&state.proposal, by: isLast ? Pass().kick(h / 2) : Pass().kick(h).drift(h), masses, &evaluator.noise)
    }
    return end
  }

  /// A pass over a point of phase space.
  package func move(
    _ point: inout State.Point, by pass: Pass, _ masses: Masses<Element>, _ noise: inout NoiseSource
  ) {
    pass.run(
      position: &point.position, momentum: &point.momentum, gradient: point.gradient, masses: masses, noise: &noise,
      step: 0)
  }

  /// K.
  private func kinetic(_ momentum: Tensor<Element>, _ masses: Masses<Element>) -> Double {
    momentum.squaredNorm(weights: masses.inverse) / 2
  }

  private func forms(_ state: inout State) -> Masses<Element> {
    if let forms = state.forms { return forms }
    let forms = Masses(state.masses)
    state.forms = forms
    return forms
  }

  // MARK: Warm-up

  private func stepSize(of state: State) -> Double {
    if state.warmup == 0 { return settings.stepSize }
    return state.step < state.warmup ? state.adaptation.step : state.adaptation.averagedStep
  }

  private func learn(_ state: inout State, acceptance: Double) {
    guard state.step < state.warmup else { return }
    state.adaptation.learn(acceptance: acceptance, target: settings.targetAcceptance)
    // The positions of the middle half make the masses, and tell how far trajectories have to go.
    let window = state.warmup / 4..<state.warmup * 3 / 4
    guard window.contains(state.step) else { return }
    state.spread?.add(state.position)
    let isHalfway = state.step + 1 == state.warmup / 2
    guard isHalfway || state.step + 1 == window.upperBound, let spread = state.spread else { return }
    if settings.adaptsMass, !isHalfway {
      state.masses = spread.masses(around: settings.mass)
      state.forms = nil
    }
    guard settings.leapfrogSteps == nil || settings.adaptsMass && !isHalfway else { return }
    if settings.leapfrogSteps == nil { state.quarterPeriod = quarterPeriod(spread, state.masses) }
    state.adaptation = DualAveraging(from: state.adaptation.averagedStep)
  }

  /// (pi/2) sqrt(M <x^2>/T) where it is largest.
  private func quarterPeriod(_ spread: RunningVariance<Element>, _ masses: Tensor<Element>) -> Double? {
    let variances = spread.variances
    var largest = 0.0
    for index in 0..<variances.count { largest = max(largest, Double(masses[index]) * variances[index]) }
    return largest > 0 && largest.isFinite ? .pi / 2 * (largest / temperature).squareRoot() : nil
  }
}

/// The settings of ``HybridMonteCarlo``.
public struct HybridMonteCarloSettings: SamplerSettings {
  /// T, above 0.
  public var temperature: Double?
  /// dt, or where its adaptation starts.
  public var stepSize = 0.4
  /// L; by default found in the warm-up, and varied from move to move.
  public var leapfrogSteps: Int?
  /// M, the same for all parameters unless the warm-up makes it a diagonal one.
  public var mass = 1.0
  /// dt varies from move to move, uniformly by this share up and down, so that no mode closes its orbit every time.
  public var jitter = 0.1
  /// c in [0, 1): how much of the momentum a move keeps from the one before. 0 is plain hMC.
  public var momentumKept = 0.0
  /// The first moves, which adapt dt and are no draws; by default the warm-up of the run.
  public var adaptMoves: UInt64?
  /// The acceptance that dt is adapted to.
  public var targetAcceptance = 0.8
  /// Whether masses become inversely proportional to the variances that the positions show while dt is adapted.
  public var adaptsMass = false
  /// The defaults.
  public init() {}

  /// `hmc`
  package static let names = ["hmc"]
  /// A line for the list.
  package static let summary =
    "hybrid Monte Carlo on all of the data: exact, the reference for every other sampler"
  /// All of the data, few moves, from an optimised start.
  package static let habits = SamplerHabits(
    batchSize: nil, steps: 20_000, warmup: 500, startsOptimised: true, usesAllData: true)
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature, .positive),
    Setting("step-size", \.stepSize, in: .positive, unit: "time", "dt, or where its adaptation starts"),
    Setting("leapfrog-steps", \.leapfrogSteps, in: .from(1, to: 100_000), default: "tuned", "L, gradients of a move"),
    .mass(\.mass),
    Setting("jitter", \.jitter, in: .from(0, below: 1), "share by which dt varies from move to move"),
    Setting("momentum-kept", \.momentumKept, in: .from(0, below: 1), "share of the momentum that a move keeps"),
    Setting(
      "adapt-moves", \.adaptMoves, in: .notNegative, unit: "moves", default: "warmup", "moves that adapt dt"),
    Setting("target-acceptance", \.targetAcceptance, in: .between(0, 1), "acceptance that dt is adapted to"),
    Setting("adapts-mass", \.adaptsMass, "whether masses are made from the spread of the positions"),
  ]
  /// The posterior's temperature and the warm-up of the run, if none were given.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? context.posteriorTemperature
    adaptMoves = adaptMoves ?? context.warmup
  }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try HybridMonteCarlo<Element>(self)
  }

  fileprivate func check(warmUp moves: UInt64) throws(SamplingError) {
    guard !adaptsMass || moves >= 20 else {
      throw .setting("the warm-up", in: "", found: "\(moves)", expected: "20 moves or more to make masses")
    }
  }
}

extension HybridMonteCarlo: Exchangeable {
  /// The positions with their energies and gradients; step sizes and masses belong to the temperature.
  public func exchangePoints(_ a: inout State, _ b: inout State) {
    swap(&a.position, &b.position)
    swap(&a.gradient, &b.gradient)
    swap(&a.energy, &b.energy)
  }

  /// That of the last accepted point.
  public func energy(of state: State) -> Double? { state.energy.total }
}
