import Langevin
import Testing
import _LangevinTestSupport

/// The library and the command are one program: each method with its defaults, by either way, gives the same bytes.
@Suite struct LibraryTests {
  @Test(arguments: SamplerCatalogue.methods.map { $0.name })
  func libraryAndCommandDrawTheSame(_ name: String) throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let method = try #require(SamplerCatalogue.methods.first { $0.name == name })
    let command = temporary.file("command")
    let warmup = Int(SmallProblem.warmup(of: method))
    let (status, _, errors) = langevin(
      "sample", "--data", "linear:train=60,test=20", "--network", "5-4-1", "--loss", "squared-error", "--sampler",
      name,
      "--steps",
      "\(warmup + 20)", "--thin", "5", "--warmup", "\(warmup)", "--seed", "11", "--set", "start.steps=0", "--prior",
      "0.02", "--quiet",
      "--no-report", "--out", command)
    #expect(status == .success, "\(errors)")

    // As a user of the library writes it.
    var set = LinearRegression()
    (set.train, set.test) = (60, 20)
    let data = try set.make(as: Float.self)
    let network = try MLP([5, 4, 1])
    func posterior(on examples: Examples<Float>) throws -> Posterior<Float> {
      try Posterior(network, examples: examples, loss: .squaredError, prior: .gaussian(precision: 0.02))
    }
    let training = try posterior(on: data.train)
    var plan = RunPlan()
    (plan.steps, plan.thin, plan.warmup, plan.seed) = (warmup + 20, 5, warmup, 11)
    let settings = try Self.completed(method, plan, for: training)
    let folder = RunFolder(temporary.file("library"))
    func run<S: Sampler<Float>>(_ sampler: S) throws {
      let run = try SamplingRun(
        training, sampler: sampler, plan: plan, in: folder, test: posterior(on: try #require(data.test))
      ) { network.initialParameters(from: $0) }
      #expect(try run.advance() == .finished)
    }
    try run(settings.sampler(of: Float.self))
    for chain in 1...2 {
      #expect(try bytes("\(command)/draws-\(chain).npy") == bytes("\(folder.path)/draws-\(chain).npy"))
      let (one, other) = (try RunFolder(command).readTraces(), try folder.readTraces())
      // The command follows predictions of a few examples, too; a potential need not have any.
      let shared = zip(one[chain - 1].columns, one[chain - 1].values).filter { !$0.0.hasPrefix("probe.") }
      #expect(shared.map(\.0) == other[chain - 1].columns)
      for ((column, a), b) in zip(shared, other[chain - 1].values) {
        let isEqual = a.map(\.bitPattern) == b.map(\.bitPattern)
        #expect(isEqual, "\(column) of chain \(chain)")
      }
    }
  }

  /// What the method leaves open follows from the potential and the plan.
  private static func completed(
    _ method: any SamplerSettings.Type, _ plan: RunPlan, for potential: some Potential
  ) throws -> any SamplerSettings {
    var settings = method.init()
    settings.complete(
      for: RunContext(
        parameterCount: potential.parameterCount, posteriorTemperature: potential.posteriorTemperature,
        warmup: UInt64(plan.warmup ?? 0), thin: UInt64(plan.thin ?? 1)))
    return settings
  }
}
