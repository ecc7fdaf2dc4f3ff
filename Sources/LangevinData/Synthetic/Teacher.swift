import LangevinCore

/// The outputs of a random network, plus normal noise: a regression that a network of the same shape can solve.
///
/// Inputs are standard normal; weights and biases uniform within 1/sqrt(inputs of the layer).
package struct Teacher: SyntheticSet {
  /// The activations that a teacher may have.
  package enum Hidden: String, CaseIterable, Sendable {
    /// max(x, 0)
    case relu
    /// tanh(x)
    case tanh
  }

  /// What a recipe can say of it.
  package static let recipe = RecipeEntry<Self>(
    "teacher", "the noisy outputs of a random network, a regression",
    [
      .init("network", \.network, "widths of the teacher, such as 10-20-1"),
      .init("hidden", \.hidden, "its activation, relu or tanh"),
      .init("noise", \.noise, 0...1e6, "standard deviation of the noise on each output"),
    ])

  /// The widths of the teacher.
  package var network = "10-20-1"
  /// The activation of its hidden layers.
  package var hidden = Hidden.tanh
  /// The standard deviation of the noise on each output.
  package var noise = 0.1
  /// The sizes of its parts, and the seed.
  package var sizes = SetSizes(train: 1000, test: 1000)

  /// The set with its default parameters.
  package init() {}

  /// The teacher's parameters, in the order of the network's layout.
  package func parameters<Element: Scalar>(as type: Element.Type = Element.self) throws(LangevinError) -> Tensor<
    Element
  > {
    try MLP(network).initialParameters(.uniformFanIn, from: sharedStream)
  }

  /// How the rows of one part are made.
  package func rows(of part: DatasetPart) throws(LangevinError) -> SyntheticRows {
    let (noise, hidden) = (noise, hidden)
    let teacher = try MLP(network)
    let parameters = try self.parameters(as: Double.self).elements
    return SyntheticRows(inputWidth: teacher.inputWidth, targets: .values(teacher.outputWidth)) { row in
      for index in row.inputs.indices { row.inputs[index] = row.random.normal() }
      let outputs = Self.outputs(teacher.sizes, hidden, parameters, row.inputs)
      for index in row.targets.indices { row.targets[index] = outputs[index] + noise * row.random.normal() }
    }
  }

  /// The network written out, in an order of operations that is the same everywhere.
  private static func outputs(
    _ sizes: [Int], _ hidden: Hidden, _ parameters: [Double], _ inputs: UnsafeMutableBufferPointer<Double>
  ) -> [Double] {
    var values = Array(inputs)
    var weight = 0
    for layer in 1..<sizes.count {
      let (inputs, outputs) = (values, sizes[layer])
      let bias = weight + inputs.count * outputs
      values = (0..<outputs).map { output in
        let start = weight + output * inputs.count
        let sum = inputs.indices.reduce(parameters[bias + output]) { $0 + parameters[start + $1] * inputs[$1] }
        if layer == sizes.count - 1 { return sum }
        return hidden == .relu ? max(sum, 0) : PortableMath.tanh(sum)
      }
      weight = bias + outputs
    }
    return values
  }
}
