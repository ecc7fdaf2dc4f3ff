import LangevinCore
import Testing

/// A random architecture with random data and parameters, in double precision.
struct RandomProblem: Sendable, CustomTestStringConvertible {
  let number: Int
  private let random: RandomStream

  init(_ number: Int) {
    self.number = number
    random = RandomStream(seed: UInt64(number), purpose: .user)
  }

  var testDescription: String { "problem \(number)" }

  private func choice<Value>(_ values: [Value], _ element: Int) -> Value {
    values[Int(random.uniform(element: element) * Double(values.count))]
  }

  func posterior() throws -> Posterior<Double> {
    let depth = choice([1, 2, 3, 4], 0)
    var sizes = (0...depth).map { choice([1, 2, 3, 4, 5, 7, 9, 13, 17], 1 + $0) }
    let loss = Loss.all[number % Loss.all.count]
    if loss == .binaryCrossEntropy { sizes[depth] = 1 }
    if loss == .crossEntropy { sizes[depth] += 1 }
    let targetWidth = sizes[depth]
    let hasNoise = loss.hasScales && choice([true, false], 17)
    if loss.hasScales && !hasNoise { sizes[depth] *= 2 }
    let network = try MLP(
      sizes, hidden: choice(Activation.allCases, 10), output: choice([.identity, .tanh, .softplus, .relu], 11),
      biases: choice([true, true, false], 12), outputScale: choice([1, 1, 0.3], 13),
      constantOutputs: hasNoise ? targetWidth : 0)
    let count = choice([1, 2, 5, 19], 14)
    let classes = loss == .binaryCrossEntropy ? 2 : sizes[depth]
    var inputs = try Tensor<Double>(shape: [count, sizes[0]])
    random.fillNormals(&inputs, lane: 1)
    var values = try Tensor<Double>(shape: [count, targetWidth])
    random.fillNormals(&values, lane: 2)
    // Counts, or labels that hold or not.
    if loss.targets == .counts { for place in 0..<values.count { values[place] = abs(values[place] * 3).rounded() } }
    if loss.targets == .shares { for place in 0..<values.count { values[place] = values[place] > 0 ? 1 : 0 } }
    let prior: Prior<Double> = choice(
      [
        .flat, .gaussian(precision: 0.1), .gaussian(precision: 2), .studentT(degrees: 3, scale: 0.7, temperature: 0.2),
        .laplace(scale: 0.7, temperature: 0.2), .sampledPrecisions(temperature: 0.2),
      ], 15)
    return try Posterior(
      network,
      examples: Examples(
        inputs: inputs,
        targets: !loss.isForClasses
          ? .values(values) : .classes((0..<count).map { Int32((3 * $0 + number) % classes) }, count: classes),
        weights: choice([true, false], 18) ? (0..<count).map { Double(1 + $0 % 3) } : nil),
      loss: loss, prior: prior, normalisation: choice([.mean, .sum], 16))
  }

  func parameters(of network: MLP) -> Tensor<Double> {
    network.initialParameters(.tangentKernel, from: random.substream(7))
  }

  func direction(count: Int) -> Tensor<Double> {
    var direction = Tensor((0..<count).map { _ in 0.0 })
    random.fillNormals(&direction, lane: 3)
    return direction
  }
}

private func shifted(_ theta: Tensor<Double>, by step: Double, along v: Tensor<Double>) -> Tensor<Double> {
  Tensor((0..<theta.count).map { theta[$0] + step * v[$0] })
}

private func dot(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Double { (0..<a.count).reduce(0) { $0 + a[$1] * b[$1] } }

private func norm(_ a: Tensor<Double>) -> Double { dot(a, a).squareRoot() }

@Suite struct DerivativeTests {
  /// A step so small that a relu's kink lies inside it only by rare accident; the seeds here meet none.
  let step = 1e-6

  @Test(arguments: (0..<90).map(RandomProblem.init))
  func gradientAgreesWithCentralDifferences(problem: RandomProblem) throws {
    let posterior = try problem.posterior()
    var workspace = posterior.makeWorkspace()
    let theta = problem.parameters(of: posterior.network)
    var gradient = theta
    var unused = theta
    _ = try posterior.evaluate(at: theta, gradient: &gradient, workspace: &workspace)
    for index in 0..<theta.count {
      var unit = Tensor((0..<theta.count).map { _ in 0.0 })
      unit[index] = 1
      let above = try posterior.evaluate(
        at: shifted(theta, by: step, along: unit), gradient: &unused, workspace: &workspace)
      let below = try posterior.evaluate(
        at: shifted(theta, by: -step, along: unit), gradient: &unused, workspace: &workspace)
      let difference = (above.total - below.total) / (2 * step)
      let tolerance = 1e-6 * (norm(gradient) + abs(above.total) + 1e-3)
      #expect(
        abs(difference - gradient[index]) < tolerance, "element \(index): \(gradient[index]) against \(difference)")
    }
  }

  @Test(arguments: (0..<90).map(RandomProblem.init))
  func hessianProductAgreesWithDifferencesOfGradients(problem: RandomProblem) throws {
    let posterior = try problem.posterior()
    var workspace = posterior.makeWorkspace()
    let theta = problem.parameters(of: posterior.network)
    let v = problem.direction(count: theta.count)
    let product = try posterior.hessianProduct(with: v, at: theta, workspace: &workspace)
    var (above, below) = (theta, theta)
    _ = try posterior.evaluate(at: shifted(theta, by: step, along: v), gradient: &above, workspace: &workspace)
    _ = try posterior.evaluate(at: shifted(theta, by: -step, along: v), gradient: &below, workspace: &workspace)
    let difference = Tensor((0..<theta.count).map { (above[$0] - below[$0]) / (2 * step) })
    #expect(norm(shifted(product, by: -1, along: difference)) < 1e-6 * (norm(product) + norm(above) + 1e-3))
  }

  @Test(arguments: (0..<90).map(RandomProblem.init))
  func secondMomentsAgreeWithALoopOverExamples(problem: RandomProblem) throws {
    let full = try problem.posterior()
    let posterior = try Posterior(full.network, examples: full.examples, loss: full.loss)
    var workspace = posterior.makeWorkspace()
    let theta = problem.parameters(of: posterior.network)
    let withPrior = try Posterior(
      full.network, examples: full.examples, loss: full.loss, prior: .gaussian(precision: 2))
    let moments = try withPrior.gradientMoments(at: theta, workspace: &workspace)
    let count = posterior.exampleCount
    var mean = [Double](repeating: 0, count: theta.count)
    var second = mean
    var gradient = theta
    for row in 0..<count {
      _ = try posterior.evaluate(
        at: theta, over: Minibatch(rows: [Int32(row)]), gradient: &gradient, workspace: &workspace)
      for index in 0..<theta.count {
        mean[index] += gradient[index] / Double(count)
        second[index] += gradient[index] * gradient[index] / Double(count)
      }
    }
    #expect(norm(shifted(moments.mean, by: -1, along: Tensor(mean))) <= 1e-12 * (norm(moments.mean) + 1e-9))
    #expect(norm(shifted(moments.second, by: -1, along: Tensor(second))) <= 1e-12 * (norm(moments.second) + 1e-9))
  }
}

@Suite struct VarianceFactorTests {
  typealias Moments = GradientMoments<Double>

  /// The two values that the specification gives.
  @Test func distinctDrawsAgreeWithTheSpecification() {
    let small = Moments.varianceFactor(of: .distinct(1024), exampleCount: 2000)
    let large = Moments.varianceFactor(of: .distinct(128), exampleCount: 100_000)
    #expect(abs(small * 1024 - 0.7661128) < 5e-8)
    #expect(abs(large * 128 - 0.9993701) < 5e-8)
  }

  /// P = 5, B = 2: the batch has one example with probability 1/5 and two with 4/5, so the variance of its mean is
  /// (1/5) s + (4/5) s (1/2)(3/4), with s the variance of one example.
  @Test func distinctDrawsAreExactForFiveExamples() {
    let factor = Moments.varianceFactor(of: .distinct(2), exampleCount: 5)
    #expect(abs(factor - (0.2 + 0.8 * 0.5 * 0.75)) < 1e-15)
  }

  @Test func subsetsHaveTheFinitePopulationFactor() {
    #expect(Moments.varianceFactor(of: .subset(20), exampleCount: 100) == 80.0 / (20 * 99))
    #expect(Moments.varianceFactor(of: .subset(100), exampleCount: 100) == 0)
    #expect(Moments.varianceFactor(of: .withReplacement(20), exampleCount: 100) == 1.0 / 20)
    #expect(Moments.varianceFactor(of: .all, exampleCount: 100) == 0)
  }
}
