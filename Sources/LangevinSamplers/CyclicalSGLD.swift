import LangevinCore

/// SGLD in cycles: a descent without noise that looks for another mode, then draws around what it found.
///
///     r      = (t mod C)/C                        the place in a cycle of C steps
///     h      = (h0/2) (1 + cos(pi r))
///     theta' = theta - h grad U_k(theta)                            while r < b: exploration
///     theta' = theta - h grad U_k(theta) + sqrt(2 h T) xi           afterwards: sampling; only these are draws
///
/// **Law**: none that is known for the draws together. Within the sampling part of a cycle the chain is ``SGLD`` with a step
/// that falls, so it draws from exp(-U/T) *near the mode where the descent ended*. How often a mode is found is decided by
/// the basins of the descent and not by exp(-U/T), so modes are not weighed as the law would weigh them. What it is good
/// for are predictions averaged over several modes at the price of one run.
///
/// Zhang, Li, Zhang, Chen and Wilson, "Cyclical stochastic gradient MCMC", ICLR 2020 (arXiv 1902.03932).
public struct CyclicalSGLD<Element: Scalar>: Sampler {
  /// Step size, temperature and cycle.
  public let settings: CyclicalSGLDSettings
  private let temperature: Double

  /// Cycles of C steps that begin with the size h0, at temperature T where they sample.
  public init(
    stepSize: Double = CyclicalSGLDSettings().stepSize, temperature: Double,
    cycle: UInt64 = CyclicalSGLDSettings().cycle
  ) throws(SamplingError) {
    var settings = CyclicalSGLDSettings()
    settings.stepSize = stepSize
    settings.temperature = temperature
    settings.cycle = cycle
    try self.init(settings)
  }

  /// The method with its settings.
  public init(_ settings: CyclicalSGLDSettings) throws(SamplingError) {
    try settings.check()
    self.settings = settings
    temperature = try required(settings.temperature)
  }

  /// `csgld`
  public var name: String { CyclicalSGLDSettings.name }
  /// Not known: modes are weighed by how often a descent ends there.
  public var law: StationaryLaw {
    .nonequilibrium("modes are weighed by how often a descent ends in them, not by exp(-U/T)")
  }

  /// A position and how many steps it has made.
  public struct State: SamplerState {
    /// theta
    public package(set) var position: Tensor<Element>
    /// The number of steps done.
    public package(set) var step: UInt64 = 0
    fileprivate var gradient: Tensor<Element>

    /// Position and step; the place in the cycle follows from the step.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &position)
      try archive.field("step", &step)
    }
  }

  /// Starts at `position`, at the beginning of a cycle.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    return State(position: position, gradient: Tensor(zeros: position.count))
  }

  /// One gradient, one pass.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let place = Double(state.step % settings.cycle) / Double(settings.cycle)
    let h = settings.stepSize / 2 * (1 + Math.cos(.pi * place))
    let explores = place < settings.exploration
    let energy = try evaluator.gradient(on: .next, at: state.position, into: &state.gradient, step: state.step)
    Pass().overdamped(h, temperature: explores ? 0 : temperature)
      .run(position: &state.position, gradient: state.gradient, noise: &evaluator.noise, step: state.step)
    state.step += 1
    return StepRecord(energy: energy, isDraw: !explores, details: [("step_size", h)])
  }
}

/// The settings of ``CyclicalSGLD``.
public struct CyclicalSGLDSettings: SamplerSettings {
  /// h0, the step at the beginning of a cycle.
  public var stepSize = 0.1
  /// T, 0 or more, of the sampling part.
  public var temperature: Double?
  /// C
  public var cycle: UInt64 = 5000
  /// b, the share of a cycle that explores.
  public var exploration = 0.8
  /// The defaults.
  public init() {}

  /// `csgld`
  package static let names = ["csgld"]
  /// A line for the list.
  package static let summary = "SGLD in cycles, each a descent and draws around its end: for predictions, no law"
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature),
    Setting("step-size", \.stepSize, in: .positive, unit: "time", "h0, the step at the beginning of a cycle"),
    Setting("cycle", \.cycle, in: .positive, unit: "steps", "C, the length of a cycle"),
    Setting("exploration", \.exploration, in: .from(0, below: 1), "b, share of a cycle that descends without noise"),
  ]
  /// The posterior's temperature, if none was given.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? context.posteriorTemperature
  }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try CyclicalSGLD<Element>(self)
  }
}
