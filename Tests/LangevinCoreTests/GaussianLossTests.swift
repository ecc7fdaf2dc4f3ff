import LangevinCore
import Testing

/// The loss of a mean and a scale, (y - m)^2/(2 sd^2) + log sd with sd = log(1 + e^s) + 1e-6, on a network of biases alone, so
/// that the gradient by the biases is that by the outputs. Values and derivatives by automatic differentiation in double
/// precision.
@Suite struct GaussianLossTests {
  struct Row: Sendable {
    let outputs, targets: [Double]
    let value: Double
    let gradient: [Double]
    /// The Hessian by m and s of the first target, by rows; the second row without its first element.
    let hessian: [Double]
  }

  static let rows = [
    Row(
      outputs: [0.3, -0.7], targets: [1.1], value: 1.06015171906, gradient: [-4.92126600655, -2.41708349703],
      hessian: [6.15158250818, 8.1001423131, 5.70709136553]),
    Row(
      outputs: [2, 5], targets: [1.1], value: 1.62693684635, gradient: [0.0359034791057, 0.191984170451],
      hessian: [0.0398927545618, -0.0142461365853, -0.0342600398247]),
    Row(
      outputs: [1, -8], targets: [1.0005], value: -6.89265033999, gradient: [-4418.16138263, -1.20528444241],
      hessian: [8836322.76527, 8808.57864454, 4.38708067992]),
    Row(
      outputs: [0.3, 1.2, -0.7, 0.4], targets: [1.1, -0.2], value: 2.14477578761,
      gradient: [-4.92126600655, 1.67946523715, -2.41708349703, -0.88604939513],
      hessian: [6.15158250818, 8.1001423131, 5.70709136553]),
  ]

  /// The weights of the one layer meet an input of 0.
  private func posterior(_ row: Row, examples: Int) throws -> (Posterior<Double>, Tensor<Double>) {
    let width = row.outputs.count
    let network = try MLP([1, width])
    let targets = (0..<examples).flatMap { _ in row.targets }
    let posterior = try Posterior(
      network,
      examples: Examples(
        inputs: Tensor(shape: [examples, 1]),
        targets: .values(Tensor(shape: [examples, row.targets.count], targets))), loss: .gaussian)
    return (posterior, Tensor(Array(repeating: 0, count: width) + row.outputs))
  }

  @Test(arguments: rows, [1, 2, 17, 40])
  func valueAndGradient(row: Row, examples: Int) throws {
    for set in InstructionSet.allCases where set.isSupported {
      try set.use {
        let (posterior, position) = try posterior(row, examples: examples)
        var (gradient, workspace) = (position, posterior.makeWorkspace())
        let energy = try posterior.evaluate(at: position, over: .all, gradient: &gradient, workspace: &workspace)
        #expect(abs(energy.cost - row.value) < 1e-10 * max(1, abs(row.value)))
        for (index, expected) in row.gradient.enumerated() {
          #expect(abs(gradient[row.outputs.count + index] - expected) < 1e-10 * max(1, abs(expected)))
        }
      }
    }
  }

  @Test(arguments: rows)
  func secondDerivatives(row: Row) throws {
    let (posterior, position) = try posterior(row, examples: 3)
    let (width, targets) = (row.outputs.count, row.targets.count)
    var workspace = posterior.makeWorkspace()
    for (place, expected) in [(0, [row.hessian[0], row.hessian[1]]), (targets, [row.hessian[1], row.hessian[2]])] {
      var direction = Tensor<Double>(zeros: 2 * width)
      direction[width + place] = 1
      let product = try posterior.hessianProduct(with: direction, at: position, workspace: &workspace)
      #expect(abs(product[width] - expected[0]) < 1e-9 * max(1, abs(expected[0])))
      #expect(abs(product[width + targets] - expected[1]) < 1e-9 * max(1, abs(expected[1])))
    }
  }

  @Test func outputsComeInPairs() throws {
    let network = try MLP([1, 3])
    let values = Examples<Double>.Targets.values(Tensor([0]).reshaped)
    #expect(throws: LangevinError.self) {
      try Posterior(network, examples: Examples(inputs: Tensor(shape: [1, 1]), targets: values), loss: .gaussian)
    }
  }
}

extension Tensor {
  /// A column.
  fileprivate var reshaped: Tensor { (try? Tensor(shape: [count, 1], elements)) ?? self }
}
