import LangevinCore
import Testing

/// Bad input gives a typed error whose sentence says what was found and what was expected; nothing crashes.
@Suite struct BadInputTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch let error as LangevinError {
      return error.description
    } catch {
      return "another error: \(error)"
    }
  }

  private func examples(_ count: Int = 4, width: Int = 3) throws -> Examples<Float> {
    try Examples(
      inputs: Tensor(shape: [count, width], Array(repeating: 0.5, count: count * width)),
      targets: .classes(Array(repeating: 0, count: count), count: 2))
  }

  @Test func networks() {
    #expect(message { _ = try MLP([5]) } == "the network has shape [5]; expected [-1, -1]")
    #expect(message { _ = try MLP([5, 0, 2]) } == "width 2 of the network 5-0-2 is 0; expected 1 or more")
    #expect(message { _ = try MLP([5, -3, 2]) } == "width 2 of the network 5--3-2 is -3; expected 1 or more")
    #expect(message { _ = try MLP("5-x-2") } == "the network is '5-x-2'; expected widths such as 100-50-100-10")
    #expect(message { _ = try MLP("") } == "the network is ''; expected widths such as 100-50-100-10")
    #expect(
      message { _ = try MLP([Int.max / 2, 4]) }
        == "block 'layer1.weight' would need 4 x \(Int.max / 2) elements, more than can be addressed")
    #expect(message { _ = try MLP([1 << 20, 1 << 20]) }.hasPrefix("the parameter vector would need 0 x 1099511627776"))
    #expect(
      message { _ = try MLP([2, 2], outputScale: .nan) } == "the output scale is nan; expected above 0, finite")
    #expect(
      message { _ = try Activation(named: "swish") }
        == "the activation is 'swish'; expected one of identity, relu, tanh, sigmoid, gelu, softplus, erf")
    #expect(
      message { _ = try Loss(named: "hinge") }
        == "the loss is 'hinge'; expected one of cross-entropy, binary-cross-entropy, squared-error, gaussian, "
        + "student-t, student-t-scale, poisson, negative-binomial, bernoulli")
  }

  @Test func tensors() {
    #expect(
      message { _ = try Tensor<Float>(shape: [2, 3], [1, 2, 3]) }
        == "the list of elements has shape [3]; expected [2, 3]")
    #expect(
      message { _ = try Tensor<Float>(shape: [2, -3]) } == "a dimension of shape [2, -3] is -3; expected 0 or more")
    #expect(
      message { _ = try Tensor<Float>(shape: [1 << 40, 1 << 40]) }
        == "a tensor would need 1099511627776 x 1099511627776 elements, more than can be addressed")
  }

  @Test func data() {
    let inputs = Tensor<Float>([1, 2, 3])
    #expect(
      message { _ = try Examples(inputs: inputs, targets: .classes([0], count: 1)) }
        == "the inputs has shape [3]; expected [1, -1]")
    func make(_ values: [Float], labels: [Int32], classes: Int = 2) throws {
      _ = try Examples(inputs: Tensor(shape: [values.count / 2, 2], values), targets: .classes(labels, count: classes))
    }
    #expect(message { try make([1, 2, 3, 4], labels: [0]) } == "the targets has shape [1]; expected [2]")
    #expect(message { try make([1, 2, 3, 4], labels: [0, 2]) } == "the label of example 1 is 2; expected 0 to 1")
    #expect(message { try make([1, 2, 3, 4], labels: [-1, 0]) } == "the label of example 0 is -1; expected 0 to 1")
    #expect(message { try make([1, .nan, 3, 4], labels: [0, 1]) } == "an input is not finite in example 0, column 1")
    #expect(
      message { try make([1, 2, .infinity, 4], labels: [0, 1]) } == "an input is not finite in example 1, column 0")
    #expect(message { try make([], labels: []) } == "the number of examples is 0; expected 1 to 2147483647")
    #expect(message { try make([1, 2], labels: [0], classes: 0) } == "the number of classes is 0; expected 1 or more")
  }

  @Test func posteriors() throws {
    let examples = try examples()
    func make(_ sizes: [Int], _ loss: Loss, _ prior: Prior<Float> = .flat) throws {
      _ = try Posterior(MLP(sizes), examples: examples, loss: loss, prior: prior)
    }
    #expect(message { try make([4, 2], .crossEntropy) } == "the examples' inputs has shape [4, 3]; expected [4, 4]")
    #expect(
      message { try make([3, 5], .crossEntropy) }
        == "the number of outputs is 5; expected 2, one for each class, with the loss cross-entropy")
    #expect(
      message { try make([3, 2], .binaryCrossEntropy) }
        == "the number of outputs is 2; expected 1 with the loss binary-cross-entropy")
    #expect(
      message { try make([3, 2], .squaredError) }
        == "the targets is classes; expected real values with the loss squared-error")
    #expect(
      message { try make([3, 2], .crossEntropy, .gaussian(precision: -1)) }
        == "the prior's precision is -1.0; expected 0 or more, finite")
    #expect(
      message { try make([3, 2], .crossEntropy, .perBlock(["layer9": 1])) }
        == "the block is 'layer9'; expected one of layer1.weight, layer1.bias")
    #expect(
      message { try make([3, 2], .crossEntropy, .perParameter(Tensor([1, 2]))) }
        == "the prior's precisions has shape [2]; expected [8]")
    #expect(
      message {
        try make(
          [3, 2], .crossEntropy, .anchored(precision: 0, tether: 1, anchor: Tensor([.nan, 0, 0, 0, 0, 0, 0, 0])))
      }
        == "the anchor is not finite in layer1.weight")
  }

  @Test func evaluations() throws {
    let posterior = try Posterior(MLP([3, 4, 2]), examples: examples(), loss: .crossEntropy)
    var workspace = posterior.makeWorkspace()
    let theta = Tensor([Float](repeating: 0.1, count: posterior.parameterCount))
    var gradient = theta
    func evaluate(_ theta: Tensor<Float>, _ batch: Minibatch = .all) throws {
      _ = try posterior.evaluate(at: theta, over: batch, gradient: &gradient, workspace: &workspace)
    }
    #expect(message { try evaluate(Tensor([1, 2])) } == "the position has shape [2]; expected [26]")
    #expect(
      message { try evaluate(theta, Minibatch(rows: [4])) } == "a row of the minibatch is 4; expected 0 to 3")
    #expect(
      message { try evaluate(theta, Minibatch(rows: [0, -1])) } == "a row of the minibatch is -1; expected 0 to 3")
    #expect(message { try evaluate(theta, Minibatch(rows: [])) } == "the minibatch is empty; expected at least one row")
    var broken = theta
    broken[17] = .nan
    #expect(message { try evaluate(broken) } == "a parameter is not finite in layer2.weight")
    let huge = Tensor([Float](repeating: 1e30, count: theta.count))
    #expect(message { try evaluate(huge) }.hasPrefix("the energy is not finite in network 3-4-2"))
    #expect(message { try evaluate(theta) } == "no error")
  }

  @Test func batches() {
    func make(_ scheme: BatchScheme, _ count: Int = 10) throws {
      _ = try BatchStream(scheme, exampleCount: count, seed: 1)
    }
    #expect(message { try make(.subset(0)) } == "the batch size is 0; expected 1 to 10, the data set")
    #expect(message { try make(.epochs(11)) } == "the batch size is 11; expected 1 to 10, the data set")
    #expect(message { try make(.all, 0) } == "the number of examples is 0; expected 1 to 2147483647")
  }

  @Test func partitions() throws {
    let layout = try MLP([3, 4, 2]).layout
    #expect(
      message { _ = try layout.partition(["layer3"]) }
        == "the block is 'layer3'; expected one of layer1.weight, layer1.bias, layer2.weight, layer2.bias")
    #expect(
      message { _ = try Partition("a", ranges: [0..<4, 3..<6]) }
        == "partition 'a' is naming element 3 twice; expected ranges that do not overlap")
    #expect(message { _ = try Partition("a", ranges: []) } == "partition 'a' is empty; expected at least one parameter")
    let first = try layout.partition(["layer1"])
    #expect(
      message { try layout.check([first]) }
        == "block 'layer2.weight' is in no partition; expected every block in one of layer1")
    #expect(
      message { try layout.check([first, layout.partition(["layer1.bias", "layer2"])]) }
        == "block 'layer1.bias' is in partitions 'layer1' and 'layer1.bias+layer2'; expected in one of them")
    #expect(message { try layout.check(layout.layers()) } == "no error")
  }

  @Test func threadsAndInstructionSets() {
    #expect(message { _ = try ThreadPool(threads: 0) } == "the number of threads is 0; expected 1 to 1024")
    for set in InstructionSet.allCases where !set.isSupported {
      #expect(message { try set.use {} }.contains("'\(set.rawValue)'"))
    }
  }
}
