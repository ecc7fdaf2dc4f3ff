import LangevinCore

/// How the examples are cut into the batches of an epoch, and the step sizes and temperatures that go with them.
///
/// Both schedules are functions of the epoch: inside one they are constant, or nothing would cancel. A short last batch has
/// a step as much smaller, so that each example counts the same.
struct Epoch: Sendable {
  /// n
  let batches: UInt64
  /// B'/B of the last batch.
  let lastWeight: Double
  let stepSize: Schedule
  let temperature: Schedule

  /// The number of the epoch of a step.
  func number(_ step: UInt64) -> UInt64 { step / batches }
  /// The place of a step in its epoch.
  func place(_ step: UInt64) -> UInt64 { step % batches }
  /// Whether an epoch ends with this step.
  func isLast(_ step: UInt64) -> Bool { place(step) == batches - 1 }
  /// h of the batch that a step uses.
  func stepSize(_ step: UInt64) -> Double { stepSize.value(at: number(step)) * (isLast(step) ? lastWeight : 1) }
  /// 2 h T of a step.
  func variance(_ step: UInt64) -> Double { 2 * stepSize(step) * temperature.value(at: number(step)) }
}

extension Epoch {
  /// The epochs of a chain's minibatches; refused where an epoch would not use every example once.
  init(
    of batches: BatchStream, stepSize: Schedule, temperature: Schedule, allowsDroppedExamples: Bool, for name: String
  ) throws(SamplingError) {
    let (count, total) = (batches.batchesPerEpoch, batches.exampleCount)
    var lastWeight = 1.0
    switch batches.scheme {
    case .all: break
    case .epochs(let size, .short): lastWeight = Double(total - (count - 1) * size) / Double(size)
    case .epochs(let size, .dropped):
      if total % size != 0 && !allowsDroppedExamples {
        throw .refused(
          "\(name): each epoch would leave \(total % size) of \(total) examples out, whose noise does not cancel; keep the "
            + "short last batch, or set allowsDroppedExamples")
      }
    default:
      throw .refused("\(name) needs every example once per epoch in a fresh order: BatchScheme.epochs(size)")
    }
    if !batches.isAtEpochStart { throw .refused("\(name) must start at the beginning of an epoch of its minibatches") }
    self.init(
      batches: UInt64(count), lastWeight: lastWeight, stepSize: stepSize, temperature: temperature)
  }
}
