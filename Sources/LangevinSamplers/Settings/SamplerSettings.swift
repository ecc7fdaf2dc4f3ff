import LangevinCore

/// The settings of a sampling method, and the method as a name in files and on command lines: what it is called, what it is
/// for, the run that suits it, and how a sampler is made of the settings.
///
/// A method is one file with this, its equations, its state and its step. ``SamplerCatalogue`` lists the methods.
package protocol SamplerSettings: SettingGroup {
  /// What the method is called; the first name is the one in files.
  static var names: [String] { get }
  /// One line about it.
  static var summary: String { get }
  /// The run that suits it.
  static var habits: SamplerHabits { get }
  /// Fills in what was left open and follows from other settings or from the run.
  mutating func complete(for context: RunContext)
  /// The sampler with these settings.
  func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element>
}

extension SamplerSettings {
  /// Nothing.
  package mutating func complete(for context: RunContext) {}
  /// Minibatches of distinct examples, 20 000 steps.
  package static var habits: SamplerHabits { SamplerHabits() }
  /// The name in files.
  package static var name: String { names[0] }

  /// The same with what was left open.
  package func completed(for context: RunContext) -> Self {
    var settings = self
    settings.complete(for: context)
    return settings
  }
}

/// The run that suits a method, for those who do not say otherwise.
package struct SamplerHabits: Sendable {
  /// How minibatches are drawn.
  package var batches: BatchKind = .distinct
  /// Their size; nil for all of the data.
  public var batchSize: Int? = 128
  /// Whether all of the data are used at each step, whatever the size of a minibatch.
  package var usesAllData = false
  /// The number of steps, at most.
  public var steps = 20_000
  /// The steps of the warm-up; nil for two fifths of all.
  public var warmup: Int?
  /// Whether a network should be optimised before the first step.
  package var startsOptimised = false

  /// Minibatches of 128 distinct examples, 20 000 steps from random weights, and what differs from that.
  public init(
    batches: BatchKind = .distinct, batchSize: Int? = 128, steps: Int = 20_000, warmup: Int? = nil,
    startsOptimised: Bool = false, usesAllData: Bool = false
  ) {
    self.usesAllData = usesAllData
    self.batches = batches
    self.batchSize = batchSize
    self.steps = steps
    self.warmup = warmup
    self.startsOptimised = startsOptimised
  }
}

/// What the defaults of a sampler may depend on: the potential that it meets and the run that it is part of.
package struct RunContext: Hashable, Sendable {
  /// The number of parameters.
  package var parameterCount: Int
  /// T at which exp(-U/T) is the posterior; 1 where there are no data.
  package var posteriorTemperature: Double
  /// Steps at the start of a chain, in which a method may adapt and whose states are no draws.
  package var warmup: UInt64
  /// Steps from one kept row to the next.
  package var thin: UInt64

  /// A context.
  package init(parameterCount: Int, posteriorTemperature: Double = 1, warmup: UInt64 = 0, thin: UInt64 = 1) {
    self.parameterCount = parameterCount
    self.posteriorTemperature = posteriorTemperature
    self.warmup = warmup
    self.thin = thin
  }
}

/// How minibatches are drawn, by name; ``BatchScheme`` adds their size.
public enum BatchKind: String, CaseIterable, SettingValue {
  /// Independent draws of which repeats are dropped.
  case distinct
  /// Independent draws.
  case withReplacement = "with-replacement"
  /// A fresh subset of exactly the size.
  case subset
  /// Every example once per epoch, in a fresh order.
  case epochs
  /// The same blocks in every epoch.
  case fixedPartition = "fixed-partition"
  /// Blocks forwards, then backwards.
  case sweeps

  /// The scheme with batches of a size; nil for all of the data.
  package func scheme(size: Int?) -> BatchScheme {
    guard let size else { return .all }
    return switch self {
    case .distinct: .distinct(size)
    case .withReplacement: .withReplacement(size)
    case .subset: .subset(size)
    case .epochs: .epochs(size)
    case .fixedPartition: .fixedPartition(size)
    case .sweeps: .sweeps(size)
    }
  }
}

// MARK: Settings that many methods share

extension Setting where Owner: SamplerSettings {
  /// T of the law exp(-U/T).
  static func temperature<Value: SettingValue>(
    _ property: WritableKeyPath<Owner, Value> & Sendable, _ range: SettingRange = .notNegative
  ) -> Setting {
    Setting(
      "temperature", property, in: range, unit: "energy", default: "1/examples",
      "T of the law exp(-U/T), with U as normalised; by default that of the posterior")
  }

  /// T of the other partition.
  static func secondTemperature(_ property: WritableKeyPath<Owner, Schedule?> & Sendable) -> Setting {
    Setting(
      "second-temperature", property, in: .notNegative, unit: "energy", default: "temperature",
      "T of the other parameters")
  }

  /// h.
  static func stepSize<Value: SettingValue>(_ property: WritableKeyPath<Owner, Value> & Sendable) -> Setting {
    Setting("step-size", property, in: .positive, unit: "time", "h, the length of a step")
  }

  /// gamma.
  static func friction(_ property: WritableKeyPath<Owner, Double> & Sendable) -> Setting {
    Setting("friction", property, in: .notNegative, unit: "1/time", "gamma, how fast momenta are forgotten")
  }

  /// m.
  static func mass(_ property: WritableKeyPath<Owner, Double> & Sendable) -> Setting {
    Setting("mass", property, in: .positive, "m of every parameter")
  }
}

/// A temperature that has to be known by now.
func required<Value>(_ temperature: Value?) throws(SamplingError) -> Value {
  guard let temperature else {
    throw .setting("the temperature", in: "", found: "open", expected: "a number: T of the law exp(-U/T)")
  }
  return temperature
}
