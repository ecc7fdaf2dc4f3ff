import LangevinCore
import LangevinData
import LangevinSamplers

/// A run's settings put together with its data: everything but the folder.
public struct Experiment {
  /// The settings, complete.
  public let settings: RunSettings
  /// The chains, at their start.
  public let chains: ChainGroup
  /// The network.
  public let network: MLP
  /// What the sampler says about its settings.
  public let warnings: [String]
  /// What draws are distributed as.
  public let law: StationaryLaw

  /// Reads the data, completes the settings and starts the chains.
  ///
  /// - Parameters:
  ///   - configuration: What was said.
  ///   - isRestored: Whether the state of the chains will come from a checkpoint, so that no start needs to be found.
  ///   - interrupt: Asked while a start is found.
  /// - Throws: ``Interruption``; whatever is wrong with the data or the settings.
  public init(
    _ configuration: CheckedConfiguration, isRestored: Bool = false, interrupt: Interrupt = Interrupt()
  ) throws {
    self =
      configuration.values["precision"] == "double"
      ? try Self(configuration, isRestored, interrupt, Double.self)
      : try Self(configuration, isRestored, interrupt, Float.self)
  }

  private init<Element: Scalar>(
    _ configuration: CheckedConfiguration, _ isRestored: Bool, _ interrupt: Interrupt, _ type: Element.Type
  ) throws {
    let wantedThreads = configuration.values["threads"].flatMap { Int($0) } ?? 0
    let threads = wantedThreads > 0 ? wantedThreads : ThreadPool.availableCores
    let pool = try ThreadPool(threads: threads)
    let data = try configuration.source.load(as: Element.self, on: pool)
    let facts = RunFacts(
      data: configuration.source.name, exampleCount: data.train.count, inputWidth: data.inputWidth,
      classCount: data.classCount, targetWidth: data.targetWidth, classNames: data.classNames)
    let settings = try configuration.complete(for: facts, fingerprint: "\(data.fingerprint)")

    let plain = settings.plain
    let posterior = try settings.posterior(on: data.train)
    let network = posterior.network
    let sampler = try settings.sampler.make(settings.ofSampler, for: network.layout, as: Element.self)
    self.settings = settings
    self.network = network
    law = sampler.law
    warnings = sampler.warnings(for: network.layout)
    let start = settings.ofStart
    let warmStart = WarmStart<Element>(
      network: network, law: try Initialiser(named: plain.text("initialisation")),
      draws: isRestored ? [] : try start.optional("from").map { try RunFolder($0).lastDraws(of: network) } ?? [],
      steps: isRestored ? 0 : start.integer("steps"),
      batches: Int(start.text("batch")).map { .withReplacement($0) } ?? .all, stepSize: start.real("step-size"),
      interrupt: interrupt)
    chains = try Self.chains(
      sampler, on: posterior, test: data.test.map { try settings.posterior(on: $0) }, settings: settings,
      threads: threads, start: warmStart)
  }

  private static func chains<S: Sampler>(
    _ sampler: S, on posterior: Posterior<S.Element>, test: Posterior<S.Element>?, settings: RunSettings, threads: Int,
    start: WarmStart<S.Element>
  ) throws -> ChainGroup {
    let plain = settings.plain
    let seed = plain.seed("seed")
    return try ChainGroup(
      posterior, sampler: sampler, batches: settings.batches, chains: plain.integer("chains"), seed: seed,
      threads: threads, observables: ObservableScope(rawValue: plain.text("observables")) ?? .full, test: test
    ) { chain, pool in
      try start.position(on: posterior, seed: seed, chain: chain, pool: pool)
    }
  }
}

extension RunSettings {
  /// The network of the settings.
  var network: MLP {
    get throws {
      try MLP(
        plain.text("network"), hidden: Activation(named: plain.text("activation")),
        output: Activation(named: plain.text("output-activation")), biases: plain.flag("biases"))
    }
  }

  /// The network of the settings with their loss and prior, on examples.
  func posterior<Element: Scalar>(on examples: Examples<Element>) throws -> Posterior<Element> {
    let precisions = plain.precisions("prior")
    let shared = precisions[""].map { $0 > 0 ? Prior<Element>.gaussian(precision: $0) : .flat }
    return try Posterior(
      network, examples: examples, loss: Loss(named: plain.text("loss")),
      prior: shared ?? .perBlock(precisions), normalisation: plain.text("normalisation") == "sum" ? .sum : .mean)
  }
}
