/// A multi-layer perceptron: its sizes and activations, and where its parameters lie in the flat vector.
///
///     let network = try MLP([100, 50, 100, 10], hidden: .relu, output: .relu)
///     network.layout.count    // 11160
///
/// A layer computes `act(W h + b)` with W of shape `[outputs, inputs]`. The vector holds, for each layer, W row by row
/// and then b: the order in which PyTorch lists the parameters of a stack of `Linear` layers, so weights are exchanged by
/// a flat copy. The network holds no parameters; it is a function of them.
public struct MLP: Hashable, Sendable {
  /// The widths of the layers, the input's first and the output's last.
  public let sizes: [Int]
  /// The activation of every layer but the last.
  package let hidden: Activation
  /// The activation of the last layer.
  package let output: Activation
  /// Whether layers add a bias.
  package let hasBiases: Bool
  /// A constant factor on the outputs: N^(-gamma) in mean-field parameterisations, otherwise 1.
  package let outputScale: Double
  /// Further outputs that are the same for all inputs, the block `noise`: for a loss with scales, one learnt scale for each
  /// target.
  package let constantOutputs: Int
  /// The blocks `layer1.weight`, `layer1.bias`, `layer2.weight`, ... of the parameter vector.
  public let layout: ParameterLayout

  struct Layer: Hashable, Sendable {
    let inputs: Int
    let outputs: Int
    let weight: Int
    let bias: Int?
    let activation: Activation
  }
  let layers: [Layer]

  /// A network of the given widths.
  public init(
    _ sizes: [Int], hidden: Activation = .relu, output: Activation = .identity, biases: Bool = true,
    outputScale: Double = 1, constantOutputs: Int = 0
  ) throws(LangevinError) {
    try self.init(
      sizes, hidden: hidden, output: output, biases: biases, outputScale: outputScale, constantOutputs: constantOutputs,
      firstLayer: 1)
  }

  private init(
    _ sizes: [Int], hidden: Activation, output: Activation, biases: Bool, outputScale: Double, constantOutputs: Int,
    firstLayer: Int
  ) throws(LangevinError) {
    guard sizes.count >= 2 else {
      throw .shape(of: "the network", found: sizes, expected: [-1, -1])
    }
    for (index, size) in sizes.enumerated() {
      try require(size >= 1, "width \(index + 1) of the network \(Self.text(sizes))", is: size, expected: "1 or more")
    }
    try require(
      outputScale.isFinite && outputScale > 0, "the output scale", is: outputScale, expected: "above 0, finite")
    try require(constantOutputs >= 0, "the number of constant outputs", is: constantOutputs, expected: "0 or more")

    var blocks: [(name: String, shape: [Int])] = []
    for layer in 1..<sizes.count {
      let name = "layer\(firstLayer + layer - 1)"
      blocks.append(("\(name).weight", [sizes[layer], sizes[layer - 1]]))
      if biases { blocks.append(("\(name).bias", [sizes[layer]])) }
    }
    if constantOutputs > 0 { blocks.append(("noise", [constantOutputs])) }
    let layout = try ParameterLayout(blocks)
    self.layout = layout
    self.sizes = sizes
    self.hidden = hidden
    self.output = output
    hasBiases = biases
    self.outputScale = outputScale
    self.constantOutputs = constantOutputs
    layers = (1..<sizes.count).map { layer in
      let block = layout.blocks[biases ? 2 * layer - 2 : layer - 1]
      return Layer(
        inputs: sizes[layer - 1], outputs: sizes[layer], weight: block.range.lowerBound,
        bias: biases ? block.range.upperBound : nil, activation: layer == sizes.count - 1 ? output : hidden)
    }
  }

  /// A network from its widths as text, such as `100-50-100-10`.
  public init(
    _ sizes: String, hidden: Activation = .relu, output: Activation = .identity, biases: Bool = true,
    outputScale: Double = 1, constantOutputs: Int = 0
  ) throws(LangevinError) {
    let parts = sizes.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    let widths = parts.compactMap(\.self)
    try require(
      widths.count == parts.count, "the network", is: "'\(sizes)'", expected: "widths such as 100-50-100-10")
    try self.init(
      widths, hidden: hidden, output: output, biases: biases, outputScale: outputScale, constantOutputs: constantOutputs
    )
  }

  /// The network above its first layers, under the same names, which reads what these put out.
  package func droppingFirst(_ count: Int) throws(LangevinError) -> MLP {
    try require(
      0..<layers.count ~= count, "the number of layers to leave out of network \(self)", is: count,
      expected: "0 to \(layers.count - 1)")
    return try MLP(
      Array(sizes.dropFirst(count)), hidden: hidden, output: output, biases: hasBiases, outputScale: outputScale,
      constantOutputs: constantOutputs, firstLayer: 1 + count)
  }

  /// The width of an input.
  package var inputWidth: Int { layers[0].inputs }
  /// The width of an output, what is constant in it included.
  package var outputWidth: Int { layers[layers.count - 1].outputs + constantOutputs }
  /// The places of the constant outputs among the parameters.
  var constants: Range<Int> { layout.count - constantOutputs..<layout.count }

  /// Floating-point operations of one gradient for one example: two for each weight in the forward product and the
  /// weight gradient, and two more, but in the first layer, in the input gradient.
  public var operationsPerExample: Int {
    layers.reduce(0) { $0 + 6 * $1.inputs * $1.outputs } - 2 * layers[0].inputs * layers[0].outputs
  }

  private static func text(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: "-") }
}

extension MLP: CustomStringConvertible {
  /// The widths, such as `100-50-100-10`.
  public var description: String { Self.text(sizes) }
}
