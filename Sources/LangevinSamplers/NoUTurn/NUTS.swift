import LangevinCore

/// The no-U-turn sampler: leapfrog trajectories that end where they turn back, so that nobody chooses their length.
///
///     p ~ N(0, M);   H = U/T + sum p^2/(2M)
///     leapfrog: p -= (h/2) grad U/T;  x += h p/M;  p -= (h/2) grad U/T
///
/// The trajectory doubles, forwards or backwards in time by chance, up to `largest-depth` times, until a stretch of it turns:
/// until the sum of its momenta points against the momentum at one of its ends, for the stretch as a whole or where its halves
/// meet. A point of it is chosen by its weight exp(-H), later doublings being preferred. A doubling that turns within itself is
/// thrown away. Where H - H0 exceeds 1000 the trajectory diverges, and ends.
///
/// **Law** exp(-U/T) exactly, at any step. The warm-up is Stan's: dual averaging of the step towards an acceptance, first guess by
/// doubling, and a mass for each parameter from windows of positions that double in length; both are frozen for the draws.
/// Masses are drawn to their mean as elsewhere in this library, not by Stan's absolute variance of 0.001, which would be wrong
/// by orders of magnitude at the temperature 1/P of a posterior.
///
/// All of the data. The stretches that are being joined take 5 vectors each, one for every doubling.
///
/// Matthew Hoffman and Andrew Gelman, JMLR 15 (2014); Michael Betancourt, arXiv 1701.02434, for the choice of the point.
public struct NUTS<Element: Scalar>: Sampler {
  /// Temperature and warm-up.
  public let settings: NUTSSettings
  /// T.
  package let temperature: Double

  /// A sampler at temperature T that tunes itself in the warm-up.
  public init(
    temperature: Double, stepSize: Double = NUTSSettings().stepSize,
    targetAcceptance: Double = NUTSSettings().targetAcceptance, adaptsMass: Bool = NUTSSettings().adaptsMass,
    largestDepth: Int = NUTSSettings().largestDepth
  ) throws(SamplingError) {
    var settings = NUTSSettings()
    settings.temperature = temperature
    settings.stepSize = stepSize
    settings.targetAcceptance = targetAcceptance
    settings.adaptsMass = adaptsMass
    settings.largestDepth = largestDepth
    try self.init(settings)
  }

  /// The method with its settings.
  public init(_ settings: NUTSSettings) throws(SamplingError) {
    try settings.check()
    self.settings = settings
    temperature = try required(settings.temperature)
  }

  /// `nuts`
  public var name: String { NUTSSettings.name }
  /// The Gibbs law.
  public var law: StationaryLaw { .gibbs(temperature: temperature) }

  // MARK: State

  /// A point of phase space with its slope.
  struct End: Sendable {
    var position, momentum, gradient: Tensor<Element>

    mutating func copy(_ position: Tensor<Element>, _ momentum: Tensor<Element>, _ gradient: Tensor<Element>) {
      self.position.copy(position)
      self.momentum.copy(momentum)
      self.gradient.copy(gradient)
    }
  }

  /// What one move was like.
  package struct Report: Sendable {
    /// Doublings that were joined, and leapfrog steps made.
    package internal(set) var depth = 0, leapfrogs = 0
    /// The sum over all steps of min(1, exp(H0 - H)).
    var acceptances = 0.0
    package internal(set) var isDivergent = false
    /// Uniforms used.
    package internal(set) var uniforms = 0
    /// min(1, exp(H0 - H)), averaged over all steps.
    package var acceptance: Double { acceptances / Double(max(leapfrogs, 1)) }
  }

  /// The point between moves, and what the warm-up has learnt.
  public struct State: SamplerState {
    /// x.
    public package(set) var position: Tensor<Element>
    /// Moves done.
    public package(set) var step: UInt64 = 0
    /// U(x).
    package var energy: Energy
    /// grad U(x).
    package var gradient: Tensor<Element>
    /// M_i.
    package var masses: Tensor<Element>
    package var adaptation: DualAveraging
    /// The last move.
    package var report = Report()
    /// Moves among the draws that diverged, and that met the largest depth.
    package var divergences: UInt64 = 0
    package var deepest: UInt64 = 0
    package var divergencesInARow: UInt64 = 0
    fileprivate var bookkeeping = EnergyChanges()
    fileprivate var spread: RunningVariance<Element>

    /// The moves that adapt.
    let warmup: UInt64
    fileprivate let windows: StanWindows
    // The trajectory in the making: its ends, all of it, and the stretches that are being joined, as deep as was needed yet.
    fileprivate var momentum: Tensor<Element>
    fileprivate var past, future: End
    fileprivate var whole: NoUTurnStretch<Element>
    fileprivate var stretches: [NoUTurnStretch<Element>] = []
    /// 1/M_i and sqrt(M_i); nil until needed.
    fileprivate var forms: Masses<Element>?

    /// Every stored quantity.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &position)
      try archive.field("step", &step)
      try archive.field("energy.cost", &energy.cost)
      try archive.field("energy.prior", &energy.prior)
      try archive.field("gradient", &gradient)
      try archive.field("masses", &masses)
      try archive.field("divergences", &divergences)
      try archive.field("deepest", &deepest)
      try archive.field("divergencesInARow", &divergencesInARow)
      try adaptation.archive(in: &archive)
      try archive.nested("energies") { archive in try bookkeeping.archive(in: &archive) }
      try spread.archive(as: "spread", in: &archive)
      forms = nil
    }

    /// The masses as passes use them.
    fileprivate mutating func currentForms() -> Masses<Element> {
      if let forms { return forms }
      let forms = Masses(masses)
      self.forms = forms
      return forms
    }
  }

  /// Energy and gradient at the starting point, and a first guess of the step size.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    if case .all = evaluator.batches.scheme {
    } else {
      throw .refused(
        "nuts works on all of the data, found minibatches of \(evaluator.batches.scheme): choose batch 'all', or a sampler for "
          + "minibatches such as pl")
    }
    let zeros = Tensor<Element>(zeros: position.count)
    var gradient = zeros
    let energy = try evaluator.gradient(on: .all, at: position, into: &gradient, step: 0, checked: false)
    if let place = gradient.firstNonFinite {
      throw .evaluation(
        .nonFinite(
          "the gradient at the start", in: evaluator.potential.layout.blockName(at: place),
          hint: "start from another point"), step: 0)
    }
    var masses = zeros
    for index in 0..<masses.count { masses[index] = 1 }
    let end = End(position: position, momentum: zeros, gradient: gradient)
    var state = State(
      position: position, energy: energy, gradient: gradient, masses: masses,
      adaptation: DualAveraging(from: settings.stepSize), spread: RunningVariance(count: position.count),
      warmup: evaluator.warmup, windows: StanWindows(moves: evaluator.warmup), momentum: zeros, past: end, future: end,
      whole: NoUTurnStretch(count: position.count))
    if state.warmup > 0 { try guessStepSize(&state, with: &evaluator) }
    return state
  }

  // MARK: Move

  /// One move.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    var uniforms = UniformSource(evaluator.stream(.acceptance), step: state.step)
    return try step(&state, with: &evaluator, uniforms: &uniforms)
  }

  /// One move with given uniforms.
  package func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>, uniforms: inout UniformSource
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let h = stepSize(of: state)
    drawMomentum(&state, &evaluator.noise, lane: 0)
    let start = try followTrajectory(&state, h, with: &evaluator, &uniforms)
    state.report.uniforms = uniforms.used
    swap(&state.position, &state.whole.position)
    swap(&state.gradient, &state.whole.gradient)
    state.energy = state.whole.energy

    let isDivergent = state.report.isDivergent
    state.divergencesInARow = isDivergent && state.report.depth == 0 ? state.divergencesInARow + 1 : 0
    if state.step < state.warmup {
      try learn(&state, with: &evaluator)
    } else {
      state.divergences += isDivergent ? 1 : 0
      state.deepest += state.report.depth == settings.largestDepth ? 1 : 0
      state.bookkeeping.add(start)
    }
    state.step += 1
    if state.divergencesInARow >= 50 {
      throw .diverged(
        step: state.step, quantity: "the energy", in: "50 moves in a row",
        hint: "the step size is \(h): a longer warm-up finds a better one, unless the energy has a wall")
    }
    return record(of: state, stepSize: h, thin: evaluator.thin ?? 1)
  }

  private func drawMomentum(_ state: inout State, _ noise: inout NoiseSource, lane: UInt32) {
    let masses = state.currentForms()
    Pass().damp(0).noise(momentum: 1)
      .run(
        position: &state.position, momentum: &state.momentum, gradient: state.gradient, masses: masses, noise: &noise,
        step: state.step, firstLane: lane)
  }

  /// Doubles the trajectory until it turns; the chosen point is that of `whole`. Returns H0.
  private func followTrajectory<P: Potential>(
    _ state: inout State, _ h: Double, with evaluator: inout Evaluator<P>, _ uniforms: inout UniformSource
  ) throws(SamplingError) -> Double where P.Element == Element {
    let masses = state.currentForms()
    let start = state.energy.total / temperature + kinetic(state.momentum, masses)
    state.past.copy(state.position, state.momentum, state.gradient)
    state.future.copy(state.position, state.momentum, state.gradient)
    state.whole.first.copy(state.momentum)
    state.whole.last.copy(state.momentum)
    state.whole.sum.copy(state.momentum)
    state.whole.position.copy(state.position)
    state.whole.gradient.copy(state.gradient)
    state.whole.energy = state.energy
    state.whole.logWeight = 0
    state.report = Report()
    for depth in 0..<settings.largestDepth {
      let isForward = uniforms.next() < 0.5
      if state.stretches.count < depth + 1 { state.stretches.append(NoUTurnStretch(count: state.position.count)) }
      // `first` and `last` follow the order in which points are made: backwards in time they change places.
      if !isForward { swap(&state.whole.first, &state.whole.last) }
      let isSound = try build(
        depth, into: 0, &state, isForward ? h : -h, start, masses, with: &evaluator, &uniforms)
      guard isSound else { break }
      state.report.depth += 1
      let gain = state.stretches[0].logWeight - state.whole.logWeight
      if Math.log(uniforms.next()) < gain { state.whole.choose(&state.stretches[0]) }
      let hasTurned = state.whole.turns(with: state.stretches[0], inverse: masses.inverse)
      state.whole.join(&state.stretches[0])
      if !isForward { swap(&state.whole.first, &state.whole.last) }
      if hasTurned { break }
    }
    return start
  }

  /// A stretch of 2^depth steps from one end of the trajectory on. Returns false where it turns or diverges.
  private func build<P: Potential>(
    _ depth: Int, into slot: Int, _ state: inout State, _ h: Double, _ start: Double, _ masses: Masses<Element>,
    with evaluator: inout Evaluator<P>, _ uniforms: inout UniformSource
  ) throws(SamplingError) -> Bool where P.Element == Element {
    if depth == 0 { return try leapfrog(into: slot, &state, h, start, masses, with: &evaluator) }
    guard try build(depth - 1, into: slot, &state, h, start, masses, with: &evaluator, &uniforms),
      try build(depth - 1, into: slot + 1, &state, h, start, masses, with: &evaluator, &uniforms)
    else { return false }
    return state.stretches.withUnsafeMutableBufferPointer { stretches in
      let total = sumOfLogarithms(stretches[slot].logWeight, stretches[slot + 1].logWeight)
      if Math.log(uniforms.next()) < stretches[slot + 1].logWeight - total {
        stretches[slot].choose(&stretches[slot + 1])
      }
      let hasTurned = stretches[slot].turns(with: stretches[slot + 1], inverse: masses.inverse)
      stretches[slot].join(&stretches[slot + 1])
      return !hasTurned
    }
  }

  /// One step, as a stretch of its own.
  private func leapfrog<P: Potential>(
    into slot: Int, _ state: inout State, _ h: Double, _ start: Double, _ masses: Masses<Element>,
    with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> Bool where P.Element == Element {
    state.report.leapfrogs += 1
    let number = state.step
    func step(_ end: inout End, _ stretch: inout NoUTurnStretch<Element>) throws(SamplingError) -> Double {
      guard let energy = try leapfrog(&end, h, masses, with: &evaluator, step: number) else { return .infinity }
      let change = energy.total / temperature + kinetic(end.momentum, masses) - start
      stretch.first.copy(end.momentum)
      stretch.last.copy(end.momentum)
      stretch.sum.copy(end.momentum)
      stretch.position.copy(end.position)
      stretch.gradient.copy(end.gradient)
      stretch.energy = energy
      stretch.logWeight = -change
      return change
    }
    let change =
      h > 0
      ? try step(&state.future, &state.stretches[slot]) : try step(&state.past, &state.stretches[slot])
    // A comparison that NaN fails too.
    guard change <= 1000 else {
      state.report.isDivergent = true
      return false
    }
    state.report.acceptances += min(1, Math.exp(-change))
    return true
  }

  /// One leapfrog step. Returns nil where the energy is not finite.
  private func leapfrog<P: Potential>(
    _ end: inout End, _ h: Double, _ masses: Masses<Element>, with evaluator: inout Evaluator<P>, step: UInt64
  ) throws(SamplingError) -> Energy? where P.Element == Element {
    func move(_ pass: Pass) {
      pass.run(
        position: &end.position, momentum: &end.momentum, gradient: end.gradient, masses: masses,
        noise: &evaluator.noise, step: step)
    }
    let energy: Energy
    move(Pass().kick(h / 2 / temperature).drift(h))
    do throws(SamplingError) {
      energy = try evaluator.gradient(on: .all, at: end.position, into: &end.gradient, step: step, checked: false)
    } catch .evaluation(.nonFinite, _) {
      return nil
    }
    move(Pass().kick(h / 2 / temperature))
    return energy
  }

  private func kinetic(_ momentum: Tensor<Element>, _ masses: Masses<Element>) -> Double {
    momentum.squaredNorm(weights: masses.inverse) / 2
  }

  // MARK: Warm-up

  private func stepSize(of state: State) -> Double {
    if state.warmup == 0 { return settings.stepSize }
    return state.step < state.warmup ? state.adaptation.step : state.adaptation.averagedStep
  }

  private func learn<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) where P.Element == Element {
    state.adaptation.learn(acceptance: state.report.acceptance, target: settings.targetAcceptance)
    guard settings.adaptsMass, state.windows.span.contains(state.step) else { return }
    state.spread.add(state.position)
    guard state.windows.ends(with: state.step) else { return }
    state.masses = state.spread.masses(around: 1)
    state.forms = nil
    state.spread = RunningVariance(count: state.position.count)
    state.adaptation = DualAveraging(from: state.adaptation.averagedStep)
    try guessStepSize(&state, with: &evaluator)
  }

  /// Doubles or halves the step size until the acceptance of one leapfrog step crosses 0.8.
  private func guessStepSize<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) where P.Element == Element {
    var h = state.adaptation.step
    drawMomentum(&state, &evaluator.noise, lane: 1)
    let masses = state.currentForms()
    let start = state.energy.total / temperature + kinetic(state.momentum, masses)
    let limit = Math.log(0.8)
    var grows: Bool?
    for _ in 0..<100 {
      state.future.copy(state.position, state.momentum, state.gradient)
      let energy = try leapfrog(&state.future, h, masses, with: &evaluator, step: state.step)
      let change = energy.map { start - $0.total / temperature - kinetic(state.future.momentum, masses) }
      // NaN is no acceptance.
      let isAccepted = change.map { $0 > limit } ?? false
      if let grows, grows != isAccepted { break }
      grows = isAccepted
      h *= isAccepted ? 2 : 0.5
    }
    state.adaptation = DualAveraging(from: h)
  }

  // MARK: Report

  private func record(of state: State, stepSize: Double, thin: UInt64) -> StepRecord {
    var record = StepRecord(energy: state.energy, isDraw: state.step > state.warmup)
    guard state.step % thin == 0 else { return record }
    record.details = [
      ("step_size", stepSize), ("depth", Double(state.report.depth)), ("leapfrogs", Double(state.report.leapfrogs)),
      ("acceptance_statistic", state.report.acceptance), ("divergences", Double(state.divergences)),
    ]
    let draws = Double(state.step) - Double(state.warmup)
    guard draws >= 100 else { return record }
    record.details.append(("energy_information", state.bookkeeping.information))
    if Double(state.deepest) > 0.01 * draws {
      record.warnings.append(
        "\(state.deepest) of \(Int(draws)) moves met the largest depth \(settings.largestDepth): they are exact, but too short"
      )
    }
    if state.divergences > 0 {
      record.warnings.append(
        "\(state.divergences) of \(Int(draws)) moves diverged: the energy bends more sharply somewhere than the step size can "
          + "follow, and such places are visited too rarely; ask for a higher acceptance")
    }
    if state.bookkeeping.information < 0.3 {
      record.warnings.append(
        "the energy moves slowly from draw to draw (E-BFMI \(state.bookkeeping.information), expected 0.3 or more): tails are "
          + "visited too rarely")
    }
    return record
  }
}

/// How far the total energy moves from one trajectory to the next, beside its spread (E-BFMI; Betancourt, arXiv 1604.00695).
private struct EnergyChanges: Sendable {
  private var count = 0.0
  private var last = 0.0
  private var changes = 0.0
  private var mean = 0.0
  private var squares = 0.0

  mutating func add(_ energy: Double) {
    if count > 0 { changes += (energy - last) * (energy - last) }
    last = energy
    count += 1
    let offset = energy - mean
    mean += offset / count
    squares += offset * (energy - mean)
  }

  var information: Double { changes / squares }

  mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("count", &count)
    try archive.field("last", &last)
    try archive.field("changes", &changes)
    try archive.field("mean", &mean)
    try archive.field("squares", &squares)
  }
}

/// The settings of ``NUTS``.
public struct NUTSSettings: SamplerSettings {
  /// T, above 0.
  public var temperature: Double?
  /// h, or where its search starts.
  public var stepSize = 0.1
  /// The acceptance that h is adapted to.
  public var targetAcceptance = 0.8
  /// Whether masses become inversely proportional to the variances that the positions show in the warm-up.
  public var adaptsMass = true
  /// A trajectory has at most two to this power steps.
  public var largestDepth = 10
  /// The defaults.
  public init() {}

  /// `nuts`
  package static let names = ["nuts"]
  /// A line for the list.
  package static let summary = "the no-U-turn sampler on all of the data: exact, finds its trajectories' lengths"
  /// All of the data, few moves, from an optimised start.
  package static let habits = SamplerHabits(
    batchSize: nil, steps: 20_000, warmup: 1000, startsOptimised: true, usesAllData: true)
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature, .positive),
    Setting("step-size", \.stepSize, in: .positive, unit: "time", "h, or where its search starts"),
    Setting("target-acceptance", \.targetAcceptance, in: .between(0, 1), "acceptance that h is adapted to"),
    Setting("adapts-mass", \.adaptsMass, "whether masses are made from the spread of the positions"),
    Setting("largest-depth", \.largestDepth, in: .from(1, to: 20), "doublings of a trajectory at most"),
  ]
  /// The posterior's temperature, if none was given.
  package mutating func complete(for context: RunContext) { temperature = temperature ?? context.posteriorTemperature }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try NUTS<Element>(self)
  }
}

extension NUTS: Exchangeable {
  /// The positions with their energies and gradients; step sizes and masses belong to the temperature.
  public func exchangePoints(_ a: inout State, _ b: inout State) {
    swap(&a.position, &b.position)
    swap(&a.gradient, &b.gradient)
    swap(&a.energy, &b.energy)
  }

  /// That of the last accepted point.
  public func energy(of state: State) -> Double? { state.energy.total }
}
