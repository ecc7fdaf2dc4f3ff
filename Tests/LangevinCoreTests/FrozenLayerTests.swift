import LangevinCore
import Testing

/// Layers that stay as they are: the network above them has the energy and the gradient of the whole.
@Suite struct FrozenLayerTests {
  @Test(arguments: [1, 2], [Activation.tanh, .gelu])
  func energyAndGradientAreThoseOfTheWhole(count: Int, activation: Activation) throws {
    let network = try MLP([3, 5, 4, 2], hidden: activation, output: .softplus, outputScale: 0.5, constantOutputs: 2)
    let inputs = (0..<63).map { Double(7 * $0 % 13) / 6 - 1 }
    let targets = (0..<42).map { Double(5 * $0 % 9) / 4 - 1 }
    let examples = try Examples<Double>(
      inputs: Tensor(shape: [21, 3], inputs), targets: .values(Tensor(shape: [21, 2], targets)),
      weights: (0..<21).map { Double($0 % 3) })
    let theta: Tensor<Double> = network.initialParameters(.unitNormal, from: RandomStream(seed: 4, purpose: .user))
    let frozen = try FrozenLayers(count, of: network, at: theta)
    #expect(frozen.rest.layout.blocks.map(\.name) == network.layout.blocks.dropFirst(2 * count).map(\.name))
    let free = network.layout.count - frozen.rest.layout.count
    #expect(frozen.parameters.elements == Array(theta.elements[..<free]))
    let whole = try Posterior(network, examples: examples, loss: .gaussian, prior: .gaussian(precision: 0.2))
    let above = try Posterior(
      frozen.rest, examples: frozen.features(of: examples), loss: .gaussian, prior: .gaussian(precision: 0.2))
    let rest = Tensor(Array(theta.elements[free...]))
    var (gradient, small) = (theta, rest)
    var (one, two) = (whole.makeWorkspace(), above.makeWorkspace())
    for batch in [Minibatch.all, Minibatch(rows: [20, 3, 3, 7])] {
      let first = try whole.evaluate(at: theta, over: batch, gradient: &gradient, workspace: &one)
      let second = try above.evaluate(at: rest, over: batch, gradient: &small, workspace: &two)
      #expect(abs(first.cost - second.cost) < 1e-13 * max(1, abs(first.cost)))
      #expect(abs(second.prior - 0.1 * rest.squaredNorm()) < 1e-13)
      for index in 0..<rest.count {
        #expect(abs(gradient[free + index] - small[index]) < 1e-12 * max(1, abs(small[index])))
      }
    }
    // Those layers alone are enough to make it.
    let again = try FrozenLayers(count, of: network, at: frozen.parameters)
    #expect(try again.features(of: examples).weights == examples.weights)
  }

  /// Multiplications of a gradient for one example: on 784-500-10 the last layer takes a fiftieth of the whole.
  @Test func theLastLayerIsCheap() throws {
    let network = try MLP("784-500-10")
    let frozen = try FrozenLayers(1, of: network, at: Tensor<Float>(zeros: network.layout.count))
    #expect(network.operationsPerExample > 75 * frozen.rest.operationsPerExample)
    #expect(frozen.rest.layout.count == 5010)
  }

  @Test func whatCannotBeFrozen() throws {
    let network = try MLP([3, 5, 2])
    let theta = Tensor<Double>(zeros: network.layout.count)
    #expect(throws: LangevinError.self) { try FrozenLayers(0, of: network, at: theta) }
    #expect(throws: LangevinError.self) { try FrozenLayers(2, of: network, at: theta) }
    #expect(throws: LangevinError.self) { try FrozenLayers(1, of: network, at: Tensor<Double>(zeros: 7)) }
    #expect(throws: LangevinError.self) {
      try FrozenLayers(1, of: network, at: Tensor(Array(repeating: Double.nan, count: 32)))
    }
  }
}
