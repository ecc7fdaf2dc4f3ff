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
  /// Steps between updates of the masses while variances change; `UInt64.max`: never, masses stay as they are at the start.
  public var updateEvery: UInt64 = 5000
  /// Steps between updates once variances have long been calm.
  public var updateAtMost: UInt64 = 100_000
  /// The probability that an update is a reset of all components, which makes masses lighter again.
  public var resetProbability = 0.1
  /// The steps during which masses follow; by default the warm-up of the run. Masses that follow for ever bias the law.
  public var settling: UInt64?
  /// How gradient variances are found, and their floors.
  public var variance = GradientVariance()
  /// Whether the correlated part of the noise is taken out of the thermal noise.
  public var correctsDirections = false

  // What only code can change.

  /// How many directions of the strongest noise are followed and reported; by default one, or nine where they are corrected.
  package var directions: Int?
  /// Minibatches for each sweep that turns the directions to the noise, and for the measurement after it.
  package var directionDraws = 100
  /// Sweeps at the start; later updates go on from the directions at hand with one.
  package var firstSweeps = 3
  /// Whether a unit that heats up between updates forces one. The published method has no such guard.
  package var guardsUnits = true
  /// dt, a unit of time and nothing else: masses are proportional to dt^2.
  package var timeStep = 1.0
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
      "variance", \.variance.method,
      "how gradient variances are found: by one pass over the data or from drawn minibatches"),
    Setting(
      "variance-floor", \.variance.absoluteFloor, in: .between(0, 1),
      "no mass is made for a smaller variance; lower it for very large networks"),
    Setting(
      "corrects-directions", \.correctsDirections,
      "whether the correlated part of the noise is taken out of the thermal noise"),
  ]

  /// What follows from other settings, from the rows and from the warm-up of the run.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? .constant(context.posteriorTemperature)
    settlingRatio = ratioWhileFollowing
    resetRatio = ratioAfterReset
    largestRatio = cap
    segment = Int(segment(thin: context.thin))
    settling = settling ?? context.warmup
  }

  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try PseudoLangevin<Element>(self)
  }
}

// MARK: What follows from them

extension PseudoLangevinSettings {
  /// r while masses follow.
  var ratioWhileFollowing: Double { settlingRatio ?? ratio }
  /// r after a reset.
  var ratioAfterReset: Double { resetRatio ?? ratioWhileFollowing }
  /// r above which a mass is raised.
  var cap: Double { largestRatio ?? max(ratio, ratioWhileFollowing) }
  /// r beyond which minibatches alone bring more noise than the temperature allows.
  var ratioLimit: Double { segment == 1 ? 1 : NoiseBookkeeping.largestRatio(momentumLoss: momentumLoss) }
  /// How many directions are followed.
  var directionsFollowed: Int { directions ?? (correctsDirections ? 9 : 1) }

  /// S for rows that are `thin` steps apart.
  func segment(thin: UInt64?) -> UInt64 {
    if let segment { return UInt64(segment) }
    guard let thin else { return 1000 }
    return (1...max(1, min(thin, 1000))).last { thin % $0 == 0 } ?? 1
  }

  /// Throws where settings that are in their ranges do not go together.
  func checkTogether() throws(SamplingError) {
    switch temperature {
    case nil, .constant, .ladder: break
    default:
      throw .setting(
        "the temperature", in: "", found: "a schedule that changes at every step",
        expected: "a constant or a ladder, because masses are made for one temperature")
    }
    try LangevinSamplers.check(
      timeStep > 0 && timeStep.isFinite, "the time step", is: timeStep, expected: "above 0, finite")
    for (name, value) in [
      ("the ratio", ratio), ("the settling ratio", ratioWhileFollowing), ("the reset ratio", ratioAfterReset),
    ] {
      try LangevinSamplers.check(value <= cap, name, is: value, expected: "at most the largest ratio \(cap)")
    }
    try LangevinSamplers.check(
      cap <= ratioLimit, "the largest ratio", is: cap,
      expected:
        "above 0, at most \(ratioLimit): beyond it minibatches alone bring more noise than the temperature allows")
    try LangevinSamplers.check(
      updateAtMost >= updateEvery || updateEvery == .max, "update at most", is: Double(updateAtMost),
      expected: "\(updateEvery) or more, as update every")
    try LangevinSamplers.check(
      directionsFollowed >= 0, "the number of noise directions", is: Double(directionsFollowed), expected: "0 or more")
    try LangevinSamplers.check(
      directionDraws >= 2, "the draws for noise directions", is: Double(directionDraws), expected: "2 or more")
    try LangevinSamplers.check(
      firstSweeps >= 1, "the sweeps for noise directions", is: Double(firstSweeps), expected: "1 or more")
    try variance.check()
  }
}

extension GradientVariance.Method: SettingValue {}
