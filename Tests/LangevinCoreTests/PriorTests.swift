import LangevinCore
import Testing

/// Priors by formula, and precisions that are sampled by their law.
@Suite struct PriorTests {
  /// Three parameters and one example that does not care for two of them.
  private func posterior(_ prior: Prior<Double>) throws -> Posterior<Double> {
    try Posterior(
      MLP([2, 1]),
      examples: Examples(inputs: Tensor(shape: [1, 2]), targets: .values(Tensor(shape: [1, 1]))), loss: .squaredError,
      prior: prior)
  }

  private func numbers(
    _ prior: Prior<Double>, _ x: [Double]
  ) throws -> (energy: Double, slope: [Double], curvature: [Double]) {
    let (posterior, flat) = (try posterior(prior), try posterior(.flat))
    var (gradient, plain) = (Tensor(x), Tensor(x))
    var workspace = posterior.makeWorkspace()
    let energy = try posterior.evaluate(at: Tensor(x), gradient: &gradient, workspace: &workspace)
    _ = try flat.evaluate(at: Tensor(x), gradient: &plain, workspace: &workspace)
    #expect(energy.prior == (try posterior.priorEnergy(at: Tensor(x))))
    let curvature = try x.indices.map { index in
      var unit = Tensor<Double>(zeros: x.count)
      unit[index] = 1
      return try posterior.hessianProduct(with: unit, at: Tensor(x), workspace: &workspace)[index]
        - flat.hessianProduct(with: unit, at: Tensor(x), workspace: &workspace)[index]
    }
    return (energy.prior, zip(gradient.elements, plain.elements).map { $0 - $1 }, curvature)
  }

  @Test func studentsPriorIsItsFormula() throws {
    for temperature in [1, 0.25] {
      let found = try numbers(.studentT(degrees: 3, scale: 0.7, temperature: temperature), [-2, 0, 0.3])
      #expect(abs(found.energy - temperature * 2.746879272228) < 1e-11)
      for (a, b) in zip(found.slope, [-1.46252285192, 0, 0.769230769231]) { #expect(abs(a - temperature * b) < 2e-11) }
      for (a, b) in zip(found.curvature, [-0.338225120234, 2.72108843537, 2.26824457594]) {
        #expect(abs(a - temperature * b) < 2e-11)
      }
    }
  }

  @Test func laplacesPriorIsItsFormula() throws {
    let found = try numbers(.laplace(scale: 0.5, temperature: 0.25), [-2, 0, 0.3])
    #expect(abs(found.energy - 0.25 * 2.3 / 0.5) < 1e-14)
    for (a, b) in zip(found.slope, [-0.5, 0, 0.5]) { #expect(abs(a - b) < 1e-14) }
    #expect(found.curvature == [0, 0, 0])
  }

  /// Long products stay finite: a thousand parameters far out.
  @Test func manyLargeParameters() throws {
    let network = try MLP([999, 1])
    let examples = try Examples<Double>(inputs: Tensor(shape: [1, 999]), targets: .values(Tensor(shape: [1, 1])))
    let posterior = try Posterior(
      network, examples: examples, loss: .squaredError, prior: .studentT(degrees: 3, scale: 0.7, temperature: 1))
    let energy = try posterior.priorEnergy(at: Tensor(Array(repeating: 1e9, count: 1000)))
    #expect(abs(energy - 2000 * Math.log1p(1e18 / (3 * 0.49))) < 1e-9 * energy)
  }

  @Test func badPriors() throws {
    let wrong: [Prior<Double>] = [
      .laplace(scale: 0, temperature: 1), .laplace(scale: 1, temperature: .nan),
      .studentT(degrees: 0, scale: 1, temperature: 1), .studentT(degrees: 3, scale: -1, temperature: 1),
      .sampledPrecisions(shape: 0, temperature: 1), .sampledPrecisions(rate: 0, temperature: 1),
      .sampledPrecisions(interval: 0, temperature: 1), .sampledPrecisions(temperature: -1),
    ]
    for prior in wrong { #expect(throws: LangevinError.self) { try posterior(prior) } }
  }

  // MARK: Sampled precisions

  @Test(arguments: [0.3, 1, 3.5, 60])
  func gammaVariablesHaveTheirMoments(shape: Double) {
    let stream = RandomStream(seed: 12, purpose: .user)
    let count = 40_000
    let values = (0..<count).map { stream.gamma(shape: shape, step: UInt64($0)) }
    let mean = values.reduce(0, +) / Double(count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    // The variance of the variance: mu_4 - sigma^4 = 2 shape^2 + 6 shape.
    #expect(abs(mean - shape) < 4.9 * (shape / Double(count)).squareRoot())
    #expect(abs(variance - shape) < 4.9 * ((2 * shape * shape + 6 * shape) / Double(count)).squareRoot())
  }

  /// a = 2, r = 1.5, n = 3 and |x|^2 = 2.4: the mean precision is 1.2962962963.
  @Test func precisionsFollowTheirConditionalLaw() throws {
    let network = try MLP([3, 1], biases: false)
    let posterior = try Posterior<Double>(
      network, examples: Examples(inputs: Tensor(shape: [1, 3]), targets: .values(Tensor(shape: [1, 1]))),
      loss: .squaredError, prior: .sampledPrecisions(shape: 2, rate: 1.5, temperature: 0.5))
    let workspace = posterior.makeWorkspace()
    let x = Tensor([0.8, -0.4, (2.4 - 0.64 - 0.16).squareRoot()])
    let count = 40_000
    var sum = 0.0
    let stream = RandomStream(seed: 13, purpose: .precisions)
    for step in 0..<count {
      _ = workspace.precisions?.renew(at: x, step: UInt64(step), random: stream)
      sum += try #require(workspace.precisions?.values.first)
    }
    let sd = (3.5 / (2.7 * 2.7)).squareRoot()
    #expect(abs(sum / Double(count) - 1.2962962963) < 4.9 * sd / Double(count).squareRoot())
  }

  /// What a renewal says has changed is what evaluations before and after it say.
  @Test func renewalsSayWhatTheyChange() throws {
    let network = try MLP([2, 3, 2])
    let examples = try Examples<Double>(
      inputs: Tensor(shape: [2, 2], [1, 2, -1, 0.5]), targets: .values(Tensor(shape: [2, 2], [0, 1, 1, 0])))
    let posterior = try Posterior(
      network, examples: examples, loss: .squaredError, prior: .sampledPrecisions(temperature: 0.3))
    let theta: Tensor<Double> = network.initialParameters(from: RandomStream(seed: 14, purpose: .user))
    var workspace = posterior.makeWorkspace()
    // The precisions begin at the number of inputs of their layer.
    #expect(workspace.precisions?.values == [2, 2, 3, 3])
    #expect(workspace.precisions?.names == ["layer1.weight", "layer1.bias", "layer2.weight", "layer2.bias"])
    var (before, after) = (theta, theta)
    let first = try posterior.evaluate(at: theta, gradient: &before, workspace: &workspace)
    let renewal = workspace.precisions?.renew(
      at: theta, step: 10, random: RandomStream(seed: 1, purpose: .precisions))
    let change = try #require(renewal)
    let second = try posterior.evaluate(at: theta, gradient: &after, workspace: &workspace)
    #expect(abs(second.prior - first.prior - change.energy) < 1e-13 && change.energy != 0)
    for index in 0..<theta.count { #expect(abs(after[index] - before[index] - change.gradient[index]) < 1e-13) }
  }
}
