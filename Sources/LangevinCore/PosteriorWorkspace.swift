/// The memory of a posterior's evaluations, and the way a batch is cut among threads.
///
/// A batch is cut in lanes, their number fixed by the batch alone; a lane is worked through in blocks that fit the
/// cache. Lane 0 adds its gradient up in the result, the others in buffers of their own, which are then added in order.
public final class PosteriorWorkspace<Element: Scalar> {
  typealias Out = UnsafeMutablePointer<Element>

  /// One block of a batch: its inputs, and where its targets are.
  struct Block {
    let inputs: NetworkPass<Element>.Inputs
    /// The place of the block's first example in the batch.
    let start: Int
    /// The rows of its targets, or nil if they are start, start + 1, ...
    var rows: UnsafePointer<Int32>? { inputs.rows.indices }
  }

  /// Lanes make sense from this many examples each.
  private static var smallestLane: Int { 256 }
  /// More lanes would cost memory, a gradient each, and help only beyond that many cores.
  private static var mostLanes: Int { 8 }

  /// What a lane adds up besides gradients.
  struct Sums {
    var loss = 0.0
    var errors = 0

    static func += (sums: inout Sums, part: Sums) {
      sums.loss += part.loss
      sums.errors += part.errors
    }
  }

  let kernels = Element.kernels
  private let network: MLP
  private let pool: ThreadPool
  private let blockSize: Int
  /// One for each thread that has had work.
  private var passes: [NetworkPass<Element>] = []
  /// The gradients of the lanes after the first: one after the other, or the one that is under way.
  private var laneGradients = AlignedStorage<Element>(count: 0)
  /// All inputs as panels, and what they were made of.
  private var whole: (inputs: Tensor<Element>, panels: AlignedStorage<Element>)?
  private var laneSums = [Sums](repeating: Sums(), count: mostLanes)

  init(_ network: MLP, exampleCount: Int, pool: ThreadPool) {
    self.network = network
    self.pool = pool
    blockSize = min(Self.blockSize(for: network), exampleCount)
  }

  /// Examples whose activations and deltas together take about a megabyte, the second cache of today's cores, but no
  /// fewer than it takes to make the packing of the weights cheap.
  private static func blockSize(for network: MLP) -> Int {
    let bytes = network.sizes.dropFirst().reduce(0) { $0 + 2 * $1 } * MemoryLayout<Element>.stride
    return min(max((1 << 20) / bytes / 32 * 32, 128), 1024)
  }

  /// Runs `body` on every block of a batch, lanes side by side on the pool; the sums of the lanes are added in order.
  @discardableResult
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func forEachBlock(
    _ batch: Minibatch, of examples: Examples<Element>,
    _ body: (_ pass: NetworkPass<Element>, _ block: Block, _ lane: Int, _ isFirst: Bool) -> Sums
  ) -> Sums {
    guard let rows = batch.rows else {
      return forEachBlock(examples.count, nil, of: examples, body)
    }
    return rows.withUnsafeBufferPointer { forEachBlock(rows.count, $0.baseAddress, of: examples, body) }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func forEachBlock(
    _ count: Int, _ rows: UnsafePointer<Int32>?, of examples: Examples<Element>,
    _ body: (_ pass: NetworkPass<Element>, _ block: Block, _ lane: Int, _ isFirst: Bool) -> Sums
  ) -> Sums {
    let lanes = Self.laneCount(count)
    let workers = min(pool.threadCount, lanes)
    while passes.count < workers { passes.append(NetworkPass(network, capacity: blockSize)) }
    let (stride, width) = (examples.inputStride, network.inputWidth)
    let gathered = rows == nil ? gatheredInputs(of: examples)?.base : nil

    examples.inputs.withPointer { inputs in
      laneSums.withUnsafeMutableBufferPointer { laneSums in
        pool.run(items: workers) { worker in
          for lane in lanes * worker / workers..<lanes * (worker + 1) / workers {
            var sums = Sums()
            let end = Self.start(of: lane + 1, lanes, count)
            var start = Self.start(of: lane, lanes, count)
            let first = start
            while start < end {
              let size = min(blockSize, end - start)
              let place = rows == nil ? inputs + start * stride : inputs
              let block = Block(
                inputs: .init(
                  rows: .init(place, stride: stride, indices: rows.map { $0 + start }),
                  gathered: gathered.map { $0 + start * width }, count: size),
                start: start)
              sums += body(passes[worker], block, lane, start == first)
              start += size
            }
            laneSums[lane] = sums
          }
        }
      }
    }
    return laneSums[..<lanes].reduce(into: Sums(), +=)
  }

  /// Where a lane begins: at a whole panel.
  private static func start(of lane: Int, _ lanes: Int, _ count: Int) -> Int {
    let panel = Kernels<Element>.panel
    return lane == lanes ? count : count * lane / lanes / panel * panel
  }

  /// The inputs of all examples as panels, made once, if they are few: gathering them anew for each gradient would cost a
  /// small network half of its time.
  private func gatheredInputs(of examples: Examples<Element>) -> AlignedStorage<Element>? {
    if let whole, examples.inputs.isSame(as: whole.inputs) { return whole.panels }
    let elements = Kernels<Element>.filled(examples.count) * examples.inputWidth
    guard elements * MemoryLayout<Element>.stride <= 1 << 20 else { return nil }
    let panels = AlignedStorage<Element>(count: elements)
    panels.base.update(repeating: 0, count: elements)
    examples.inputs.withPointer { inputs in
      kernels.gather(
        .init(inputs, stride: examples.inputStride),
        into: .init(panels.base, width: examples.inputWidth, count: examples.count))
    }
    whole = (examples.inputs, panels)
    return panels
  }

  /// Adds up vectors of `length` numbers over a batch: `body` writes a block's part to `sum`, or adds it if told to.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func addUp(
    _ batch: Minibatch, of examples: Examples<Element>, length: Int, into total: Out,
    _ body: (_ pass: NetworkPass<Element>, _ block: Block, _ sum: Out, _ accumulate: Bool) -> Sums
  ) -> Sums {
    let lanes = Self.laneCount(batch.count(of: examples.count))
    // One thread comes to the lanes in order, so all after the first can share a buffer; the sums are the same.
    let isShared = pool.threadCount == 1
    let stride = isShared ? 0 : length
    let needed = lanes == 1 ? 0 : isShared ? length : (lanes - 1) * length
    if laneGradients.count < needed { laneGradients = AlignedStorage(count: needed) }
    let others = laneGradients.base
    let sums = forEachBlock(batch, of: examples) { pass, block, lane, isFirst in
      if isShared && isFirst && lane > 1 { kernels.axpby(1, others, 1, total, length) }
      return body(pass, block, lane == 0 ? total : others + (lane - 1) * stride, !isFirst)
    }
    for lane in (isShared ? max(1, lanes - 1) : 1)..<lanes {
      kernels.axpby(1, others + (lane - 1) * stride, 1, total, length)
    }
    return sums
  }

  private static func laneCount(_ count: Int) -> Int { min(max(count / smallestLane, 1), mostLanes) }
}
