import LangevinCore
import LangevinSamplers

/// One chain: a sampler, the potential as this chain sees it, the state that goes from step to step, and the rows kept so far.
///
/// The loop over steps is generic over sampler and potential, so it costs what the step costs. A driver holds chains of any
/// kind as ``AnyChain`` and talks to them once per kept step.
final class Chain<S: Sampler, P: Potential>: AnyChain where S.Element == P.Element {
  let number: Int
  /// The state's, kept here: to ask the state of an unknown sampler copies it.
  private(set) var step: UInt64
  /// That of the law, at the last step.
  var temperature: Double? { sampler.law.temperature(after: step) }
  private(set) var sampler: S
  private let layers: [Partition]
  private let measuresAll: Bool
  private let quantities: [Quantity<P.Element>]
  private let test: P?
  var evaluator: Evaluator<P>
  private var testWorkspace: P.Workspace?
  var state: S.State
  private var gradient: Tensor<P.Element>?
  private var interval = StepInterval()
  /// The memory in which the precisions of the prior are, where they are sampled.
  private let prior: (any PrecisionSampling)?

  /// A chain that starts at `position`.
  init(
    _ potential: P, sampler: S, number: Int, pool: ThreadPool, options: ChainOptions<P>,
    startingAt position: Tensor<P.Element>
  ) throws {
    self.number = number
    self.sampler = sampler
    test = options.test
    quantities = options.quantities
    measuresAll = options.observables == .full
    evaluator = try Evaluator(
      potential, batches: options.batches, seed: options.seed, chain: number, warmup: options.warmup,
      thin: options.thin, pool: pool)
    let memory = evaluator.withWorkspace { _, workspace in workspace as? any PrecisionSampling }
    prior = memory.flatMap { $0.precisions == nil ? nil : $0 }
    state = try sampler.start(at: position, with: &evaluator)
    if let precisions = prior?.precisions {
      let isTempered = sampler is any Tempering || options.ladder != nil
      try precisions.check(sampler.law, isTempered: isTempered, state: state)
    }
    step = state.step
    layers = try potential.layout.layers()
    if measuresAll {
      gradient = Tensor(zeros: potential.parameterCount)
      testWorkspace = test?.makeWorkspace(pool: pool)
    }
  }

  var evaluations: UInt64 { evaluator.evaluations }
  var parameters: Parameters { Parameters(sampler.draw(from: state)) }
  var isAtDraw: Bool { interval.isDraw }
  var latest: StepSummary { interval.summary }

  func advance(to end: UInt64, isCancelled: () -> Bool) throws {
    while step < end, !isCancelled() {
      interval.add(try sampler.step(&state, with: &evaluator))
      step += 1
      if let prior { try renewPrecisions(in: prior) }
    }
    step = state.step
  }

  /// Takes another sampler of the same kind, whose own start takes the place of the state: it is archived state that goes on.
  func restart(with sampler: S) throws {
    self.sampler = sampler
    state = try sampler.start(at: state.position, with: &evaluator)
  }

  /// Gibbs sampling of the precisions, given the parameters.
  private func renewPrecisions(in prior: any PrecisionSampling) throws {
    guard let precisions = prior.precisions, step % precisions.interval == 0,
      let change = prior.precisions?.renew(
        at: state.position, step: step, random: evaluator.stream(.precisions))
    else { return }
    var archive = PriorChange(energy: change.energy, gradient: change.gradient)
    try state.archive(in: &archive)
  }

  func makeRow() throws -> Row {
    let position = sampler.draw(from: state)
    let temperature = sampler.law.temperature(after: step)
    var row = Row(step: step)
    var energy = interval.meanEnergy
    if measuresAll {
      // Double braces: the workspace is in use only inside.
      let measurement = try evaluator.withWorkspace { (potential, workspace) throws(LangevinError) in
        try potential.measure(at: position, gradient: &gradient, workspace: &workspace)
      }
      energy = measurement.energy
      row.add(energy, temperature: temperature)
      row.add("error", measurement.errorRate)
      if let test, testWorkspace != nil {
        var none: Tensor<P.Element>?
        let measurement = try withTestWorkspace { (workspace) throws(LangevinError) in
          try test.measure(at: position, gradient: &none, workspace: &workspace)
        }
        row.add("test_cost", measurement.energy.cost)
        row.add("test_error", measurement.errorRate)
      }
    } else {
      row.add(energy, temperature: temperature)
    }
    row.add("norm2", position.squaredNorm())
    if let precisions = prior?.precisions {
      for (name, value) in zip(precisions.names, precisions.values) { row.add("prior.\(name)", value) }
    }
    for quantity in quantities { row.add(quantity.name, quantity.value(position)) }
    row.add("kinetic_temperature", interval.meanKineticTemperature)
    row.add("acceptance", interval.acceptance)
    for (index, layer) in layers.enumerated() {
      row.add("kinetic.\(index + 1)", state.kinetic(over: layer.ranges).map { $0 / Double(layer.count) })
    }
    if let gradient {
      for (index, layer) in layers.enumerated() {
        row.add("virial.\(index + 1)", virial(position, gradient, over: layer))
      }
    }
    // What a sampler tells of itself is no observable.
    if case .annealed = sampler.law { row.add(Row.temperature, temperature) }
    if let temperature, let kinetic = interval.kineticEnergy {
      row.add(Row.hamiltonian, (energy.total + kinetic) / temperature)
    }
    for detail in interval.details { row.add(detail.name + "__", detail.value) }
    row.warnings = interval.warnings
    row.isDraw = interval.isDraw
    interval = StepInterval(after: interval)
    return row
  }

  /// theta . grad U over a layer, per parameter: its mean is T in equilibrium, by integration by parts.
  private func virial(_ position: Tensor<P.Element>, _ gradient: Tensor<P.Element>, over layer: Partition) -> Double {
    layer.ranges.reduce(0.0) { $0 + position.dot(gradient, over: $1) } / Double(layer.count)
  }

  private func withTestWorkspace<Value>(
    _ body: (inout P.Workspace) throws(LangevinError) -> Value
  ) throws(LangevinError) -> Value {
    guard var workspace = testWorkspace else { preconditionFailure("a test potential comes with its workspace") }
    defer { testWorkspace = workspace }
    return try body(&workspace)
  }

  func archive(in archive: inout some StateArchive) throws {
    try evaluator.archive(in: &archive)
    if let prior, var values = prior.precisions?.values {
      try archive.field("precisions", &values)
      prior.precisions?.values = values
    }
    try archive.nested("state") { archive in try state.archive(in: &archive) }
    step = state.step
    try archive.nested("interval") { archive in try interval.archive(in: &archive) }
  }
}

/// What the chains of a group share.
struct ChainOptions<P: Potential> {
  var batches = BatchScheme.all
  var warmup: UInt64 = 0
  var thin: UInt64 = 1
  var seed: UInt64 = 0
  var ladder: LadderPlan?
  var observables = ObservableScope.full
  var quantities: [Quantity<P.Element>] = []
  var test: P?
}

/// What rows of a trace are computed from.
public enum ObservableScope: String, CaseIterable, Hashable, Sendable {
  /// All of the data, at each kept step: exact values, one gradient of all data and one forward pass over the test data.
  case full
  /// The minibatches of the steps since the last row: unbiased and free, but noisy, and without errors and virials.
  case minibatch
}

/// A number of one's own that each row of a trace shows: a function of the parameters.
///
///     Quantity("radius") { (Double($0[0] * $0[0] + $0[1] * $0[1])).squareRoot() }
public struct Quantity<Element: Scalar>: Sendable {
  /// The name of its column.
  public let name: String
  /// Its value at a position.
  public let value: @Sendable (Tensor<Element>) -> Double

  /// A quantity.
  public init(_ name: String, _ value: @escaping @Sendable (Tensor<Element>) -> Double) {
    self.name = name
    self.value = value
  }
}

/// A chain of any sampler on any potential, as its driver sees it.
protocol AnyChain: AnyObject {
  /// The chain's number, from 0.
  var number: Int { get }
  /// The number of steps done.
  var step: UInt64 { get }
  /// The temperature of its law, if it has one.
  var temperature: Double? { get }
  /// Gradient evaluations so far.
  var evaluations: UInt64 { get }
  /// The point that stands for the state when a draw is kept.
  var parameters: Parameters { get }
  /// Whether the last step ended where a draw may be taken.
  var isAtDraw: Bool { get }
  /// What the steps since the last row were like.
  var latest: StepSummary { get }
  /// Goes on until `end` steps are done, or until it is told to stop.
  func advance(to end: UInt64, isCancelled: () -> Bool) throws
  /// The values of a row of the trace, here and over the steps since the last one.
  func makeRow() throws -> Row
  /// Before a checkpoint: whoever writes it hears of what other ranks do. All of them ask at once.
  func prepareCheckpoint() throws
  /// Stores or restores all that decides the future.
  func archive(in archive: inout some StateArchive) throws
}

extension AnyChain {
  /// The whole chain is here.
  func prepareCheckpoint() {}
}
