import LangevinCore
import LangevinReproduce
import LangevinSamplers
import Testing

@Suite struct TemperedTrainingTests {
  typealias Method = TemperedTraining<Double>

  private func training(
    samplingSteps: UInt64 = 100_000, patience: UInt64 = 20, snapshots: Int = 3, starts: Method.Starts = .best,
    friction: Double = 5
  ) throws -> Method {
    let tempering = try ContinuousTempering<Double>(temperature: 0.1) {
      $0.stepSize = 0.05
      $0.friction = friction
      $0.temperingMass = 4
      $0.adaptation = .adaptiveForce(patience: 50)
      $0.adaptingSteps = 100_000
      $0.referenceEnergy = 0
    }
    return try Method(
      tempering, samplingSteps: samplingSteps, patience: patience, snapshots: snapshots, starts: starts, epochs: 40)
  }

  private func run(_ method: Method, steps: Int) throws -> (state: Method.State, switched: UInt64) {
    var evaluator = try Evaluator(Terms(), batches: .epochs(1), seed: 1)
    var state = try method.start(at: Tensor([1]), with: &evaluator)
    var switched: UInt64 = 0
    for _ in 0..<steps where !state.isFinished {
      let record = try method.step(&state, with: &evaluator)
      if switched == 0 && !state.isSampling { switched = state.step }
      #expect(record.isDraw == state.isFinished)
    }
    return (state, switched)
  }

  /// From the higher well over a barrier of 20 T into the lower one, and there to its bottom.
  @Test func findsTheLowerWell() throws {
    let method = try training()
    let (state, switched) = try run(method, steps: 105_000)
    #expect(state.isFinished && state.results.count == 1 && switched < 100_000)
    // 8 x (x^2 - 1) + 0.3 = 0 near -1
    #expect(abs(state.position[0] + 1.0184) < 1e-3, "\(state.position[0])")
    #expect(state.snapshotLosses.count == 3 && state.snapshotLosses == state.snapshotLosses.sorted())
    #expect(method.tempering.report(on: state.tempered).roundTrips >= 3)
    #expect(method.law == .none)
  }

  @Test func allSnapshotsCanBeFinished() throws {
    let (state, switched) = try run(training(starts: .all), steps: 105_000)
    #expect(state.isFinished && state.results.count == 3)
    let best = state.results.min { $0.loss < $1.loss }
    #expect(best?.position == state.position)
    // Each descent takes its 40 epochs of 10 steps at most.
    #expect(state.step <= switched + 1200)
  }

  /// A chain that has had no time to return is finished from where it is, and says so.
  @Test func withoutAReturnTheLastStateHasToDo() throws {
    let method = try training(samplingSteps: 5)
    let (state, switched) = try run(method, steps: 1000)
    #expect(state.isFinished && switched == 5)
    #expect(abs(state.position[0] - 0.9801) < 1e-3)  // the well it started in
    #expect(method.warnings(on: state).contains { $0.contains("never came back") })
  }

  @Test func fineTuningStopsAndHalves() throws {
    // The loss cannot fall at the minimum: halved every 2 epochs until a thousandth of the start.
    let method = try FineTuning<Double>(stepSize: 0.1, momentum: 0, epochs: 100, patience: 2)
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: [1]), seed: 1)
    var state = try method.start(at: Tensor([0]), with: &evaluator)
    while !state.isFinished && state.step < 1000 { _ = try method.step(&state, with: &evaluator) }
    #expect(state.step == 1 + 2 * 10 && state.currentStepSize == 0.1 / 1024)
  }

  @Test func restartsAreExact() throws {
    let method = try training(samplingSteps: 800, snapshots: 2, starts: .all)
    // Many places in phase one, so that some lie in the middle of a stay in the cold; two in phase two.
    for first in Array(stride(from: 30, to: 800, by: 30)) + [900, 1300] {
      #expect(
        try restartsBitForBit(method, on: Terms(), batches: .epochs(1), from: Tensor([1]), first: first, steps: 1500))
    }
  }

  @Test func badSettingsAreRefused() throws {
    #expect(throws: SamplingError.self) { try training(snapshots: 0) }
    #expect(throws: SamplingError.self) { try training(samplingSteps: 0) }
    #expect(throws: SamplingError.self) { try training(friction: 0) }
    #expect(throws: SamplingError.self) { try FineTuning<Double>(stepSize: 0.1, momentum: 1) }
  }
}

/// 2 (x^2 - 1)^2 + 0.3 x as the mean of ten terms that differ in their tilt, so that there are batches and epochs.
private struct Terms: Potential {
  let layout: ParameterLayout
  let exampleCount = 10

  init() throws { layout = try ParameterLayout(count: 1) }

  func evaluate(
    at position: Tensor<Double>, over batch: Minibatch, gradient: inout Tensor<Double>, workspace: inout Void
  ) throws(LangevinError) -> Energy {
    let x = position[0]
    let rows = batch.rows ?? (0..<10).map { Int32($0) }
    let tilt = 0.3 + 0.02 * (rows.reduce(0.0) { $0 + Double($1) } / Double(rows.count) - 4.5)
    gradient[0] = 8 * x * (x * x - 1) + tilt
    return Energy(cost: 2 * (x * x - 1) * (x * x - 1) + tilt * x)
  }
}
