import Langevin

/// Momentum descent that halves its step size when the loss of an epoch no longer falls, and ends by itself.
///
///     v' = mu v - lr grad U_k(theta),    theta' = theta + v'
///
/// lr is halved when the epoch loss has not improved for `patience` epochs. It is over after `epochs` epochs, or when lr is
/// below a thousandth of its start; steps after that change nothing.
package struct FineTuning<Element: Scalar>: Sampler {
  /// lr at the start, above 0.
  package let stepSize: Double
  /// mu, from 0 to below 1.
  package let momentum: Double
  /// Epochs at most.
  package let epochs: UInt64
  /// Epochs without improvement before lr is halved.
  package let patience: UInt64

  /// Steps of size lr: `v' = mu v - lr grad U`, `theta' = theta + v'`.
  package init(stepSize: Double, momentum: Double, epochs: UInt64 = 50, patience: UInt64 = 5) throws(SamplingError) {
    try check(stepSize > 0 && stepSize.isFinite, "the step size", is: stepSize, expected: "above 0, finite")
    try check(momentum >= 0 && momentum < 1, "the momentum", is: momentum, expected: "from 0 to below 1")
    try check(epochs >= 1, "the number of epochs", is: Double(epochs), expected: "1 or more")
    try check(patience >= 1, "the patience", is: Double(patience), expected: "1 or more")
    self.stepSize = stepSize
    self.momentum = momentum
    self.epochs = epochs
    self.patience = patience
  }

  /// `fine-tuning`
  package var name: String { "fine-tuning" }
  /// None.
  package var law: StationaryLaw { .none }

  /// A descent on its way.
  package struct State: SamplerState {
    /// theta
    package var position: Tensor<Element>
    /// The number of steps done.
    package var step: UInt64 = 0
    /// The step size in use.
    package var currentStepSize: Double
    /// The mean loss of the last epoch; infinite before its end.
    package var epochLoss = Double.infinity
    /// Whether it is over.
    package var isFinished: Bool { finished == 1 }

    fileprivate var finished: UInt64 = 0
    fileprivate var velocity: Tensor<Element>
    fileprivate var lossSum = 0.0
    fileprivate var bestLoss = Double.infinity
    fileprivate var epochsSinceBest: UInt64 = 0
    fileprivate var gradient: Tensor<Element>

    /// At rest at `position`, in memory of its own.
    init(_ position: Tensor<Element>, stepSize: Double) {
      self.position = position
      currentStepSize = stepSize
      velocity = Tensor(zeros: position.count)
      gradient = velocity
    }

    /// Position, velocity, and where the descent stands.
    package mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &position)
      try archive.field("velocity", &velocity)
      try archive.field("step", &step)
      try archive.field("step-size", &currentStepSize)
      try archive.field("finished", &finished)
      try archive.field("epoch-loss", &epochLoss)
      try archive.field("loss-sum", &lossSum)
      try archive.field("best-loss", &bestLoss)
      try archive.field("epochs-since-best", &epochsSinceBest)
    }
  }

  /// Starts at `position`, at rest.
  package func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    return State(position, stepSize: stepSize)
  }

  /// One gradient, one pass.
  package func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let energy = try evaluator.gradient(
      on: .next, at: state.position, into: &state.gradient, step: state.step, checked: false)
    if state.isFinished { return StepRecord(energy: energy) }
    try evaluator.check(gradient: state.gradient, step: state.step)
    Pass().damp(momentum).kick(state.currentStepSize).drift(1)
      .run(
        position: &state.position, momentum: &state.velocity, gradient: state.gradient, noise: &evaluator.noise,
        step: state.step)
    state.step += 1
    state.lossSum += energy.total
    let length = UInt64(evaluator.batches.batchesPerEpoch)
    if state.step % length == 0 { endEpoch(&state, length: length) }
    return StepRecord(energy: energy)
  }

  private func endEpoch(_ state: inout State, length: UInt64) {
    state.epochLoss = state.lossSum / Double(length)
    state.lossSum = 0
    if state.epochLoss < state.bestLoss {
      state.bestLoss = state.epochLoss
      state.epochsSinceBest = 0
    } else {
      state.epochsSinceBest += 1
      if state.epochsSinceBest == patience {
        state.currentStepSize /= 2
        state.epochsSinceBest = 0
      }
    }
    if state.step / length == epochs || state.currentStepSize < stepSize / 1000 { state.finished = 1 }
  }
}
