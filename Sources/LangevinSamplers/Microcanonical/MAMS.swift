import LangevinCore

/// Metropolis-adjusted microcanonical sampling: trajectories at constant speed, accepted or rejected. Exact, and it tunes
/// itself.
///
///     u drawn anew;  n steps S(eps) as in ``MCLMC``, without noise;  accept with probability min(1, exp(-W)),  W = sum of dE
///     n = max(1, ceil(v rescale(mean n))),  v uniform:  E n = mean n
///
/// **Law** exp(-U/T) exactly, at any step: S is its own reverse when u is turned around, and its Jacobian is in dE. The number
/// of steps is random because a fixed one closes orbits; v runs through the base-2 Halton sequence, shifted by one uniform of
/// the chain. It may depend on the move and not on x. A rejected move keeps position, energy and gradient. The mean of exp(-W)
/// over all proposals is 1.
///
/// The first 60 % of the warm-up walk as ``MCLMC`` does and find sigma and the mean number of steps; the rest finds eps by dual
/// averaging of the acceptance, and both are frozen for the draws. The mean number of steps is 0.3 times the longest
/// autocorrelation time of a coordinate or its square in the walk, 1.5 or more (the factor is the authors', the use of the
/// longest time ours).
///
/// One step of the protocol is one move. Robnik, Cohn-Gordon and Seljak, "Metropolis adjusted microcanonical Hamiltonian Monte
/// Carlo", arXiv 2503.01707.
public struct MAMS<Element: Scalar>: Sampler {
  /// Temperature, scheme, and what is not left to the warm-up.
  public let settings: MAMSSettings
  /// T.
  package let temperature: Double

  /// A sampler at temperature T that tunes itself in the warm-up; without one, step size and mean number of steps have to be
  /// given.
  public init(
    temperature: Double, scheme: IsokineticScheme = MAMSSettings().scheme, stepSize: Double? = nil,
    meanSteps: Double? = nil, innerRefresh: Double? = nil, keepsDirection: Bool = MAMSSettings().keepsDirection,
    targetAcceptance: Double = MAMSSettings().targetAcceptance, adaptsScales: Bool = MAMSSettings().adaptsScales
  ) throws(SamplingError) {
    var settings = MAMSSettings()
    settings.temperature = temperature
    settings.scheme = scheme
    settings.stepSize = stepSize
    settings.meanSteps = meanSteps
    settings.innerRefresh = innerRefresh
    settings.keepsDirection = keepsDirection
    settings.targetAcceptance = targetAcceptance
    settings.adaptsScales = adaptsScales
    try self.init(settings)
  }

  /// The method with its settings.
  public init(_ settings: MAMSSettings) throws(SamplingError) {
    try settings.check()
    self.settings = settings
    temperature = try required(settings.temperature)
  }

  /// `mams`
  public var name: String { MAMSSettings.name }
  /// The Gibbs law.
  public var law: StationaryLaw { .gibbs(temperature: temperature) }

  // MARK: State

  /// The last accepted point, and what the warm-up has learnt.
  public struct State: SamplerState {
    package var walk: IsokineticWalk<Element>
    /// Moves done.
    public package(set) var step: UInt64 = 0
    /// The mean number of steps of a trajectory.
    package var meanSteps: Double
    /// Proposals whose energy was not finite, all in all and in a row.
    package var divergences: UInt64 = 0
    package var divergencesInARow: UInt64 = 0
    package var adaptation: DualAveraging
    /// The moves that adapt.
    let warmup: UInt64
    /// Accepted draws.
    package var accepted = 0.0

    /// x.
    public var position: Tensor<Element> { walk.point.position }
    /// sigma, the unit of length of each parameter.
    package var scales: Tensor<Element> { walk.scales }

    /// Every stored quantity.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("step", &step)
      try walk.archive(in: &archive)
      try archive.field("meanSteps", &meanSteps)
      try archive.field("divergences", &divergences)
      try archive.field("divergencesInARow", &divergencesInARow)
      try archive.field("accepted", &accepted)
      try adaptation.archive(in: &archive)
    }
  }

  /// Energy and gradient at the starting point.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try settings.check(warmUp: evaluator.warmup)
    let walking = evaluator.warmup * 6 / 10
    let walk = try IsokineticWalk(
      settings.walk, temperature: temperature, warmup: walking, at: position, with: &evaluator)
    return State(
      walk: walk, meanSteps: settings.meanSteps ?? 2, adaptation: DualAveraging(from: walk.rule.stepSize),
      warmup: evaluator.warmup)
  }

  // MARK: Move

  /// One move; in the first part of the warm-up, one step of the walk.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    if state.step < state.walk.warmup {
      let isFlat = state.step == 0 && state.walk.isFlat
      _ = try state.walk.step(number: state.step, with: &evaluator)
      state.step += 1
      if state.step == state.walk.warmup { beginMoves(&state) }
      var record = StepRecord(energy: state.walk.point.energy, isDraw: false)
      if isFlat { record.warnings = [flatStart] }
      return record
    }
    return try move(&state, with: &evaluator)
  }

  /// The number of steps of a trajectory follows from the walk, and dual averaging begins at the walk's step size.
  private func beginMoves(_ state: inout State) {
    state.meanSteps = settings.meanSteps ?? min(max(1.5, 0.3 * state.walk.longestTime), 1000)
    state.adaptation = DualAveraging(from: state.walk.rule.stepSize)
  }

  /// u by the move, a trajectory, and the decision.
  private func move<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let random = evaluator.stream(.acceptance)
    let eps = stepSize(of: state)
    let count = numberOfSteps(of: state, shift: random.uniform(step: 0, lane: 1))
    refreshDirection(&state, eps: eps, with: &evaluator)
    state.walk.proposal.copy(state.walk.point)
    let change = try trajectory(&state, eps: eps, steps: count, with: &evaluator)

    // No number stands for a failure: no energy, no acceptance.
    let isAccepted = change.map { Math.log(random.uniform(step: state.step)) <= -$0 } ?? false
    if isAccepted {
      swap(&state.walk.point, &state.walk.proposal)
    } else {
      // Position, energy and gradient were never touched. The direction turns back, which matters if it is kept.
      state.walk.point.direction.scale(by: -1)
    }
    state.divergences += change == nil ? 1 : 0
    state.divergencesInARow = change == nil ? state.divergencesInARow + 1 : 0
    if state.step < state.warmup {
      state.adaptation.learn(
        acceptance: change.map { min(1, Math.exp(-$0)) } ?? 0, target: settings.targetAcceptance)
    } else {
      state.accepted += isAccepted ? 1 : 0
    }
    state.step += 1
    if state.divergencesInARow >= 50 {
      throw .diverged(
        step: state.step, quantity: "the energy", in: "50 proposals in a row",
        hint: "the step size is \(eps): a longer warm-up finds a better one, unless the energy has a wall")
    }
    return record(of: state, accepted: isAccepted, change: change, eps: eps, steps: count, thin: evaluator.thin ?? 1)
  }

  /// u anew; or, where it is kept, refreshed over the length of a mean trajectory.
  private func refreshDirection<P: Potential>(_ state: inout State, eps: Double, with evaluator: inout Evaluator<P>)
  where P.Element == Element {
    guard settings.keepsDirection else {
      state.walk.drawDirection(with: evaluator, step: state.step, lane: 0)
      return
    }
    evaluator.stream(.momenta).fillNormals(&state.walk.normals, step: state.step, lane: 0)
    state.walk.point.refresh(eps, decoherence: state.meanSteps * eps, normals: state.walk.normals)
  }

  /// Steps from the proposal on. Returns W, or nil where an energy is not finite.
  private func trajectory<P: Potential>(
    _ state: inout State, eps: Double, steps: Int, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> Double? where P.Element == Element {
    let length = settings.innerRefresh.map { $0 * state.meanSteps * eps }
    var change = 0.0
    for index in 0..<steps {
      refreshInside(&state, over: eps / 2, length, lane: 2 * UInt32(index), &evaluator.noise)
      guard
        let error = try state.walk.proposal.step(
          eps, settings.scheme, scales: state.walk.scales, temperature: temperature, with: &evaluator, step: state.step)
      else { return nil }
      change += error
      refreshInside(&state, over: eps / 2, length, lane: 2 * UInt32(index) + 1, &evaluator.noise)
    }
    return change
  }

  private func refreshInside(
    _ state: inout State, over t: Double, _ length: Double?, lane: UInt32, _ noise: inout NoiseSource
  ) {
    guard let length else { return }
    noise.fillNormals(&state.walk.normals, step: state.step, lane: lane)
    state.walk.proposal.refresh(t, decoherence: length, normals: state.walk.normals)
  }

  /// n of this move.
  private func numberOfSteps(of state: State, shift: Double) -> Int {
    if settings.keepsDirection { return 1 }
    return TrajectoryLengths.steps(mean: state.meanSteps, move: state.step, shift: shift)
  }

  private func stepSize(of state: State) -> Double {
    if state.warmup == 0 { return state.adaptation.step }
    return state.step < state.warmup ? state.adaptation.step : state.adaptation.averagedStep
  }

  // MARK: Report

  private func record(
    of state: State, accepted: Bool, change: Double?, eps: Double, steps: Int, thin: UInt64
  ) -> StepRecord {
    var record = StepRecord(
      energy: state.walk.point.energy, accepted: accepted, isDraw: state.step > state.warmup)
    if state.step % thin == 0 {
      record.details = [
        ("step_size", eps), ("steps", Double(steps)), ("mean_steps", state.meanSteps),
        ("divergences", Double(state.divergences)),
      ]
      if let change { record.details.append(("energy_error", change)) }
      let draws = Double(state.step) - Double(state.warmup)
      if draws >= 200, !(0.4...0.995).contains(state.accepted / draws) {
        record.warnings = [
          "\(state.accepted / draws) of the proposals are accepted; expected 0.4 to 0.995: warm up longer"
        ]
      }
    }
    return record
  }
}

/// The settings of ``MAMS``.
public struct MAMSSettings: SamplerSettings {
  /// T, above 0.
  public var temperature: Double?
  /// How a step is put together.
  public var scheme = IsokineticScheme.mclachlan
  /// eps: where the warm-up starts from, or what it is without one.
  public var stepSize: Double?
  /// The mean number of steps of a trajectory.
  public var meanSteps: Double?
  /// Noise inside the trajectory: the direction is forgotten over so many mean trajectories. None if left open.
  public var innerRefresh: Double?
  /// One step a move, and a direction that is only partly refreshed, over the length of `meanSteps`.
  public var keepsDirection = false
  /// The acceptance that eps is adapted to.
  public var targetAcceptance = 0.9
  /// Whether each parameter gets a unit of length of its own, from the spread of its positions in the warm-up.
  public var adaptsScales = true
  /// The defaults.
  public init() {}

  /// `mams`
  package static let names = ["mams"]
  /// A line for the list.
  package static let summary = "Metropolis-adjusted microcanonical on all of the data: exact, tunes itself"
  /// All of the data, few moves, from an optimised start.
  package static let habits = SamplerHabits(
    batchSize: nil, steps: 20_000, warmup: 1000, startsOptimised: true, usesAllData: true)
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature, .positive),
    Setting("scheme", \.scheme, "how a step is put together of kicks and drifts"),
    Setting(
      "step-size", \.stepSize, in: .positive, unit: "length", default: "tuned, from sqrt(parameters)/4",
      "eps at the start of the warm-up, or always without one"),
    Setting(
      "mean-steps", \.meanSteps, in: .from(1.5, to: 100_000), default: "tuned", "mean number of steps of a trajectory"),
    Setting(
      "inner-refresh", \.innerRefresh, in: .positive, unit: "trajectories",
      "length over which the direction is forgotten within a trajectory; none if left open"),
    Setting("keeps-direction", \.keepsDirection, "one step a move, with a direction that is only partly refreshed"),
    Setting("target-acceptance", \.targetAcceptance, in: .between(0, 1), "acceptance that eps is adapted to"),
    Setting("adapts-scales", \.adaptsScales, "whether each parameter gets a unit of length from its spread"),
  ]
  /// The posterior's temperature, if none was given.
  package mutating func complete(for context: RunContext) { temperature = temperature ?? context.posteriorTemperature }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try MAMS<Element>(self)
  }

  fileprivate var walk: IsokineticSettings {
    IsokineticSettings(
      scheme: scheme, stepSize: stepSize, decoherence: nil, energyError: MCLMCSettings().energyError,
      adaptsScales: adaptsScales)
  }

  fileprivate func check(warmUp moves: UInt64) throws(SamplingError) {
    if moves == 0, stepSize == nil || meanSteps == nil {
      throw .setting(
        stepSize == nil ? "the step size" : "the mean steps", in: "", found: "open and there is no warm-up",
        expected: "a number, or a warm-up of 200 moves or more that finds it")
    }
    try checkIsokinetic(warmUp: moves)
  }
}

extension MAMS: Exchangeable {
  /// The positions with their energies and gradients; direction, step size and units of length belong to the temperature.
  public func exchangePoints(_ a: inout State, _ b: inout State) { a.walk.exchangePoint(&b.walk) }
  /// That of the last accepted point.
  public func energy(of state: State) -> Double? { state.walk.point.energy.total }
}
