/// The memory of a posterior's evaluations, and the way a batch is cut among threads.
///
/// A batch is cut in shares, their number fixed by the batch alone; a share is worked through in tiles that fit the
/// cache. Share 0 adds its gradient up in the result, the others in buffers of their own, which are then added in order.
public final class PosteriorWorkspace<Element: Scalar> {
  typealias Out = UnsafeMutablePointer<Element>

  /// One tile of a batch: its inputs, and where its targets are.
  struct Tile {
    let inputs: NetworkPass<Element>.Inputs
    /// The place of the tile's first example in the batch.
    let start: Int
    /// The rows of its targets, or nil if they are start, start + 1, ...
    var rows: UnsafePointer<Int32>? { inputs.rows.indices }
  }

  /// Shares make sense from this many examples each.
  private static var smallestShare: Int { 256 }
  /// More shares would cost memory, a gradient each, and help only beyond that many cores.
  private static var mostShares: Int { 8 }

  /// What a share adds up besides gradients.
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
  private let tileSize: Int
  /// One for each thread that has had work.
  private var passes: [NetworkPass<Element>] = []
  /// The gradients of the shares after the first: one after the other, or the one that is under way.
  private var shareGradients = AlignedStorage<Element>(count: 0)
  /// All inputs as panels, and what they were made of.
  private var whole: (inputs: Tensor<Element>, panels: AlignedStorage<Element>)?
  private var shareSums = [Sums](repeating: Sums(), count: mostShares)
  /// The precisions of the blocks now, where they are sampled along with the parameters.
  package var precisions: SampledPrecisions?

  init(_ network: MLP, exampleCount: Int, precisions: SampledPrecisions?, pool: ThreadPool) {
    self.network = network
    self.precisions = precisions
    self.pool = pool
    tileSize = min(Self.tileSize(for: network), exampleCount)
  }

  /// Examples whose activations and deltas together take about a megabyte, the second cache of today's cores, but no
  /// fewer than it takes to make the packing of the weights cheap.
  private static func tileSize(for network: MLP) -> Int {
    let bytes = network.sizes.dropFirst().reduce(0) { $0 + 2 * $1 } * MemoryLayout<Element>.stride
    return min(max((1 << 20) / bytes / 32 * 32, 128), 1024)
  }

  /// Runs `body` on every tile of a batch, shares side by side on the pool; the sums of the shares are added in order.
  @discardableResult
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func forEachTile(
    _ batch: Minibatch, of examples: Examples<Element>,
    _ body: (_ pass: NetworkPass<Element>, _ tile: Tile, _ share: Int, _ isFirst: Bool) -> Sums
  ) -> Sums {
    guard let rows = batch.rows else {
      return forEachTile(examples.count, nil, of: examples, body)
    }
    return rows.withUnsafeBufferPointer { forEachTile(rows.count, $0.baseAddress, of: examples, body) }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func forEachTile(
    _ count: Int, _ rows: UnsafePointer<Int32>?, of examples: Examples<Element>,
    _ body: (_ pass: NetworkPass<Element>, _ tile: Tile, _ share: Int, _ isFirst: Bool) -> Sums
  ) -> Sums {
    let shares = Self.shareCount(count)
    let workers = min(pool.threadCount, shares)
    while passes.count < workers { passes.append(NetworkPass(network, capacity: tileSize)) }
    let (stride, width) = (examples.inputStride, network.inputWidth)
    let gathered = rows == nil ? gatheredInputs(of: examples)?.base : nil

    examples.inputs.withPointer { inputs in
      shareSums.withUnsafeMutableBufferPointer { shareSums in
        pool.run(items: workers) { worker in
          for share in shares * worker / workers..<shares * (worker + 1) / workers {
            var sums = Sums()
            let end = Self.start(of: share + 1, shares, count)
            var start = Self.start(of: share, shares, count)
            let first = start
            while start < end {
              let size = min(tileSize, end - start)
              let place = rows == nil ? inputs + start * stride : inputs
              let tile = Tile(
                inputs: .init(
                  rows: .init(place, stride: stride, indices: rows.map { $0 + start }),
                  gathered: gathered.map { $0 + start * width }, count: size),
                start: start)
              sums += body(passes[worker], tile, share, start == first)
              start += size
            }
            shareSums[share] = sums
          }
        }
      }
    }
    return shareSums[..<shares].reduce(into: Sums(), +=)
  }

  /// Where a share begins: at a whole panel.
  private static func start(of share: Int, _ shares: Int, _ count: Int) -> Int {
    let panel = Kernels<Element>.panel
    return share == shares ? count : count * share / shares / panel * panel
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

  /// Adds up vectors of `length` numbers over a batch: `body` writes a tile's part to `sum`, or adds it if told to.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func addUp(
    _ batch: Minibatch, of examples: Examples<Element>, length: Int, into total: Out,
    _ body: (_ pass: NetworkPass<Element>, _ tile: Tile, _ sum: Out, _ accumulate: Bool) -> Sums
  ) -> Sums {
    let shares = Self.shareCount(batch.count(of: examples.count))
    // One thread comes to the shares in order, so all after the first can share a buffer; the sums are the same.
    let usesOneBuffer = pool.threadCount == 1
    let stride = usesOneBuffer ? 0 : length
    let needed = shares == 1 ? 0 : usesOneBuffer ? length : (shares - 1) * length
    if shareGradients.count < needed { shareGradients = AlignedStorage(count: needed) }
    let others = shareGradients.base
    let sums = forEachTile(batch, of: examples) { pass, tile, share, isFirst in
      if usesOneBuffer && isFirst && share > 1 { kernels.axpby(1, others, 1, total, length) }
      return body(pass, tile, share == 0 ? total : others + (share - 1) * stride, !isFirst)
    }
    for share in (usesOneBuffer ? max(1, shares - 1) : 1)..<shares {
      kernels.axpby(1, others + (share - 1) * stride, 1, total, length)
    }
    return sums
  }

  private static func shareCount(_ count: Int) -> Int { min(max(count / smallestShare, 1), mostShares) }
}
