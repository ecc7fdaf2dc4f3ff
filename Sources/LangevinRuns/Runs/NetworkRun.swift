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
  /// - Parameters:
  ///   - configuration: The settings.
  ///   - folder: Where its files go.
  ///   - opening: What becomes of a run that lies there.
  ///   - only: Which of the chains run here, numbered from 0; by default all.
  ///   - isLocking: Whether chains are locked, so that no other process works on them.
  ///   - observers: Those that look on from the first step and store what they remember with the chains.
  ///   - interrupt: Asked while the chains find their start.
  /// - Returns: The run, before its first step or where it was last stored.
  /// - Throws: ``Interruption`` if it is asked to stop before the first step; whatever is wrong with the data or the settings.
  ///   The folder is as it was then.
  public static func start(
    _ configuration: CheckedConfiguration, in folder: RunFolder, opening: SamplingRun.Opening = .new,
    only: [Int]? = nil, isLocking: Bool = true, observers: [any Observer] = [],
    interrupt: Interrupt = Interrupt()
  ) throws -> SamplingRun {
    // A folder that cannot be made is found before the data are, and one for a run that cannot start does not stay.
    let isNew = try folder.make(for: opening)
    do {
      return try open(
        configuration, Place(folder: folder, opening: opening, only: only, isLocking: isLocking, observers: observers),
        interrupt)
    } catch {
      if isNew { folder.removeIfEmpty() }
      throw error
    }
  }

  /// Goes on with the run in a folder.
  ///
  /// - Parameters:
  ///   - folder: Where the run lies.
  ///   - previous: Whether to start from the checkpoints before the last.
  ///   - only: Which of the chains run here, numbered from 0; by default all.
  ///   - isLocking: Whether chains are locked, so that no other process works on them.
  ///   - observers: Those that it was started with.
  ///   - interrupt: Asked while chains that have no checkpoint yet find their start.
  ///   - change: Gives the plan other steps, chains, threads, stopping rules or checkpoints from now on; all else is as it was.
  /// - Returns: The run, where it was last stored.
  /// - Throws: ``FileError`` where a file is missing, damaged or of another run.
  public static func resume(
    _ folder: RunFolder, previous: Bool = false, only: [Int]? = nil, isLocking: Bool = true,
    observers: [any Observer] = [],
    interrupt: Interrupt = Interrupt(), changing change: (inout RunPlan) throws -> Void = { _ in }
  ) throws -> SamplingRun {
    var configuration = try folder.readConfiguration()
    configuration.plan.chains = max(configuration.plan.chains, (folder.chains.last ?? 0) + 1)
    try change(&configuration.plan)
    let (steps, warmup) = (configuration.plan.steps ?? 1, configuration.plan.warmup ?? 0)
    guard steps > warmup else {
      throw SettingError(
        "steps is \(steps) and the warm-up of the run is \(warmup); expected more steps than that")
    }
    let opening: SamplingRun.Opening = previous ? .resumingFromPrevious : .resuming
    return try open(
      configuration, Place(folder: folder, opening: opening, only: only, isLocking: isLocking, observers: observers),
      interrupt)
  }

  /// Where a run goes, and what of it.
  private struct Place {
    let folder: RunFolder
    let opening: SamplingRun.Opening
    let only: [Int]?
    let isLocking: Bool
    let observers: [any Observer]

    /// Whether a chain takes its state from a checkpoint, so that it needs no start of its own.
    func isRestored(_ chain: Int) -> Bool { isOld && folder.hasCheckpoint(chain) }

    /// Whether the layers that are not sampled are there.
    var holdsFrozenLayers: Bool { isOld && RunFolder.exists(folder.frozen) }

    private var isOld: Bool { opening != .replacing && opening != .new }
  }

  private static func open(
    _ configuration: CheckedConfiguration, _ place: Place, _ interrupt: Interrupt
  ) throws -> SamplingRun {
    switch configuration.network.precision {
    case .single: try open(configuration, place, interrupt, Float.self)
    case .double: try open(configuration, place, interrupt, Double.self)
    }
  }

  private static func open<Element: Scalar>(
    _ configuration: CheckedConfiguration, _ place: Place, _ interrupt: Interrupt, _ type: Element.Type
  ) throws -> SamplingRun {
    let pool = try ThreadPool(threads: configuration.plan.threadCount)
    let data = try configuration.source.load(as: Element.self, on: pool, applying: configuration.rule)
    let facts = DataFacts(data, from: configuration.source)
    let settings = try configuration.complete(for: facts)
    let start = settings.start
    let network = try settings.network.makeNetwork()
    let needsStart = try ChainGroup.numbers(of: settings.plan.chains, only: place.only).contains {
      !place.isRestored($0)
    }
    var warmStart = WarmStart<Element>(
      network: network, law: settings.network.initialisation,
      draws: needsStart ? try start.folders.flatMap { try RunFolder($0).lastDraws(of: network) } : [],
      steps: start.steps ?? 0, batches: start.batch?.count.map { .withReplacement($0) } ?? .all,
      stepSize: start.stepSize, validation: start.validation, patience: start.patience, interrupt: interrupt)
    var (train, test) = (data.train, data.test)
    var frozen: FrozenLayers<Element>?
    if settings.network.frozenLayers > 0 {
      // Made from the seed, so that every process that works on the run makes the same.
      let layers =
        place.holdsFrozenLayers
        ? try place.folder.readFrozenLayers(settings.network)
        : try warmStart.frozenLayers(settings.network, on: train, seed: settings.plan.seed, pool: pool)
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
      test: test.map { try settings.network.posterior(on: $0) }, settings: settings, notes: facts.notes, in: place,
      start: warmStart)
    if !place.holdsFrozenLayers, let frozen { try place.folder.write(frozen) }
    return run
  }

  private static func run<S: Sampler>(
    _ sampler: S, on posterior: Posterior<S.Element>, test: Posterior<S.Element>?, settings: NetworkRunSettings,
    notes: [String], in place: Place, start: WarmStart<S.Element>
  ) throws -> SamplingRun {
    let seed = settings.plan.seed
    return try SamplingRun(
      posterior, sampler: sampler, plan: settings.plan, problem: settings.problem, in: place.folder,
      opening: place.opening, only: place.only, isLocking: place.isLocking, quantities: try probes(of: posterior),
      test: test, observers: place.observers, notes: notes
    ) { chain, pool in
      place.isRestored(chain)
        ? start.randomWeights(seed: seed, chain: chain)
        : try start.position(on: posterior, seed: seed, chain: chain, pool: pool)
    }
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
