import LangevinCore
import LangevinSamplers

/// What a network run samples: the network, its loss and its prior, in which precision.
package struct NetworkSettings: SettingGroup {
  /// The widths of its layers.
  package var network: LayerWidths?
  /// The activation of all layers but the last; by default by the data.
  package var activation: Activation?
  /// The activation of the last layer.
  package var outputActivation = Activation.identity
  /// Whether layers add a bias.
  package var biases = true
  /// The law of the first weights.
  package var initialisation = Initialiser.uniformFanIn
  /// The negative log-likelihood of an example; by default by the targets.
  package var loss: Loss?
  /// Whether U has the loss per example or over all data.
  package var normalisation = Normalisation.mean
  /// Precisions of the Gaussian prior; by default the temperature, so that weights have variance 1.
  package var prior: PriorPrecisions?
  /// The precision of the parameters.
  package var precision = Precision.single
  /// The defaults.
  package init() {}

  /// Every setting.
  package static let table: [Setting<Self>] = [
    Setting(
      "network", \.network, default: "by the data",
      "the widths of its layers, such as 100-50-100-10; a star at an end is the width of the data"),
    Setting("activation", \.activation, default: "tanh for tables, else relu", "of all layers but the last"),
    Setting("output-activation", \.outputActivation, "of the last layer"),
    Setting("biases", \.biases, "whether layers add a bias"),
    Setting("initialisation", \.initialisation, "the law of the first weights"),
    Setting("loss", \.loss, default: "by the targets", "the negative log-likelihood of an example"),
    Setting("normalisation", \.normalisation, "whether U has the loss per example or over all data"),
    Setting(
      "prior", \.prior, unit: "energy", default: "temperature",
      "precision of the Gaussian prior, of all parameters or by layer (layer1=1e-3,layer2=0.1); the prior variance of a "
        + "weight is T/prior"),
    Setting("precision", \.precision, "of the parameters"),
  ]
}

extension NetworkSettings {
  /// Fills in what follows from the data, and from the temperature if it is one number.
  mutating func complete(for facts: DataFacts, temperature: Double?) {
    let loss = loss ?? facts.classCount.map { $0 == 2 ? .binaryCrossEntropy : .crossEntropy } ?? .gaussian
    self.loss = loss
    // Smooth, so that long steps lose little energy, and bounded, so that a row far from all others cannot be learnt by heart.
    activation = activation ?? (facts.rule == nil ? .relu : .tanh)
    let outputs = loss.outputCount(targets: facts.targetWidth)
    network = (network ?? LayerWidths([0, hiddenWidth(for: facts), 0])).filled(
      inputs: facts.inputWidth, outputs: outputs)
    prior = prior ?? PriorPrecisions(temperature ?? posteriorTemperature(for: facts))
  }

  /// One hidden layer with about ten examples for each parameter: wide enough to bend, narrow enough to be sampled well.
  private func hiddenWidth(for facts: DataFacts) -> Int {
    let affordable = facts.exampleCount / (10 * (facts.inputWidth + facts.targetWidth + 1))
    return min(100, max(8, 5 * facts.targetWidth, affordable))
  }

  /// T at which exp(-U/T) is the posterior.
  func posteriorTemperature(for facts: DataFacts) -> Double {
    normalisation == .sum ? 1 : 1 / Double(facts.exampleCount)
  }

  /// Checks that network and loss fit the data.
  func check(for facts: DataFacts) throws(SettingError) {
    guard let widths = network?.widths, let first = widths.first, let last = widths.last, let loss else { return }
    let text = network?.settingText ?? ""
    guard first == facts.inputWidth else {
      throw SettingError(
        "network is '\(text)', its first width is \(first); expected \(facts.inputWidth), the width of the data")
    }
    guard loss.isForClasses == (facts.classCount != nil) else {
      throw SettingError(
        "loss is '\(loss.rawValue)' and the targets of \(facts.data) are "
          + (facts.classCount == nil
            ? "real numbers; expected gaussian or squared-error"
            : "classes; expected cross-entropy or binary-cross-entropy"))
    }
    let outputs = loss.outputCount(targets: facts.targetWidth)
    guard last == outputs else {
      throw SettingError(
        "network is '\(text)', its last width is \(last); expected \(outputs) for \(loss.rawValue) on \(facts.data)")
    }
  }

  /// The network.
  func makeNetwork() throws -> MLP {
    try MLP(network?.settingText ?? "", hidden: activation ?? .relu, output: outputActivation, biases: biases)
  }

  /// The network with its loss and prior, on examples.
  func posterior<Element: Scalar>(on examples: Examples<Element>) throws -> Posterior<Element> {
    try Posterior(
      makeNetwork(), examples: examples, loss: loss ?? .squaredError, prior: prior?.prior() ?? .flat,
      normalisation: normalisation)
  }
}

/// The precision of the parameters.
package enum Precision: String, CaseIterable, SettingValue {
  /// 32 bits.
  case single
  /// 64 bits.
  case double

  /// That of a scalar.
  init<Element: Scalar>(of type: Element.Type) { self = type == Float.self ? .single : .double }
  /// Bytes of a number.
  var size: Int { self == .single ? 4 : 8 }
}

/// The widths of a network's layers, such as `100-50-100-10`; a star at an end, `*-50-*`, is the width of the data.
package struct LayerWidths: SettingValue {
  /// From the inputs to the outputs.
  package let widths: [Int]
  /// Widths.
  package init(_ widths: [Int]) { self.widths = widths }

  /// Numbers with hyphens between them.
  package init?(settingText text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    widths = parts.enumerated().compactMap { place, part in
      part == "*" && (place == 0 || place == parts.count - 1) ? 0 : Int(part).flatMap { 1...(1 << 24) ~= $0 ? $0 : nil }
    }
    guard widths.count == parts.count, widths.count >= 2 else { return nil }
  }
  /// Numbers with hyphens between them.
  package var settingText: String? { widths.map { $0 == 0 ? "*" : "\($0)" }.joined(separator: "-") }
  /// In words.
  package static func expectation(in range: SettingRange) -> String {
    "two or more widths with hyphens between them, such as 100-50-100-10"
  }

  /// The same with the widths of the data.
  func filled(inputs: Int, outputs: Int) -> LayerWidths {
    var all = widths
    if all.first == 0 { all[0] = inputs }
    if all.last == 0 { all[all.count - 1] = outputs }
    return LayerWidths(all)
  }
}

/// Precisions of a Gaussian prior: one number, or one for each of some layers and blocks.
package struct PriorPrecisions: SettingValue {
  /// By layer or block; the one for all parameters has the empty name.
  package let byName: [String: Double]
  /// In the order in which they were written.
  private let text: String

  /// One for all parameters.
  package init(_ precision: Double) {
    byName = ["": precision]
    text = "\(precision)"
  }

  /// A number, or `layer1=1e-3,layer2.bias=0`.
  package init?(settingText text: String) {
    var precisions: [String: Double] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      let name = sides.count == 2 ? String(sides[0]) : ""
      guard sides.count == 2 ? !name.isEmpty : text == part, let value = sides.last.flatMap({ Double($0) }),
        value >= 0, value.isFinite, precisions.updateValue(value, forKey: name) == nil
      else { return nil }
    }
    byName = precisions
    self.text = text
  }
  /// As it was written.
  package var settingText: String? { text }
  /// A number, if it is one.
  package var settingForm: SettingForm { byName[""] != nil ? .number : .text }
  /// In words.
  package static func expectation(in range: SettingRange) -> String {
    "a number of at least 0, or numbers for layers and blocks such as layer1=1e-3,layer2.bias=0"
  }

  /// The prior; flat for a precision of 0.
  func prior<Element: Scalar>() -> Prior<Element> {
    if let precision = byName[""] { return precision > 0 ? .gaussian(precision: precision) : .flat }
    return .perBlock(byName)
  }
}

extension Activation: SettingValue {}
extension Initialiser: SettingValue {}
extension Loss: SettingValue {}
extension Normalisation: SettingValue {}
