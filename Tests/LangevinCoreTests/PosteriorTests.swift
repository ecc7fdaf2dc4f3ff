import LangevinCore
import Testing

/// Spin-like data large enough for several lanes and blocks.
private func problem(count: Int = 5000, sizes: [Int] = [20, 16, 5]) throws -> (Posterior<Float>, Tensor<Float>) {
  let random = RandomStream(seed: 5, purpose: .user)
  var inputs = try Tensor<Float>(shape: [count, sizes[0]])
  random.fillNormals(&inputs)
  let classes = sizes[sizes.count - 1]
  let examples = try Examples(
    inputs: inputs, targets: .classes((0..<count).map { Int32($0 * $0 % classes) }, count: classes))
  let posterior = try Posterior(
    MLP(sizes), examples: examples, loss: .crossEntropy, prior: .gaussian(precision: 0.01))
  return (posterior, posterior.network.initialParameters(from: RandomStream(seed: 6, purpose: .initialisation)))
}

@Suite struct PosteriorTests {
  @Test func bitsDoNotDependOnTheNumberOfThreads() throws {
    let (posterior, theta) = try problem()
    var results: [(Energy, Tensor<Float>, Posterior<Float>.Fit, Tensor<Float>)] = []
    for threads in [1, 2, 3, 8] {
      var workspace = posterior.makeWorkspace(pool: try ThreadPool(threads: threads))
      var gradient = theta
      let energy = try posterior.evaluate(at: theta, gradient: &gradient, workspace: &workspace)
      let fit = try posterior.fit(at: theta, workspace: &workspace)
      let moments = try posterior.gradientMoments(at: theta, workspace: &workspace)
      results.append((energy, gradient, fit, moments.second))
    }
    for result in results.dropFirst() {
      #expect(result.0 == results[0].0)
      #expect(result.1 == results[0].1)
      #expect(result.2 == results[0].2)
      #expect(result.3 == results[0].3)
    }
  }

  @Test func streamingAgreesWithAddingUpExamples() throws {
    let (posterior, theta) = try problem(count: 2100)
    var workspace = posterior.makeWorkspace()
    var gradient = theta
    let energy = try posterior.evaluate(at: theta, gradient: &gradient, workspace: &workspace)
    var cost = 0.0
    var sum = [Double](repeating: 0, count: theta.count)
    var part = theta
    for block in [0..<700, 700..<2099, 2099..<2100] {
      let rows = Minibatch(rows: block.map { Int32($0) })
      let weight = Double(block.count) / 2100
      cost += weight * (try posterior.evaluate(at: theta, over: rows, gradient: &part, workspace: &workspace)).cost
      for index in sum.indices { sum[index] += weight * Double(part[index]) }
    }
    #expect(abs(cost - energy.cost) < 1e-6 * energy.cost)
    for index in sum.indices { #expect(abs(sum[index] - Double(gradient[index])) < 2e-6) }
  }

  @Test func theSumIsTheMeanTimesTheNumberOfExamples() throws {
    let (mean, theta) = try problem(count: 300)
    let sum = try Posterior(mean.network, examples: mean.examples, loss: mean.loss, normalisation: .sum)
    var (workspace, gradient) = (mean.makeWorkspace(), theta)
    for batch in [Minibatch.all, Minibatch(rows: [3, 299, 3])] {
      let a = try mean.evaluate(at: theta, over: batch, gradient: &gradient, workspace: &workspace)
      let b = try sum.evaluate(at: theta, over: batch, gradient: &gradient, workspace: &workspace)
      #expect(abs(b.cost - 300 * a.cost) < 1e-5 * b.cost)
      #expect(b.prior == 0)
    }
  }

  /// The prior enters a minibatch once and whole.
  @Test func thePriorDoesNotDependOnTheBatch() throws {
    let (posterior, theta) = try problem(count: 300)
    var (workspace, gradient) = (posterior.makeWorkspace(), theta)
    let norm = theta.elements.reduce(0) { $0 + Double($1) * Double($1) }
    for batch in [Minibatch.all, Minibatch(rows: [3]), Minibatch(rows: [1, 2, 3, 4])] {
      let energy = try posterior.evaluate(at: theta, over: batch, gradient: &gradient, workspace: &workspace)
      #expect(abs(energy.prior - 0.01 * norm / 2) < 1e-6 * norm)
    }
    #expect(abs(try posterior.priorEnergy(at: theta) - 0.01 * norm / 2) < 1e-6 * norm)
  }

  @Test func fitCountsTheErrorsOfThePredictions() throws {
    let (posterior, theta) = try problem(count: 700)
    var workspace = posterior.makeWorkspace()
    let fit = try posterior.fit(at: theta, workspace: &workspace)
    let probabilities = try posterior.predictions(at: theta, probabilities: true, workspace: &workspace)
    guard case .classes(let labels, let classes) = posterior.examples.targets else { return }
    var (errors, cost) = (0, 0.0)
    for row in 0..<700 {
      let row = (0..<classes).map { probabilities[row, $0] }
      #expect(abs(row.reduce(0, +) - 1) < 1e-5)
    }
    for (row, label) in labels.enumerated() {
      let values = (0..<classes).map { probabilities[row, $0] }
      if values.firstIndex(of: values.max() ?? 0) != Int(label) { errors += 1 }
      cost -= logarithm(Double(probabilities[row, Int(label)])) / 700
    }
    #expect(fit.errors == errors)
    #expect(abs(fit.cost - cost) < 1e-5)
  }

  @Test func priorsGiveTheirGradients() throws {
    let network = try MLP([1, 2, 1])
    let examples = try Examples<Double>(
      inputs: Tensor(shape: [1, 1], [0]), targets: .values(Tensor(shape: [1, 1], [0])))
    let theta = Tensor<Double>([1, -2, 3, 0.5, -1, 2, 0.25])
    let anchor = Tensor<Double>([0, 0, 1, 1, 0, 0, 0])
    let weights = Tensor<Double>([1, 2, 3, 4, 5, 6, 7])
    let flat = try Posterior(network, examples: examples, loss: .squaredError)
    var (workspace, base, gradient) = (flat.makeWorkspace(), theta, theta)
    _ = try flat.evaluate(at: theta, gradient: &base, workspace: &workspace)
    let priors: [(Prior<Double>, (Int) -> Double)] = [
      (.gaussian(precision: 2), { _ in 2 }), (.perParameter(weights), { weights[$0] }),
      (.perBlock(["layer1": 3, "layer2.bias": 5]), { $0 < 4 ? 3 : $0 == 6 ? 5 : 0 }),
    ]
    for (prior, precision) in priors {
      let posterior = try Posterior(network, examples: examples, loss: .squaredError, prior: prior)
      let energy = try posterior.evaluate(at: theta, gradient: &gradient, workspace: &workspace)
      var expected = 0.0
      for index in 0..<7 {
        #expect(abs(gradient[index] - base[index] - precision(index) * theta[index]) < 1e-14)
        expected += precision(index) * theta[index] * theta[index] / 2
      }
      #expect(abs(energy.prior - expected) < 1e-13)
    }
    let tethered = try Posterior(
      network, examples: examples, loss: .squaredError, prior: .anchored(precision: 1, tether: 4, anchor: anchor))
    _ = try tethered.evaluate(at: theta, gradient: &gradient, workspace: &workspace)
    for index in 0..<7 {
      #expect(abs(gradient[index] - base[index] - theta[index] - 4 * (theta[index] - anchor[index])) < 1e-14)
    }
  }
}
