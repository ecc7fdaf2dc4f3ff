/// The negative log-likelihood of one example, up to a constant.
public enum Loss: String, CaseIterable, Hashable, Sendable {
  /// -log softmax(outputs)[class]
  case crossEntropy = "cross-entropy"
  /// log(1 + exp(o)) - y o on one output o, the logit of class 1.
  case binaryCrossEntropy = "binary-cross-entropy"
  /// |outputs - targets|^2 / 2, summed over the outputs.
  case squaredError = "squared-error"

  /// The loss of that name.
  package init(named name: String) throws(LangevinError) { self = try LangevinError.named(name, as: "the loss") }
}
