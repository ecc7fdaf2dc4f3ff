import LangevinCore
import LangevinSamplers
import LangevinTheory
import Testing

/// A network's energy as a function of its output weights alone.
private struct FrozenWeights: Potential {
  let network: Posterior<Float>
  let inputWeights: [Float]
  let layout: ParameterLayout

  init(_ network: Posterior<Float>, inputWeights: [Float]) throws {
    self.network = network
    self.inputWeights = inputWeights
    layout = try ParameterLayout(count: network.parameterCount - inputWeights.count, name: "layer2.weight")
  }

  var exampleCount: Int { network.exampleCount }

  func makeWorkspace(pool: ThreadPool) -> PosteriorWorkspace<Float> { network.makeWorkspace(pool: pool) }

  func evaluate(
    at position: Tensor<Float>, over batch: Minibatch, gradient: inout Tensor<Float>,
    workspace: inout PosteriorWorkspace<Float>
  ) throws(LangevinError) -> Energy {
    let all = Tensor(inputWeights + position.elements)
    var whole = all
    let energy = try network.evaluate(at: all, over: batch, gradient: &whole, workspace: &workspace)
    for index in 0..<position.count { gradient[index] = whole[inputWeights.count + index] }
    return energy
  }
}

@Suite struct FrozenWeightsTests {
  /// With the input weights frozen the law of a is Gaussian, with precision 1/sa2 + Phi'Phi/(kappa^2 P) and mean
  /// precision^-1 Phi'y/(kappa^2 P). A step of eta on L widens the covariance of U = L/2 + prior at kappa^2, whose Hessian is
  /// M = kappa^2 precision, to kappa^2 M^-1 (1 - eta M)^-1.
  @Test func theOutputWeightsAreGaussian() throws {
    let (kappa, eta, steps) = (0.5, 0.2, 32_000)
    let model = try MeanFieldModel(inputs: 3, width: 2, noise: kappa, outputVariance: 2)
    let x = DenseMatrix(rows: [[1, 1, -1], [1, -1, -1], [-1, -1, -1], [-1, 1, 1]])
    let y = [1.0, -1, 1, -1]
    let w: [Float] = [0.9, -0.4, -0.3, 0.5, 0.8, -0.7]
    let network = try MeanFieldLangevin(model).potential(MeanFieldData(inputs: x, targets: y, testInputs: x))

    let phi = DenseMatrix(
      rows: (0..<4).map { row in
        (0..<2).map { unit in
          max(0, (0..<3).reduce(0) { $0 + Double(w[3 * unit + $1]) * x[row, $1] }) / 2.0.squareRoot()
        }
      })
    let hessian = 0.25 * (phi.transpose * phi) + DenseMatrix(diagonal: kappa * kappa / 2, count: 2)
    let mean = try Cholesky(hessian).solve((phi.transpose * y).map { $0 / 4 })
    let widened = hessian - eta * (hessian * hessian)
    let covariance = kappa * kappa * (try Cholesky(widened.symmetrised()).inverse)

    let sampler = try SGLD<Float>(stepSize: .constant(2 * eta), temperature: .constant(kappa * kappa))
    var evaluator = try Evaluator(FrozenWeights(network, inputWeights: w), seed: 4)
    var state = try sampler.start(at: Tensor(mean.map(Float.init)), with: &evaluator)
    // Block means of the five first and second moments of a - mean.
    var blocks = [[Double]](repeating: [0, 0, 0, 0, 0], count: 64)
    for step in 0..<steps {
      _ = try sampler.step(&state, with: &evaluator)
      let u = (0..<2).map { Double(state.position[$0]) - mean[$0] }
      for (index, value) in [u[0], u[1], u[0] * u[0], u[0] * u[1], u[1] * u[1]].enumerated() {
        blocks[step * 64 / steps][index] += value * 64 / Double(steps)
      }
    }
    for (index, expected) in [0, 0, covariance[0, 0], covariance[0, 1], covariance[1, 1]].enumerated() {
      let values = blocks.map { $0[index] }
      let found = values.reduce(0, +) / 64
      let error = (values.reduce(0) { $0 + ($1 - found) * ($1 - found) } / (64 * 63)).squareRoot()
      #expect(abs(found - expected) < 4.9 * error, "moment \(index): \(found) +- \(error), expected \(expected)")
      // The errors are small enough to tell a factor of 2 in the temperature, which would move the second moments by 10 of them.
      #expect(index < 2 || index == 3 || expected > 10 * error)
    }
  }
}
