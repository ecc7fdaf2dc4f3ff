import Langevin
import Testing

/// Starts that are optimised, and stopped early.
@Suite struct WarmStartTests {
  private let network: MLP
  private let posterior: Posterior<Double>
  private let test: Posterior<Double>

  /// Few noisy examples and a network that can learn them by heart.
  init() throws {
    var moons = Moons()
    moons.noise = 0.6
    moons.sizes = SetSizes(train: 60, test: 2000)
    let data = try moons.make(as: Double.self)
    network = try MLP([2, 30, 2], hidden: .tanh)
    posterior = try Posterior(network, examples: data.train, loss: .crossEntropy)
    test = try Posterior(network, examples: try #require(data.test), loss: .crossEntropy)
  }

  private func start(steps: Int, validation: Double, patience: Int = 20, chain: Int = 0) throws -> Tensor<Double> {
    let start = WarmStart<Double>(
      network: network, law: .uniformFanIn, steps: steps, batches: .withReplacement(20), stepSize: 0.02,
      validation: validation, patience: patience)
    return try start.position(on: posterior, seed: 3, chain: chain)
  }

  private func loss(of posterior: Posterior<Double>, at position: Tensor<Double>) throws -> Double {
    var gradient: Tensor<Double>?
    var workspace = posterior.makeWorkspace()
    return try posterior.measure(at: position, gradient: &gradient, workspace: &workspace).energy.cost
  }

  /// Weights chosen by examples that were held out predict new ones better than the last weights, which know all by heart.
  @Test func theBestWeightsAreKept() throws {
    for chain in 0..<3 {
      let last = try start(steps: 1500, validation: 0, chain: chain)
      let best = try start(steps: 1500, validation: 0.3, chain: chain)
      #expect(try loss(of: posterior, at: last) < loss(of: posterior, at: best))
      #expect(try loss(of: test, at: best) < loss(of: test, at: last))
    }
  }

  /// Once patience is over, more steps change nothing.
  @Test func patienceEndsTheOptimisation() throws {
    let stopped = try start(steps: 2000, validation: 0.3, patience: 5)
    #expect(try stopped == start(steps: 3000, validation: 0.3, patience: 5))
    #expect(try stopped != start(steps: 2, validation: 0.3, patience: 5))
    // Without a validation share every step counts.
    #expect(try start(steps: 2000, validation: 0) != start(steps: 2001, validation: 0))
  }

  /// Chain 1 alone is chain 1 of many, and not chain 0.
  @Test func membersDiffer() throws {
    #expect(try start(steps: 100, validation: 0.3, chain: 1) == start(steps: 100, validation: 0.3, chain: 1))
    #expect(try start(steps: 100, validation: 0.3, chain: 1) != start(steps: 100, validation: 0.3, chain: 0))
  }
}
