import LangevinCore

/// The two spirals of the reference table, made without any random library: data, initial network and order of batches.
///
/// The order of the batches is part of the table, so this potential brings its own and ignores the minibatch it is handed.
struct SpiralTrace: Potential {
  typealias Element = Double

  let posterior: Posterior<Double>
  let start: Tensor<Double>
  private let batchSeed: UInt64

  init(seed: UInt64 = 0, points: Int = 500) throws {
    let network = try MLP([2, 100, 1], hidden: .relu)
    posterior = try Posterior(
      network, examples: Self.examples(seed: 1000 + seed, points: points), loss: .binaryCrossEntropy)
    var random = SplitMix(seed: 3000 + seed)
    start = Tensor(
      (0..<401).map { (index: Int) in (index < 300 ? 1 / 2.0.squareRoot() : 0.1) * (2 * random.uniform() - 1) })
    batchSeed = 4000 + seed
  }

  private static func examples(seed: UInt64, points: Int) throws -> Examples<Double> {
    var random = SplitMix(seed: seed)
    let half = points / 2
    let places = (0..<half).map { _ in random.uniform().squareRoot() }
    var inputs: [Double] = []
    for sign in [1.0, -1] {
      for place in places {
        let angle = 2 * Double.pi * 4 * place
        inputs += [sign * 2 * place * cosineOf(angle), sign * 2 * place * sineOf(angle)]
      }
    }
    for index in inputs.indices { inputs[index] += 0.02 * random.normal() }
    let labels = (0..<points).map { Int32($0 < half ? 0 : 1) }
    return try Examples(inputs: Tensor(shape: [points, 2], inputs), targets: .classes(labels, count: 2))
  }

  /// The next batches of the stream, and the posterior's memory.
  struct Workspace {
    var random: SplitMix
    var order: [Int32] = []
    var used = 0
    var memory: PosteriorWorkspace<Double>

    mutating func nextRows() -> [Int32] {
      if used == order.count {
        order = (0..<500).map { Int32($0) }
        for index in stride(from: 499, through: 1, by: -1) {
          order.swapAt(index, Int(random.uniform() * Double(index + 1)))
        }
        used = 0
      }
      used += 25
      return Array(order[used - 25..<used])
    }
  }

  var layout: ParameterLayout { posterior.layout }
  var exampleCount: Int { posterior.exampleCount }
  func makeWorkspace(pool: ThreadPool) -> Workspace {
    Workspace(random: SplitMix(seed: batchSeed), memory: posterior.makeWorkspace(pool: pool))
  }

  func evaluate(
    at position: Tensor<Double>, over batch: Minibatch, gradient: inout Tensor<Double>, workspace: inout Workspace
  ) throws(LangevinError) -> Energy {
    try posterior.evaluate(
      at: position, over: Minibatch(rows: workspace.nextRows()), gradient: &gradient, workspace: &workspace.memory)
  }
}

/// The generator of the reference tables.
struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return Double(z >> 11) * 0x1p-53
  }

  mutating func normal() -> Double {
    let radius = (-2 * naturalLogarithm(1 - uniform())).squareRoot()
    return radius * cosineOf(2 * .pi * uniform())
  }
}
