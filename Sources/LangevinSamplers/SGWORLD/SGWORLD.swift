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
  /// Step size, temperature and level.
  public let settings: SGWORLDSettings
  /// h as a function of the epoch, counted from 0: inside an epoch it is constant, or nothing would cancel.
  package let stepSize: Schedule
  /// T as a function of the epoch; 0 or more.
  package let temperature: Schedule
  /// Which errors are removed.
  package let level: SGWORLDLevel
  /// Whether a scheme that drops the last, incomplete batch of each epoch is accepted.
  package let allowsDroppedExamples: Bool

  /// Steps of size h at temperature T for the law exp(-U/T): `theta - h g_k + sqrt(2 h T) xi` and its refinements.
  public init(
    stepSize: Schedule = SGWORLDSettings().stepSize, temperature: Schedule,
    level: SGWORLDLevel = SGWORLDSettings().level,
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
  /// A chain between two steps.
  public struct State: SamplerState {
    /// The number of steps done, one for each minibatch.
    public package(set) var step: UInt64 = 0
    var walk: EpochWalk<Element>
    var correction: CorrectionMemory<Element>?
    let epoch: Epoch

    /// Where the next gradient is taken: with the part of its noise that comes before it.
    public var position: Tensor<Element> { walk.position }

    /// Position, the point that was read last, the shared noise, and the step, from which the epoch follows.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &walk.position)
      try archive.field("recorded", &walk.recorded)
      try archive.field("half", &walk.half)
      try archive.field("step", &step)
    }
  }

  /// The point at the end of the last epoch.
  public func draw(from state: State) -> Tensor<Element> { state.walk.draw(level.noise) }

  /// Starts an epoch at `position`.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    let epoch = try Epoch(
      of: evaluator.batches, stepSize: stepSize, temperature: temperature,
      allowsDroppedExamples: allowsDroppedExamples, for: name)
    if level == .twoLM && epoch.lastWeight != 1 {
      throw .refused(
        "\(name) is not defined for a short last batch; use level 2, or a batch size that divides "
          + "\(evaluator.batches.exampleCount)")
    }
    return State(
      walk: EpochWalk(at: position, level.noise, epoch, &evaluator.noise),
      correction: level.correction.map { CorrectionMemory($0, with: evaluator) }, epoch: epoch)
  }
}

// MARK: Step

extension SGWORLD {
  /// One minibatch. A draw may be taken at the end of an epoch only.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let energy = try evaluator.gradient(
      on: .next, at: state.walk.position, into: &state.walk.gradient, step: state.step, checked: false)
    try state.correction?.correct(
      &state.walk.gradient, at: state.walk.position, step: state.step, state.epoch, with: &evaluator)
    try evaluator.check(gradient: state.walk.gradient, step: state.step)
    state.walk.move(level.noise, state.step, state.epoch, &evaluator.noise)
    let isDraw = state.epoch.isLast(state.step)
    state.step += 1
    return StepRecord(energy: energy, isDraw: isDraw)
  }
}

extension SGWORLD: Exchangeable {
  /// The points at the ends of epochs; what each chain has already felt of the noise of its next epoch it keeps.
  public func exchangePoints(_ a: inout State, _ b: inout State) {
    EpochWalk.exchange(&a.walk, &b.walk, level.noise)
  }

  /// At the ends of epochs.
  public func mayExchange(_ state: State) -> Bool { state.epoch.place(state.step) == 0 }

  /// The same at another temperature.
  public func tempered(at temperature: Double) throws(SamplingError) -> SGWORLD {
    var settings = settings
    settings.temperature = .constant(temperature)
    return try SGWORLD(settings, allowsDroppedExamples: allowsDroppedExamples)
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

  /// Where the noise of a step stands.
  var noise: EpochNoise {
    switch self {
    case .one: .after
    case .lm, .twoLM: .shared
    case .two, .twoAll: .split
    }
  }

  /// How gradients are corrected.
  var correction: EpochCorrection? {
    switch self {
    case .one, .lm: nil
    case .two: .oneStep
    case .twoAll: .everyStep
    case .twoLM: .oneStepAgainstAnother
    }
  }
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
