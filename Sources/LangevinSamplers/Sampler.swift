import LangevinCore

/// A rule that moves a point through parameter space.
///
/// A sampler is a value with its settings; what it carries from step to step is its ``State``, all of it: a chain that is
/// stopped, stored and started again goes on bit for bit. It sees a potential only through an ``Evaluator``, never a file
/// or a clock. One sampler may drive any number of chains.
///
/// A method of your own needs ``start(at:with:)`` and ``step(_:with:)``; the rest has defaults. Gradients come from
/// ``Evaluator/gradient(on:at:into:step:checked:)``, moves are sentences of a ``Pass``.
public protocol Sampler<Element>: Sendable {
  /// The scalar of the parameters.
  associatedtype Element: Scalar
  /// What is carried from step to step.
  associatedtype State: SamplerState<Element>
  /// Its settings: a `SettingGroup`, or none.
  associatedtype Settings: SettingRecord = NoSettings

  /// The method's short name, such as `sgld`.
  var name: String { get }
  /// The settings, as files say them.
  var settings: Settings { get }
  /// What the chain's draws are distributed as.
  var law: StationaryLaw { get }

  /// The state that a chain starts from.
  func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element

  /// One step.
  ///
  /// If it throws, the state's ``SamplerState/step`` still counts the completed steps, but the position may have moved:
  /// keeping the old one would cost a copy per step. From a copy of state and evaluator made at any earlier step the same steps
  /// lead to the state before the failed one, bit for bit, and a run keeps its last checkpoint.
  func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element

  /// The point that stands for the state when a draw is kept. For most methods it is the position.
  func draw(from state: State) -> Tensor<Element>

  /// What a careful user would want to know about these settings, before the run.
  func warnings(for layout: ParameterLayout) -> [String]
}

extension Sampler {
  /// The position.
  public func draw(from state: State) -> Tensor<Element> { state.position }
  /// None.
  public func warnings(for layout: ParameterLayout) -> [String] { [] }
}

extension Sampler where Settings == NoSettings {
  /// None.
  public var settings: NoSettings { NoSettings() }
}

/// What a sampler carries from step to step.
public protocol SamplerState<Element>: Sendable {
  /// The scalar of the parameters.
  associatedtype Element: Scalar
  /// The parameters.
  var position: Tensor<Element> { get }
  /// The number of steps done.
  var step: UInt64 { get }
  /// sum p^2/m over ranges of the parameters, which tells their temperature; nil where some of them have no momentum, or
  /// none of the law just now.
  func kinetic(over ranges: [Range<Int>]) -> Double?
  /// Hands every stored quantity to the archive, by name: the one list serves writing and reading.
  mutating func archive(in archive: inout some StateArchive) throws
}

extension SamplerState {
  /// No momenta.
  public func kinetic(over ranges: [Range<Int>]) -> Double? { nil }
}

/// What a chain's draws are distributed as in the long run.
public enum StationaryLaw: Hashable, Sendable {
  /// exp(-U/T), up to the step-size bias that the method's page states.
  case gibbs(temperature: Double)
  /// exp(-U/T) of a T that changes along the run: at no step quite a law, unless T stays for long.
  case annealed(Schedule)
  /// Not a known law, and why: unequal temperatures, a bias that still adapts.
  case nonequilibrium(String)
  /// None: an optimiser.
  case none

  /// The Gibbs law of a temperature that may be scheduled.
  static func gibbs(at temperature: Schedule) -> StationaryLaw {
    temperature.isConstant ? .gibbs(temperature: temperature.value(at: 0)) : .annealed(temperature)
  }

  /// The temperature after so many steps; nil where the law has none.
  package func temperature(after steps: UInt64) -> Double? {
    switch self {
    case .gibbs(let temperature): temperature
    case .annealed(let temperature): temperature.value(at: max(steps, 1) - 1)
    case .nonequilibrium, .none: nil
    }
  }
}

/// What one step may tell an observer. Nothing in it is needed to go on.
public struct StepRecord: Sendable {
  /// The energy, of the step's minibatch, where its gradient was taken.
  public var energy: Energy
  /// sum p^2/m over the parameters that have a momentum, and how many those are.
  public var kinetic: (sum: Double, count: Int)?
  /// For methods that accept or reject: whether this step was accepted.
  public var accepted: Bool?
  /// Whether a draw may be taken after this step: at the ends of epochs or sweeps, in the cold phase, after adaptation.
  public var isDraw: Bool
  /// Other numbers worth a column, by name.
  public var details: [(name: String, value: Double)]
  /// What the user should hear of now, in sentences.
  public var warnings: [String] = []

  /// A record.
  public init(
    energy: Energy, kinetic: (sum: Double, count: Int)? = nil, accepted: Bool? = nil, isDraw: Bool = true,
    details: [(name: String, value: Double)] = []
  ) {
    self.energy = energy
    self.kinetic = kinetic
    self.accepted = accepted
    self.isDraw = isDraw
    self.details = details
  }

  /// sum p^2/m divided by the number of momenta.
  package var kineticTemperature: Double? { kinetic.map { $0.sum / Double($0.count) } }
}

extension StationaryLaw {
  /// T, if it is a Gibbs law.
  package var temperature: Double? { if case .gibbs(let temperature) = self { temperature } else { nil } }
}
