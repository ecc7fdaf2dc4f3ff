import Langevin
import LangevinPlatform

/// CTLD (reconstruction) as a way to train: a tempered chain finds good cold states, momentum descent finishes from them.
///
/// Phase one is ``ContinuousTempering``. At each return from the hot side, after a wait of 3/gamma, the state is a candidate;
/// the best few by the mean loss of their stay are kept. Phase two is ``FineTuning`` from the best one or from all of them,
/// with lr = h^2/m and mu = exp(-gamma h), which make it the limit of phase one at temperature 0.
package struct TemperedTraining<Element: Scalar>: Sampler {
  /// Which of the kept states are finished.
  package enum Starts: String, CaseIterable, Hashable, Sendable {
    /// The one with the lowest loss.
    case best
    /// All, one after the other; the caller chooses by a loss of its own.
    case all
  }

  /// Phase one.
  package let tempering: ContinuousTempering<Element>
  /// Phase two.
  package let fineTuning: FineTuning<Element>
  /// L_s, the longest that phase one may take.
  package let samplingSteps: UInt64
  /// Phase one ends after so many returns without a better one.
  package let patience: UInt64
  /// n_keep, how many states are kept.
  package let snapshots: Int
  /// Which of them are finished.
  package let starts: Starts

  /// Two phases; `epochs` bounds the second.
  package init(
    _ tempering: ContinuousTempering<Element>, samplingSteps: UInt64, patience: UInt64 = 20, snapshots: Int = 10,
    starts: Starts = .best, epochs: UInt64 = 50
  ) throws(SamplingError) {
    let friction = tempering.settings.friction
    try check(friction > 0, "the friction of the tempered chain", is: friction, expected: "above 0, for snapshots")
    try check(samplingSteps >= 1, "the number of sampling steps", is: Double(samplingSteps), expected: "1 or more")
    try check(patience >= 1, "the patience", is: Double(patience), expected: "1 or more")
    try check(snapshots >= 1, "the number of snapshots", is: Double(snapshots), expected: "1 or more")
    let h = tempering.settings.stepSize
    self.tempering = tempering
    self.samplingSteps = samplingSteps
    self.patience = patience
    self.snapshots = snapshots
    self.starts = starts
    fineTuning = try FineTuning(stepSize: h * h / tempering.settings.mass, momentum: exp(-friction * h), epochs: epochs)
  }

  /// `ctld-training`
  package var name: String { "ctld-training" }
  /// None: it ends in an optimiser.
  package var law: StationaryLaw { .none }
  /// Those of phase one.
  package func warnings(for layout: ParameterLayout) -> [String] {
    tempering.warnings(for: layout).filter { !$0.contains("posterior") }
  }
}

extension TemperedTraining {
  /// A training in one of its phases.
  package struct State: SamplerState {
    /// The tempered chain; after phase one, as it was at the switch: its report is the record of the switch.
    package private(set) var tempered: ContinuousTempering<Element>.State
    /// The descent of phase two.
    package private(set) var descent: FineTuning<Element>.State
    /// The number of steps done, of both phases.
    package private(set) var step: UInt64 = 0
    /// The finished candidates, in the order of their snapshots, with the loss of their last epoch.
    package var results: [(position: Tensor<Element>, loss: Double)] {
      (0..<Int(finished)).map { (finals[$0], finalLosses[$0]) }
    }

    fileprivate var cold: ColdSnapshots<Element>
    /// 0: sampling; 1: descent; 2: over.
    private var phase: UInt64 = 0
    private var finished: UInt64 = 0
    private var finals: [Tensor<Element>]
    private var finalLosses: [Double]

    init(_ tempered: ContinuousTempering<Element>.State, cold: ColdSnapshots<Element>, stepSize: Double, runs: Int) {
      self.tempered = tempered
      self.cold = cold
      descent = FineTuning<Element>.State(tempered.position, stepSize: stepSize)
      finals = Array(repeating: Tensor(zeros: tempered.position.count), count: runs)
      finalLosses = Array(repeating: .nan, count: runs)
    }

    /// Where the training stands; when it is over, the best of the finished states.
    package var position: Tensor<Element> {
      if isSampling { return tempered.position }
      if isFinished, let best = results.min(by: { $0.loss < $1.loss }) { return best.position }
      return descent.position
    }
    /// Whether it is in phase one.
    package var isSampling: Bool { phase == 0 }
    /// Whether both phases are over.
    package var isFinished: Bool { phase == 2 }
    /// The mean losses of the kept states, the best first.
    package var snapshotLosses: [Double] { Array(cold.losses.prefix(cold.count)) }

    /// Both phases, the snapshots and the results.
    package mutating func archive(in archive: inout some StateArchive) throws {
      try tempered.archive(in: &archive)
      try archive.nested("descent") { archive in try descent.archive(in: &archive) }
      try cold.archive(in: &archive)
      try archive.field("training.step", &step)
      try archive.field("training.phase", &phase)
      try archive.field("training.finished", &finished)
      try archive.field("training.losses", &finalLosses)
      for index in finals.indices { try archive.field("training.result.\(index)", &finals[index]) }
    }
  }

  /// Starts phase one at `position`.
  package func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    let wait = UInt64((3 / (tempering.settings.friction * tempering.settings.stepSize)).rounded(.up))
    return State(
      try tempering.start(at: position, with: &evaluator),
      cold: ColdSnapshots(count: snapshots, wait: wait, dimension: position.count), stepSize: fineTuning.stepSize,
      runs: starts == .best ? 1 : snapshots)
  }

  /// One step of the phase; a step after the end costs its evaluation and changes nothing.
  package func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let record = try state.advance(self, with: &evaluator)
    return StepRecord(energy: record.energy, kinetic: record.kinetic, isDraw: state.isFinished)
  }
}

extension TemperedTraining.State {
  fileprivate mutating func advance<P: Potential>(
    _ method: TemperedTraining<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    guard isSampling else {
      let record = try method.fineTuning.step(&descent, with: &evaluator)
      step += 1
      if descent.isFinished && !isFinished { takeResult(method) }
      return record
    }
    let record = try method.tempering.step(&tempered, with: &evaluator)
    step += 1
    let coupling = method.tempering.coupling
    cold.observe(
      tempered.position, loss: record.energy.total, isCold: coupling.isCold(tempered.alpha),
      isHot: coupling.isHot(tempered.alpha))
    if step >= method.samplingSteps || cold.returnsSinceBest >= method.patience {
      phase = 1
      beginDescent(method)
    }
    return record
  }

  /// From the next snapshot; where there is none, the chain never came back cold and its last state has to do.
  private mutating func beginDescent(_ method: TemperedTraining<Element>) {
    let start = cold.count > 0 ? cold.positions[Int(finished)] : tempered.position
    descent = FineTuning<Element>.State(start, stepSize: method.fineTuning.stepSize)
  }

  private mutating func takeResult(_ method: TemperedTraining<Element>) {
    finals[Int(finished)] = descent.position
    finalLosses[Int(finished)] = descent.epochLoss
    finished += 1
    let runs = method.starts == .best ? 1 : max(1, cold.count)
    if finished < runs { beginDescent(method) } else { phase = 2 }
  }
}

extension TemperedTraining {
  /// What the record of a finished training should warn of.
  package func warnings(on state: State) -> [String] {
    var warnings = tempering.report(on: state.tempered).flags
    if !state.isSampling && state.snapshotLosses.isEmpty {
      warnings.append("the chain never came back from the hot side to stay: its last state was finished")
    }
    return warnings
  }
}
