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
    interrupt: Interrupt = Interrupt()
  ) throws -> SamplingRun {
    // A folder that cannot be made is found before the data are, and one for a run that cannot start does not stay.
    let isNew = try folder.make(replacing: replacing)
    do {
      return try open(configuration, in: folder, opening: .replacing, interrupt: interrupt)
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
  ///   - interrupt: Asked while a run that has no checkpoint yet finds its start anew.
  /// - Returns: The run, where it was last stored.
  /// - Throws: ``FileError`` where a file is missing, damaged or of another run.
  public static func resume(
    _ folder: RunFolder, steps: Int? = nil, previous: Bool = false, interrupt: Interrupt = Interrupt()
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
      configuration, in: folder, opening: previous ? .resumingFromPrevious : .resuming, interrupt: interrupt)
  }

  private static func open(
    _ configuration: CheckedConfiguration, in folder: RunFolder, opening: SamplingRun.Opening, interrupt: Interrupt
  ) throws -> SamplingRun {
    switch configuration.network.precision {
    case .single: try open(configuration, in: folder, opening: opening, interrupt, Float.self)
    case .double: try open(configuration, in: folder, opening: opening, interrupt, Double.self)
    }
  }

  private static func open<Element: Scalar>(
    _ configuration: CheckedConfiguration, in folder: RunFolder, opening: SamplingRun.Opening, _ interrupt: Interrupt,
    _ type: Element.Type
  ) throws -> SamplingRun {
    let pool = try ThreadPool(threads: configuration.plan.threadCount)
    let data = try configuration.source.load(as: Element.self, on: pool, applying: configuration.rule)
    let facts = DataFacts(data, from: configuration.source)
    let settings = try configuration.complete(for: facts)
    // A chain with a checkpoint takes its state from there, and needs no start of its own.
    let isRestored = opening != .replacing && folder.hasCheckpoints(chains: settings.plan.chains)
    let start = settings.start
    let network = try settings.network.makeNetwork()
    var warmStart = WarmStart<Element>(
      network: network, law: settings.network.initialisation,
      draws: isRestored ? [] : try start.from.map { try RunFolder($0).lastDraws(of: network) } ?? [],
      steps: isRestored ? 0 : start.steps ?? 0, batches: start.batch?.count.map { .withReplacement($0) } ?? .all,
      stepSize: start.stepSize, interrupt: interrupt)
    var (train, test) = (data.train, data.test)
    var frozen: FrozenLayers<Element>?
    if settings.network.frozenLayers > 0 {
      let layers =
        opening == .replacing
        ? try warmStart.frozenLayers(settings.network, on: train, seed: settings.plan.seed, pool: pool)
        : try folder.readFrozenLayers(settings.network)
      train = try layers.features(of: train, pool: pool)
      test = try test.map { try layers.features(of: $0, pool: pool) }
      warmStart.network = layers.rest
      // Draws of the whole network have given the frozen layers; those above start afresh on these.
      warmStart.draws = []
      frozen = layers
    }
    let posterior = try settings.network.posterior(on: train)
    let run = try run(
      settings.sampler.sampler(of: Element.self), on: posterior,
      test: test.map { try settings.network.posterior(on: $0) }, settings: settings, notes: facts.notes,
      in: folder, opening: opening, start: warmStart)
    if opening == .replacing, let frozen { try folder.write(frozen) }
    return run
  }

  private static func run<S: Sampler>(
    _ sampler: S, on posterior: Posterior<S.Element>, test: Posterior<S.Element>?, settings: NetworkRunSettings,
    notes: [String], in folder: RunFolder, opening: SamplingRun.Opening, start: WarmStart<S.Element>
  ) throws -> SamplingRun {
    let seed = settings.plan.seed
    return try SamplingRun(
      posterior, sampler: sampler, plan: settings.plan, problem: settings.problem, in: folder, opening: opening,
      quantities: try probes(of: posterior), test: test, notes: notes
    ) { chain, pool in try start.position(on: posterior, seed: seed, chain: chain, pool: pool) }
  }

  /// The first output, or the probability of a class, at eight examples spread over the training set: functions of the inputs
  /// agree between chains whose weights are one another's permutations, and probabilities stay bounded where outputs do not.
  private static func probes<Element: Scalar>(of posterior: Posterior<Element>) throws -> [Quantity<Element>] {
    let (all, count) = (posterior.exampleCount, min(8, posterior.exampleCount))
    return try (0..<count).map { number in
      let row = (2 * number + 1) * all / (2 * count)
      let probe = try Posterior(
        posterior.network, examples: posterior.examples.unweighted.selecting([row]), loss: posterior.loss)
      return Quantity("probe.\(number + 1)") { position in
        var workspace = probe.makeWorkspace()
        return (try? probe.predictions(at: position, probabilities: true, workspace: &workspace))
          .map { Double($0[0, 0]) } ?? .nan
      }
    }
  }
}
