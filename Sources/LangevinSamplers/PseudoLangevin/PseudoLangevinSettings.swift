import LangevinCore

/// The settings of ``PseudoLangevin``.
public struct PseudoLangevinSettings: SamplerSettings {
  /// T, one number or a ladder; each rung starts with fresh masses and momenta.
  public var temperature: Schedule?
  /// r, the share of the noise of a half kick that minibatches bring, once masses are kept.
  public var ratio = 0.001
  /// r while masses follow; by default the same.
  public var settlingRatio: Double?
  /// r after a reset of the masses; by default the settling ratio.
  public var resetRatio: Double?
  /// r above which a mass is raised; by default the larger of ratio and settling ratio.
  public var largestRatio: Double?
  /// m1 = sqrt(1 - c1^2), in (0, 1): the memory of the momentum is 1/m1^2 steps.
  public var momentumLoss = 0.1
  /// S, the steps from one closed state to the next; by default the largest divisor of the steps between rows that is at
  /// most 1000.
  public var segment: Int?
  /// Steps between updates of the masses while variances change.
  public var updateEvery: UInt64 = 5000
  /// Steps between updates once variances have long been calm.
  public var updateAtMost: UInt64 = 100_000
  /// The probability that an update is a reset of all components, which makes masses lighter again.
  public var resetProbability = 0.1
  /// The steps during which masses follow; by default the warm-up of the run. Masses that follow for ever bias the law.
  public var settling: UInt64?
  /// How gradient variances are found.
  public var variance = GradientVariance.Method.automatic
  /// No mass is made for a smaller variance.
  public var varianceFloor = 1e-8
  /// Whether the correlated part of the noise is taken out of the thermal noise.
  public var correctsDirections = false
  /// The defaults.
  public init() {}

  /// `pl`
  package static let names = ["pl", "pseudo-langevin"]
  /// A line for the list.
  package static let summary =
    "pseudo-Langevin: minibatch noise counted as part of the thermal noise, by a mass for each parameter"
  /// Many steps from an optimised start.
  package static let habits = SamplerHabits(steps: 400_000, startsOptimised: true)
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature, .positive),
    Setting("ratio", \.ratio, in: .above(0, to: 1), "r, minibatch noise over thermal noise in each half kick"),
    Setting(
      "settling-ratio", \.settlingRatio, in: .above(0, to: 1), default: "ratio",
      "r while masses follow; a larger one relaxes the chain faster, but its heat stays for as long"),
    Setting(
      "reset-ratio", \.resetRatio, in: .above(0, to: 1), default: "settling-ratio", "r after a reset of the masses"),
    Setting(
      "largest-ratio", \.largestRatio, in: .above(0, to: 1), default: "the larger of ratio and settling-ratio",
      "r above which a mass is raised"),
    Setting("momentum-loss", \.momentumLoss, in: .between(0, 1), "m1; momenta last 1/m1^2 steps"),
    Setting(
      "segment", \.segment, in: .from(1, to: 1e6), unit: "steps", default: "thin, at most 1000",
      "steps between closed states"),
    Setting(
      "update-every", \.updateEvery, in: .atLeast(1), unit: "steps",
      "shortest time between updates of the masses"),
    Setting("update-at-most", \.updateAtMost, in: .atLeast(1), unit: "steps", "longest time between updates"),
    Setting(
      "reset-probability", \.resetProbability, in: .from(0, to: 1), "share of updates that make all masses anew"),
    Setting(
      "settling", \.settling, in: .notNegative, unit: "steps", default: "warmup",
      "steps during which masses follow the noise; later they are kept, because following them biases the law"),
    Setting(
      "variance", \.variance, "how gradient variances are found: by one pass over the data or from drawn minibatches"),
    Setting(
      "variance-floor", \.varianceFloor, in: .positive,
      "no mass is made for a smaller variance; lower it for very large networks"),
    Setting(
      "corrects-directions", \.correctsDirections,
      "whether the correlated part of the noise is taken out of the thermal noise"),
  ]

  /// What follows from other settings, from the rows and from the warm-up of the run.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? .constant(context.posteriorTemperature)
    settlingRatio = settlingRatio ?? ratio
    resetRatio = resetRatio ?? settlingRatio
    largestRatio = largestRatio ?? max(ratio, settlingRatio ?? ratio)
    segment = Int(segment(thin: context.thin))
    settling = settling ?? context.warmup
  }

  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try PseudoLangevin<Element>(self)
  }

  /// S for rows that are `thin` steps apart.
  func segment(thin: UInt64?) -> UInt64 {
    if let segment { return UInt64(segment) }
    guard let thin else { return 1000 }
    return (1...max(1, min(thin, 1000))).last { thin % $0 == 0 } ?? 1
  }

  /// When and how masses follow.
  var updates: MassUpdates {
    get throws(SamplingError) {
      let settlingRatio = settlingRatio ?? ratio
      return try MassUpdates(
        ratio: settlingRatio, resetRatio: resetRatio ?? settlingRatio,
        largestRatio: largestRatio ?? max(ratio, settlingRatio), resetProbability: resetProbability,
        shortestInterval: updateEvery, longestInterval: updateAtMost, settling: settling, settledRatio: ratio)
    }
  }

  /// How the noise is measured.
  var gradientVariance: GradientVariance {
    var rule = GradientVariance.standard
    rule.method = variance
    rule.absoluteFloor = varianceFloor
    return rule
  }

  /// The settings that say the same as rules of the library.
  init(_ updates: MassUpdates, _ variance: GradientVariance) {
    ratio = updates.settledRatio
    settlingRatio = updates.startRatio
    resetRatio = updates.resetRatio
    largestRatio = updates.largestRatio
    updateEvery = updates.shortestInterval
    updateAtMost = updates.longestInterval
    resetProbability = updates.resetProbability
    settling = updates.settling
    self.variance = variance.method
    varianceFloor = variance.absoluteFloor
  }
}

extension GradientVariance.Method: SettingValue {}
