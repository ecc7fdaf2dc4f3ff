import Langevin

/// What a run costs besides its steps, and what two chains cost on two cores.
enum RunSuite {
  static func run(_ report: inout Report) throws {
    for sampler in ["sgld", "pl"] {
      let name = "\(sampler) 100-50-100-10 with traces, draws, progress and checkpoints, over bare steps"
      guard report.wants(name) else { continue }
      let (times, processorTimes) = try overhead(of: sampler)
      try report.add(name) { ratios(name, times, goal: "below 1.03") }
      try report.add(name + ", processor time") {
        ratios(name + ", processor time", processorTimes, goal: "below 1.03")
      }
    }
    let name = "pl 100-50-100-10, two chains on two cores, over one on one"
    try report.add(name) { try twoChains(called: name) }
  }

  /// A run in its folder with a row, a draw and a look at the progress every 100 steps and a checkpoint a second (thirty
  /// times as often as it would), interrupted every half second or so by as many bare steps: ratios of times next to
  /// each other. Rows are those that cost no pass over all data.
  private static func overhead(of sampler: String) throws -> (times: [Double], processorTimes: [Double]) {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    var configuration = Configuration()
    for (key, value) in [
      ("sampler", sampler), ("steps", "1000000000"), ("warmup", "0"), ("thin", "100"), ("observables", "minibatch"),
      ("chains", "1"), ("threads", "1"), ("checkpoint-every", "1"), ("start.steps", "0"),
    ] {
      try configuration.set(key, to: value, as: key)
    }
    if sampler == "sgld" { try configuration.set("sampler.step-size", to: "1e-3", as: "step-size") }
    let run = try NetworkRun.start(configuration.check(), in: RunFolder(temporary.path + "/run"))
    let bare = try bareSteps(of: sampler)
    let alternation = Alternation(with: bare, blockOf: 50)
    _ = try run.advance(observers: [alternation])
    return (alternation.times, alternation.processorTimes)
  }

  /// The loop that a run goes through, without anything around it.
  private static func bareSteps(of sampler: String) throws -> (Int) throws -> Void {
    let data = try KSpin().make(as: Float.self)
    let network = try MLP("100-50-100-10", output: .relu)
    let posterior = try Posterior(
      network, examples: data.train, loss: .crossEntropy, prior: .gaussian(precision: 9.015e-4))
    let start: Tensor<Float> = network.initialParameters(from: RandomStream(seed: 0, purpose: .initialisation))
    func loop<S: Sampler<Float>>(_ sampler: S) throws -> (Int) throws -> Void {
      var evaluator = try Evaluator(posterior, batches: .distinct(128), seed: 0)
      var state = try sampler.start(at: start, with: &evaluator)
      return { steps in for _ in 0..<steps { _ = try sampler.step(&state, with: &evaluator) } }
    }
    return sampler == "sgld"
      ? try loop(SGLD<Float>(stepSize: 1e-3, temperature: 3e-5))
      : try loop(PseudoLangevin<Float>(temperature: 3e-5) { $0.segment = 100 })
  }

  private static func twoChains(called name: String) throws -> Measurement {
    let data = try KSpin().make(as: Float.self)
    let network = try MLP("100-50-100-10", output: .relu)
    let posterior = try Posterior(
      network, examples: data.train, loss: .crossEntropy, prior: .gaussian(precision: 9.015e-4))
    func chains(_ count: Int) throws -> ChainGroup {
      try ChainGroup(
        posterior, sampler: PseudoLangevin<Float>(temperature: 3e-5), batches: .distinct(128), chains: count,
        keepingEvery: 2000, threads: count
      ) { network.initialParameters(from: $0) }
    }
    let (one, two) = (try chains(1), try chains(2))
    let ratios = try (0..<21).map { _ in
      let times = try [one, two].map { chains in
        try Clock.wall.time { try chains.advance(steps: 2000) }
      }
      return times[1] / times[0]
    }
    return Self.ratios(name, ratios, goal: "at most 1.1")
  }

  private static func ratios(_ name: String, _ ratios: [Double], goal: String) -> Measurement {
    let sorted = ratios.sorted()
    return Measurement(
      name: name, median: sorted[sorted.count / 2], low: sorted[sorted.count / 10],
      high: sorted[sorted.count - 1 - sorted.count / 10], unit: "times", limit: nil, goal: goal, seconds: nil)
  }
}

/// Interrupts a run after every so many rows for as many bare steps, and compares the times: those on the clock, and those
/// of the processor, which other programs lengthen less.
private final class Alternation: Observer {
  private(set) var times: [Double] = []
  private(set) var processorTimes: [Double] = []
  private let bare: (Int) throws -> Void
  private let rows: Int
  private let clock = ContinuousClock()
  private var begin: ContinuousClock.Instant
  private var beginOfProcessor: Double
  private var left: Int
  private var line = ""
  private var nextLine: ContinuousClock.Instant

  init(with bare: @escaping (Int) throws -> Void, blockOf rows: Int) {
    self.bare = bare
    self.rows = rows
    left = rows
    begin = clock.now
    beginOfProcessor = Clock.processor.seconds
    nextLine = begin
  }

  func shouldStop(_ chains: ChainGroup) throws -> Bool {
    // What a line of progress costs, five times a second.
    if clock.now >= nextLine {
      nextLine = clock.now + .milliseconds(200)
      let energy = chains.traces.first?["energy"]?.last ?? .nan
      line = "\(chains.step) steps, \(Format.duration(1)), energy \(Format.significant(energy, 4))"
    }
    left -= 1
    if left > 0 { return false }
    left = rows
    let (middle, middleOfProcessor) = (clock.now, Clock.processor.seconds)
    try bare(100 * rows)
    let (end, endOfProcessor) = (clock.now, Clock.processor.seconds)
    times.append((middle - begin) / (end - middle))
    processorTimes.append((middleOfProcessor - beginOfProcessor) / (endOfProcessor - middleOfProcessor))
    (begin, beginOfProcessor) = (end, endOfProcessor)
    return times.count == 21
  }
}
