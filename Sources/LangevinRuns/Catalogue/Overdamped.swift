import LangevinCore
import LangevinSamplers

enum SGLDEntry: SamplerEntry {
  static let names = ["sgld"]
  static let line = "stochastic gradient Langevin dynamics: a step down the minibatch gradient, and noise"
  static let settings: [Setting] = [.temperature, .stepSize("0.01")]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try SGLD<Element>(stepSize: values.schedule("step-size"), temperature: values.schedule("temperature"))
  }
}

enum SGWORLDEntry: SamplerEntry {
  static let names = ["sgworld"]
  static let line = "Langevin dynamics on shuffled epochs, in which the errors of minibatches cancel; a draw per epoch"
  static let batchScheme = "epochs"
  static let settings: [Setting] = [
    .temperature, .stepSize("0.01"),
    Setting(
      "level", .choice(SGWORLD<Float>.Level.allCases.map(\.rawValue)), default: "2",
      "which errors of first order are removed"),
  ]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try SGWORLD<Element>(
      stepSize: values.schedule("step-size"), temperature: values.schedule("temperature"),
      level: SGWORLD.Level(rawValue: values.text("level")) ?? .two)
  }
}

enum LeimkuhlerMatthewsEntry: SamplerEntry {
  static let names = ["lm", "leimkuhler-matthews"]
  static let line = "overdamped Langevin dynamics whose noise is shared by neighbouring steps: bias of second order"
  static let settings: [Setting] = [.temperature, .stepSize("0.01")]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try LeimkuhlerMatthews<Element>(stepSize: values.schedule("step-size"), temperature: values.schedule("temperature"))
  }
}
