import LangevinCore

/// Langevin dynamics with minibatches without replacement: overdamped, for the law exp(-U/T), read once per epoch.
///
/// In an epoch every example is used exactly once, in a fresh order, so that the errors of the minibatch gradients cancel
/// up to the fourth order in the step size, while those of ``SGLD`` add up. What is left are two errors of first order, of
/// the discretisation and of the order inside an epoch, and the levels differ in which of them they remove. Steps
/// k = 1...n of an epoch, with the gradient g_k of its batch k, are
///
///     1      theta <- theta - h g_k(theta) + sqrt(2 h T) xi
///     lm     z = theta + sqrt(h T / 2) xi_k,   theta <- z - h g_k(z) + sqrt(h T / 2) xi_k;   read as the next z
///     2      theta <- theta + sqrt(h T) xi,  q = g_k(theta),  in one step of the epoch, chosen at random,
///            q <- q + n [g_k(theta - (h/2) q) - q],  then theta <- theta - h q + sqrt(h T) xi'
///     2-all  the same with the correction in every step and factor 1 instead of n
///     2lm    lm, with the gradient of one step corrected, g <- g + (n-1) [g_k(z - (h/2) (g - g_j(z))) - g] for another
///            batch j of the epoch
///
/// | level | gradients per epoch | error of the law |
/// | --- | --- | --- |
/// | 1 | n | O(h) |
/// | lm | n | O(h), none from the discretisation |
/// | 2 | n + 1 | O(h^2) |
/// | 2-all | 2 n | O(h^2) |
/// | 2lm | n + 2 | O(h^2); equal batches only |
///
/// U and T go together: for U per example (`.mean`) the posterior is at T = 1/P, for U over all of the data (`.sum`) at T = 1.
/// The step size for `.mean` is P times that for `.sum`; it is per minibatch, and P h_sum times the largest curvature per
/// example should stay below 0.3.
///
/// Where the batch size B does not divide P, the last batch has B' < B examples. Its gradient is the potential's own estimate
/// from B' examples, and its step size is h B'/B, in the noise too: each example then counts the same. (For `lm` a small
/// error of first order remains.) Leaving the rest out instead would bring the noise back.
///
/// The idea is that of S. Adhikari, A. Kabakcioglu, A. Strang, D. Yuret and M. Hinczewski, "Machine learning in and out of
/// equilibrium", arXiv 2306.03521; the levels and their details are a reconstruction, shown right by exact moments of linear
/// problems, and not the authors' own algorithm.
public struct SGWORLD<Element: Scalar>: Sampler {
  /// Which errors of first order are removed.
  public typealias Level = SGWORLDLevel

  /// Step size, temperature and level.
  public let settings: SGWORLDSettings
  /// h as a function of the epoch, counted from 0: inside an epoch it is constant, or nothing would cancel.
  package let stepSize: Schedule
  /// T as a function of the epoch; 0 or more.
  package let temperature: Schedule
  /// Which errors are removed.
  package let level: Level
  /// Whether a scheme that drops the last, incomplete batch of each epoch is accepted.
  package let allowsDroppedExamples: Bool

  /// Steps of size h at temperature T for the law exp(-U/T): `theta - h g_k + sqrt(2 h T) xi` and its refinements.
  public init(
    stepSize: Schedule = SGWORLDSettings().stepSize, temperature: Schedule, level: Level = SGWORLDSettings().level,
    allowsDroppedExamples: Bool = false
  ) throws(SamplingError) {
    var settings = SGWORLDSettings()
    settings.stepSize = stepSize
    settings.temperature = temperature
    settings.level = level
    try self.init(settings, allowsDroppedExamples: allowsDroppedExamples)
  }

  /// The method with its settings.
  public init(_ settings: SGWORLDSettings, allowsDroppedExamples: Bool = false) throws(SamplingError) {
    try settings.check()
    self.settings = settings
    stepSize = settings.stepSize
    temperature = try required(settings.temperature)
    level = settings.level
    self.allowsDroppedExamples = allowsDroppedExamples
  }

  /// `sgworld-2` and so on.
  public var name: String { "sgworld-\(level.rawValue)" }
  /// exp(-U/T) while the temperature is constant.
  public var law: StationaryLaw { .gibbs(at: temperature) }

  /// What dropping examples costs.
  public func warnings(for layout: ParameterLayout) -> [String] {
    allowsDroppedExamples
      ? ["examples that each epoch leaves out bring minibatch noise of first order back; keep the short last batch"]
      : []
  }
}

// MARK: State

extension SGWORLD {
  /// How the examples are cut into the batches of an epoch.
  struct Epoch: Sendable {
    /// n
    var batches: UInt64
    /// B'/B of the last batch.
    var lastWeight: Double

    func number(_ step: UInt64) -> UInt64 { step / batches }
    func isLast(_ step: UInt64) -> Bool { step % batches == batches - 1 }
    /// The size of a step's batch relative to a full one.
    func weight(_ step: UInt64) -> Double { isLast(step) ? lastWeight : 1 }
  }

  /// A chain between two steps.
  public struct State: SamplerState {
    /// Where the next gradient is taken: with the part of its noise that comes before it.
    public package(set) var position: Tensor<Element>
    /// The number of steps done, one for each minibatch.
    public package(set) var step: UInt64 = 0
    /// The point at the end of the last epoch. Where noise is shared that is the position.
    var recorded: Tensor<Element>
    /// `lm`, `2lm`: the noise half that the next step ends with.
    var half: Tensor<Element>

    fileprivate var gradient: Tensor<Element>
    // For corrections: where the second gradient is taken, that gradient, and the batches to choose a second one from.
    fileprivate var probe: Tensor<Element>
    fileprivate var secondGradient: Tensor<Element>
    fileprivate var partners: BatchStream
    fileprivate let choices: RandomStream
    let epoch: Epoch

    /// Position, the point that was read last, the shared noise, and the step, from which the epoch follows.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &position)
      try archive.field("recorded", &recorded)
      try archive.field("half", &half)
      try archive.field("step", &step)
    }
  }

  /// The point at the end of the last epoch.
  public func draw(from state: State) -> Tensor<Element> { level.sharesNoise ? state.position : state.recorded }

  /// Starts an epoch at `position`.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    let count = position.count
    func zeros(_ isNeeded: Bool) -> Tensor<Element> { Tensor(zeros: isNeeded ? count : 0) }
    let corrects = level != .one && level != .lm
    var state = State(
      position: position, recorded: level.sharesNoise ? zeros(false) : position, half: zeros(level.sharesNoise),
      gradient: zeros(true), probe: zeros(corrects), secondGradient: zeros(corrects), partners: evaluator.batches,
      choices: evaluator.stream(.batches).substream(1), epoch: try epoch(of: evaluator.batches))
    if level.sharesNoise {
      Pass().damp(0).noise(momentum: sharedHalf(0, state))
        .run(
          position: &state.position, momentum: &state.half, gradient: state.gradient, noise: &evaluator.noise, step: 0)
    } else if level.splitsNoise {
      Pass().noise(position: splitHalf(0, state))
        .run(
          position: &state.position, gradient: state.gradient, noise: &evaluator.noise, step: 0, firstLane: 1)
    }
    return state
  }

  private func epoch(of batches: BatchStream) throws(SamplingError) -> Epoch {
    let (count, total) = (batches.batchesPerEpoch, batches.exampleCount)
    var lastWeight = 1.0
    switch batches.scheme {
    case .all: break
    case .epochs(let size, .short):
      lastWeight = Double(total - (count - 1) * size) / Double(size)
    case .epochs(let size, .dropped):
      if total % size != 0 && !allowsDroppedExamples {
        throw .refused(
          "\(name): each epoch would leave \(total % size) of \(total) examples out, whose noise does not cancel; keep the "
            + "short last batch, or set allowsDroppedExamples")
      }
    default:
      throw .refused("\(name) needs every example once per epoch in a fresh order: BatchScheme.epochs(size)")
    }
    if level == .twoLM && lastWeight != 1 {
      throw .refused(
        "\(name) is not defined for a short last batch; use level 2, or a batch size that divides \(total)")
    }
    if !batches.isAtEpochStart { throw .refused("\(name) must start at the beginning of an epoch of its minibatches") }
    return Epoch(batches: UInt64(count), lastWeight: lastWeight)
  }
}

// MARK: Step

extension SGWORLD {
  /// One minibatch. A draw may be taken at the end of an epoch only.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let energy = try evaluator.gradient(
      on: .next, at: state.position, into: &state.gradient, step: state.step, checked: false)
    try correctGradient(of: &state, with: &evaluator)
    try evaluator.check(gradient: state.gradient, step: state.step)

    if level.sharesNoise {
      moveWithSharedNoise(&state, &evaluator.noise)
    } else if level.splitsNoise {
      moveWithSplitNoise(&state, &evaluator.noise)
    } else {
      move(&state, noise: variance(state.step, state), &evaluator.noise)
    }
    let isDraw = state.epoch.isLast(state.step)
    if isDraw && level == .one { state.recorded.copy(state.position) }
    state.step += 1
    return StepRecord(energy: energy, isDraw: isDraw)
  }

  /// position += -h gradient + sqrt(variance) xi
  private func move(_ state: inout State, noise variance: Double, _ noise: inout NoiseSource) {
    Pass().descend(stepSize(state.step, state)).noise(position: variance.squareRoot())
      .run(position: &state.position, gradient: state.gradient, noise: &noise, step: state.step)
  }

  /// z' = z - h g + half + half', and half' is kept; half' has the step size of the step that it belongs to.
  private func moveWithSharedNoise(_ state: inout State, _ noise: inout NoiseSource) {
    Pass().sharedOverdamped(stepSize(state.step, state), next: sharedHalf(state.step + 1, state))
      .run(
        position: &state.position, momentum: &state.half, gradient: state.gradient, noise: &noise, step: state.step + 1)
  }

  /// The half noise after this step and the one before the next are independent, so inside an epoch they are one; at its
  /// end the point is read between them.
  private func moveWithSplitNoise(_ state: inout State, _ noise: inout NoiseSource) {
    let after = variance(state.step, state) / 2
    let before = variance(state.step + 1, state) / 2
    guard state.epoch.isLast(state.step) else { return move(&state, noise: after + before, &noise) }
    move(&state, noise: after, &noise)
    state.recorded.copy(state.position)
    Pass().noise(position: before.squareRoot())
      .run(
        position: &state.position, gradient: state.gradient, noise: &noise, step: state.step + 1, firstLane: 1)
  }

  /// The step size of the batch that step number `step` uses.
  private func stepSize(_ step: UInt64, _ state: State) -> Double {
    stepSize.value(at: state.epoch.number(step)) * state.epoch.weight(step)
  }

  /// 2 h T of that step.
  private func variance(_ step: UInt64, _ state: State) -> Double {
    2 * stepSize(step, state) * temperature.value(at: state.epoch.number(step))
  }

  private func sharedHalf(_ step: UInt64, _ state: State) -> Double { variance(step, state).squareRoot() / 2 }
  private func splitHalf(_ step: UInt64, _ state: State) -> Double { (variance(step, state) / 2).squareRoot() }
}

// MARK: Corrections

extension SGWORLD {
  /// Replaces the gradient by the one of the level, where this step is one that corrects.
  private func correctGradient<P: Potential>(
    of state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) where P.Element == Element {
    let n = state.epoch.batches
    let factor: Double
    switch level {
    case .one, .lm: return
    case .twoAll: factor = 1
    case .two:
      guard state.step % n == choice(below: n, lane: 0, state) else { return }
      factor = Double(n)
    case .twoLM:
      guard n > 1, state.step % n == choice(below: n, lane: 0, state) else { return }
      factor = Double(n - 1)
    }

    let h = stepSize(state.step, state)
    state.probe.copy(state.position)
    if level == .twoLM {
      let rows = partner(of: &state)
      _ = try evaluator.gradient(
        on: .rows(rows), at: state.position, into: &state.secondGradient, step: state.step, checked: false)
      state.probe.add(h / 2, state.secondGradient)
    }
    state.probe.add(-h / 2, state.gradient)
    _ = try evaluator.gradient(
      on: .same, at: state.probe, into: &state.secondGradient, step: state.step, checked: false)
    state.gradient.assign(factor, state.secondGradient, plus: 1 - factor)
  }

  /// A batch of the same epoch other than the current one, uniformly.
  private func partner(of state: inout State) -> Minibatch {
    let n = state.epoch.batches
    let place = state.step % n
    let other = choice(below: n - 1, lane: 1, state)
    state.partners.seek(to: state.step - place + (other < place ? other : other + 1))
    state.partners.advance()
    return state.partners.current
  }

  /// A number that belongs to the epoch.
  private func choice(below bound: UInt64, lane: UInt32, _ state: State) -> UInt64 {
    var value: Int32 = 0
    withUnsafeMutablePointer(to: &value) {
      state.choices.fillIntegers(
        below: Int(bound), into: UnsafeMutableBufferPointer(start: $0, count: 1), step: state.epoch.number(state.step),
        lane: lane)
    }
    return UInt64(value)
  }
}

// MARK: Settings

/// Which errors of first order are removed.
public enum SGWORLDLevel: String, CaseIterable, SettingValue {
  /// None: plain steps over shuffled batches.
  case one = "1"
  /// That of the discretisation, by noise that neighbouring steps share.
  case lm
  /// Both, by one corrected step per epoch.
  case two = "2"
  /// Both, by midpoint gradients in every step.
  case twoAll = "2-all"
  /// Both, by one corrected step on top of `lm`.
  case twoLM = "2lm"

  var sharesNoise: Bool { self == .lm || self == .twoLM }
  fileprivate var splitsNoise: Bool { self == .two || self == .twoAll }
}

/// The settings of ``SGWORLD``.
public struct SGWORLDSettings: SamplerSettings {
  /// h as a function of the epoch.
  public var stepSize: Schedule = 0.01
  /// T as a function of the epoch.
  public var temperature: Schedule?
  /// Which errors of first order are removed.
  public var level = SGWORLDLevel.two
  /// The defaults.
  public init() {}

  /// `sgworld`
  package static let names = ["sgworld"]
  /// A line for the list.
  package static let summary =
    "Langevin dynamics on shuffled epochs, in which the errors of minibatches cancel; a draw per epoch"
  /// Shuffled epochs.
  package static let habits = SamplerHabits(batches: .epochs)
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature), .stepSize(\.stepSize),
    Setting("level", \.level, "which errors of first order are removed"),
  ]
  /// The posterior's temperature, if none was given.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? .constant(context.posteriorTemperature)
  }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try SGWORLD<Element>(self)
  }
}

extension SGWORLD: Exchangeable {
  /// The points at the ends of epochs; what each chain has already felt of the noise of its next epoch it keeps.
  public func exchangePoints(_ a: inout State, _ b: inout State) {
    if level.sharesNoise {
      swap(&a.position, &b.position)
      a.position.add(1, a.half)
      a.position.add(-1, b.half)
      b.position.add(1, b.half)
      b.position.add(-1, a.half)
    } else {
      a.position.add(1, b.recorded)
      a.position.add(-1, a.recorded)
      b.position.add(1, a.recorded)
      b.position.add(-1, b.recorded)
      swap(&a.recorded, &b.recorded)
    }
  }
}
