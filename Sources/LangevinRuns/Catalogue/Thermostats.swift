import LangevinCore
import LangevinSamplers

extension Setting {
  static let couplingPerParameter = Setting.positive(
    "coupling", default: "1.0", "how strongly the thermostat answers, divided by the number of parameters")
  static let coupling = Setting.positive("coupling", default: "0.05", "how strongly the thermostat answers")
  static func drivingNoise(_ text: String) -> Setting {
    Setting(
      "driving-noise", .real(above: 0, orEqual: true, upTo: .infinity), default: text, "sigma, noise added on purpose")
  }
  static let initialThermostat = Setting(
    "initial-thermostat", .real(above: -.infinity, orEqual: false, upTo: .infinity), unit: "1/time", default: "0.1",
    "the friction that the thermostat starts with")
}

extension SettingValues {
  fileprivate func thermostat(_ coupling: (Double) -> Thermostat.Coupling) -> Thermostat {
    Thermostat(
      coupling: coupling(real("coupling")), drivingNoise: real("driving-noise"), initial: real("initial-thermostat"))
  }
}

enum SGNHTEntry: SamplerEntry {
  static let names = ["sgnht"]
  static let line = "stochastic gradient Nosé-Hoover thermostat: one friction that adapts to the noise there is"
  static let settings: [Setting] = [
    .temperature, .stepSize("0.01"), .couplingPerParameter,
    .drivingNoise("0.01"), .initialThermostat,
  ]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try SGNHT<Element>(
      stepSize: values.schedule("step-size"), temperature: values.schedule("temperature"),
      drivingNoise: values.real("driving-noise"), coupling: values.real("coupling"),
      initialThermostat: values.real("initial-thermostat"))
  }
}

enum BADODABEntry: SamplerEntry {
  static let names = ["badodab"]
  static let line =
    "adaptive Langevin dynamics with a symmetric splitting: a friction for each block that adapts to the noise"
  static let settings: [Setting] = [
    .temperature, .stepSize("0.1"), .couplingPerParameter, .drivingNoise("0.01"), .initialThermostat,
  ]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try BADODAB<Element>(
      stepSize: values.schedule("step-size"), temperature: values.schedule("temperature"),
      thermostat: values.thermostat { .perDegreeOfFreedom($0) })
  }
}

enum AdLaEntry: SamplerEntry {
  static let names = ["adla"]
  static let line = "adaptive Langevin dynamics as published for training networks"
  static let settings: [Setting] = [
    .temperature, .stepSize("0.25"), .coupling, .drivingNoise("0.01"), .initialThermostat,
  ]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try AdLa<Element>(
      stepSize: values.schedule("step-size"), temperature: values.schedule("temperature"),
      thermostat: values.thermostat { .fixed($0) })
  }
}

enum AdLaLaEntry: SamplerEntry {
  static let names = ["adlala"]
  static let line = "adaptive Langevin dynamics for the first layer, Langevin dynamics for the rest"
  static let settings: [Setting] = [
    .temperature, .secondTemperature, .stepSize("0.25"), .friction("0.1"), .first, .coupling, .drivingNoise("0.01"),
    .initialThermostat,
  ]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try AdLaLa<Element>(
      adaptive: values.blocks("first"), stepSize: values.schedule("step-size"),
      temperatures: (values.schedule("temperature"), values.schedule("second-temperature")),
      thermostat: values.thermostat { .fixed($0) }, friction: values.real("friction"))
  }
}

enum LaLaEntry: SamplerEntry {
  static let names = ["lala"]
  static let line = "Langevin dynamics with another friction and temperature for the first layer"
  static let settings: [Setting] = [
    .temperature, .secondTemperature, .stepSize("0.25"), .friction("0.1"),
    Setting(
      "second-friction", .real(above: 0, orEqual: true, upTo: .infinity), unit: "1/time", default: "friction",
      "gamma of the other parameters"
    ) { $0.values["sampler.friction"] },
    .first,
  ]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try LaLa<Element>(
      first: values.blocks("first"), stepSize: values.schedule("step-size"),
      temperatures: (values.schedule("temperature"), values.schedule("second-temperature")),
      frictions: (values.real("friction"), values.real("second-friction")))
  }
}

enum LOLEntry: SamplerEntry {
  static let names = ["lol"]
  static let line = "Langevin dynamics for the first layer, overdamped dynamics for the rest"
  static let settings: [Setting] = [
    .temperature, .secondTemperature, .stepSize("0.25"), .friction("0.1"), .first,
  ]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try LOL<Element>(
      langevin: values.blocks("first"), stepSize: values.schedule("step-size"),
      temperatures: (values.schedule("temperature"), values.schedule("second-temperature")),
      friction: values.real("friction"))
  }
}
