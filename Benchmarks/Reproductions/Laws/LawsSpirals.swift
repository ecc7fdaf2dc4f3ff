import Langevin

/// The two spirals of arXiv 1908.11843: test accuracy against that of the reference page of the splittings.
///
/// Data, network, batches of 25 and settings are those of that page; initial values and noise are our own.
enum LawsSpirals {
  static let epochs = [500, 1000, 2000, 4000]
  static let seeds = 5

  /// The table's means and standard deviations over seeds, in percent, by ``epochs``.
  struct Row: Sendable {
    let name: String
    var turns = 4.0
    let means: [Double]
    let deviations: [Double]
    let run: @Sendable (_ seed: UInt64, _ turns: Double) throws -> [Double]

    init(
      _ name: String, turns: Double = 4, _ means: [Double], _ deviations: [Double],
      _ method: @escaping @Sendable () throws -> some Sampler<Float>
    ) {
      (self.name, self.turns, self.means, self.deviations) = (name, turns, means, deviations)
      run = { seed, turns in try accuracies(of: method(), seed: seed, turns: turns) }
    }
  }

  static let table = [
    Row("AdLaLa", [76.5, 83.0, 87.7, 89.1], [3.3, 2.3, 3.3, 3.0]) {
      try Splitting<Float>.adLaLa(temperatures: (1e-4, 1e-4))
    },
    Row("AdLaLa T 1e-6", [75.8, 82.1, 87.5, 88.5], [3.7, 1.0, 2.6, 4.3]) {
      try Splitting<Float>.adLaLa(temperatures: (1e-6, 1e-6))
    },
    Row("LOL", [80.2, 86.8, 89.1, 94.0], [0.9, 2.1, 2.2, 1.6]) { try Splitting<Float>.lol(temperatures: (1e-4, 1e-4)) },
    Row("SGLD", [62.8, 69.0, 81.3, 87.9], [2.9, 2.2, 2.7, 5.8]) {
      try SGLD<Float>(stepSize: 0.25, temperature: 1e-4)
    },
    Row("SGD", [58.7, 62.5, 64.7, 66.6], [3.8, 1.3, 3.8, 3.8]) {
      try StochasticGradientDescent<Float>(stepSize: 0.25)
    },
    Row("SGD h 0.1", [57.0, 57.5, 60.4, 65.4], [3.0, 1.1, 2.4, 2.6]) {
      try StochasticGradientDescent<Float>(stepSize: 0.1)
    },
    Row("Adam", [61.0, 65.8, 70.6, 74.6], [2.1, 3.0, 3.7, 4.0]) { try Adam<Float>(stepSize: 0.005) },
    Row("LaLa", [59.8, 57.3, 63.8, 61.0], [3.6, 3.8, 2.5, 4.7]) {
      try Splitting<Float>.laLa(temperatures: (1e-4, 1e-4))
    },
    Row("LaLa, T1 1e-2", [67.7, 69.3, 67.7, 69.3], [1.6, 2.9, 2.5, 3.2]) {
      try Splitting<Float>.laLa(temperatures: (1e-2, 1e-4))
    },
    // Without deviations in the table: as those of its neighbours. Too little friction for the noise of the minibatches.
    Row("LaLa, gamma 0.01", [53.0, 54.3, 52.5, 50.7], [3.6, 3.8, 2.5, 4.7]) {
      try Splitting<Float>.laLa(temperatures: (1e-4, 1e-4), frictions: (0.01, 0.01))
    },
    Row("AdLaLa, 2 turns", turns: 2, [99.8, 99.1, 99.7, 99.9], [0.3, 1.6, 0.3, 0.3]) {
      try Splitting<Float>.adLaLa(temperatures: (1e-4, 1e-4))
    },
    Row("Adam, 2 turns", turns: 2, [99.8, 99.8, 99.8, 99.9], [0.3, 0.3, 0.3, 0.3]) {
      try Adam<Float>(stepSize: 0.005)
    },
  ]

  /// All rows, seeds side by side on the cores. The standard error is that of both means, plus the half point of two
  /// standard errors that the specification allows.
  static func accuracy(effort: Double = 1) throws -> [LawRow] {
    let pool = try ThreadPool(threads: min(seeds, ThreadPool.availableCores))
    return try table.flatMap { row in
      let runs = Slots<Result<[Double], any Error>>(count: seeds)
      pool.run(items: seeds) { seed in runs[seed] = Result { try row.run(UInt64(seed), row.turns) } }
      let curves = try (0..<seeds).compactMap { try runs[$0]?.get() }
      return epochs.indices.map { index in
        let found = meanAndError(curves.map { $0[index] })
        let error = row.deviations[index] / Double(seeds).squareRoot()
        return LawRow(
          name: "spirals, \(row.name): accuracy at epoch \(epochs[index])", value: found.mean,
          expected: row.means[index], standardError: (found.error * found.error + error * error).squareRoot() + 0.5)
      }
    }
  }

  /// Test accuracy in percent after each number of ``epochs``.
  private static func accuracies<Method: Sampler<Float>>(
    of method: Method, seed: UInt64, turns: Double
  ) throws -> [Double] {
    var recipe = Spirals()
    recipe.generator = .splitmix
    recipe.seed = seed
    recipe.turns = turns
    let data = try recipe.make(as: Float.self)
    guard let test = data.test else { return [] }
    let network = try MLP([2, 100, 1])
    let training = try Posterior(network, examples: data.train, loss: .binaryCrossEntropy)
    let testing = try Posterior(network, examples: test, loss: .binaryCrossEntropy)
    var workspace = testing.makeWorkspace()
    var evaluator = try Evaluator(training, batches: .epochs(25), seed: seed)
    let start: Tensor<Float> = network.initialParameters(
      .uniformFanIn, from: RandomStream(seed: seed, purpose: .initialisation))
    var state = try method.start(at: start, with: &evaluator)
    var curve: [Double] = []
    for epoch in epochs {
      while state.step < 20 * UInt64(epoch) { _ = try method.step(&state, with: &evaluator) }
      let fit = try testing.fit(at: state.position, workspace: &workspace)
      curve.append(100 * (1 - (fit.errorRate ?? 1)))
    }
    return curve
  }
}

/// One place for each item of a parallel loop. Unchecked: items write to places of their own, and are read afterwards.
private final class Slots<Value>: @unchecked Sendable {
  private let base: UnsafeMutablePointer<Value?>
  private let count: Int

  init(count: Int) {
    self.count = count
    base = .allocate(capacity: count)
    base.initialize(repeating: nil, count: count)
  }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  subscript(index: Int) -> Value? {
    get { base[index] }
    set { base[index] = newValue }
  }
}
