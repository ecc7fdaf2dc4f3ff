import LangevinCore

/// The settings of ``ContinuousTempering``.
public struct ContinuousTemperingSettings: SamplerSettings {
  /// T of the cold states, above 0.
  public var temperature: Double?
  /// h, above 0; in the noise form for the curvature met at energies of T/hottest.
  public var stepSize = 0.1
  /// What alpha acts on.
  public var form = TemperingForm.noise
  /// gamma, 0 or more.
  public var friction = 1.0
  /// m of every parameter.
  public var mass = 1.0
  /// gamma_alpha, above 0.
  public var temperingFriction = 1.0
  /// s of the hottest states, whose temperature is T/s; by default that of the coupling, and in a run 1 - 4/sqrt(N) for N
  /// parameters, at least 0.1: energies of N parameters at T and T/s overlap as long as (1 - s) sqrt(N) is not much above 1.
  public var hottest: Double?
  /// U_ref; by default found in 100 steps.
  public var referenceEnergy: Double?
  /// d of the bias to start from, -d ln s; by default the number of parameters, or 0 if they are fewer than 10.
  public var effectiveDimension: Double?
  /// K, the number of intervals of the bias.
  public var intervals = 20
  /// L_a, after which the bias is frozen and draws begin; by default the warm-up of the run. `UInt64.max`: never, and the run
  /// is an exploration.
  public var adaptingSteps: UInt64?
  /// Consecutive cold steps before a state is a draw.
  public var settle: UInt64 = 0

  // What only code can change.

  /// The shape of s(alpha), and the walls.
  public var coupling = TemperingCoupling()
  /// m_alpha; by default so large that alpha moves at most about a fifth of an interval per step.
  public var temperingMass: Double?
  /// How the bias is learned.
  public var adaptation = BiasAdaptation.stochasticApproximation()
  /// V at the K + 1 nodes to start from; by default by the effective dimension.
  package var initialBias: [Double]?
  /// Where the reference energy is found: U of the first evaluation for so many steps, then the mean of U over the cold
  /// states among them.
  package var referenceSteps: UInt64 = 100
  /// The defaults.
  public init() {}

  /// `ctld`
  package static let names = ["ctld", "continuous-tempering"]
  /// A line for the list.
  package static let summary =
    "continuous tempering: an extra variable heats and cools the chain; its cold states are the draws"
  /// All of the data: the energy noise of minibatches heats the extra variable, at the temperature of a posterior far too
  /// much.
  package static let habits = SamplerHabits(batchSize: nil)
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature, .positive), .stepSize(\.stepSize),
    Setting("form", \.form, "whether the extra variable scales the noise or the force"),
    .friction(\.friction), .mass(\.mass),
    Setting(
      "tempering-friction", \.temperingFriction, in: .positive, unit: "1/time", "friction of the extra variable"),
    Setting(
      "hottest", \.hottest, in: .above(0, to: 1), default: "1 - 4/sqrt(parameters), at least 0.1",
      "s of the hottest states, whose temperature is T/s"),
    Setting(
      "reference-energy", \.referenceEnergy, unit: "energy", default: "found in 100 steps",
      "U_ref, taken off U in the force on the extra variable"),
    Setting(
      "effective-dimension", \.effectiveDimension, in: .notNegative, default: "number of parameters",
      "d of the bias to start from, -d ln s; smaller where few parameters feel the data"),
    Setting("intervals", \.intervals, in: .from(1, to: 10_000), "intervals of the bias"),
    Setting(
      "adapting-steps", \.adaptingSteps, in: .notNegative, unit: "steps", default: "warmup",
      "steps after which the bias is frozen and draws begin"),
    Setting(
      "settle", \.settle, in: .notNegative, unit: "steps", "consecutive cold steps before a state is a draw"),
  ]

  /// What follows from the number of parameters and the warm-up of the run.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? context.posteriorTemperature
    hottest = hottest ?? max(0.1, 1 - 4 / Double(context.parameterCount).squareRoot())
    adaptingSteps = adaptingSteps ?? context.warmup
  }

  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try ContinuousTempering<Element>(self)
  }
}

// MARK: What follows from them

extension ContinuousTemperingSettings {
  /// s(alpha) with the hottest states wanted.
  var resolvedCoupling: TemperingCoupling {
    var coupling = coupling
    coupling.hottest = hottest ?? coupling.hottest
    return coupling
  }

  var resolvedTemperingMass: Double {
    let crossing = 5 * stepSize * Double(intervals) / coupling.limit
    return temperingMass ?? max(1, crossing * crossing)
  }

  /// Whether the bias is never frozen.
  var exploresForEver: Bool { adaptingSteps == .max && adaptation != .none }

  /// Throws where what the table does not check is out of range, or settings do not go together.
  func checkTogether() throws(SamplingError) {
    try coupling.check()
    let widest = (coupling.hotEdge - coupling.coldEdge) / coupling.limit
    try LangevinSamplers.check(
      intervals >= 4 && Double(intervals) * widest >= 1, "the number of intervals", is: Double(intervals),
      expected: "at least \(max(4, Int((1 / widest).rounded(.up)))), so that one fits between the edges")
    try adaptation.check()
    let mass = resolvedTemperingMass
    try LangevinSamplers.check(mass > 0 && mass.isFinite, "the mass of alpha", is: mass, expected: "above 0, finite")
    if let initialBias, initialBias.count != intervals + 1 || !initialBias.allSatisfy(\.isFinite) {
      throw .setting(
        "the initial bias", in: "", found: "\(initialBias.count) numbers", expected: "\(intervals + 1) finite numbers")
    }
  }
}

/// What alpha acts on.
public enum TemperingForm: String, CaseIterable, SettingValue {
  /// The noise gets hotter; the force stays.
  case noise
  /// The force gets softer; the noise stays.
  case force
}
