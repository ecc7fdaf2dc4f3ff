import LangevinCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

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
/// of the positions; then both are frozen, and draws begin. Tuning: L dt is a quarter period of the softest mode,
/// (pi/2) sqrt(M/h_min); dt falls as N^(-1/4).
///
/// Duane, Kennedy, Pendleton and Roweth, Phys. Lett. B 195 (1987); Horowitz, Phys. Lett. B 268 (1991) for partial refresh.
public struct HybridMonteCarlo<Element: Scalar>: Sampler {
  /// T.
  public let temperature: Double
  /// dt, or where its adaptation starts.
  public let stepSize: Double
  /// L.
  public let leapfrogSteps: Int
  /// M, the same for all parameters unless warm-up makes it a diagonal one.
  public let mass: Double
  /// dt varies from move to move, uniformly by this share up and down, so that no mode closes its orbit every time.
  public let jitter: Double
  /// c in [0, 1): how much of the momentum a move keeps from the one before. 0 is plain hMC.
  public let momentumKept: Double
  /// The moves before draws, and what they are used for.
  public let warmUp: MonteCarloWarmUp

  /// A sampler at temperature T.
  ///
  /// - Throws: ``SamplingError`` where a setting is out of range.
  public init(
    temperature: Double, stepSize: Double, leapfrogSteps: Int = 100, mass: Double = 1, jitter: Double = 0.1,
    momentumKept: Double = 0, warmUp: MonteCarloWarmUp = .none
  ) throws(SamplingError) {
    for (name, value) in [("the temperature", temperature), ("the step size", stepSize), ("the mass", mass)] {
      try check(value > 0 && value.isFinite, name, is: value, expected: "above 0, finite")
    }
    try check(leapfrogSteps >= 1, "the number of leapfrog steps", is: Double(leapfrogSteps), expected: "1 or more")
    try check(jitter >= 0 && jitter < 1, "the jitter", is: jitter, expected: "0 or more, below 1")
    try check(
      momentumKept >= 0 && momentumKept < 1, "the kept momentum", is: momentumKept, expected: "0 or more, below 1")
    let target = warmUp.targetAcceptance
    try check(target > 0 && target < 1, "the target acceptance", is: target, expected: "above 0, below 1")
    if warmUp.adaptsMass {
      try check(
        warmUp.moves >= 20, "the warm-up", is: Double(warmUp.moves), expected: "20 moves or more to make masses")
    }
    self.temperature = temperature
    self.stepSize = stepSize
    self.leapfrogSteps = leapfrogSteps
    self.mass = mass
    self.jitter = jitter
    self.momentumKept = momentumKept
    self.warmUp = warmUp
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
    public package(set) var momentum: Tensor<Element>
    /// Moves done.
    public package(set) var step: UInt64 = 0
    /// U(theta).
    public package(set) var energy: Energy
    /// grad U(theta).
    public package(set) var gradient: Tensor<Element>
    /// Proposals whose energy was not finite, all in all and in a row.
    public package(set) var divergences: UInt64 = 0
    package var divergencesInARow: UInt64 = 0
    package var adaptation: DualAveraging
    /// M_i.
    public package(set) var masses: Tensor<Element>
    package var spread: RunningVariance<Element>?

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
      forms = nil
    }
  }

  /// Energy and gradient at the starting point; no momentum yet.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    let zeros = Tensor<Element>(zeros: position.count)
    var gradient = zeros
    let energy = try evaluator.evaluateAll(at: position, gradient: &gradient, step: 0)
    var masses = zeros
    for index in 0..<masses.count { masses[index] = Element(mass) }
    var state = State(
      position: position, momentum: zeros, energy: energy, gradient: gradient,
      adaptation: DualAveraging(from: stepSize), masses: masses,
      spread: warmUp.adaptsMass ? RunningVariance(count: position.count) : nil,
      proposal: .init(position: position, momentum: zeros, gradient: gradient))
    refresh(&state, keeping: 0, &evaluator.noise, lane: 1)
    return state
  }

  // MARK: Move

  /// One move.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    try move(&state, with: &evaluator, along: trajectory)
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
    let stepSize = stepSize(of: state) * (1 + jitter * (2 * random.uniform(step: state.step, lane: 1) - 1))

    refresh(&state, keeping: momentumKept, &evaluator.noise, lane: 0)
    let masses = forms(&state)
    let before = kinetic(state.momentum, masses)
    copy(state.position, to: &state.proposal.position)
    copy(state.momentum, to: &state.proposal.momentum)
    copy(state.gradient, to: &state.proposal.gradient)
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
    let isAccepted = !isDivergent && log(random.uniform(step: state.step)) <= -change
    if isAccepted, let end {
      state.energy = end
      swap(&state.position, &state.proposal.position)
      swap(&state.momentum, &state.proposal.momentum)
      swap(&state.gradient, &state.proposal.gradient)
    } else {
      // Position, energy and gradient were never touched. The momentum turns back, which matters if it is kept.
      reverse(&state.momentum)
    }
    state.divergences += isDivergent ? 1 : 0
    state.divergencesInARow = isDivergent ? state.divergencesInARow + 1 : 0
    learn(&state, acceptance: isDivergent ? 0 : min(1, exp(-change)))
    state.step += 1
    if state.divergencesInARow >= 50 {
      throw .diverged(
        step: state.step, quantity: "the energy", in: "50 proposals in a row",
        hint: "the step size \(stepSize) is beyond stability: it must be below 2/sqrt(largest curvature / mass)")
    }
    return StepRecord(
      energy: state.energy, kinetic: (2 * kinetic(state.momentum, masses), state.position.count), accepted: isAccepted,
      isDraw: state.step > warmUp.moves,
      details: [("energy_error", change), ("step_size", stepSize), ("divergences", Double(state.divergences))])
  }

  /// p <- c p + sqrt(1 - c^2) sqrt(M T) R.
  private func refresh(_ state: inout State, keeping kept: Double, _ noise: inout NoiseSource, lane: UInt32) {
    var pass = LinearPass()
    pass.coefficients.p_p = kept
    pass.addNoise(momentum: ((1 - kept * kept) * temperature).squareRoot(), position: 0)
    pass.run(
      position: &state.position, momentum: &state.momentum, gradient: state.gradient,
      masses: forms(&state), noise: &noise, step: state.step, firstLane: lane)
  }

  /// L leapfrog steps on all data.
  ///
  /// Half kicks that meet are one kick, and a kick and the drift after it one pass.
  private func trajectory<P: Potential>(
    _ state: inout State, stepSize: Double, masses: Masses<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> Energy where P.Element == Element {
    var end = state.energy
    for index in 0...leapfrogSteps {
      let isLast = index == leapfrogSteps
      kick(
        &state.proposal, by: index == 0 || isLast ? stepSize / 2 : stepSize, drift: isLast ? 0 : stepSize, masses,
        &evaluator.noise)
      if isLast { break }
      end = try evaluator.evaluateAll(
        at: state.proposal.position, gradient: &state.proposal.gradient, step: state.step)
    }
    return end
  }

  /// p -= kick g;  theta += drift p/M
  package func kick(
    _ point: inout State.Point, by kick: Double, drift: Double, _ masses: Masses<Element>,
    _ noise: inout NoiseSource
  ) {
    var pass = LinearPass()
    pass.coefficients.p_p = 1
    pass.coefficients.p_g = -kick
    pass.coefficients.theta_p = drift
    pass.coefficients.theta_g = -drift * kick
    pass.run(
      position: &point.position, momentum: &point.momentum, gradient: point.gradient, masses: masses,
      noise: &noise, step: 0)
  }

  /// K.
  private func kinetic(_ momentum: Tensor<Element>, _ masses: Masses<Element>) -> Double {
    momentum.withPointer { p in
      Element.kernels.weightedSquare(masses.inverse?.withPointer { $0 }, p, momentum.count) / 2
    }
  }

  private func reverse(_ momentum: inout Tensor<Element>) {
    let count = momentum.count
    momentum.withMutablePointer { Element.kernels.axpby(0, $0, -1, $0, count) }
  }

  private func forms(_ state: inout State) -> Masses<Element> {
    if let forms = state.forms { return forms }
    let forms = Masses(state.masses)
    state.forms = forms
    return forms
  }

  private func copy(_ source: Tensor<Element>, to target: inout Tensor<Element>) {
    let count = source.count
    target.withMutablePointer { target in source.withPointer { target.update(from: $0, count: count) } }
  }

  // MARK: Warm-up

  private func stepSize(of state: State) -> Double {
    if warmUp.moves == 0 { return stepSize }
    return state.step < warmUp.moves ? state.adaptation.step : state.adaptation.averagedStep
  }

  private func learn(_ state: inout State, acceptance: Double) {
    guard state.step < warmUp.moves else { return }
    state.adaptation.learn(acceptance: acceptance, target: warmUp.targetAcceptance)
    let window = warmUp.massWindow
    if window.contains(state.step) { state.spread?.add(state.position) }
    if !window.isEmpty, state.step + 1 == window.upperBound, let spread = state.spread {
      state.masses = spread.masses(around: mass)
      state.forms = nil
      state.adaptation = DualAveraging(from: state.adaptation.averagedStep)
    }
  }
}
