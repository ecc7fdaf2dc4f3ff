import LangevinCore

/// Pseudo-Langevin: Langevin dynamics whose thermal noise is partly the noise of the minibatches, counted exactly.
///
///     Pi_{k+1} = c1^2 Pi_k - (1 + c1^2) (dt/2) g_B(theta_k) + s R,     theta_{k+1} = theta_k + dt Pi_{k+1} / M
///
/// **Law** exp(-U(theta)/T): the gradient g_B of a fresh minibatch carries noise of variance v_i, and the normals R add
/// only what that leaves missing of the thermal noise (`NoiseBookkeeping` has the table). Masses M_i = v_i dt^2 / (4 r T m1^2)
/// make minibatches bring the same small share of it for every parameter: the temperature ratio r. Masses follow the noise
/// in controlled updates (``MassUpdates``), with variances that are exact where a pass over the data gives them cheaply
/// (``GradientVariance``). U is per example unless the potential says otherwise, so T is on the scale of 1/P.
///
/// The scheme is OBABO with the letters between two drifts merged, one gradient for each step. **Bias**: the variance of a mode of
/// curvature h is too large by the factor 1/(1 - a h/4), a = dt^2/M; and only the diagonal of the noise covariance is
/// counted, so directions of strongly correlated noise run hotter (`NoiseDirections`), by a share proportional to r.
///
/// A *segment* of S steps opens from (theta, p) and closes with a minibatch more; at closed states draws are taken and masses
/// updated. A step moves theta once; only a segment's last step evaluates two minibatches.
///
/// Zambon, Caruso, Zecchina and Tiana, arXiv:2603.15367.
public struct PseudoLangevin<Element: Scalar>: Sampler {
  /// Everything that a run says of the method.
  public let settings: PseudoLangevinSettings
  /// T, one number or a ladder; each rung starts with fresh masses and momenta.
  package let temperature: Schedule
  /// m1 = sqrt(1 - c1^2), in (0, 1): the memory of the momentum is 1/m1^2 steps.
  package var momentumLoss: Double { settings.momentumLoss }
  /// dt, a unit of time and nothing else: masses are proportional to dt^2.
  package let timeStep: Double
  /// When and how masses follow the noise.
  package let updates: MassUpdates
  /// How the noise is measured.
  package let variance: GradientVariance
  /// Whether a unit that heats up between updates forces one. The published method has no such guard.
  package let guardsUnits: Bool
  /// How the correlation of the noise is measured, and whether it is corrected; nil: not at all.
  package let correlation: NoiseCorrelation?

  /// A sampler at temperature T.
  ///
  /// - Throws: ``SamplingError`` where a setting is out of range. The largest ratio may be 1/(2 - m1^2), above which
  ///   minibatches alone bring more noise than the temperature allows; with `segment: 1` no updates are merged
  ///   and it may be 1.
  public init(
    temperature: Schedule, updates: MassUpdates? = nil, variance: GradientVariance = .standard,
    momentumLoss: Double = PseudoLangevinSettings().momentumLoss, segment: Int? = nil, timeStep: Double = 1,
    guardsUnits: Bool = true, correlation: NoiseCorrelation? = .standard
  ) throws(SamplingError) {
    let updates = if let updates { updates } else { try MassUpdates() }
    var settings = PseudoLangevinSettings(updates, variance)
    settings.temperature = temperature
    settings.momentumLoss = momentumLoss
    settings.segment = segment
    settings.correctsDirections = correlation?.isCorrected == true
    try self.init(
      settings, updates: updates, variance: variance, timeStep: timeStep, guardsUnits: guardsUnits,
      correlation: correlation)
  }

  /// The method with its settings.
  public init(_ settings: PseudoLangevinSettings) throws(SamplingError) {
    try settings.check()
    try self.init(
      settings, updates: try settings.updates, variance: settings.gradientVariance, timeStep: 1, guardsUnits: true,
      correlation: settings.correctsDirections ? try NoiseCorrelation(directions: 9, isCorrected: true) : .standard)
  }

  private init(
    _ settings: PseudoLangevinSettings, updates: MassUpdates, variance: GradientVariance, timeStep: Double,
    guardsUnits: Bool, correlation: NoiseCorrelation?
  ) throws(SamplingError) {
    try settings.check()
    let temperature = try required(settings.temperature)
    switch temperature {
    case .constant, .ladder: break
    default:
      throw .setting(
        "the temperature", in: "", found: "a schedule that changes at every step",
        expected: "a constant or a ladder, because masses are made for one temperature")
    }
    try check(timeStep > 0 && timeStep.isFinite, "the time step", is: timeStep, expected: "above 0, finite")
    self.settings = settings
    self.temperature = temperature
    self.updates = updates
    self.variance = variance
    self.timeStep = timeStep
    self.guardsUnits = guardsUnits
    self.correlation = correlation
    try check(
      updates.largestRatio <= ratioLimit, "the largest temperature ratio", is: updates.largestRatio,
      expected:
        "above 0, at most \(ratioLimit): beyond it minibatches alone bring more noise than the temperature allows")
  }

  /// The ratio beyond which minibatches alone bring more noise than the temperature allows.
  var ratioLimit: Double { settings.segment == 1 ? 1 : NoiseBookkeeping.largestRatio(momentumLoss: momentumLoss) }

  /// `pl`
  public var name: String { PseudoLangevinSettings.name }
  /// The Gibbs law, on a ladder that of the last rung.
  public var law: StationaryLaw { .gibbs(temperature: temperature.value(at: .max)) }

  // MARK: State

  /// Position, momentum, masses, and the place in the segment.
  public struct State: SamplerState {
    /// theta.
    public package(set) var position: Tensor<Element>
    /// p at closed states, Pi of the last drift within a segment.
    package var momentum: Tensor<Element>
    /// Drifts done.
    public package(set) var step: UInt64 = 0
    /// Drifts done since the segment opened; as many as it has, and it waits to be closed.
    package var place: UInt64 = 0
    /// The temperature in force.
    package var temperature: Double
    package var masses: ControlledMasses<Element>
    /// The directions of the strongest noise, as measured at the last update; nil where that is switched off.
    package var directions: NoiseDirections<Element>?
    /// What the last update found.
    package var report = UpdateReport()

    /// Derived from masses and temperature, the second one also from the directions; nil until needed.
    package var amplitudes: NoiseAmplitudes<Element>?
    package var corrected: CorrectedNoise<Element>?
    package var gradient: Tensor<Element>
    package let units: UnitGuard?
    /// S, the steps from one closed state to the next.
    package let segment: UInt64
    /// The steps during which masses follow.
    package let settling: UInt64

    /// 1/M_i.
    package var inverseMasses: Tensor<Element> { masses.inverse }
    /// v_i, the variance of the minibatch gradient as measured at the last update.
    package var gradientVariances: Tensor<Element> { masses.variances }
    /// Whether (theta, p) is closed: the momentum is that of the law.
    package var isClosed: Bool { place == 0 }

    /// Every stored quantity.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &position)
      try archive.field("momentum", &momentum)
      try archive.field("step", &step)
      try archive.field("place", &place)
      try archive.field("temperature", &temperature)
      try masses.archive(in: &archive)
      try directions?.archive(in: &archive)
      try report.archive(in: &archive)
      forgetNoise()
    }

    /// What is derived from masses, temperature and directions is made anew when it is next needed.
    mutating func forgetNoise() {
      amplitudes = nil
      corrected = nil
    }
  }

  /// Variances at the starting point, masses with the start ratio, momenta from their law.
  ///
  /// Start from a trained point, not from random weights: on a plateau the noise is small, masses are light, and the
  /// chain blows up when it leaves the plateau.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try requireIndependentBatches(evaluator.batches.scheme)
    try evaluator.check(start: position)
    let layout = evaluator.potential.layout
    let count = position.count
    var state = State(
      position: position, momentum: Tensor(zeros: count), temperature: 0, masses: ControlledMasses(count: count),
      directions: correlation.map {
        NoiseDirections(count: $0.directions, of: count, random: evaluator.stream(.momenta).substream(1))
      },
      gradient: Tensor(zeros: count), units: guardsUnits ? UnitGuard(layout) : nil,
      segment: settings.segment(thin: evaluator.thin), settling: updates.settling ?? evaluator.warmup)
    try restart(&state, at: temperature.value(at: 0), with: &evaluator)
    return state
  }

  /// Noise that is counted as thermal must be independent from step to step, and there must be some.
  private func requireIndependentBatches(_ scheme: BatchScheme) throws(SamplingError) {
    switch scheme {
    case .withReplacement, .distinct, .subset: return
    case .all:
      throw .refused(
        "pseudo-Langevin needs minibatches, because masses are made from their noise: choose a batch size, or hybrid Monte Carlo"
      )
    case .epochs, .fixedPartition, .sweeps:
      throw .refused(
        "pseudo-Langevin needs minibatches that are independent of one another, and those of an epoch are not: "
          + "draw them distinct, with replacement or as subsets")
    }
  }

  // MARK: Step

  /// A drift after the opening or a middle update; after the last of a segment the closing, and updates that are due.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    var energy = Energy(cost: .nan)
    if state.place < state.segment {
      energy = try update(state.place == 0 ? .opening : .middle, &state, with: &evaluator).energy
      state.place += 1
      state.step += 1
      if state.place < state.segment { return StepRecord(energy: energy, isDraw: false) }
    }
    let kinetic: Double
    (energy, kinetic) = try update(.closing, &state, with: &evaluator)
    state.place = 0
    let warnings = try follow(&state, with: &evaluator)
    var record = StepRecord(
      energy: energy, kinetic: (kinetic, state.position.count),
      details: state.report.details(of: state, loss: momentumLoss, isCorrected: isCorrected))
    record.warnings = warnings
    return record
  }

  /// One line of the table in ``NoiseBookkeeping``, with a minibatch of its own.
  func update<P: Potential>(
    _ stage: NoiseBookkeeping.Stage, _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> (energy: Energy, kinetic: Double) where P.Element == Element {
    let bookkeeping = bookkeeping(at: state.temperature)
    let energy: Energy
    do throws(SamplingError) {
      energy = try evaluator.gradient(
        on: .next, at: state.position, into: &state.gradient, step: state.step, checked: false)
    } catch {
      throw explain(error, state, exampleCount: evaluator.batches.exampleCount)
    }
    // The closing update meets the step of the drift before it, hence a lane of its own.
    let lane: UInt32 = stage == .closing ? 1 : 0
    var pass = bookkeeping.pass(stage)
    let amplitudes = state.amplitudes ?? NoiseAmplitudes(state.masses, bookkeeping)
    if state.amplitudes == nil { state.amplitudes = amplitudes }
    if let directions = state.directions, isCorrected {
      if state.corrected == nil { state.corrected = CorrectedNoise(directions, state.masses, bookkeeping) }
      state.corrected?.add(
        at: stage, to: &state.momentum, dividedBy: pass.momentumKept, &evaluator.noise, step: state.step, lane: lane
      )
      pass = pass.withoutNoise()
    }
    let sums = pass.run(
      position: &state.position, momentum: &state.momentum, gradient: state.gradient,
      masses: Masses(inverse: state.masses.inverse, amplitude: amplitudes[stage]), noise: &evaluator.noise,
      step: state.step, firstLane: lane, sums: stage == .closing)
    return (energy, sums.kinetic)
  }

  package func bookkeeping(at temperature: Double) -> NoiseBookkeeping {
    NoiseBookkeeping(temperature: temperature, momentumLoss: momentumLoss, timeStep: timeStep)
  }
}

extension PseudoLangevin.State {
  /// At closed states; within a segment momenta are of another law.
  public func kinetic(over ranges: [Range<Int>]) -> Double? {
    guard isClosed else { return nil }
    return ranges.reduce(0) { $0 + momentum.squaredNorm(weights: masses.inverse, over: $1) }
  }
}

extension PseudoLangevin: Exchangeable {
  /// The positions of closed states, whose momenta are independent of them. Masses stay: they belong to the temperature, and
  /// the updates see to it that they suit the place.
  public func exchangePoints(_ a: inout State, _ b: inout State) { swap(&a.position, &b.position) }
}
