import Langevin

/// Something to be learned, with everything that contestants share: data, network, minibatches, and where they start.
///
/// All of it follows from the seed, so that two methods at one seed are a pair.
struct TrainingTask: Sendable {
  /// The loss on the training examples.
  let training: Posterior<Float>
  /// The same on examples for choosing settings, and on those that nothing is chosen by.
  let validation, test: Posterior<Float>
  /// Examples of a minibatch.
  let batch: Int
  private let seed: UInt64
  private let law: @Sendable (MLP, RandomStream) -> Tensor<Float>

  /// Where all methods start.
  var start: Tensor<Float> { start(number: 0) }

  /// Where a method that starts several times starts; 0 is where the others do.
  func start(number: Int) -> Tensor<Float> {
    law(training.network, RandomStream(seed: seed, chain: number, purpose: .initialisation))
  }

  /// Steps of an epoch.
  var stepsPerEpoch: Int { (training.exampleCount + batch - 1) / batch }

  /// A task from its data; without a law of its own it starts from the network's usual one.
  init(
    _ network: MLP, _ data: Dataset<Float>, loss: Loss, batch: Int, seed: UInt64,
    start: @escaping @Sendable (MLP, RandomStream) -> Tensor<Float> = { $0.initialParameters(from: $1) }
  ) throws {
    guard let validation = data.validation, let test = data.test else {
      throw Failure("\(data.name) needs test and validation examples")
    }
    training = try Posterior(network, examples: data.train, loss: loss)
    self.validation = try Posterior(network, examples: validation, loss: loss)
    self.test = try Posterior(network, examples: test, loss: loss)
    self.batch = batch
    (self.seed, law) = (seed, start)
  }

  /// How good parameters are on some of the examples.
  struct Score {
    /// The share of wrong classes; of values the mean squared error over their variance. A constant guess has 1 - 1/classes, or 1.
    let error: Double
    /// The mean loss, for classes the mean of -ln p.
    let loss: Double
  }

  /// The score at a point.
  static func score(_ posterior: Posterior<Float>, at point: Tensor<Float>) throws -> Score {
    var workspace = posterior.makeWorkspace()
    let fit = try posterior.fit(at: point, workspace: &workspace)
    return Score(error: fit.errorRate ?? 2 * fit.cost / posterior.targetVariance, loss: fit.cost)
  }

  /// The error of a constant guess.
  var guess: Double {
    if case .classes(_, let count) = training.examples.targets { 1 - 1 / Double(count) } else { 1 }
  }
}

extension Posterior<Float> {
  /// The variance of real targets, summed over the outputs.
  fileprivate var targetVariance: Double {
    guard case .values(let values) = examples.targets else { return .nan }
    let width = values.shape[1]
    return (0..<width).reduce(0.0) { sum, output in
      var moments = RunningMoments()
      for row in 0..<examples.count { moments.add(Double(values[row * width + output])) }
      return sum + (moments.variance ?? .nan)
    }
  }
}

// MARK: The tasks

/// A task by its name: how it is made from a seed.
struct NamedTask: Sendable {
  let name: String
  /// Epochs that every method has.
  let epochs: Int
  /// Sizes and network, for people.
  let summary: String
  let make: @Sendable (UInt64) throws -> TrainingTask

  private init<S: SyntheticSet>(
    _ name: String, epochs: Int, _ set: S, train: Int, test: Int = 1000, network: [Int], hidden: Activation = .relu,
    loss: Loss, batch: Int,
    start: @escaping @Sendable (MLP, RandomStream) -> Tensor<Float> = { $0.initialParameters(from: $1) },
    prepare: @escaping @Sendable (Dataset<Float>) throws -> Dataset<Float> = { $0 }
  ) {
    self.name = name
    self.epochs = epochs
    summary =
      "\(name): \(train) examples, network \(network.map(String.init).joined(separator: "-")), "
      + "batches of \(batch), \(epochs) epochs"
    make = { seed in
      var set = set
      (set.train, set.validation, set.test, set.seed) = (train, test / 2, test, seed)
      let network = try MLP(network, hidden: hidden)
      return try TrainingTask(
        network, prepare(set.make()), loss: loss, batch: batch, seed: seed, start: start)
    }
  }

  private init(name: String, epochs: Int, summary: String, make: @escaping @Sendable (UInt64) throws -> TrainingTask) {
    (self.name, self.epochs, self.summary, self.make) = (name, epochs, summary, make)
  }

  /// Pictures from a folder, such as MNIST; a tenth of the training examples, by chance, is for validation.
  static func images(in folder: String, epochs: Int, width: Int) throws -> NamedTask {
    let data = try Dataset<Float>(contentsOf: folder)
    guard let classes = data.classCount, data.test != nil else {
      throw Failure("\(folder) holds no test examples with classes; expected pictures such as MNIST's")
    }
    let network = try MLP([data.inputWidth, width, width, classes])
    return NamedTask(
      name: "digits", epochs: epochs,
      summary:
        "digits: \(data.summary), a tenth of the training examples for validation, network \(network), batches of 100, "
        + "\(epochs) epochs"
    ) { seed in
      try TrainingTask(
        network, data.splitting(validation: 0.1, seed: seed), loss: .crossEntropy, batch: 100, seed: seed)
    }
  }

  static func spirals(turns: Double, epochs: Int) -> NamedTask {
    var set = Spirals()
    set.turns = turns
    return NamedTask(
      "spirals-\(Int(turns))", epochs: epochs, set, train: 500, network: [2, 100, 1], loss: .binaryCrossEntropy,
      batch: 25)
  }

  static func checkerboard(epochs: Int) -> NamedTask {
    NamedTask(
      "checkerboard", epochs: epochs, Checkerboard(), train: 500, network: [2, 100, 1], loss: .binaryCrossEntropy,
      batch: 25)
  }

  /// One label in ten is wrong, in all parts, so that nothing can be right more often than nine times in ten.
  static func moons(epochs: Int) -> NamedTask {
    var set = Moons()
    (set.noise, set.flipProbability) = (0.2, 0.1)
    return NamedTask(
      "moons", epochs: epochs, set, train: 200, network: [2, 100, 1], loss: .binaryCrossEntropy, batch: 25)
  }

  static func smallDigits(epochs: Int) -> NamedTask {
    NamedTask(
      "digits", epochs: epochs, Digits(), train: 1000, network: [64, 32, 10], loss: .crossEntropy, batch: 25)
  }

  /// Pictures of 28 x 28 pixels.
  static func largeDigits(epochs: Int, train: Int, width: Int) -> NamedTask {
    var set = Digits()
    set.size = 28
    return NamedTask(
      "digits", epochs: epochs, set, train: train, network: [784, width, width, 10], loss: .crossEntropy, batch: 50)
  }

  /// The product of 3 of 20 signs, as a class: nothing is learned until all three are found together.
  static func sparseParity(epochs: Int, train: Int = 1000) -> NamedTask {
    var set = Parity()
    (set.dimension, set.sparsity) = (20, 3)
    return NamedTask(
      "parity", epochs: epochs, set, train: train, network: [20, 64, 1], loss: .binaryCrossEntropy, batch: 25,
      prepare: { data in
        func classes(_ examples: Examples<Float>) throws -> Examples<Float> {
          guard case .values(let values) = examples.targets else { return examples }
          return try Examples(
            count: examples.count, inputWidth: examples.inputWidth,
            targets: .classes(values.elements.map { $0 > 0 ? 1 : 0 }, count: 2)
          ) { row, inputs in
            for (index, value) in examples.input(row).enumerated() { inputs[index] = value }
          }
        }
        return try Dataset(
          name: data.name, train: classes(data.train), test: data.test.map(classes),
          validation: data.validation.map(classes))
      })
  }

  /// A regression that a network of the same shape can solve, from a start near a saddle: all hidden units are copies of one, up to
  /// a part in a thousand.
  static func teacher(epochs: Int) -> NamedTask {
    var set = Teacher()
    (set.network, set.noise) = ("10-20-1", 0.02)
    return NamedTask(
      "teacher", epochs: epochs, set, train: 500, network: [10, 20, 1], hidden: .tanh, loss: .squaredError, batch: 25,
      start: { network, random in
        var start: Tensor<Float> = network.initialParameters(from: random)
        let noise: Tensor<Float> = network.initialParameters(from: random.substream(1))
        let (inputs, units) = (network.sizes[0], network.sizes[1])
        for unit in 0..<units {
          for input in 0..<inputs { start[unit * inputs + input] = start[input] + noise[unit * inputs + input] / 1000 }
          start[inputs * units + unit] = start[inputs * units]
          start[(inputs + 1) * units + unit] = start[(inputs + 1) * units]
        }
        return start
      })
  }
}
