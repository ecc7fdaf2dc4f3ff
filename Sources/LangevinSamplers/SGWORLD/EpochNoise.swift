import LangevinCore

/// Where the noise of an overdamped step stands.
enum EpochNoise {
  /// After the move: the Euler step.
  case after
  /// Half of it before and half after, which neighbouring steps share: the Leimkuhler-Matthews step.
  case shared
  /// Half before and half after, independent of one another: what the midpoint correction needs.
  case split
}

/// A chain in the middle of an epoch: the point where the next gradient is taken, and what stands for the chain at the end.
struct EpochWalk<Element: Scalar>: Sendable {
  /// With the part of its noise that comes before the next gradient.
  var position: Tensor<Element>
  /// The point at the end of the last epoch; empty where noise is shared, where it is the position.
  var recorded: Tensor<Element>
  /// The shared half that the next step ends with; empty where none is shared.
  var half: Tensor<Element>
  var gradient: Tensor<Element>

  /// Starts an epoch at `position`, with the noise that comes before the first gradient.
  init(at position: Tensor<Element>, _ kind: EpochNoise, _ epoch: Epoch, _ noise: inout NoiseSource) {
    let (zeros, none) = (Tensor<Element>(zeros: position.count), Tensor<Element>(zeros: 0))
    self.position = position
    gradient = zeros
    (recorded, half) = kind == .shared ? (none, zeros) : (position, none)
    switch kind {
    case .after: break
    case .shared:
      Pass().damp(0).noise(momentum: epoch.sharedHalf(0))
        .run(position: &self.position, momentum: &half, gradient: gradient, noise: &noise, step: 0)
    case .split: openSplit(before: 0, epoch, &noise)
    }
  }

  /// The point that stands for the chain.
  func draw(_ kind: EpochNoise) -> Tensor<Element> { kind == .shared ? position : recorded }

  /// A step down the gradient at hand, with its noise.
  mutating func move(_ kind: EpochNoise, _ step: UInt64, _ epoch: Epoch, _ noise: inout NoiseSource) {
    let h = epoch.stepSize(step)
    switch kind {
    case .after:
      descend(h, noise: epoch.variance(step), step, &noise)
      if epoch.isLast(step) { recorded.copy(position) }
    case .shared:
      // The half that the next step shares has the step size of that step, and its place in the stream.
      Pass().sharedOverdamped(h, next: epoch.sharedHalf(step + 1))
        .run(position: &position, momentum: &half, gradient: gradient, noise: &noise, step: step + 1)
    case .split:
      // The half after this step and the one before the next are one normal, but at the end of an epoch, where the point is
      // read between them.
      let (after, before) = (epoch.variance(step) / 2, epoch.variance(step + 1) / 2)
      guard epoch.isLast(step) else { return descend(h, noise: after + before, step, &noise) }
      descend(h, noise: after, step, &noise)
      recorded.copy(position)
      openSplit(before: step + 1, epoch, &noise)
    }
  }

  /// position += -h g + sqrt(variance) R
  private mutating func descend(_ h: Double, noise variance: Double, _ step: UInt64, _ noise: inout NoiseSource) {
    Pass().descend(h).noise(position: variance.squareRoot())
      .run(position: &position, gradient: gradient, noise: &noise, step: step)
  }

  /// The half of a split noise that comes before the first gradient of an epoch.
  private mutating func openSplit(before step: UInt64, _ epoch: Epoch, _ noise: inout NoiseSource) {
    Pass().noise(position: (epoch.variance(step) / 2).squareRoot())
      .run(position: &position, gradient: gradient, noise: &noise, step: step, firstLane: 1)
  }

  /// Exchanges the points at the ends of epochs; what each has already felt of the noise of its next epoch it keeps.
  static func exchange(_ a: inout EpochWalk, _ b: inout EpochWalk, _ kind: EpochNoise) {
    if kind == .shared {
      swap(&a.position, &b.position)
      a.position.add(1, a.half)
      a.position.add(-1, b.half)
      b.position.add(1, b.half)
      b.position.add(-1, a.half)
    } else {
      a.position.add(1, b.recorded)
      a.position.add(-1, a.recorded)
      b.position.add(1, a.recorded)
      b.position.add(-1, b.recorded)
      swap(&a.recorded, &b.recorded)
    }
  }
}

extension Epoch {
  /// sqrt(h T / 2) of a step.
  fileprivate func sharedHalf(_ step: UInt64) -> Double { variance(step).squareRoot() / 2 }
}
