/// A law from which the parameters of a network start.
public enum Initialiser: String, CaseIterable, Hashable, Sendable {
  /// Weights and biases uniform within 1/sqrt(inputs): what PyTorch's `Linear` does.
  case uniformFanIn = "uniform-fan-in"
  /// Weights uniform within sqrt(6 / (inputs + outputs)), biases 0 (Glorot and Bengio, 2010).
  case glorot
  /// Weights normal with variance 2/inputs, biases 0 (He, Zhang, Ren and Sun, 2015).
  case he
  /// Weights and biases standard normal.
  case unitNormal = "unit-normal"
  /// Weights normal with variance 1/inputs, biases standard normal: the law of the tangent-kernel parameterisation.
  case tangentKernel = "tangent-kernel"

  /// The initialiser of that name.
  package init(named name: String) throws(LangevinError) { self = try LangevinError.named(name, as: "the initialiser") }
}

extension MLP {
  /// A parameter vector drawn from a law; a function of the stream alone, the same in every precision to rounding.
  public func initialParameters<Element: Scalar>(
    _ law: Initialiser = .uniformFanIn, as type: Element.Type = Element.self, from random: RandomStream
  ) -> Tensor<Element> {
    var draws = Tensor<Double>(zeros: layout.count)
    let isNormal = [.he, .unitNormal, .tangentKernel].contains(law)
    if isNormal { random.fillNormals(&draws) } else { random.fillUniforms(&draws) }

    var parameters = Tensor<Element>(zeros: layout.count)
    for layer in layers {
      let (inputs, outputs) = (Double(layer.inputs), Double(layer.outputs))
      let (weightScale, biasScale): (Double, Double) =
        switch law {
        case .uniformFanIn: (1 / inputs.squareRoot(), 1 / inputs.squareRoot())
        case .glorot: ((6 / (inputs + outputs)).squareRoot(), 0)
        case .he: ((2 / inputs).squareRoot(), 0)
        case .unitNormal: (1, 1)
        case .tangentKernel: (1 / inputs.squareRoot(), 1)
        }
      func fill(_ range: Range<Int>, _ scale: Double) {
        for index in range { parameters[index] = Element(scale * (isNormal ? draws[index] : 2 * draws[index] - 1)) }
      }
      fill(layer.weight..<layer.weight + layer.inputs * layer.outputs, weightScale)
      if let bias = layer.bias { fill(bias..<bias + layer.outputs, biasScale) }
    }
    // A noise as large as the targets scatter, where these are scaled to variance 1.
    for place in constants { parameters[place] = Element(Loss.unitScale) }
    return parameters
  }
}
