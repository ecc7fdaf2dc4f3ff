import Langevin

/// Steps per second of whole samplers, minibatch, gradient and noise included.
enum SamplerSuite {
  static func run(_ report: inout Report) throws {
    for (sizes, batch, goal) in [
      ("2-100-1", 25, "100000 steps/s"), ("100-50-100-10", 128, nil), ("100-500-100-10", 128, nil),
      ("100-5000-100-10", 128, nil),
    ] as [(String, Int, String?)] {
      try report.add("sgld \(sizes) batch \(batch)") {
        try steps("sgld", sizes, batch, goal, SGLD<Float>(stepSize: 1e-3, temperature: 1e-4))
      }
      try report.add("pl \(sizes) batch \(batch)") {
        try steps("pl", sizes, batch, nil, PseudoLangevin<Float>(temperature: 1e-5))
      }
    }
    try report.add("adlala 2-100-1 batch 25") {
      try steps("adlala", "2-100-1", 25, "60000 steps/s", AdLaLa<Float>())
    }
  }

  private static func steps(
    _ name: String, _ sizes: String, _ batch: Int, _ goal: String?, _ sampler: some Sampler<Float>
  ) throws -> Workload {
    let network = try MLP(sizes, output: sizes == "2-100-1" ? .identity : .relu)
    let isBinary = network.outputWidth == 1
    let posterior = try Posterior(
      network,
      examples: GradientSuite.spins(10_000, width: network.inputWidth, classes: isBinary ? 2 : network.outputWidth),
      loss: isBinary ? .binaryCrossEntropy : .crossEntropy, prior: .gaussian(precision: 1e-4))
    var evaluator = try Evaluator(posterior, batches: .withReplacement(batch), seed: 1)
    var state = try sampler.start(
      at: network.initialParameters(from: RandomStream(seed: 2, purpose: .initialisation)), with: &evaluator)
    return Workload(name: "\(name) \(sizes) batch \(batch)", amount: 1, unit: "steps/s", goal: goal) {
      _ = try sampler.step(&state, with: &evaluator)
    }
  }
}
