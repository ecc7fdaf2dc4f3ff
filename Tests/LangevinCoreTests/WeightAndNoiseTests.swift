import LangevinCore
import Testing

/// Weights of examples, and the scale that all examples share.
@Suite struct WeightAndNoiseTests {
  private let losses: [(Loss, width: Int)] = [
    (.squaredError, 2), (.gaussian, 2), (.scaledStudentT(), 2), (.studentT(), 2), (.poisson, 2),
    (.negativeBinomial(), 2),
    (.bernoulli, 2), (.crossEntropy, 3), (.binaryCrossEntropy, 2),
  ]

  /// Examples whose targets suit every loss; some of them often, if `counts` says so.
  private func examples(
    _ loss: Loss, width: Int, repeating counts: [Int]? = nil, weights: [Double]? = nil
  ) throws -> Examples<Double> {
    let rows: [Int] = (0..<23).flatMap { row in Array(repeating: row, count: counts?[row] ?? 1) }
    var (inputs, values): ([Double], [Double]) = ([], [])
    for row in rows {
      inputs += [Double(5 * row % 7) / 3 - 1, Double(3 * row % 11) / 5 - 1]
      for target in 0..<width { values.append(Double(loss.targets == .values ? row + target : (row + target) % 2)) }
    }
    let targets: Examples<Double>.Targets =
      loss.isForClasses
      ? .classes(rows.map { Int32($0 % width) }, count: width)
      : .values(try Tensor(shape: [rows.count, width], values))
    return try Examples(inputs: Tensor(shape: [rows.count, 2], inputs), targets: targets, weights: weights)
  }

  private static let counts = (0..<23).map { [1, 0, 3, 2][$0 % 4] }

  /// A weight of 3 is the example three times: energies, gradients, Hessians and second moments, to rounding.
  @Test func weightsAreRepetitions() throws {
    for (loss, width) in losses {
      for normalisation in Normalisation.allCases {
        let network = try MLP([2, 4, loss.outputCount(targets: width)], hidden: .tanh)
        let theta: Tensor<Double> = network.initialParameters(from: RandomStream(seed: 5, purpose: .user))
        let repeated = try Posterior(
          network, examples: examples(loss, width: width, repeating: Self.counts), loss: loss,
          prior: .gaussian(precision: 0.3), normalisation: normalisation)
        let weighted = try Posterior(
          network, examples: examples(loss, width: width, weights: Self.counts.map(Double.init)), loss: loss,
          prior: .gaussian(precision: 0.3), normalisation: normalisation)
        #expect(repeated.posteriorTemperature == weighted.posteriorTemperature)
        func numbers(_ posterior: Posterior<Double>) throws -> [Double] {
          var (gradient, workspace) = (theta, posterior.makeWorkspace())
          let energy = try posterior.evaluate(at: theta, gradient: &gradient, workspace: &workspace)
          let product = try posterior.hessianProduct(with: theta, at: theta, workspace: &workspace)
          var none: Tensor<Double>?
          let reading = try posterior.measure(at: theta, gradient: &none, workspace: &workspace)
          return [energy.cost, energy.prior, reading.energy.cost] + gradient.elements + product.elements
        }
        for (a, b) in zip(try numbers(repeated), try numbers(weighted)) {
          #expect(abs(a - b) < 1e-12 * max(1, abs(a)), "\(loss.name): \(a) and \(b)")
        }
      }
    }
  }

  /// Minibatches of all pairs have the mean of the whole: the batch is not divided by its own weight.
  @Test func batchesAreUnbiased() throws {
    let weights = (0..<23).map { Double($0 % 5) }
    for (loss, width) in losses {
      let network = try MLP([2, loss.outputCount(targets: width)])
      let posterior = try Posterior(
        network, examples: examples(loss, width: width, weights: weights), loss: loss)
      let theta: Tensor<Double> = network.initialParameters(from: RandomStream(seed: 6, purpose: .user))
      var (gradient, workspace) = (theta, posterior.makeWorkspace())
      let whole = try posterior.evaluate(at: theta, gradient: &gradient, workspace: &workspace).cost
      let slope = gradient
      var (mean, slopes) = (0.0, [Double](repeating: 0, count: theta.count))
      for a in 0..<23 {
        for b in 0..<23 {
          let batch = Minibatch(rows: [Int32(a), Int32(b)])
          mean += try posterior.evaluate(at: theta, over: batch, gradient: &gradient, workspace: &workspace).cost / 529
          for index in slopes.indices { slopes[index] += gradient[index] / 529 }
        }
      }
      #expect(abs(mean - whole) < 1e-12 * max(1, abs(whole)), "\(loss.name)")
      for index in slopes.indices { #expect(abs(slopes[index] - slope[index]) < 1e-11 * max(1, abs(slope[index]))) }
    }
  }

  @Test func secondMomentsCarryWeights() throws {
    let weights = (0..<23).map { Double(1 + $0 % 3) }
    let network = try MLP([2, 3, 4], hidden: .tanh)
    let posterior = try Posterior(
      network, examples: examples(.gaussian, width: 2, weights: weights), loss: .gaussian)
    let theta: Tensor<Double> = network.initialParameters(from: RandomStream(seed: 8, purpose: .user))
    try check(posterior, theta)
  }

  /// The second moments are those of single examples.
  private func check(_ posterior: Posterior<Double>, _ theta: Tensor<Double>) throws {
    var (gradient, workspace) = (theta, posterior.makeWorkspace())
    let moments = try posterior.gradientMoments(at: theta, workspace: &workspace)
    var second = [Double](repeating: 0, count: theta.count)
    for row in 0..<posterior.exampleCount {
      _ = try posterior.evaluate(
        at: theta, over: Minibatch(rows: [Int32(row)]), gradient: &gradient, workspace: &workspace)
      for index in second.indices {
        second[index] += gradient[index] * gradient[index] / Double(posterior.exampleCount)
      }
    }
    for index in second.indices {
      #expect(abs(moments.second[index] - second[index]) < 1e-12 * max(1, second[index]), "element \(index)")
    }
  }

  @Test func badWeights() throws {
    let wrong: [[Double]] = [[1]] + [0, -1, Double.nan, .infinity].map { Array(repeating: $0, count: 23) }
    for weights in wrong {
      #expect(throws: LangevinError.self) { try examples(.gaussian, width: 1, weights: weights) }
    }
  }

  // MARK: Common noise

  /// A network with constant scales is one whose scale outputs have no weights: same energy, and gradients of the biases.
  @Test(arguments: [Loss.gaussian, .scaledStudentT(degrees: 3)], [1, 0.7])
  func constantOutputsAreBiasesWithoutWeights(loss: Loss, scale: Double) throws {
    for count in [1, 2, 16, 17, 23, 40] {
      let inputs = (0..<2 * count).map { Double(7 * $0 % 13) / 6 - 1 }
      let targets = (0..<2 * count).map { Double(5 * $0 % 9) / 4 - 1 }
      let examples = try Examples<Double>(
        inputs: Tensor(shape: [count, 2], inputs), targets: .values(Tensor(shape: [count, 2], targets)))
      let common = try MLP([2, 3, 2], hidden: .tanh, outputScale: scale, constantOutputs: 2)
      let wide = try MLP([2, 3, 4], hidden: .tanh, outputScale: scale)
      #expect(common.layout.blocks.last?.name == "noise" && common.layout.count == 19)
      var theta: Tensor<Double> = common.initialParameters(from: RandomStream(seed: 9, purpose: .user))
      #expect(theta[17] == Loss.unitScale && abs(Loss.deviation(theta[18]) - 1 - 1e-6) < 1e-10)
      (theta[17], theta[18]) = (-0.4, 0.9)
      let v = Tensor((0..<19).map { Double(($0 * 5) % 7) - 3 })
      // Weights and biases of the first layer, six weights of means and as many zeros, biases of means and scales.
      func widened(_ t: Tensor<Double>, _ factor: Double) -> Tensor<Double> {
        Tensor(t.elements[..<15] + [Double](repeating: 0, count: 6) + [t[15], t[16], t[17] * factor, t[18] * factor])
      }
      let small = try Posterior(common, examples: examples, loss: loss, prior: .gaussian(precision: 0.1))
      let large = try Posterior(wide, examples: examples, loss: loss)
      var (a, b) = (theta, widened(theta, 1))
      var (one, two) = (small.makeWorkspace(), large.makeWorkspace())
      let here = try small.evaluate(at: theta, gradient: &a, workspace: &one)
      let there = try large.evaluate(at: widened(theta, 1 / scale), gradient: &b, workspace: &two)
      #expect(abs(here.cost - there.cost) < 1e-13 * max(1, abs(here.cost)))
      #expect(abs(here.prior - 0.05 * theta.squaredNorm()) < 1e-13)
      func compare(_ found: Tensor<Double>, _ expected: Tensor<Double>, _ factor: Double, _ prior: Tensor<Double>) {
        for index in 0..<19 {
          let other = expected[index < 15 ? index : index + 6] / (index < 17 ? 1 : factor)
          let gap = found[index] - 0.1 * prior[index] - other
          #expect(abs(gap) < 1e-12 * max(1, abs(other)), "\(count) examples, element \(index)")
        }
      }
      compare(a, b, scale, theta)
      let product = try small.hessianProduct(with: v, at: theta, workspace: &one)
      let other = try large.hessianProduct(with: widened(v, 1 / scale), at: widened(theta, 1 / scale), workspace: &two)
      compare(product, other, scale, v)
      try check(Posterior(common, examples: examples, loss: loss), theta)
    }
  }

  /// With all scales fixed at 1 the Gaussian loss is the squared error.
  @Test func aGaussianOfUnitScaleIsTheSquaredError() throws {
    let data = try examples(.squaredError, width: 2)
    let network = try MLP([2, 4, 2], constantOutputs: 2)
    let plain = try MLP([2, 4, 2])
    let theta: Tensor<Double> = network.initialParameters(from: RandomStream(seed: 10, purpose: .user))
    let mean = Tensor(Array(theta.elements.dropLast(2)))
    let (a, b) = (
      try Posterior(network, examples: data, loss: .gaussian), try Posterior(plain, examples: data, loss: .squaredError)
    )
    var (slope, other) = (theta, mean)
    var (one, two) = (a.makeWorkspace(), b.makeWorkspace())
    let first = try a.evaluate(at: theta, gradient: &slope, workspace: &one)
    let second = try b.evaluate(at: mean, gradient: &other, workspace: &two)
    // The scale is 1 + 1e-6 - 1e-6 to ten digits.
    #expect(abs(first.cost - second.cost) < 1e-5 * second.cost)
    for index in 0..<mean.count { #expect(abs(slope[index] - other[index]) < 1e-5 * max(1, abs(other[index]))) }
  }
}
