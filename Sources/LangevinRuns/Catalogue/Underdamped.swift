import LangevinCore
import LangevinSamplers

/// Langevin dynamics by a named word; the word is part of the name.
enum LangevinEntry: SamplerEntry {
  static let names = ["baoab"]
  static let line = "Langevin dynamics with momenta; the word of a step is a setting: baoab, obabo, ubu, ..."
  static let settings: [Setting] = [
    .temperature, .stepSize("0.1"), .friction("1.0"), .mass,
    Setting("word", .text, default: "BAOAB", "the letters of a step, such as BAOAB, OBABO, ABOBA or UBU"),
  ]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    let word = try SplittingWord(values.text("word").uppercased())
    return try Splitting<Element>(
      values.text("word").lowercased(), stepSize: values.schedule("step-size"),
      partitions: [
        PartitionDynamics(
          word: word, temperature: values.schedule("temperature"), friction: values.real("friction"),
          mass: .scalar(values.real("mass")))
      ])
  }
}

enum SGHMCEntry: SamplerEntry {
  static let names = ["sghmc"]
  static let line =
    "stochastic gradient Hamiltonian Monte Carlo: momenta, friction, and less noise where minibatches bring some"
  static let settings: [Setting] = [
    .temperature, .stepSize("0.01"), .friction("1.0"), .mass,
    Setting(
      "known-noise", .real(above: 0, orEqual: true, upTo: .infinity), default: "0.0",
      "B, the noise that minibatches are known to bring"),
  ]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try SGHMC<Element>(
      stepSize: values.schedule("step-size"), temperature: values.schedule("temperature"),
      friction: values.real("friction"), mass: values.real("mass"), knownNoise: values.real("known-noise"))
  }
}
