import Langevin

/// The best cold states of a tempered chain: one for each return from the hot side, kept by the mean loss of its stay.
struct ColdSnapshots<Element: Scalar>: Sendable {
  /// Steps in the cold before a state is taken.
  let wait: UInt64
  /// The states, the best first, and the mean losses of their stays; places not yet used are infinite.
  private(set) var positions: [Tensor<Element>]
  private(set) var losses: [Double]
  /// The stay that goes on.
  private var candidate: Tensor<Element>
  private var candidateIsTaken: UInt64 = 0
  private var stayLength: UInt64 = 0
  private var stayLoss = 0.0
  /// 1 after a visit to the hot side, until the next stay in the cold has ended.
  private var isDue: UInt64 = 0
  /// Returns since the best loss has improved.
  private(set) var returnsSinceBest: UInt64 = 0

  init(count: Int, wait: UInt64, dimension: Int) {
    self.wait = wait
    positions = Array(repeating: Tensor(zeros: dimension), count: count)
    losses = Array(repeating: .infinity, count: count)
    candidate = Tensor(zeros: dimension)
  }

  /// How many there are.
  var count: Int { losses.count { $0 < .infinity } }

  mutating func observe(_ position: Tensor<Element>, loss: Double, isCold: Bool, isHot: Bool) {
    if isHot { isDue = 1 }
    guard isCold else { return endStay() }
    guard isDue == 1 else { return }
    stayLength += 1
    stayLoss += loss
    if stayLength == wait {
      let count = position.count
      position.withPointer { source in
        candidate.withMutablePointer { Element.kernels.axpby(1, source, 0, $0, count) }
      }
      candidateIsTaken = 1
    }
  }

  private mutating func endStay() {
    guard stayLength > 0 else { return }
    if candidateIsTaken == 1 {
      let loss = stayLoss / Double(stayLength)
      returnsSinceBest = loss < losses[0] ? 0 : returnsSinceBest + 1
      insert(loss)
    }
    (stayLength, stayLoss, candidateIsTaken, isDue) = (0, 0, 0, 0)
  }

  /// Puts the candidate in its place; the worst drops out and lends its memory to the next candidate.
  private mutating func insert(_ loss: Double) {
    guard var place = losses.indices.last, loss < losses[place] else { return }
    losses[place] = loss
    swap(&positions[place], &candidate)
    while place > 0 && losses[place] < losses[place - 1] {
      losses.swapAt(place, place - 1)
      positions.swapAt(place, place - 1)
      place -= 1
    }
  }

  mutating func archive(in archive: inout some StateArchive) throws {
    for index in positions.indices { try archive.field("snapshots.\(index)", &positions[index]) }
    try archive.field("snapshots.losses", &losses)
    try archive.field("snapshots.candidate", &candidate)
    try archive.field("snapshots.candidate-is-taken", &candidateIsTaken)
    try archive.field("snapshots.stay-length", &stayLength)
    try archive.field("snapshots.stay-loss", &stayLoss)
    try archive.field("snapshots.is-due", &isDue)
    try archive.field("snapshots.returns-since-best", &returnsSinceBest)
  }
}
