import CLangevinKernels

/// The function that a layer applies to each of its sums.
public enum Activation: String, CaseIterable, Hashable, Sendable {
  /// x
  case identity
  /// max(x, 0); its derivative at 0 is 0.
  case relu
  /// The hyperbolic tangent.
  case tanh
  /// 1 / (1 + exp(-x))
  case sigmoid
  /// x Phi(x) with the exact normal distribution function Phi.
  case gelu
  /// log(1 + exp(x))
  case softplus
  /// The error function.
  case erf

  /// The activation of that name.
  package init(named name: String) throws(LangevinError) { self = try LangevinError.named(name, as: "the activation") }

  package var kernel: lk_activation {
    switch self {
    case .identity: LK_IDENTITY
    case .relu: LK_RELU
    case .tanh: LK_TANH
    case .sigmoid: LK_SIGMOID
    case .gelu: LK_GELU
    case .softplus: LK_SOFTPLUS
    case .erf: LK_ERF
    }
  }

  /// Whether the derivative is computed from the input; the others take it from the output.
  package var needsInput: Bool { lk_activation_needs_input(kernel) }
}
