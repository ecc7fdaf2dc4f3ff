/// Sums of several quantities over a stream of steps, kept in 64 to 127 consecutive blocks of equal length.
///
/// The blocks double in length as the stream grows, so memory is constant; their spread gives standard errors that include
/// correlations, and adding up in blocks keeps rounding small. Nothing is allocated per step.
struct BlockedSums: Sendable {
  /// The number of quantities.
  let width: Int
  /// The number of steps added.
  private(set) var steps = 0
  /// Steps per block.
  private(set) var blockSteps = Self.chunk

  static let chunk = 4096
  private static let most = 128

  /// Complete blocks, one after the other.
  private var blocks: [Double]
  private var blockCount = 0
  /// What belongs to no complete block: the block in progress, and ends left over by merging.
  private var open: [Double]
  private var openSteps = 0
  private var rest: [Double]
  /// The chunk in progress.
  private var current: [Double]
  private var currentSteps = 0

  init(width: Int) {
    self.width = width
    blocks = Array(repeating: 0, count: Self.most * width)
    open = Array(repeating: 0, count: width)
    rest = open
    current = open
  }

  /// Adds one step: `body` adds to each sum.
  mutating func add(_ body: (UnsafeMutablePointer<Double>) -> Void) {
    current.withUnsafeMutableBufferPointer { sums in
      if let base = sums.baseAddress { body(base) }
    }
    steps += 1
    currentSteps += 1
    if currentSteps == Self.chunk { closeChunk() }
  }

  private mutating func closeChunk() {
    for index in 0..<width {
      open[index] += current[index]
      current[index] = 0
    }
    openSteps += currentSteps
    currentSteps = 0
    if openSteps >= blockSteps { closeBlock() }
  }

  private mutating func closeBlock() {
    for index in 0..<width {
      blocks[blockCount * width + index] = open[index]
      open[index] = 0
    }
    openSteps = 0
    blockCount += 1
    if blockCount == Self.most { doubleBlocks() }
  }

  private mutating func doubleBlocks() {
    for pair in 0..<blockCount / 2 {
      for index in 0..<width {
        blocks[pair * width + index] = blocks[2 * pair * width + index] + blocks[(2 * pair + 1) * width + index]
      }
    }
    if blockCount % 2 == 1 {
      for index in 0..<width { rest[index] += blocks[(blockCount - 1) * width + index] }
    }
    blockCount /= 2
    blockSteps *= 2
  }

  /// Adds another stream. Blocks are brought to one length; what does not fill one counts for the totals only.
  mutating func merge(_ other: BlockedSums) {
    precondition(width == other.width, "only sums of the same quantities can be added")
    var other = other
    while blockSteps < other.blockSteps { doubleBlocks() }
    while other.blockSteps < blockSteps { other.doubleBlocks() }
    while blockCount + other.blockCount >= Self.most {
      doubleBlocks()
      other.doubleBlocks()
    }
    for index in 0..<width {
      rest[index] += open[index] + current[index] + other.rest[index]
      open[index] = other.open[index]
      current[index] = other.current[index]
    }
    openSteps = other.openSteps
    currentSteps = other.currentSteps
    steps += other.steps
    for index in 0..<other.blockCount * width { blocks[blockCount * width + index] = other.blocks[index] }
    blockCount += other.blockCount
  }

  /// The sums over all steps.
  var totals: [Double] {
    var sums = zip(zip(rest, open), current).map { $0.0 + $0.1 + $1 }
    for (index, value) in blocks[..<(blockCount * width)].enumerated() { sums[index % width] += value }
    return sums
  }

  /// The sums over each complete block.
  var blockTotals: [[Double]] {
    (0..<blockCount).map { Array(blocks[$0 * width..<($0 + 1) * width]) }
  }
}
