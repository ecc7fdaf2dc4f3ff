import LangevinCore
import LangevinSamplers

enum ContinuousTemperingEntry: SamplerEntry {
  static let names = ["ctld", "continuous-tempering"]
  static let line = "continuous tempering: an extra variable heats and cools the chain; its cold states are the draws"
  // The energy noise of minibatches heats the extra variable, at the temperature of a posterior far too much.
  static let batchSize = "all"
  static let settings: [Setting] = [
    .constantTemperature, .positive("step-size", unit: "time", default: "0.1", "h, the length of a step"),
    Setting(
      "form", .choice(ContinuousTempering<Float>.Form.allCases.map(\.rawValue)), default: "noise",
      "whether the extra variable scales the noise or the force"),
    .friction("1.0"), .mass,
    .positive("tempering-friction", unit: "1/time", default: "1.0", "friction of the extra variable"),
    Setting(
      "hottest", .real(above: 0, orEqual: false, upTo: 1), default: "1 - 4/sqrt(parameters), at least 0.1",
      "s of the hottest states, whose temperature is T/s"
    ) { _ in nil },
    Setting(
      "reference-energy", .real(above: -.infinity, orEqual: false, upTo: .infinity), unit: "energy",
      default: "found in 100 steps", "U_ref, taken off U in the force on the extra variable"
    ) { _ in nil },
    Setting(
      "effective-dimension", .real(above: 0, orEqual: true, upTo: .infinity), default: "number of parameters",
      "d of the bias to start from, -d ln s; smaller where few parameters feel the data"
    ) { _ in nil },
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
    // Energies of d parameters at T and T/s overlap as long as (1 - s) sqrt(d) is not much above 1.
    let hottest =
      values.optional("hottest").flatMap { Double($0) } ?? max(0.1, 1 - 4 / Double(layout.count).squareRoot())
    return try ContinuousTempering<Element>(
      stepSize: values.real("step-size"), temperature: values.real("temperature"),
      form: ContinuousTempering<Element>.Form(rawValue: values.text("form")) ?? .noise,
      coupling: TemperingCoupling(hottest: hottest),
      friction: values.real("friction"),
      mass: values.real("mass"), temperingFriction: values.real("tempering-friction"),
      intervals: values.integer("intervals"), adaptingSteps: UInt64(values.integer("adapting-steps")),
      effectiveDimension: values.optional("effective-dimension").flatMap { Double($0) },
      referenceEnergy: values.optional("reference-energy").flatMap { Double($0) }.map { .fixed($0) } ?? .automatic(),
      settle: UInt64(values.integer("settle")))
  }
}
