import Langevin

/// Whole steps of samplers, minibatch, gradient and noise included, and what a step costs beyond its gradient.
enum SamplerSuite {
  static func run(_ report: inout Report) throws {
    try steps(&report)
    try passes(&report)
  }

  /// The networks of the K-spin task, from 11 160 to 1 006 110 parameters.
  static let networks = ["100-50-100-10", "100-500-100-10", "100-5000-100-10"]

  /// Two spirals for the small network.
  static let spirals = Result { try Spirals().make(as: Float.self).train }
  /// As many examples as five times the parameters of the smallest network.
  static let spins = Result { try Recipe("kspin:train=55800,test=0").make(as: Float.self).train }

  static func posterior(_ sizes: String, on examples: Examples<Float>? = nil) throws -> Posterior<Float> {
    let isBinary = sizes == "2-100-1"
    return try Posterior(
      try MLP(sizes, output: isBinary ? .identity : .relu),
      examples: try examples ?? (isBinary ? spirals : spins).get(),
      loss: isBinary ? .binaryCrossEntropy : .crossEntropy, prior: .gaussian(precision: 1e-4))
  }
}

// MARK: Steps

extension SamplerSuite {
  private static func steps(_ report: inout Report) throws {
    let sgld = try SGLD<Float>(stepSize: 1e-3, temperature: 1e-4)
    let adlala = try Splitting<Float>.adLaLa(temperatures: (1e-4, 1e-4))
    // Without updates of masses, which have a row of their own, and without looking for directions of strong noise.
    let pseudoLangevin = try PseudoLangevin<Float>(temperature: 3e-5) {
      $0.updateEvery = .max
      $0.directions = 0
    }

    try report.add("sgld 2-100-1 batch 25") { try step(of: sgld, "sgld", "2-100-1", 25, goal: "100000 steps/s") }
    try report.add("adlala 2-100-1 batch 25") { try step(of: adlala, "adlala", "2-100-1", 25, goal: "60000 steps/s") }
    for sizes in networks {
      try report.add("sgld \(sizes) batch 128", against: try gradients(sizes, 128)) {
        try step(of: sgld, "sgld", sizes, 128)
      }
    }
    for sizes in networks {
      for batch in [128, 512] {
        let goal = sizes == networks.last && batch == 128 ? "65 %" : nil
        try report.add("pl \(sizes) batch \(batch)", against: try gradients(sizes, batch)) {
          try step(of: pseudoLangevin, "pl", sizes, batch, goal: goal)
        }
      }
    }
    // Every step a segment of its own with an update at its end: two gradients, variances, masses, directions.
    let updating = try PseudoLangevin<Float>(temperature: 3e-5) {
      $0.updateEvery = 1
      $0.updateAtMost = 1
      $0.segment = 1
    }
    for sizes in networks.dropLast() {
      try report.add("pl update of masses \(sizes), 55800 examples") {
        try step(of: updating, "pl update of masses", sizes, 128, unit: "updates/s", name: ", 55800 examples")
      }
    }
  }

  private static func step(
    of sampler: some Sampler<Float>, _ name: String, _ sizes: String, _ batch: Int, goal: String? = nil,
    unit: String = "steps/s", name suffix: String? = nil
  ) throws -> Workload {
    var chain = try BenchmarkChain(sampler, on: posterior(sizes), batch: batch, trainingSteps: name == "sgld" ? 0 : 200)
    return Workload(
      name: "\(name) \(sizes)\(suffix ?? " batch \(batch)")", amount: 1, unit: unit, goal: goal
    ) { try chain.step() }
  }

  /// Gradients of minibatches alone: what is missing to 100 % of them is the sampler's own work.
  private static func gradients(_ sizes: String, _ batch: Int) throws -> Yardstick {
    let posterior = try posterior(sizes)
    var evaluator = try Evaluator(posterior, batches: .distinct(batch), seed: 1)
    let theta = posterior.network.initialParameters(
      as: Float.self, from: RandomStream(seed: 2, purpose: .initialisation))
    var gradient = theta
    return Yardstick(
      name: "gradients alone",
      workload: Workload(name: "gradient", amount: 1, unit: "steps/s") {
        _ = try evaluator.gradient(on: .next, at: theta, into: &gradient, step: 0)
      })
  }
}

// MARK: Passes

extension SamplerSuite {
  /// Steps on a potential without forces, in the cache and far beyond it.
  private static func passes(_ report: inout Report) throws {
    let sgld = try SGLD<Float>(stepSize: 1e-3, temperature: 1)
    let aoab = try Splitting<Float>.underdamped(.aoab, stepSize: 1e-3, temperature: 1)
    let pseudoLangevin = try PseudoLangevin<Float>(temperature: 1) {
      $0.updateEvery = .max
      $0.segment = 1_000_000
      $0.guardsUnits = false
      $0.directions = 0
    }
    for count in [10_000, 10_000_000] {
      // Bytes of a parameter that must come and go: theta and g, p, and for pL 1/M and the amplitude of the noise.
      try pass(of: sgld, "sgld", count, bytes: 12, &report)
      try pass(of: aoab, "aoab", count, bytes: 20, &report)
      try pass(of: pseudoLangevin, "pl", count, bytes: 28, noisyEvaluations: 200, &report)
    }
  }

  private static func pass(
    of sampler: some Sampler<Float>, _ name: String, _ count: Int, bytes: Double, noisyEvaluations: Int = 0,
    _ report: inout Report
  ) throws {
    let name = "\(name) beyond its gradient, \(count) parameters"
    let isCached = count < 1_000_000
    try report.add(name, against: isCached ? Machine.normals : Machine.copyBandwidth.inPieces(of: bytes * 1e-3)) {
      let potential = try FreePotential(parameters: count, noisyEvaluations: noisyEvaluations)
      var chain = try BenchmarkChain(sampler, on: potential, startingAt: Tensor(zeros: count), batch: 128)
      return Workload(name: name, amount: Double(count) / 1e6, unit: "M parameters/s", goal: "455 M/s (2.2 ns)") {
        try chain.step()
      }
    }
  }
}
