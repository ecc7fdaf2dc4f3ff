import LangevinCore
import LangevinDiagnostics
import LangevinSamplers

/// One chain: a sampler, the potential as this chain sees it, and the state that goes from step to step.
///
/// The loop over steps is generic over sampler and potential, so it costs what the step costs. A driver holds chains of any
/// kind as ``AnyChain`` and talks to them once per kept step.
final class Chain<S: Sampler, P: Potential>: AnyChain where S.Element == P.Element {
  let number: Int
  /// The state's, kept here: to ask the state of an unknown sampler copies it.
  private(set) var step: UInt64
  let temperature: Double?
  private let sampler: S
  private let layers: [Partition]
  private let measuresAll: Bool
  private let test: P?
  private var evaluator: Evaluator<P>
  private var testWorkspace: P.Workspace?
  private var state: S.State
  private var gradient: Tensor<P.Element>?
  private var interval = Interval()

  /// A chain that starts at `position`.
  init(
    _ potential: P, sampler: S, batches: BatchScheme, seed: UInt64, number: Int, pool: ThreadPool,
    observables: ObservableScope, test: P?, startingAt position: Tensor<P.Element>
  ) throws {
    self.number = number
    self.sampler = sampler
    self.test = test
    measuresAll = observables == .full
    evaluator = try Evaluator(potential, batches: batches, seed: seed, chain: number, pool: pool)
    state = try sampler.start(at: position, with: &evaluator)
    step = state.step
    layers = try potential.layout.layers()
    temperature = if case .gibbs(let temperature) = sampler.law { temperature } else { nil }
    if measuresAll {
      gradient = Tensor(zeros: potential.parameterCount)
      testWorkspace = test?.makeWorkspace(pool: pool)
    }
  }

  var evaluations: UInt64 { evaluator.evaluations }
  var parameters: Parameters { Parameters(sampler.draw(from: state)) }
  var isAtDraw: Bool { interval.isDraw }
  var latest: StepSummary { interval.summary }

  func advance(to end: UInt64, unless isInterrupted: () -> Bool) throws {
    while step < end, !isInterrupted() {
      interval.add(try sampler.step(&state, with: &evaluator))
      step += 1
    }
    step = state.step
  }

  func keep() throws -> Row {
    let position = sampler.draw(from: state)
    var row = Row(step: step)
    if measuresAll {
      // Double braces: the workspace is in use only inside.
      let measurement = try evaluator.withWorkspace { (potential, workspace) throws(LangevinError) in
        try potential.measure(at: position, gradient: &gradient, workspace: &workspace)
      }
      row.add(measurement.energy, temperature: temperature)
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
      row.add(interval.meanEnergy, temperature: temperature)
    }
    row.add("norm2", position.withPointer { P.Element.kernels.weightedSquare(nil, $0, position.count) })
    row.add("kinetic_temperature", interval.meanKineticTemperature)
    row.add("acceptance", interval.acceptance)
    if let moving = state as? any MomentumState {
      for (index, layer) in layers.enumerated() {
        row.add("kinetic.\(index + 1)", moving.kinetic(over: layer.ranges).map { $0 / Double(layer.count) })
      }
    }
    if let gradient {
      for (index, layer) in layers.enumerated() {
        row.add("virial.\(index + 1)", virial(position, gradient, over: layer))
      }
    }
    // What a sampler tells of itself is no observable.
    for detail in interval.details { row.add(detail.name + "__", detail.value) }
    row.warnings = interval.warnings
    interval = Interval(after: interval)
    return row
  }

  /// theta . grad U over a layer, per parameter: its mean is T in equilibrium, by integration by parts.
  private func virial(_ position: Tensor<P.Element>, _ gradient: Tensor<P.Element>, over layer: Partition) -> Double {
    let sum = position.withPointer { position in
      gradient.withPointer { gradient in
        layer.ranges.reduce(0.0) {
          $0 + P.Element.kernels.dot(position + $1.lowerBound, gradient + $1.lowerBound, $1.count)
        }
      }
    }
    return sum / Double(layer.count)
  }

  private func withTestWorkspace<Value>(
    _ body: (inout P.Workspace) throws(LangevinError) -> Value
  ) throws(LangevinError) -> Value {
    guard var workspace = testWorkspace else { preconditionFailure("a test potential comes with its workspace") }
    defer { testWorkspace = workspace }
    return try body(&workspace)
  }

  func archive(in archive: inout some RunArchive) throws {
    try evaluator.archive(in: &archive)
    try state.archive(in: &archive)
    step = state.step
    try interval.archive(in: &archive)
  }
}

/// What rows of a trace are computed from.
public enum ObservableScope: String, CaseIterable, Hashable, Sendable {
  /// All of the data, at each kept step: exact values, one gradient of all data and one forward pass over the test data.
  case full
  /// The minibatches of the steps since the last row: unbiased and free, but noisy, and without errors and virials.
  case minibatch
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
  func advance(to end: UInt64, unless isInterrupted: () -> Bool) throws
  /// The values of a row of the trace, here and over the steps since the last one.
  func keep() throws -> Row
  /// Stores or restores all that decides the future.
  func archive(in archive: inout some RunArchive) throws
}

/// The values of one kept step, by name.
struct Row {
  private(set) var columns: [String] = []
  private(set) var values: [Double] = []
  /// What the sampler has warned of since the last row.
  var warnings: [String] = []

  init(step: UInt64) { add("step__", Double(step)) }

  init(columns: [String], values: [Double]) {
    self.columns = columns
    self.values = values
  }

  mutating func add(_ name: String, _ value: Double?) {
    guard let value else { return }
    columns.append(name)
    values.append(value)
  }

  /// `lp__` is the logarithm of the unnormalised density, -U/T.
  mutating func add(_ energy: Energy, temperature: Double?) {
    add("lp__", -energy.total / (temperature ?? 1))
    add("energy", energy.total)
    add("cost", energy.cost)
  }
}

/// What steps were like on average.
public struct StepSummary: Sendable {
  /// Mean energy of the minibatches.
  public let energy: Double
  /// Mean of sum p^2/m over the number of momenta; nil without momenta.
  public let kineticTemperature: Double?
  /// Share of accepted steps; nil where none is ever rejected.
  public let acceptance: Double?
}

/// Sums over the steps since the last row.
private struct Interval {
  private var steps = 0.0
  private var cost = 0.0
  private var prior = 0.0
  private var kinetic = 0.0
  private var kineticSteps = 0.0
  private var accepted = 0.0
  private var decided = 0.0
  private(set) var details: [(name: String, value: Double)] = []
  private(set) var warnings: [String] = []
  private(set) var isDraw = false

  init() {}

  /// The next interval: sums start anew, what was last is still what was last. Warnings wait for a row that is kept.
  init(after last: Interval) {
    details = last.details
    isDraw = last.isDraw
    if !isDraw { warnings = last.warnings }
  }

  mutating func add(_ record: StepRecord) {
    steps += 1
    cost += record.energy.cost
    prior += record.energy.prior
    if let temperature = record.kineticTemperature {
      kinetic += temperature
      kineticSteps += 1
    }
    if let isAccepted = record.accepted {
      accepted += isAccepted ? 1 : 0
      decided += 1
    }
    for detail in record.details { set(detail) }
    if !record.warnings.isEmpty { warnings += record.warnings }
    isDraw = record.isDraw
  }

  /// The latest value of each name; a sampler may give some of them at some steps only.
  private mutating func set(_ detail: (name: String, value: Double)) {
    if let index = details.firstIndex(where: { $0.name == detail.name }) {
      details[index].value = detail.value
    } else {
      details.append(detail)
    }
  }

  var meanEnergy: Energy { Energy(cost: cost / steps, prior: prior / steps) }
  var meanKineticTemperature: Double? { kineticSteps > 0 ? kinetic / kineticSteps : nil }
  var acceptance: Double? { decided > 0 ? accepted / decided : nil }
  var summary: StepSummary {
    StepSummary(energy: meanEnergy.total, kineticTemperature: meanKineticTemperature, acceptance: acceptance)
  }

  mutating func archive(in archive: inout some RunArchive) throws {
    var sums = [steps, cost, prior, kinetic, kineticSteps, accepted, decided, isDraw ? 1 : 0]
    try archive.field("interval", &sums)
    if sums.count == 8 {
      (steps, cost, prior, kinetic) = (sums[0], sums[1], sums[2], sums[3])
      (kineticSteps, accepted, decided, isDraw) = (sums[4], sums[5], sums[6], sums[7] == 1)
    }
    var names = details.map(\.name).joined(separator: ",")
    var values = details.map(\.value)
    try archive.field("interval.names", &names)
    try archive.field("interval.values", &values)
    details = zip(names.split(separator: ","), values).map { (String($0), $1) }
    try archive.field("interval.warnings", &warnings)
  }
}
