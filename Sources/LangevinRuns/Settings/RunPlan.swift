import LangevinCore
import LangevinSamplers

/// How a run goes, whatever is sampled: how long, how many chains, which rows and draws are kept, where it ends.
///
///     var plan = RunPlan()
///     plan.steps = 100_000
///     plan.warmup = 20_000
///     plan.chains = 4
///
/// What is left open follows from the sampler's habits, and the thinning and the warm-up from the steps.
public struct RunPlan: SettingGroup {
  /// The size of a minibatch.
  public var batch: BatchSize?
  /// How minibatches are drawn.
  public var batchScheme: BatchKind?
  /// Steps of each chain, with the warm-up.
  public var steps: Int?
  /// Steps from one kept row to the next.
  public var thin: Int?
  /// The first steps, left out of all averages, in which samplers adapt.
  public var warmup: Int?
  /// Rows from one stored draw to the next; 0 for none.
  public var drawEvery = 1
  /// What rows are measured on.
  public var observables = ObservableScope.full
  /// Independent chains.
  public var chains = 2
  /// The temperatures of replica exchange: each chain is the coldest of so many.
  public var ladder: TemperatureLadder?
  /// Steps from one sweep of exchanges to the next; by default those between kept rows.
  public var exchangeEvery: Int?
  /// Threads for all chains; 0 for one on each core.
  public var threads = 0
  /// All random numbers follow from it.
  public var seed: UInt64 = 0
  /// Ends the run after this time, counted for each process anew.
  public var maxSeconds: Double?
  /// Ends the run once the chains agree and every observable that counts has this effective sample size; by default 400 where
  /// the steps were left open, 0 for never.
  public var minESS: Double?
  /// Time from one checkpoint to the next, in seconds.
  public var checkpointEvery = 30.0
  /// The defaults.
  public init() {}

  /// Every setting.
  package static let table: [Setting<Self>] = [
    Setting(
      "batch", \.batch, unit: "examples", default: "by the sampler, mostly 128", "the size of a minibatch, or 'all'"),
    Setting("batch-scheme", \.batchScheme, default: "by the sampler", "how minibatches are drawn"),
    Setting(
      "steps", \.steps, in: .from(1, to: 1e12), default: "until min-ess, at most by the sampler",
      "steps of each chain, with the warm-up"),
    Setting(
      "thin", \.thin, in: .from(1, to: 1e9), unit: "steps", default: "steps/200, or steps/2000 with min-ess",
      "steps from one kept row to the next"),
    Setting(
      "warmup", \.warmup, in: .from(0, to: 1e12), unit: "steps", default: "by the sampler, at most 0.4 steps",
      "first steps, left out of all averages"),
    Setting(
      "draw-every", \.drawEvery, in: .from(0, to: 1e9), unit: "rows",
      "rows from one stored draw to the next; 0 for none"),
    Setting(
      "observables", \.observables, "whether rows are measured on all of the data or on the minibatches of the steps"),
    Setting("chains", \.chains, in: .from(1, to: 10_000), "independent chains"),
    Setting(
      "ladder", \.ladder,
      "replica exchange: each chain is the coldest of so many, at temperatures that the warm-up adapts between the ends, or as "
        + "given"),
    Setting(
      "exchange-every", \.exchangeEvery, in: .from(1, to: 1e9), unit: "steps", default: "thin",
      "steps from one exchange between neighbours on the ladder to the next"),
    Setting("threads", \.threads, in: .from(0, to: 1024), "threads for all chains; 0 for one on each core"),
    Setting("seed", \.seed, "all random numbers follow from it"),
    Setting(
      "max-seconds", \.maxSeconds, in: .positive, unit: "s",
      "ends the process after this time, with checkpoints to resume from"),
    Setting(
      "min-ess", \.minESS, in: .notNegative, default: "400 without steps, else none",
      "ends the run once chains agree (R-hat at most 1.01) and energy, cost and the outputs at eight probes have this "
        + "effective sample size; 0 for never"),
    Setting(
      "checkpoint-every", \.checkpointEvery, in: .above(0, to: 1e9), unit: "s",
      "time from one checkpoint to the next"),
  ]

  /// The settings that change nothing of what chains draw: a run may be resumed with others.
  package static let free: Set = ["steps", "chains", "threads", "max-seconds", "min-ess", "checkpoint-every"]
}

extension RunPlan {
  /// Fills in what was left open, and checks what must agree.
  mutating func complete(for habits: SamplerHabits, exampleCount: Int) throws(SettingError) {
    if habits.usesAllData, let count = batch?.count {
      throw SettingError(
        "batch is \(count) and the sampler uses all of the data at each step; expected 'all', or a sampler of minibatches "
          + "such as pl")
    }
    let usual = habits.batchSize.map { BatchSize.examples(min($0, exampleCount)) } ?? .all
    let batch = batch ?? usual
    self.batch = batch
    try batch.check("batch", exampleCount: exampleCount)
    batchScheme = batchScheme ?? habits.batches
    // Who does not say how long gets a run that ends when it is good.
    if steps == nil { minESS = minESS ?? Verdict.fewestSamples }
    let steps = steps ?? habits.steps
    // Rows that the warm-up is a multiple of, where only that was said.
    let fewest = max(1, steps / (minESS ?? 0 == 0 ? 200 : 2000))
    let thin = thin ?? (1...fewest).last { (self.warmup ?? 0) % $0 == 0 } ?? 1
    let warmup = warmup ?? min(habits.warmup ?? .max, steps * 2 / 5) / thin * thin
    (self.steps, self.thin, self.warmup) = (steps, thin, warmup)
    guard warmup < steps else {
      throw SettingError("warmup is \(warmup) and steps is \(steps); expected fewer steps of warm-up than steps")
    }
    guard thin <= steps else {
      throw SettingError("thin is \(thin) and steps is \(steps); expected at least one kept row")
    }
    if exchangeEvery != nil && ladder == nil {
      throw SettingError("exchange-every is \(exchangeEvery ?? 0) and there is no ladder; expected --ladder with it")
    }
    if ladder != nil { exchangeEvery = exchangeEvery ?? thin }
    guard warmup % thin == 0 else {
      throw SettingError("warmup is \(warmup) and thin is \(thin); expected a warm-up that is a multiple of thin")
    }
  }

  /// The exchanges.
  var ladderPlan: LadderPlan? {
    ladder.map { LadderPlan(ladder: $0, interval: UInt64(exchangeEvery ?? thin ?? 1)) }
  }
  /// How minibatches are drawn.
  var batches: BatchScheme { (batchScheme ?? .distinct).scheme(size: batch?.count) }
  /// The number of threads.
  var threadCount: Int { threads > 0 ? threads : ThreadPool.availableCores }

  /// What the defaults of a sampler depend on.
  func context(for potential: some Potential) -> RunContext {
    RunContext(
      parameterCount: potential.parameterCount, posteriorTemperature: potential.posteriorTemperature,
      warmup: UInt64(warmup ?? 0), thin: UInt64(thin ?? 1))
  }
}

/// The size of a minibatch.
public enum BatchSize: SettingValue {
  /// All of the data.
  case all
  /// So many examples.
  case examples(Int)

  /// `all`, or a number.
  package init?(settingText text: String) {
    if text == "all" {
      self = .all
    } else if let count = Int(settingText: text), count > 0 {
      self = .examples(count)
    } else {
      return nil
    }
  }
  /// `all`, or the number.
  package var settingText: String? { count.map { "\($0)" } ?? "all" }
  /// A number, except for all.
  package var settingForm: SettingForm { count == nil ? .text : .number }
  /// In words.
  package static func expectation(in range: SettingRange) -> String { "'all' or a whole number of at least 1" }

  /// The number of examples; nil for all of the data.
  package var count: Int? { if case .examples(let count) = self { count } else { nil } }

  func check(_ name: String, exampleCount: Int) throws(SettingError) {
    guard let count, count > exampleCount else { return }
    throw SettingError(
      "\(name) is '\(count)'; expected 'all' or a whole number from 1 to \(exampleCount), the training set")
  }
}

extension ObservableScope: SettingValue {}
