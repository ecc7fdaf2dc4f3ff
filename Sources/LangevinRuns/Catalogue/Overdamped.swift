import LangevinCore
import LangevinSamplers

/// `sgld`
enum SGLDEntry: SamplerEntry {
  static let names = ["sgld"]
  static let line = "stochastic gradient Langevin dynamics: a step down the minibatch gradient, and noise"
  static let settings: [Setting] = [.temperature, .stepSize("0.01", unit: "1/curvature of U")]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try SGLD<Element>(stepSize: values.schedule("step-size"), temperature: values.schedule("temperature"))
  }
}
