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
  /// Whether scales of the loss depend on the input.
  package var noise = NoiseKind.byInput
  /// Whether U has the loss per example or over all data.
  package var normalisation = Normalisation.mean
  /// The prior; by default normal with the temperature as precision, so that weights have variance 1.
  package var prior: PriorSetting?
  /// Layers that stay as they are at the start.
  package var freeze: LayerNames?
  /// The precision of the parameters.
  package var precision = Precision.single
  /// T of the law that is sampled, which turns densities of priors into energies. It follows from the other settings.
  private(set) var temperature = 0.0
  /// The defaults.
  package init() {}

  /// Every setting.
  package static let table: [Setting<Self>] = [
    Setting(
      "network", \.network, default: "by the data",
      "the widths of its layers, such as 100-50-100-10; a star at an end is the width of the data"),
    Setting(
      "activation", \.activation, default: "tanh for tables of real targets, else relu", "of all layers but the last"),
    Setting("output-activation", \.outputActivation, "of the last layer"),
    Setting("biases", \.biases, "whether layers add a bias"),
    Setting("initialisation", \.initialisation, "the law of the first weights"),
    Setting("loss", \.loss, default: "by the targets", "the negative log-likelihood of an example"),
    Setting(
      "noise", \.noise,
      "whether the scale of gaussian and student-t-scale is an output of the network or one number, learnt, for each target"
    ),
    Setting("normalisation", \.normalisation, "whether U has the loss per example or over all data"),
    Setting(
      "prior", \.prior, unit: "energy", default: "temperature",
      "precision of the normal prior, of all parameters or by layer (layer1=1e-3,layer2=0.1), the prior variance of a "
        + "weight being T/prior; or a density: normal:scale=1, laplace:scale=1, student-t:nu=3,scale=1, sampled:shape=2"
    ),
    Setting(
      "freeze", \.freeze,
      "the first layers, such as layer1, which stay as the first chain starts; the others are sampled"),
    Setting("precision", \.precision, "of the parameters"),
  ]
}

extension NetworkSettings {
  /// Fills in what follows from the data, and from the temperature if it is one number.
  mutating func complete(for facts: DataFacts, temperature: Double?) {
    let loss = loss ?? facts.classCount.map { $0 == 2 ? .binaryCrossEntropy : .crossEntropy } ?? .gaussian
    self.loss = loss
    // Of a table with real targets smooth, so that long steps lose little energy, and bounded, so that the scale of a row far
    // from all others cannot go to 0. Classes have no scale, and outputs that go on growing are sure where they may be.
    activation = activation ?? (facts.rule == nil || facts.classCount != nil ? .relu : .tanh)
    self.temperature = temperature ?? posteriorTemperature(for: facts)
    let outputs = loss.outputCount(targets: facts.targetWidth) - constantOutputs(for: facts)
    network = (network ?? LayerWidths([0, hiddenWidth(for: facts), 0])).filled(
      inputs: facts.inputWidth, outputs: outputs)
    prior = prior ?? PriorSetting(precision: self.temperature)
  }

  /// The scales that no input enters.
  private func constantOutputs(for facts: DataFacts) -> Int { noise == .common ? facts.targetWidth : 0 }

  /// One hidden layer with about ten examples for each parameter: wide enough to bend, narrow enough to be sampled well.
  private func hiddenWidth(for facts: DataFacts) -> Int {
    let affordable = facts.exampleCount / (10 * (facts.inputWidth + facts.targetWidth + 1))
    return min(100, max(8, 5 * facts.targetWidth, affordable))
  }

  /// T at which exp(-U/T) is the posterior.
  func posteriorTemperature(for facts: DataFacts) -> Double {
    normalisation == .sum ? 1 : 1 / facts.totalWeight
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
        "loss is '\(loss.name)' and the targets of \(facts.data) are "
          + (facts.classCount == nil ? "real numbers" : "classes")
          + "; expected \(Loss.names(forClasses: facts.classCount != nil))")
    }
    guard noise == .byInput || loss.hasScales else {
      throw SettingError("noise is 'common' and loss is '\(loss.name)'; expected gaussian or student-t-scale")
    }
    let outputs = loss.outputCount(targets: facts.targetWidth) - constantOutputs(for: facts)
    guard last == outputs else {
      throw SettingError(
        "network is '\(text)', its last width is \(last); expected \(outputs) for \(loss.name) on \(facts.data)")
    }
    guard let freeze else { return }
    let layers = (1..<widths.count).map { "layer\($0)" }
    guard freeze.names.count < layers.count, freeze.names.sorted() == layers.prefix(freeze.names.count).sorted() else {
      throw SettingError(
        "freeze is '\(freeze.names.joined(separator: ","))'; expected the first of the layers "
          + "\(layers.joined(separator: ", ")), and at least one to sample")
    }
  }

  /// The number of layers that stay as they are.
  var frozenLayers: Int { freeze?.names.count ?? 0 }

  /// The network, all of it.
  func makeNetwork() throws -> MLP {
    let widths = network?.widths ?? []
    return try MLP(
      widths, hidden: activation ?? .relu, output: outputActivation, biases: biases,
      constantOutputs: noise == .common ? widths.last ?? 0 : 0)
  }

  /// The layers that are sampled.
  func makeSampledNetwork() throws -> MLP { try makeNetwork().droppingFirst(frozenLayers) }

  /// The sampled layers with their loss and prior, on what they read.
  func posterior<Element: Scalar>(on examples: Examples<Element>) throws -> Posterior<Element> {
    try Posterior(
      makeSampledNetwork(), examples: examples, loss: loss ?? .squaredError,
      prior: prior?.prior(temperature: temperature) ?? .flat, normalisation: normalisation)
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

extension Activation: SettingValue {}
extension Initialiser: SettingValue {}
extension Normalisation: SettingValue {}
