/// The first layers of a network, which stay as they are: what they make of examples is computed once, and the layers above
/// are sampled on that alone.
///
///     let frozen = try FrozenLayers(1, of: network, at: optimum)
///     let posterior = try Posterior(frozen.rest, examples: frozen.features(of: examples), loss: .crossEntropy)
///
/// Energy and gradient are those of the whole network, but for the constant prior energy of what is frozen; a step costs what
/// it costs on the small network. Frozen layers have no error bars.
public struct FrozenLayers<Element: Scalar>: Sendable {
  /// The layers above, under their old names.
  public let rest: MLP
  /// The parameters of the frozen layers, the first of the whole network's.
  package let parameters: Tensor<Element>
  private let network: MLP

  /// The first layers of a network, with parameters of all of it or of those layers.
  public init(_ count: Int, of network: MLP, at parameters: Tensor<Element>) throws(LangevinError) {
    try require(
      1..<network.layers.count ~= count, "the number of frozen layers of network \(network)", is: count,
      expected: "1 to \(network.layers.count - 1)")
    rest = try network.droppingFirst(count)
    let length = network.layers[count].weight
    guard [length, network.layout.count].contains(parameters.count) else {
      throw .shape(of: "the frozen parameters", found: parameters.shape, expected: [length])
    }
    if let place = parameters.firstNonFinite {
      throw .nonFinite("a frozen parameter", in: network.layout.blockName(at: place), hint: "")
    }
    self.parameters = Tensor((0..<length).map { parameters[$0] })
    self.network = try MLP(
      Array(network.sizes.prefix(count + 1)), hidden: network.hidden, output: network.hidden,
      biases: network.hasBiases)
  }

  /// The examples with what the frozen layers make of them as inputs.
  public func features(
    of examples: Examples<Element>, pool: ThreadPool = .single
  ) throws(LangevinError) -> Examples<Element> {
    let targets = try Tensor<Element>(shape: [examples.count, network.outputWidth])
    let plain = Examples(
      inputWidth: examples.inputWidth, inputs: examples.inputs, targets: .values(targets), weights: nil)
    let posterior = try Posterior(network, examples: plain, loss: .squaredError)
    var workspace = posterior.makeWorkspace(pool: pool)
    let features = try posterior.predictions(at: parameters, workspace: &workspace)
    return try Examples(inputs: features, targets: examples.targets, weights: examples.weights)
  }
}
