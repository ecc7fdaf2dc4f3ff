import LangevinCore
import LangevinSamplers

enum ContinuousTemperingEntry: SamplerEntry {
  static let names = ["ctld", "continuous-tempering"]
  static let line = "continuous tempering: an extra variable heats and cools the chain; its cold states are the draws"
  static let settings: [Setting] = [
    .constantTemperature, .positive("step-size", unit: "time", default: "0.1", "h, the length of a step"),
    Setting(
      "form", .choice(ContinuousTempering<Float>.Form.allCases.map(\.rawValue)), default: "noise",
      "whether the extra variable scales the noise or the force"),
    .friction("1.0"), .mass,
    .positive("tempering-friction", unit: "1/time", default: "1.0", "friction of the extra variable"),
    Setting("intervals", .integer(1...10_000), default: "20", "intervals of the bias"),
    Setting(
      "adapting-steps", .integer(0...1_000_000_000_000), unit: "steps", default: "warmup",
      "steps after which the bias is frozen and draws begin"
    ) { $0.values["warmup"] },
    Setting(
      "settle", .integer(0...1_000_000_000), unit: "steps", default: "0",
      "consecutive cold steps before a state is a draw"),
  ]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try ContinuousTempering<Element>(
      stepSize: values.real("step-size"), temperature: values.real("temperature"),
      form: ContinuousTempering<Element>.Form(rawValue: values.text("form")) ?? .noise,
      friction: values.real("friction"),
      mass: values.real("mass"), temperingFriction: values.real("tempering-friction"),
      intervals: values.integer("intervals"), adaptingSteps: UInt64(values.integer("adapting-steps")),
      settle: UInt64(values.integer("settle")))
  }
}
