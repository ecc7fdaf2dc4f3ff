import LangevinCore
import LangevinSamplers

enum StochasticGradientDescentEntry: SamplerEntry {
  static let names = ["sgd"]
  static let line = "stochastic gradient descent, with momentum if wanted: an optimiser, for comparison"
  static let settings: [Setting] = [
    .stepSize("0.1"),
    Setting("momentum", .real(above: 0, orEqual: true, upTo: 1), default: "0.0", "share of the last step kept"),
  ]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try StochasticGradientDescent<Element>(stepSize: values.schedule("step-size"), momentum: values.real("momentum"))
  }
}

enum AdamEntry: SamplerEntry {
  static let names = ["adam"]
  static let line = "Adam: an optimiser, for comparison"
  static let settings: [Setting] = [
    .stepSize("0.001"),
    Setting("first-decay", .real(above: 0, orEqual: true, upTo: 1), default: "0.9", "memory of the mean gradient"),
    Setting("second-decay", .real(above: 0, orEqual: true, upTo: 1), default: "0.999", "memory of the mean square"),
    .positive("epsilon", default: "1e-08", "added to the root of the mean square"),
  ]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try Adam<Element>(
      stepSize: values.schedule("step-size"), decays: (values.real("first-decay"), values.real("second-decay")),
      epsilon: values.real("epsilon"))
  }
}
