import CLangevinPeak
import Langevin

/// How time and memory grow: with parameters, data, chains and threads.
enum ScalingSuite {
  static func run(_ report: inout Report) throws {
    // First, because memory is measured by what the process has grown by, and later work leaves holes to be filled.
    try memory(&report)
    try parameters(&report)
    try data(&report)
    try chains(&report)
  }

  private static let sgld = Result { try SGLD<Float>(stepSize: 1e-3, temperature: 1e-4) }
  private static let aoab = Result { try Splitting<Float>.underdamped(.aoab, stepSize: 1e-3, temperature: 1e-4) }
  private static let pseudoLangevin = Result {
    try PseudoLangevin<Float>(temperature: 3e-5) {
      $0.updateEvery = .max
      $0.directions = 0
    }
  }

  // MARK: Parameters

  /// Networks 100-w-w-10 with about a power of ten of parameters each.
  private static let widths = [9, 58, 265, 946, 3107]

  private static func parameters(_ report: inout Report) throws {
    // Few, as pL starts with a pass over all of them.
    let examples = try Recipe("kspin:train=5000,test=0").make(as: Float.self).train
    for width in widths {
      let posterior = try SamplerSuite.posterior("100-\(width)-\(width)-10", on: examples)
      try steps("sgld", try sgld.get(), posterior, &report)
      try steps("pl", try pseudoLangevin.get(), posterior, &report)
    }
  }

  private static func steps(
    _ name: String, _ sampler: some Sampler<Float>, _ posterior: Posterior<Float>, _ report: inout Report
  ) throws {
    let name = "\(name) \(posterior.network), \(posterior.parameterCount) parameters"
    try report.add(name, against: Machine.gradients(of: posterior.network, batch: 128)) {
      var chain = try BenchmarkChain(sampler, on: posterior, batch: 128, trainingSteps: 20)
      return Workload(name: name, amount: 1, unit: "steps/s") { try chain.step() }
    }
  }

  // MARK: Data

  private static func data(_ report: inout Report) throws {
    for count in [1000, 10_000, 100_000, 1_000_000] {
      let name = "sgld 100-50-100-10, \(count) examples"
      try report.add(name, against: Machine.gradients(of: MLP("100-50-100-10"), batch: 128)) {
        let examples = try Recipe("kspin:train=\(count),test=0").make(as: Float.self).train
        var chain = try BenchmarkChain(
          try sgld.get(), on: SamplerSuite.posterior("100-50-100-10", on: examples), batch: 128)
        return Workload(name: name, amount: 1, unit: "steps/s") { try chain.step() }
      }
    }
  }

  // MARK: Chains and threads

  private static func chains(_ report: inout Report) throws {
    for threads in [1, 2] {
      for count in [1, 2, 4, 8] {
        let name = "sgld 100-50-100-10, chains \(count), threads \(threads)"
        // More threads than chains help each gradient, but a batch of 128 is too small to be cut.
        let cores = Double(min(threads, count))
        try report.add(name, against: Machine.gradients(of: MLP("100-50-100-10"), batch: 128, cores: cores)) {
          let posterior = try SamplerSuite.posterior("100-50-100-10")
          let group = try ChainGroup(
            posterior, sampler: try sgld.get(), batches: .distinct(128), chains: count, keepingEvery: 100, seed: 1,
            threads: threads,
            observables: .minibatch
          ) { posterior.network.initialParameters(from: $0) }
          return Workload(name: name, amount: Double(100 * count), unit: "steps/s") {
            try group.advance(steps: 100)
          }
        }
      }
    }
  }

  // MARK: Memory

  private static func memory(_ report: inout Report) throws {
    let sizes = "100-5000-100-10"
    let name = "memory of a pl chain beyond its data, \(sizes) batch 128"
    for (name, isPeak) in [(name, false), (name + ", at its peak", true)] {
      try report.add(quantity: name) {
        let posterior = try SamplerSuite.posterior(sizes)
        let before = lk_resident_bytes()
        // With all that it measures by default.
        let sampler = try PseudoLangevin<Float>(temperature: 3e-5) { $0.updateEvery = .max }
        let held = try growth { [try BenchmarkChain(sampler, on: posterior, batch: 128)] }
        let bytes = isPeak ? Double(lk_peak_resident_bytes() - before) : held
        return Quantity(name: name, value: bytes / 1e6, unit: "MB", goal: "120 MB")
      }
    }
    for count in [10_000, 100_000, 1_000_000, 10_000_000] {
      try own("sgld", try sgld.get(), count, "2: position, gradient", &report)
      try own("aoab", try aoab.get(), count, "3: position, momentum, gradient", &report)
      try own(
        "pl", try pseudoLangevin.get(), count,
        "8: position, momentum, gradient, variance, 1/mass, 3 amplitudes of noise", &report)
    }
  }

  /// What a sampler itself needs, in vectors of parameters.
  private static func own(
    _ name: String, _ sampler: some Sampler<Float>, _ count: Int, _ goal: String, _ report: inout Report
  ) throws {
    let name = "memory of \(name), \(count) parameters"
    try report.add(quantity: name) {
      let potential = try FreePotential(parameters: count, noisyEvaluations: 2000)
      // Many small chains make a number that can be measured.
      let copies = max(1, 4_000_000 / count)
      let bytes = try growth {
        try (0..<copies).map { _ in
          try BenchmarkChain(sampler, on: potential, startingAt: Tensor(zeros: count), batch: 128)
        }
      }
      return Quantity(
        name: name, value: bytes / Double(copies * count * MemoryLayout<Float>.stride), unit: "vectors", goal: goal)
    }
  }

  /// The bytes by which the process grows when chains are made and have done a step.
  private static func growth<S: Sampler, P: Potential>(_ make: () throws -> [BenchmarkChain<S, P>]) throws -> Double {
    let before = lk_resident_bytes()
    var chains = try make()
    for index in chains.indices { for _ in 0..<3 { try chains[index].step() } }
    return withExtendedLifetime(chains) { Double(lk_resident_bytes() - before) }
  }
}
