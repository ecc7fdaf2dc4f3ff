/// How the minibatches of a run are drawn from N examples.
public enum BatchScheme: Hashable, Sendable {
  /// All of the data at every step.
  case all
  /// `size` independent draws; an example may come twice and then counts twice.
  case withReplacement(Int)
  /// `size` independent draws of which the distinct examples are kept, so the batch is at most `size` long.
  case distinct(Int)
  /// A fresh uniform subset of exactly `size` examples at each step.
  case subset(Int)
  /// Every example once per epoch, in a fresh uniform order for each epoch.
  case epochs(Int, last: LastBatch = .short)
  /// The data cut in blocks once, in a uniform order, and the blocks used in turn, the same in every epoch.
  case fixedPartition(Int, last: LastBatch = .short)
  /// The data cut in K blocks that are used in the order 1 to K, then K to 1: a sweep of 2K steps. With `recut`, each
  /// sweep has a fresh cut (Paulin, Whalley, Chada and Leimkuhler, arXiv 2410.19780).
  case sweeps(Int, recut: Bool = true, last: LastBatch = .short)

  /// What becomes of the examples that are left when the size does not divide N.
  public enum LastBatch: String, Hashable, Sendable, CaseIterable {
    /// They make a shorter last batch. Its length is known to the sampler, which may weight its step by it.
    case short
    /// They sit this epoch out.
    case dropped
  }

  /// The batch size, nil for all of the data.
  public var size: Int? {
    switch self {
    case .all: nil
    case .withReplacement(let size), .distinct(let size), .subset(let size), .epochs(let size, _),
      .fixedPartition(let size, _), .sweeps(let size, _, _):
      size
    }
  }
}

/// The minibatches of one chain, one after the other.
///
/// Batch t is a function of (seed, chain, scheme, t) alone: `seek(to:)` goes to any step, and a checkpoint needs to
/// keep no more than `step`. The rows of the current batch are kept in place, and nothing is allocated per step.
public struct BatchStream: Sendable {
  /// How batches are drawn.
  package let scheme: BatchScheme
  /// The number N of examples drawn from.
  package let exampleCount: Int
  /// The number of batches drawn so far.
  package private(set) var step: UInt64 = 0
  /// The batch drawn last.
  public private(set) var current = Minibatch.all

  private let random: RandomStream
  private var rows: [Int32] = []
  /// The order of the epoch or cut in use, and which one it is.
  private var order: [Int32] = []
  private var orderNumber: UInt64?
  /// For `distinct`: which examples the batch holds already, one bit each.
  private var seen: [UInt64] = []

  /// The batches of a chain.
  package init(_ scheme: BatchScheme, exampleCount: Int, seed: UInt64, chain: Int = 0) throws(LangevinError) {
    try require(
      1...Int(Int32.max) ~= exampleCount, "the number of examples", is: exampleCount, expected: "1 to \(Int32.max)")
    if let size = scheme.size {
      try require(1...exampleCount ~= size, "the batch size", is: size, expected: "1 to \(exampleCount), the data set")
    }
    self.scheme = scheme
    self.exampleCount = exampleCount
    random = RandomStream(seed: seed, chain: chain, purpose: .batches)
  }

  /// The number of batches in which every example has its turn: an epoch, or one way of a sweep.
  public var batchesPerEpoch: Int {
    guard let size = scheme.size else { return 1 }
    switch scheme {
    case .epochs(_, .dropped), .fixedPartition(_, .dropped), .sweeps(_, _, .dropped): return exampleCount / size
    default: return (exampleCount + size - 1) / size
    }
  }

  /// Whether the next batch starts an epoch (or, for sweeps, a sweep).
  public var isAtEpochStart: Bool {
    let length = UInt64(batchesPerEpoch)
    if case .sweeps = scheme { return step % (2 * length) == 0 }
    return step % length == 0
  }

  /// Goes to a step, as a restart does; the next batch drawn is number `step`.
  package mutating func seek(to step: UInt64) { self.step = step }

  /// Draws the next batch into ``current``.
  package mutating func advance() {
    let number = step
    step += 1
    switch scheme {
    case .all: return
    case .withReplacement(let size): draw(size, step: number)
    case .distinct(let size):
      draw(size, step: number)
      dropRepeats()
    case .subset(let size): drawSubset(size, step: number)
    case .epochs(let size, _):
      let (epoch, place) = number.quotientAndRemainder(dividingBy: UInt64(batchesPerEpoch))
      useOrder(epoch)
      take(block: Int(place), size: size)
    case .fixedPartition(let size, _):
      useOrder(0)
      take(block: Int(number % UInt64(batchesPerEpoch)), size: size)
    case .sweeps(let size, let recut, _):
      let length = UInt64(batchesPerEpoch)
      let (sweep, place) = number.quotientAndRemainder(dividingBy: 2 * length)
      useOrder(recut ? sweep : 0)
      take(block: Int(place < length ? place : 2 * length - 1 - place), size: size)
    }
    // Handing the rows over and back keeps one array in use.
    current = Minibatch(rows: rows)
  }

  private mutating func resize(_ count: Int) {
    current = .all
    if rows.count < count { rows += Array(repeating: 0, count: count - rows.count) }
    if rows.count > count { rows.removeLast(rows.count - count) }
  }

  private mutating func draw(_ size: Int, step: UInt64) {
    resize(size)
    rows.withUnsafeMutableBufferPointer { random.fillIntegers(below: exampleCount, into: $0, step: step) }
  }

  private mutating func dropRepeats() {
    if seen.isEmpty { seen = Array(repeating: 0, count: exampleCount / 64 + 1) }
    var kept = 0
    for row in rows {
      let (word, bit) = (Int(row) / 64, UInt64(1) << (UInt64(row) % 64))
      if seen[word] & bit == 0 {
        seen[word] |= bit
        rows[kept] = row
        kept += 1
      }
    }
    rows.removeLast(rows.count - kept)
    for row in rows { seen[Int(row) / 64] = 0 }
  }

  /// Floyd's subset: for j = N - size ..< N take a uniform number up to j, or j itself if that was taken before.
  private mutating func drawSubset(_ size: Int, step: UInt64) {
    if seen.isEmpty { seen = Array(repeating: 0, count: exampleCount / 64 + 1) }
    resize(size)
    rows.withUnsafeMutableBufferPointer { rows in
      random.fillIntegers(below: exampleCount - size + 1, growing: 1, into: rows, step: step)
      for index in 0..<size {
        let last = exampleCount - size + index
        if seen[Int(rows[index]) / 64] & (1 << (UInt64(rows[index]) % 64)) != 0 { rows[index] = Int32(last) }
        seen[Int(rows[index]) / 64] |= 1 << (UInt64(rows[index]) % 64)
      }
    }
    for row in rows { seen[Int(row) / 64] = 0 }
  }

  private mutating func useOrder(_ number: UInt64) {
    if orderNumber == number { return }
    if order.isEmpty { order = Array(repeating: 0, count: exampleCount) }
    for index in 0..<exampleCount { order[index] = Int32(index) }
    order.withUnsafeMutableBufferPointer { random.shuffle($0, step: number, lane: 1) }
    orderNumber = number
  }

  private mutating func take(block: Int, size: Int) {
    let start = block * size
    let count = min(size, exampleCount - start)
    resize(count)
    for index in 0..<count { rows[index] = order[start + index] }
  }
}
