import LangevinCore
import LangevinData
import LangevinSamplers

/// The runs of the command: a network on data, from a configuration.
///
///     var configuration = Configuration()
///     try configuration.set("data", to: "table.csv", as: "data")
///     let run = try NetworkRun.start(configuration.check(), in: RunFolder("run7"))
///     try run.advance()
public enum NetworkRun {
  /// Starts a new run: reads the data, completes the settings, makes the folder, finds the starts of the chains.
  ///
  /// - Throws: ``Interruption`` if it is asked to stop before the first step; whatever is wrong with the data or the settings.
  ///   The folder is as it was then.
  public static func start(
    _ configuration: CheckedConfiguration, in folder: RunFolder, replacing: Bool = false,
    observers: [any Observer] = [], interrupt: Interrupt = Interrupt()
  ) throws -> SamplingRun {
    // A folder that cannot be made is found before the data are, and one for a run that cannot start does not stay.
    let isNew = try folder.make(replacing: replacing)
    do {
      return try open(configuration, in: folder, opening: .replacing, observers, interrupt)
    } catch {
      if isNew { folder.removeIfEmpty() }
      throw error
    }
  }

  /// Goes on with the run in a folder.
  ///
  /// - Parameters:
  ///   - folder: Where the run lies.
  ///   - steps: Up to which step, if not the one of its settings.
  ///   - previous: Whether to start from the checkpoints before the last.
  ///   - observers: Those that it was started with.
  ///   - interrupt: Asked while a run that has no checkpoint yet finds its start anew.
  /// - Returns: The run, where it was last stored.
  /// - Throws: ``FileError`` where a file is missing, damaged or of another run.
  public static func resume(
    _ folder: RunFolder, steps: Int? = nil, previous: Bool = false, observers: [any Observer] = [],
    interrupt: Interrupt = Interrupt()
  ) throws -> SamplingRun {
    var configuration = try folder.readConfiguration()
    if let steps {
      let warmup = configuration.plan.warmup ?? 0
      guard steps > warmup else {
        throw SettingError(
          "steps is \(steps) and the warm-up of the run is \(warmup); expected more steps than that")
      }
      configuration.plan.steps = steps
    }
    return try open(
      configuration, in: folder, opening: previous ? .resumingFromPrevious : .resuming, observers, interrupt)
  }

  private static func open(
    _ configuration: CheckedConfiguration, in folder: RunFolder, opening: SamplingRun.Opening,
    _ observers: [any Observer], _ interrupt: Interrupt
  ) throws -> SamplingRun {
    switch configuration.network.precision {
    case .single: try open(configuration, in: folder, opening: opening, observers, interrupt, Float.self)
    case .double: try open(configuration, in: folder, opening: opening, observers, interrupt, Double.self)
    }
  }

  private static func open<Element: Scalar>(
    _ configuration: CheckedConfiguration, in folder: RunFolder, opening: SamplingRun.Opening,
    _ observers: [any Observer], _ interrupt: Interrupt, _ type: Element.Type
  ) throws -> SamplingRun {
    let pool = try ThreadPool(threads: configuration.plan.threadCount)
    let data = try configuration.source.load(as: Element.self, on: pool, applying: configuration.rule)
    let facts = DataFacts(data, from: configuration.source)
    let settings = try configuration.complete(for: facts)
    let posterior = try settings.network.posterior(on: data.train)
    // A chain with a checkpoint takes its state from there, and needs no start of its own.
    let isRestored = opening != .replacing && folder.hasCheckpoints(chains: settings.plan.chains)
    let start = settings.start
    let warmStart = WarmStart<Element>(
      network: posterior.network, law: settings.network.initialisation,
      draws: isRestored ? [] : try start.from.map { try RunFolder($0).lastDraws(of: posterior.network) } ?? [],
      steps: isRestored ? 0 : start.steps ?? 0, batches: start.batch?.count.map { .withReplacement($0) } ?? .all,
      stepSize: start.stepSize, interrupt: interrupt)
    return try run(
      settings.sampler.sampler(of: Element.self), on: posterior,
      test: data.test.map { try settings.network.posterior(on: $0) }, settings: settings, notes: facts.notes,
      in: folder, opening: opening, observers: observers, start: warmStart)
  }

  private static func run<S: Sampler>(
    _ sampler: S, on posterior: Posterior<S.Element>, test: Posterior<S.Element>?, settings: NetworkRunSettings,
    notes: [String], in folder: RunFolder, opening: SamplingRun.Opening, observers: [any Observer],
    start: WarmStart<S.Element>
  ) throws -> SamplingRun {
    let seed = settings.plan.seed
    return try SamplingRun(
      posterior, sampler: sampler, plan: settings.plan, problem: settings.problem, in: folder, opening: opening,
      quantities: try probes(of: posterior), test: test, observers: observers, notes: notes
    ) { chain, pool in try start.position(on: posterior, seed: seed, chain: chain, pool: pool) }
  }

  /// The first output at the first eight examples: functions of the inputs agree between chains whose weights are one
  /// another's permutations.
  private static func probes<Element: Scalar>(of posterior: Posterior<Element>) throws -> [Quantity<Element>] {
    try (0..<min(8, posterior.exampleCount)).map { row in
      let probe = try Posterior(
        posterior.network, examples: posterior.examples.selecting([row]), loss: posterior.loss)
      return Quantity("probe.\(row + 1)") { position in
        var workspace = probe.makeWorkspace()
        return (try? probe.predictions(at: position, workspace: &workspace)).map { Double($0[0, 0]) } ?? .nan
      }
    }
  }
}
