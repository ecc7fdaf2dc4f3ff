import Langevin

/// What one gradient and one second of each sampler are worth on a problem, all at their defaults and with equal budgets.
///
/// A budget is a number of gradients on all data, or of as many examples, that the draws of one chain may take; the warm-up, in
/// which samplers find their settings, comes before and is not counted. Four chains, a thread each.
struct SamplerContest<P: Potential>: Sendable where P.Element == Double {
  let name: String
  let potential: P
  /// The minibatch of the methods that take one; nil without data.
  var batch: Int?
  /// T; nil for the posterior's.
  var temperature: Double?
  /// Where chain i begins.
  let start: @Sendable (RandomStream) throws -> Tensor<Double>
  /// The numbers whose means are wanted.
  let observables: @Sendable (Tensor<Double>) throws -> [Double]
  /// Their exact means; nil where only a long run knows them.
  var exact: [Double]?
  /// Gradients on all data for the draws of a chain.
  let budget: Double

  /// Observables that were drawn, the examples and the seconds that it took.
  private struct Harvest: Sendable {
    var draws: [[Double]]
    var gradients = 0.0
    var seconds = 0.0
  }

  /// Means, their errors, and what they cost.
  struct Entry: Sendable {
    let means, errors: [Double]
    /// The smallest effective sample size of an observable, of all chains.
    let samples: Double
    let gradients, seconds, rHat: Double
  }

  /// What a sampler is worth here; `effort` multiplies the budget.
  func entry(of sampler: any SamplerSettings.Type, seed: UInt64, effort: Double, pool: ThreadPool) throws -> Entry {
    let warmup = sampler.init().contestWarmup
    var settings: any SamplerSettings = sampler.init()
    if let temperature { try settings.set("temperature", to: "\(temperature)", as: "temperature") }
    let context = RunContext(
      parameterCount: potential.parameterCount, posteriorTemperature: potential.posteriorTemperature, warmup: warmup,
      thin: 10)
    settings.complete(for: context)
    let method = try settings.sampler(of: Double.self)
    let size = sampler.habits.batchSize == nil ? nil : batch
    let harvests = try pool.map(0..<4) { chain in
      try harvest(
        method, batches: size.map { sampler.habits.batches.scheme(size: $0) } ?? .all, seed: seed, chain: chain,
        warmup: warmup, effort)
    }
    var (means, errors, smallest, worst) = ([Double](), [Double](), Double.infinity, 1.0)
    for index in harvests[0].draws.indices {
      let shortest = harvests.map { $0.draws[index].count }.min() ?? 0
      let draws = try Draws(chains: harvests.map { Array($0.draws[index].prefix(shortest)) })
      let all = harvests.flatMap { $0.draws[index].prefix(shortest) }
      means.append(all.reduce(0, +) / Double(all.count))
      errors.append(monteCarloStandardError(of: draws))
      smallest = min(smallest, effectiveSampleSize(of: draws))
      worst = max(worst, rHat(of: draws) ?? .infinity)
    }
    return Entry(
      means: means, errors: errors, samples: smallest, gradients: harvests.reduce(0) { $0 + $1.gradients },
      seconds: harvests.reduce(0) { $0 + $1.seconds }, rHat: worst)
  }

  private func harvest<S: Sampler<Double>>(
    _ sampler: S, batches: BatchScheme, seed: UInt64, chain: Int, warmup: UInt64, _ effort: Double
  ) throws -> Harvest {
    let counted = CountedPotential(base: potential)
    var evaluator = try Evaluator(counted, batches: batches, seed: seed, chain: chain, warmup: warmup, thin: 10)
    let start = try start(RandomStream(seed: seed, chain: chain, purpose: .initialisation))
    var state = try sampler.start(at: start, with: &evaluator)
    for _ in 0..<warmup { _ = try sampler.step(&state, with: &evaluator) }
    let perGradient = Double(potential.exampleCount)
    let limit = budget * effort * perGradient
    // Some 2000 rows of a method that takes one gradient a step, and a row a step of one that takes many.
    let spacing = limit / 2000
    let before = Double(counted.counter.examples)
    var harvest = Harvest(draws: try observables(start).map { _ in [] })
    var next = 0.0
    let clock = ContinuousClock()
    while true {
      let began = clock.now
      _ = try sampler.step(&state, with: &evaluator)
      harvest.seconds += (clock.now - began) / .seconds(1)
      let done = Double(counted.counter.examples) - before
      if done >= next {
        let row = try observables(sampler.draw(from: state))
        for index in row.indices { harvest.draws[index].append(row[index]) }
        next = max(next + spacing, done)
      }
      if done >= limit {
        harvest.gradients = done / perGradient
        return harvest
      }
    }
  }
}

extension SamplerSettings {
  /// Steps to find settings in: more where a step is one gradient.
  fileprivate var contestWarmup: UInt64 {
    switch Self.name {
    case "hmc", "nuts": 1000
    case "mams": 2000
    default: 4000
    }
  }
}

/// A potential that counts the examples whose gradients are taken.
private struct CountedPotential<Base: Potential>: Potential {
  /// Belongs to one chain, which is one thread.
  final class Counter: @unchecked Sendable { var examples = 0 }

  let base: Base
  let counter = Counter()

  var layout: ParameterLayout { base.layout }
  var exampleCount: Int { base.exampleCount }
  var posteriorTemperature: Double { base.posteriorTemperature }
  func makeWorkspace(pool: ThreadPool) -> Base.Workspace { base.makeWorkspace(pool: pool) }

  func evaluate(
    at position: Tensor<Base.Element>, over batch: Minibatch, gradient: inout Tensor<Base.Element>,
    workspace: inout Base.Workspace
  ) throws(LangevinError) -> Energy {
    counter.examples += batch.count(of: exampleCount)
    return try base.evaluate(at: position, over: batch, gradient: &gradient, workspace: &workspace)
  }

  func minibatchVariance(
    at position: Tensor<Base.Element>, of scheme: BatchScheme, workspace: inout Base.Workspace
  ) throws(LangevinError) -> Tensor<Base.Element>? {
    counter.examples += exampleCount
    return try base.minibatchVariance(at: position, of: scheme, workspace: &workspace)
  }
}
