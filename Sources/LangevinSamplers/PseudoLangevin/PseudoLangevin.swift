import LangevinCore

/// Pseudo-Langevin: Langevin dynamics whose thermal noise is partly the noise of the minibatches, counted exactly.
///
///     Pi_{k+1} = c1^2 Pi_k - (1 + c1^2) (dt/2) g_B(theta_k) + s R,     theta_{k+1} = theta_k + dt Pi_{k+1} / M
///
/// **Law** exp(-U(theta)/T): the gradient g_B of a fresh minibatch carries noise of variance v_i, and the normals R add
/// only what that leaves missing of the thermal noise (`NoiseBookkeeping` has the table). Masses M_i = v_i dt^2 / (4 r T m1^2)
/// make minibatches bring the same small share of it for every parameter: the temperature ratio r. Masses follow the noise
/// in controlled updates (`MassControl`), with variances that are exact where a pass over the data gives them cheaply
/// (``GradientVariance``). U is per example unless the potential says otherwise, so T is on the scale of 1/P.
///
/// The scheme is OBABO with the letters between two drifts merged, one gradient for each step. **Bias**: the variance of a
/// mode of curvature h is too large by the factor 1/(1 - a h/4), a = dt^2/M; and only the diagonal of the noise covariance
/// is counted, so directions of strongly correlated noise run hotter (`NoiseDirections`), by a share proportional to r.
///
/// **Masses that follow for ever** change the law. For masses that are kept it is exp(-U/T), whatever they are. Masses that
/// follow theta faster than it relaxes make the step 4 r T/v_i(theta) a function of the place, and without the drift that
/// would belong to it the law becomes exp(-U/T) v_i(theta), for each component by itself. The published method has this bias
/// (`settling: .max`); by default masses follow during the warm-up and are kept from then on.
///
/// A *segment* of S steps opens from (theta, p) and closes with a minibatch more; at closed states draws are taken and masses
/// updated. A step moves theta once; only a segment's last step evaluates two minibatches. With S = 1 nothing is merged: two
/// minibatches for each drift, which bring half as much of the noise, and room for ratios up to 1.
///
/// Zambon, Caruso, Zecchina and Tiana, arXiv:2603.15367.
public struct PseudoLangevin<Element: Scalar>: Sampler {
  /// Temperature, ratio, and how masses follow the noise.
  public let settings: PseudoLangevinSettings
  /// T, one number or a ladder; each rung starts with fresh masses and momenta.
  package let temperature: Schedule

  /// A sampler at temperature T; `change` sets what shall not be as by default.
  ///
  ///     let sampler = try PseudoLangevin<Float>(temperature: 3e-5) { $0.ratio = 0.005 }
  ///
  /// - Throws: ``SamplingError`` where a setting is out of range. The largest ratio may be 1/(2 - m1^2), above which
  ///   minibatches alone bring more noise than the temperature allows; in segments of one step it may be 1.
  public init(
    temperature: Schedule, _ change: (inout PseudoLangevinSettings) -> Void = { _ in }
  ) throws(SamplingError) {
    var settings = PseudoLangevinSettings()
    settings.temperature = temperature
    change(&settings)
    try self.init(settings)
  }

  /// The method with its settings.
  public init(_ settings: PseudoLangevinSettings) throws(SamplingError) {
    try settings.check()
    try settings.checkTogether()
    self.settings = settings
    temperature = try required(settings.temperature)
  }

  /// `pl`
  public var name: String { PseudoLangevinSettings.name }
  /// The Gibbs law, on a ladder that of the last rung.
  public var law: StationaryLaw { .gibbs(at: temperature) }

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
    /// The directions of the strongest noise, as measured at the last update; nil where none are followed.
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

  /// Variances at the starting point, masses with the ratio wanted, momenta from their law.
  ///
  /// Start from a trained point, not from random weights: on a plateau the noise is small, masses are light, and the
  /// chain blows up when it leaves the plateau.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try requireIndependentBatches(evaluator.batches.scheme)
    try evaluator.check(start: position)
    let count = position.count
    let directions = settings.directionsFollowed
    var state = State(
      position: position, momentum: Tensor(zeros: count), temperature: 0, masses: ControlledMasses(count: count),
      directions: directions == 0
        ? nil : NoiseDirections(count: directions, of: count, random: evaluator.stream(.momenta).substream(1)),
      gradient: Tensor(zeros: count), units: settings.guardsUnits ? UnitGuard(evaluator.potential.layout) : nil,
      segment: settings.segment(thin: evaluator.thin), settling: settings.settling ?? evaluator.warmup)
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
    let warnings = try applyDueUpdates(&state, with: &evaluator)
    var record = StepRecord(
      energy: energy, kinetic: (kinetic, state.position.count),
      details: state.report.details(of: state, worst: state.directions == nil ? nil : worstTemperatureRatio(state)))
    record.warnings = warnings
    return record
  }

  /// One of the three updates, with a minibatch of its own.
  func update<P: Potential>(
    _ stage: NoiseBookkeeping.Stage, _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> (energy: Energy, kinetic: Double) where P.Element == Element {
    let bookkeeping = bookkeeping(at: state.temperature)
    let energy: Energy
    do throws(SamplingError) {
      energy = try evaluator.gradient(
        on: .next, at: state.position, into: &state.gradient, step: state.step, checked: false)
    } catch {
      throw explain(error, state)
    }
    // The closing update meets the step of the drift before it, hence a lane of its own.
    let lane: UInt32 = stage == .closing ? 1 : 0
    var pass = bookkeeping.pass(stage)
    let amplitudes = state.amplitudes ?? NoiseAmplitudes(state.masses, bookkeeping)
    if state.amplitudes == nil { state.amplitudes = amplitudes }
    if settings.correctsDirections, let directions = state.directions {
      if state.corrected == nil { state.corrected = CorrectedNoise(directions, state.masses, bookkeeping) }
      state.corrected?.add(
        at: stage, to: &state.momentum, dividedBy: pass.momentumKept, &evaluator.noise, step: state.step, lane: lane)
      pass = pass.withoutNoise()
    }
    let sums = pass.run(
      position: &state.position, momentum: &state.momentum, gradient: state.gradient,
      masses: Masses(inverse: state.masses.inverse, amplitude: amplitudes[stage]), noise: &evaluator.noise,
      step: state.step, firstLane: lane, sums: stage == .closing)
    return (energy, sums.kinetic)
  }

  package func bookkeeping(at temperature: Double) -> NoiseBookkeeping {
    NoiseBookkeeping(temperature: temperature, momentumLoss: settings.momentumLoss, timeStep: settings.timeStep)
  }
}

extension NoiseBookkeeping {
  /// The updates that make a segment, as one pass over the parameters each; the noise s R has the amplitude of the masses
  /// that the pass runs with, times `s`.
  ///
  ///     opening   Pi  = c1 p - (dt/2) g + s R,                       theta' = theta + dt Pi/M
  ///     middle    Pi' = c1^2 Pi - (1 + c1^2) (dt/2) g + s R,         theta' = theta + dt Pi'/M
  ///     closing   p   = c1 (Pi - (dt/2) g) + s R
  package func pass(_ stage: Stage, noise s: Double = 1) -> Pass {
    switch stage {
    case .opening: Pass().damp(c1).kick(dt / 2).noise(momentum: s).drift(dt)
    case .middle: Pass().damp(c1Squared).kick((1 + c1Squared) * dt / 2).noise(momentum: s).drift(dt)
    case .closing: Pass().kick(dt / 2).damp(c1).noise(momentum: s)
    }
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
  /// At closed states.
  public func mayExchange(_ state: State) -> Bool { state.isClosed }
}
