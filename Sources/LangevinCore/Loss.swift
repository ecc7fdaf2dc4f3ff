/// The negative log-likelihood of one example, up to a constant.
public enum Loss: String, CaseIterable, Hashable, Sendable {
  /// -log softmax(outputs)[class]
  case crossEntropy = "cross-entropy"
  /// log(1 + exp(o)) - y o on one output o, the logit of class 1.
  case binaryCrossEntropy = "binary-cross-entropy"
  /// |outputs - targets|^2 / 2, summed over the outputs.
  case squaredError = "squared-error"
  /// (y - m)^2/(2 sd^2) + log sd, summed over the targets y: a network with two outputs for each target, a mean m and a scale s
  /// with sd = log(1 + e^s) + 1e-6, learns how far the targets scatter, and where.
  case gaussian

  /// The outputs that a network has for so many targets or classes.
  package func outputCount(targets: Int) -> Int {
    switch self {
    case .crossEntropy, .squaredError: targets
    case .binaryCrossEntropy: 1
    case .gaussian: 2 * targets
    }
  }

  /// Whether targets are classes.
  package var isForClasses: Bool { self == .crossEntropy || self == .binaryCrossEntropy }

  /// The loss of that name.
  package init(named name: String) throws(LangevinError) { self = try LangevinError.named(name, as: "the loss") }
}
