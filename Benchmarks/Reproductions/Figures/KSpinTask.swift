import Langevin

/// The K-spin task of arXiv 2603.15367 with one of its three networks, 100-h-100-10 with ReLU after every layer.
struct KSpinTask {
  /// U on the training examples.
  let posterior: Posterior<Float>
  /// The same on test examples.
  let test: Posterior<Float>

  /// The widths h of the networks of 11 160, 101 610 and 1 006 110 parameters.
  static let hiddenWidths = [50, 500, 5000]

  /// The precision of the prior: as the published tables imply for the first and the last width, by the same rule between.
  static func precision(hidden: Int) -> Double {
    switch hidden {
    case 50: 9.015e-4
    case 500: 9.9e-5
    default: 1e-5
    }
  }

  /// The network of width h on so many examples; the realisation of the data follows from the seed.
  init(hidden: Int, examples: Int, tests: Int = 10_000, seed: UInt64, pool: ThreadPool) throws {
    var set = KSpin()
    set.train = examples
    set.test = tests
    set.seed = seed
    let data = try set.make(as: Float.self, on: pool)
    let network = try MLP([100, hidden, 100, 10], hidden: .relu, output: .relu)
    func posterior(_ examples: Examples<Float>) throws -> Posterior<Float> {
      try Posterior(
        network, examples: examples, loss: .crossEntropy,
        prior: .gaussian(precision: Self.precision(hidden: hidden)))
    }
    self.posterior = try posterior(data.train)
    test = try posterior(data.test ?? data.train)
  }

  /// Random weights after some steps of Adam.
  func trained(steps: Int = 1500, seed: UInt64, pool: ThreadPool = .single) throws -> Tensor<Float> {
    let adam = try Adam<Float>(stepSize: .constant(1e-3))
    var evaluator = try Evaluator(posterior, batches: .withReplacement(128), seed: seed, pool: pool)
    var state = try adam.start(
      at: posterior.network.initialParameters(from: RandomStream(seed: seed, purpose: .initialisation)),
      with: &evaluator)
    for _ in 0..<steps { _ = try adam.step(&state, with: &evaluator) }
    return state.position
  }
}
