import Foundation
import Langevin
import Testing

/// The articles say what the code does.
@Suite struct DocumentationTests {
  /// The article of each sampler.
  private static let pages = [
    "baoab": "splitting", "sgnht": "thermostats", "badodab": "thermostats", "adla": "partitions", "lala": "partitions",
    "adlala": "partitions", "lol": "partitions", "ctld": "tempering", "sgd": "optimisers", "adam": "optimisers",
  ]

  private func article(_ path: String) throws -> [Substring] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
    let url = root.appendingPathComponent("Sources/Langevin/Langevin.docc/\(path).md")
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
  }

  @Test(arguments: SamplerCatalogue.methods.map { $0.name })
  func everySettingIsInATableWithItsUnitAndDefault(_ name: String) throws {
    let rows = try article("Samplers/using-\(Self.pages[name] ?? name)")
    for setting in try SamplerCatalogue.method(named: name).rows {
      let row = try #require(rows.first { $0.hasPrefix("| `\(setting.name)`") }, "\(setting.name) of \(name)")
      #expect(setting.unit.isEmpty || row.contains("[\(setting.unit)]"), "\(setting.name) of \(name)")
      #expect(row.contains(setting.initial), "\(setting.name) of \(name) is \(setting.initial) by default")
    }
  }

  /// The vectors as long as the parameters that a chain holds, in the table of `ChoosingASampler`.
  @Test func chainsHoldAsManyVectorsAsTheTableSays() throws {
    let data = try Moons().make(as: Float.self)
    let network = try MLP([2, 7, 2])
    let posterior = try Posterior(network, examples: data.train, loss: .crossEntropy, prior: .gaussian(precision: 0.1))
    func vectors(_ sampler: some Sampler<Float>, _ batches: BatchScheme = .distinct(50)) throws -> Int {
      var evaluator = try Evaluator(posterior, batches: batches, seed: 1)
      let start = network.initialParameters(
        as: Float.self, from: RandomStream(seed: 1, purpose: .initialisation))
      var state = try sampler.start(at: start, with: &evaluator)
      _ = try sampler.step(&state, with: &evaluator)
      return Self.vectors(in: state, count: network.layout.count)
    }
    #expect(try vectors(SGLD(stepSize: 0.01, temperature: 0.1)) == 2)
    #expect(try vectors(LeimkuhlerMatthews(stepSize: 0.01, temperature: 0.1)) == 3)
    #expect(try vectors(SGWORLD(stepSize: 0.01, temperature: 0.1, level: .one), .epochs(50)) == 3)
    #expect(try vectors(SGWORLD(stepSize: 0.01, temperature: 0.1), .epochs(50)) == 5)
    #expect(try vectors(Splitting.underdamped(stepSize: 0.01, temperature: 0.1)) == 3)
    #expect(try vectors(Splitting.badodab(stepSize: 0.01, temperature: 0.1)) == 3)
    #expect(try vectors(PseudoLangevin(temperature: 0.1) { $0.directions = 0 }) == 8)
    #expect(try vectors(PseudoLangevin(temperature: 0.1)) == 9)
    #expect(try vectors(HybridMonteCarlo(temperature: 0.1, stepSize: 0.01, leapfrogSteps: 2)) == 9)
    #expect(try vectors(ContinuousTempering(temperature: 0.1)) == 3)
    #expect(try vectors(StochasticGradientDescent(stepSize: 0.01)) == 2)
    #expect(try vectors(Adam(stepSize: 0.01)) == 4)
  }

  /// Vectors in double precision count twice.
  private static func vectors(in value: Any, count: Int) -> Int {
    if let tensor = value as? Tensor<Float> { return tensor.count == count ? 1 : 0 }
    if let tensor = value as? Tensor<Double> { return tensor.count == count ? 2 : 0 }
    if value is [Int32] { return 0 }
    return Mirror(reflecting: value).children.reduce(0) { $0 + vectors(in: $1.value, count: count) }
  }
}
