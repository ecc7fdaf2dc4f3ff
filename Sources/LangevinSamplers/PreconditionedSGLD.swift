import LangevinCore

/// SGLD with a diagonal preconditioner that the warm-up finds and the draws keep.
///
///     V      = a V + (1 - a) g^2            in the warm-up, component by component
///     G      = r / (sqrt(V) + d r),         r = sqrt(mean of V)
///     theta' = theta - h G g + sqrt(2 h T) G^(1/2) xi
///
/// **Law** exp(-U/T) once G is frozen, with the errors of first order in h that ``SGLD`` has: a constant G changes how fast
/// directions are explored and not how often. A G that goes on following the gradients depends on theta, and the drift then
/// lacks the term T dG/dtheta; what is sampled is rather exp(-U/T)/G. That variant is here as a control, by name and without
/// a law.
///
/// The running square is that of RMSProp and of Li, Chen, Carlson and Carin (arXiv 1512.07666), who let G follow for ever and
/// leave the term out. Ours are the freezing, the start of V without bias, V from the exact second moments of the minibatch
/// gradient, and the scale r, by which G is 1 for a typical parameter and h means what it means for ``SGLD``.
public struct PreconditionedSGLD<Element: Scalar>: Sampler {
  /// Step size, temperature, and how G is found.
  public let settings: PreconditionedSGLDSettings
  private let temperature: Schedule

  /// Steps of size h at temperature T, with G from the running squares of the warm-up's gradients.
  public init(
    stepSize: Schedule = PreconditionedSGLDSettings().stepSize, temperature: Schedule, adaptSteps: UInt64? = nil
  ) throws(SamplingError) {
    var settings = PreconditionedSGLDSettings()
    settings.stepSize = stepSize
    settings.temperature = temperature
    settings.adaptSteps = adaptSteps
    try self.init(settings)
  }

  /// The method with its settings.
  public init(_ settings: PreconditionedSGLDSettings) throws(SamplingError) {
    try settings.check()
    self.settings = settings
    temperature = try required(settings.temperature)
  }

  /// `psgld`
  public var name: String { PreconditionedSGLDSettings.name }
  /// exp(-U/T) while the temperature is constant and G is kept.
  public var law: StationaryLaw {
    settings.keepsAdapting
      ? .nonequilibrium("the preconditioner follows the gradients, and its term in the drift is left out")
      : .gibbs(at: temperature)
  }

  /// A position, the squares of the gradients, and G.
  public struct State: SamplerState {
    /// theta
    public package(set) var position: Tensor<Element>
    /// The number of steps done.
    public package(set) var step: UInt64 = 0
    /// V
    fileprivate var squares: Tensor<Element>
    /// G
    package fileprivate(set) var preconditioner: Tensor<Element>
    /// G^(-1/2): a pass makes noise of amplitude times G, which is G^(1/2).
    fileprivate var amplitude: Tensor<Element>
    fileprivate var gradient: Tensor<Element>
    /// The steps that adapt.
    fileprivate let warmup: UInt64
    fileprivate let damping: Double

    /// Position, step and V; G follows from V.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &position)
      try archive.field("step", &step)
      try archive.field("squares", &squares)
      setPreconditioner()
    }

    /// V = a V + (1 - a) g^2, without the bias of a start at 0: after n steps the weights of all g^2 add up to 1.
    @specialized(where Element == Float)
    @specialized(where Element == Double)
    fileprivate mutating func learn(decay: Double) {
      let share = Element((1 - decay) / (1 - Math.pow(decay, Double(step + 1))))
      for index in 0..<squares.count {
        squares[index] += share * (gradient[index] * gradient[index] - squares[index])
      }
      setPreconditioner()
    }

    /// V = <g^2>, exactly: the variance of the minibatch gradient and the square of its mean.
    fileprivate mutating func learn(variances: Tensor<Element>) {
      for index in 0..<squares.count { squares[index] = variances[index] + gradient[index] * gradient[index] }
      setPreconditioner()
    }

    /// G = r / (sqrt(V) + d r); 1 while all gradients have been 0.
    @specialized(where Element == Float)
    @specialized(where Element == Double)
    private mutating func setPreconditioner() {
      var sum = 0.0
      for index in 0..<squares.count { sum += Double(squares[index]) }
      let typical = Element((sum / Double(squares.count)).squareRoot())
      guard typical > 0, typical.isFinite else { return }
      let floor = Element(damping) * typical
      for index in 0..<squares.count {
        preconditioner[index] = typical / (squares[index].squareRoot() + floor)
        amplitude[index] = 1 / preconditioner[index].squareRoot()
      }
    }
  }

  /// Starts at `position`, with G = 1.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    let ones = position.mapped { _ in 1 }
    return State(
      position: position, squares: Tensor(zeros: position.count), preconditioner: ones, amplitude: ones,
      gradient: Tensor(zeros: position.count), warmup: settings.adaptSteps ?? evaluator.warmup,
      damping: settings.damping)
  }

  /// One gradient, in the warm-up a look at it, and one pass.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let h = settings.stepSize.value(at: state.step)
    let T = temperature.value(at: state.step)
    if settings.moments == .exact { try measure(&state, with: &evaluator) }
    let energy = try evaluator.gradient(on: .next, at: state.position, into: &state.gradient, step: state.step)
    if settings.moments == .running, adapts(state) { state.learn(decay: settings.decay) }
    Pass().overdamped(h, temperature: T)
      .run(
        position: &state.position, gradient: state.gradient,
        masses: Masses(inverse: state.preconditioner, amplitude: state.amplitude), noise: &evaluator.noise,
        step: state.step)
    state.step += 1
    return StepRecord(energy: energy, isDraw: state.step > state.warmup)
  }

  private func adapts(_ state: State) -> Bool { settings.keepsAdapting || state.step < state.warmup }

  /// At the start of the warm-up and after each quarter of it, the exact second moments of the minibatch gradient.
  private func measure<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) where P.Element == Element {
    let quarter = max(1, state.warmup / 4)
    guard adapts(state) || state.step == state.warmup, state.step % quarter == 0 else { return }
    guard let variances = try evaluator.minibatchVariance(at: state.position, step: state.step) else {
      throw .refused("the potential does not know the variance of its minibatch gradients: choose running moments")
    }
    _ = try evaluator.gradient(on: .all, at: state.position, into: &state.gradient, step: state.step)
    state.learn(variances: variances)
  }
}

/// The settings of ``PreconditionedSGLD``.
public struct PreconditionedSGLDSettings: SamplerSettings {
  /// Where the squares of the gradients come from.
  public enum Moments: String, CaseIterable, SettingValue {
    /// A running mean over the minibatches of the warm-up.
    case running
    /// The whole data, at the start, after each quarter and at the end of the warm-up.
    case exact
  }

  /// h, above 0.
  public var stepSize: Schedule = 0.01
  /// T, 0 or more.
  public var temperature: Schedule?
  /// The first steps, which adapt G and are no draws; by default the warm-up of the run.
  public var adaptSteps: UInt64?
  /// Where the squares come from.
  public var moments = Moments.running
  /// a, the share of the running mean that a step keeps.
  public var decay = 0.99
  /// d, by which G is at most 1/d of that of a typical parameter.
  public var damping = 0.01
  /// Whether G goes on following after the warm-up: the control, which has no known law.
  public var keepsAdapting = false
  /// The defaults.
  public init() {}

  /// `psgld`
  package static let names = ["psgld"]
  /// A line for the list.
  package static let summary = "SGLD with a preconditioner that the warm-up finds and the draws keep"
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature), .stepSize(\.stepSize),
    Setting("adapt-steps", \.adaptSteps, in: .notNegative, unit: "steps", default: "warmup", "steps that adapt G"),
    Setting("moments", \.moments, "whether squares of gradients are a running mean or exact, from all data"),
    Setting("decay", \.decay, in: .from(0, below: 1), "a, share of the running mean that a step keeps"),
    Setting("damping", \.damping, in: .between(0, 1), "d; G is at most 1/d"),
    Setting("keeps-adapting", \.keepsAdapting, "a control without a known law: G is never frozen"),
  ]
  /// The posterior's temperature and the warm-up of the run, if none were given.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? .constant(context.posteriorTemperature)
    adaptSteps = adaptSteps ?? context.warmup
  }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try PreconditionedSGLD<Element>(self)
  }
}
