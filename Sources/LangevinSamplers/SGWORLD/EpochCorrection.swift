import LangevinCore

/// The correction of a gradient that takes the errors of first order out of an epoch.
///
///     g <- g + factor [g_k(theta - (h/2) (g - g_j(theta))) - g]         g_j = 0 where no other batch is compared
enum EpochCorrection: Sendable {
  /// In every step, with factor 1: midpoint gradients.
  case everyStep
  /// In one step of each epoch, chosen at random, with factor n.
  case oneStep
  /// In one step of each epoch against another batch j of it, with factor n - 1.
  case oneStepAgainstAnother
}

/// What a correction needs from step to step.
struct CorrectionMemory<Element: Scalar>: Sendable {
  private let rule: EpochCorrection
  /// Where the second gradient is taken, and that gradient.
  private var probe, second: Tensor<Element>
  /// The batches to choose another one from.
  private var partners: BatchStream
  private let choices: RandomStream

  init<P: Potential>(_ rule: EpochCorrection, with evaluator: Evaluator<P>) where P.Element == Element {
    self.rule = rule
    probe = Tensor(zeros: evaluator.potential.parameterCount)
    second = probe
    partners = evaluator.batches
    choices = evaluator.stream(.batches).substream(1)
  }

  /// Corrects the gradient at `position`, where this step is one that corrects.
  mutating func correct<P: Potential>(
    _ gradient: inout Tensor<Element>, at position: Tensor<Element>, step: UInt64, _ epoch: Epoch,
    with evaluator: inout Evaluator<P>
  ) throws(SamplingError) where P.Element == Element {
    guard let factor = factor(step, epoch) else { return }
    let h = epoch.stepSize(step)
    probe.copy(position)
    if rule == .oneStepAgainstAnother {
      let other = partner(step, epoch)
      _ = try evaluator.gradient(on: .rows(other), at: position, into: &second, step: step, checked: false)
      probe.add(h / 2, second)
    }
    probe.add(-h / 2, gradient)
    _ = try evaluator.gradient(on: .same, at: probe, into: &second, step: step, checked: false)
    gradient.assign(factor, second, plus: 1 - factor)
  }

  /// The factor of a step that corrects; nil for the others.
  private func factor(_ step: UInt64, _ epoch: Epoch) -> Double? {
    let n = epoch.batches
    func isChosen() -> Bool { epoch.place(step) == choice(below: n, lane: 0, step, epoch) }
    switch rule {
    case .everyStep: return 1
    case .oneStep: return isChosen() ? Double(n) : nil
    case .oneStepAgainstAnother: return n > 1 && isChosen() ? Double(n - 1) : nil
    }
  }

  /// A batch of the same epoch other than the current one, uniformly.
  private mutating func partner(_ step: UInt64, _ epoch: Epoch) -> Minibatch {
    let place = epoch.place(step)
    let other = choice(below: epoch.batches - 1, lane: 1, step, epoch)
    partners.seek(to: step - place + (other < place ? other : other + 1))
    partners.advance()
    return partners.current
  }

  /// A number that belongs to the epoch.
  private func choice(below bound: UInt64, lane: UInt32, _ step: UInt64, _ epoch: Epoch) -> UInt64 {
    var value: Int32 = 0
    withUnsafeMutablePointer(to: &value) {
      choices.fillIntegers(
        below: Int(bound), into: UnsafeMutableBufferPointer(start: $0, count: 1), step: epoch.number(step), lane: lane)
    }
    return UInt64(value)
  }
}
