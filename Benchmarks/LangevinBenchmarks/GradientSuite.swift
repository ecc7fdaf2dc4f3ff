import Langevin

/// Energy and gradient of networks, counted on their true operations.
enum GradientSuite {
  static func run(_ report: inout Report) throws {
    for (sizes, batch, goal) in [
      ("100-5000-100-10", 128, "70 %"), ("100-5000-100-10", 512, "70 %"), ("100-500-100-10", 128, "60 %"),
      ("100-500-100-10", 512, "60 %"), ("100-50-100-10", 128, "40 %"), ("100-50-100-10", 512, "40 %"),
    ] {
      let name = "gradient \(sizes) batch \(batch)"
      try report.add(name, against: Machine.floatPeak) {
        try minibatch(name, sizes, batch: batch, loss: .crossEntropy, goal: goal)
      }
    }
    try report.add("gradient 2-100-1 batch 25", against: Machine.floatPeak) {
      try minibatch("gradient 2-100-1 batch 25", "2-100-1", batch: 25, loss: .binaryCrossEntropy, goal: "10 us")
    }
    try report.add("gradient 100-50-100-10 on 100000 examples", against: Machine.floatPeak) {
      try fullData("gradient 100-50-100-10 on 100000 examples", threads: 1)
    }
    for threads in [1, 2] {
      let name = "gradient 100-50-100-10 on 100000 examples, threads \(threads)"
      try report.add(name) { try fullData(name, threads: threads) }
    }
    for threads in [1, 2] {
      let name = "gradient 100-5000-100-10 batch 512, threads \(threads)"
      try report.add(name) {
        try minibatch(name, "100-5000-100-10", batch: 512, loss: .crossEntropy, goal: nil, threads: threads)
      }
    }
  }

  /// Examples of the K-spin kind: ten random references, spins flipped with probability 0.355.
  static func spins(_ count: Int, width: Int, classes: Int) throws -> Examples<Float> {
    let random = RandomStream(seed: 1, purpose: .user)
    var references = Tensor(Array(repeating: Float(0), count: classes * width))
    random.fillUniforms(&references, lane: 1)
    var flips = try Tensor<Float>(shape: [count, width])
    random.fillUniforms(&flips)
    let labels = (0..<count).map { Int32($0 * 7 % classes) }
    return try Examples(count: count, inputWidth: width, targets: .classes(labels, count: max(classes, 2))) {
      row, inputs in
      for column in inputs.indices {
        let spin: Float = references[Int(labels[row]) * width + column] < 0.5 ? -1 : 1
        inputs[column] = flips[row, column] < 0.355 ? -spin : spin
      }
    }
  }

  private static func minibatch(
    _ name: String, _ sizes: String, batch: Int, loss: Loss, goal: String?, threads: Int = 1
  ) throws -> Workload {
    let network = try MLP(sizes, output: loss == .crossEntropy ? .relu : .identity)
    let classes = loss == .crossEntropy ? network.outputWidth : 2
    let posterior = try Posterior(
      network, examples: spins(10_000, width: network.inputWidth, classes: classes), loss: loss,
      prior: .gaussian(precision: 1e-4))
    var workspace = posterior.makeWorkspace(pool: try ThreadPool(threads: threads))
    var batches = try BatchStream(.withReplacement(batch), exampleCount: posterior.exampleCount, seed: 1)
    let theta: Tensor<Float> = network.initialParameters(from: RandomStream(seed: 2, purpose: .initialisation))
    var gradient = theta
    return Workload(
      name: name, amount: Double(network.operationsPerExample * batch) / 1e9, unit: "GFLOP/s", goal: goal
    ) {
      batches.advance()
      _ = try posterior.evaluate(at: theta, over: batches.current, gradient: &gradient, workspace: &workspace)
    }
  }

  private static func fullData(_ name: String, threads: Int) throws -> Workload {
    let network = try MLP("100-50-100-10", output: .relu)
    let posterior = try Posterior(network, examples: spins(100_000, width: 100, classes: 10), loss: .crossEntropy)
    var workspace = posterior.makeWorkspace(pool: try ThreadPool(threads: threads))
    let theta: Tensor<Float> = network.initialParameters(from: RandomStream(seed: 2, purpose: .initialisation))
    var gradient = theta
    return Workload(
      name: name, amount: Double(network.operationsPerExample * posterior.exampleCount) / 1e9, unit: "GFLOP/s",
      goal: "40 %"
    ) {
      _ = try posterior.evaluate(at: theta, gradient: &gradient, workspace: &workspace)
    }
  }
}
