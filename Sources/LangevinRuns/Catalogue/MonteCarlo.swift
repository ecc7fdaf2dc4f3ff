import LangevinCore
import LangevinSamplers

enum PseudoLangevinEntry: SamplerEntry {
  static let names = ["pl", "pseudo-langevin"]
  static let line =
    "pseudo-Langevin: minibatch noise counted as part of the thermal noise, by a mass for each parameter"
  static let steps = 400_000
  static let wantsWarmStart = true
  static let settings: [Setting] = [
    .temperature,
    Setting(
      "ratio", .real(above: 0, orEqual: false, upTo: 1), default: "0.001",
      "r, minibatch noise over thermal noise in each half kick"),
    Setting(
      "settling-ratio", .real(above: 0, orEqual: false, upTo: 1), default: "ratio",
      "r while masses follow; a larger one relaxes the chain faster, but its heat stays for as long"
    ) { $0.values["sampler.ratio"] },
    Setting(
      "reset-ratio", .real(above: 0, orEqual: false, upTo: 1), default: "settling-ratio",
      "r after a reset of the masses"
    ) { $0.values["sampler.settling-ratio"] },
    Setting(
      "largest-ratio", .real(above: 0, orEqual: false, upTo: 1), default: "the larger of ratio and settling-ratio",
      "r above which a mass is raised"
    ) { facts in
      ["sampler.ratio", "sampler.settling-ratio"].compactMap { facts.values[$0] }.max {
        Double($0) ?? 0 < Double($1) ?? 0
      }
    },
    Setting("momentum-loss", .real(above: 0, orEqual: false, upTo: 1), default: "0.1", "m1; momenta last 1/m1^2 steps"),
    Setting(
      "segment", .integer(1...1_000_000), unit: "steps", default: "thin, at most 1000", "steps between closed states"
    ) {
      let thin = Int($0.values["thin"] ?? "") ?? 1
      return "\((1...min(thin, 1000)).last { thin % $0 == 0 } ?? 1)"
    },
    Setting(
      "update-every", .integer(1...1_000_000_000), unit: "steps", default: "5000",
      "shortest time between updates of the masses"),
    Setting(
      "update-at-most", .integer(1...1_000_000_000), unit: "steps", default: "100000", "longest time between updates"),
    Setting(
      "reset-probability", .real(above: 0, orEqual: true, upTo: 1), default: "0.1",
      "share of updates that make all masses anew"),
    Setting(
      "settling", .integer(0...1_000_000_000_000), unit: "steps", default: "warmup",
      "steps during which masses follow the noise; later they are kept, because following them biases the law"
    ) { $0.values["warmup"] },
    Setting(
      "variance", .choice(GradientVariance.Method.allCases.map(\.rawValue)), default: "automatic",
      "how gradient variances are found: by one pass over the data or from drawn minibatches"),
    .positive(
      "variance-floor", default: "1e-08", "no mass is made for a smaller variance; lower it for very large networks"),
    Setting(
      "corrects-directions", .flag, default: "false",
      "whether the correlated part of the noise is taken out of the thermal noise"),
  ]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    let updates = try MassUpdates(
      ratio: values.real("settling-ratio"), resetRatio: values.real("reset-ratio"),
      largestRatio: values.real("largest-ratio"),
      resetProbability: values.real("reset-probability"), shortestInterval: UInt64(values.integer("update-every")),
      longestInterval: UInt64(values.integer("update-at-most")), settling: UInt64(values.integer("settling")),
      settledRatio: values.real("ratio"))
    var variance = GradientVariance.standard
    variance.method = GradientVariance.Method(rawValue: values.text("variance")) ?? .automatic
    variance.absoluteFloor = values.real("variance-floor")
    return try PseudoLangevin<Element>(
      temperature: values.schedule("temperature"), updates: updates, variance: variance,
      momentumLoss: values.real("momentum-loss"), segment: values.integer("segment"),
      correlation: values.flag("corrects-directions")
        ? try NoiseCorrelation(directions: 9, isCorrected: true) : .standard)
  }
}

enum HybridMonteCarloEntry: SamplerEntry {
  static let names = ["hmc"]
  static let line = "hybrid Monte Carlo on all of the data: exact, the reference for every other sampler"
  static let steps = 400
  static let batchSize = "all"
  static let wantsWarmStart = true
  static let settings: [Setting] = [
    .constantTemperature,
    .positive("step-size", unit: "time", default: "0.4", "dt, or where its adaptation starts"),
    Setting("leapfrog-steps", .integer(1...100_000), default: "30", "L, gradients of a move"),
    .mass,
    Setting(
      "jitter", .real(above: 0, orEqual: true, upTo: 0.99), default: "0.1", "share by which dt varies from move to move"
    ),
    Setting(
      "momentum-kept", .real(above: 0, orEqual: true, upTo: 0.999999), default: "0.0",
      "share of the momentum that a move keeps"),
    Setting("adapt-moves", .integer(0...1_000_000_000), unit: "moves", default: "warmup", "moves that adapt dt") {
      $0.values["warmup"]
    },
    Setting(
      "target-acceptance", .real(above: 0, orEqual: false, upTo: 0.999), default: "0.8",
      "acceptance that dt is adapted to"),
    Setting("adapts-mass", .flag, default: "false", "whether masses are made from the spread of the positions"),
  ]

  static func make<Element: Scalar>(
    _ values: SettingValues, for layout: ParameterLayout, as type: Element.Type
  ) throws -> any Sampler<Element> {
    try HybridMonteCarlo<Element>(
      temperature: values.real("temperature"), stepSize: values.real("step-size"),
      leapfrogSteps: values.integer("leapfrog-steps"), mass: values.real("mass"), jitter: values.real("jitter"),
      momentumKept: values.real("momentum-kept"),
      warmUp: MonteCarloWarmUp(
        moves: UInt64(values.integer("adapt-moves")), targetAcceptance: values.real("target-acceptance"),
        adaptsMass: values.flag("adapts-mass")))
  }
}
