import Foundation
import Langevin
import Testing

/// The articles say what the code does.
@Suite struct DocumentationTests {
  /// A table of settings between two comments of a page, `<!-- settings: NAME -->` and `<!-- end -->`.
  ///
  /// `LANGEVIN_WRITE_TABLES=1 swift test --filter settingsTablesAreThoseOfTheProgram` writes them anew.
  @Test func settingsTablesAreThoseOfTheProgram() throws {
    var tables = [
      "run": RunPlan.rows, "network": NetworkSettings.rows, "start": StartSettings.rows, "data": FileSettings.rows,
    ]
    for method in SamplerCatalogue.methods { tables[method.name] = method.rows }
    var shown: Set<String> = []
    for page in try pages() {
      let text = try String(contentsOf: page, encoding: .utf8)
      var rest = Substring(text)
      var expected = ""
      while let opening = rest.range(of: "<!-- settings: "), let close = rest[opening.upperBound...].range(of: " -->"),
        let end = rest[close.upperBound...].range(of: "<!-- end -->")
      {
        let name = String(rest[opening.upperBound..<close.lowerBound])
        let rows = try #require(tables[name], "\(page.lastPathComponent) shows the settings of '\(name)'")
        shown.insert(name)
        expected += rest[..<close.upperBound] + "\n\n" + Self.table(rows) + "\n" + rest[end]
        rest = rest[end.upperBound...]
      }
      expected += rest
      if ProcessInfo.processInfo.environment["LANGEVIN_WRITE_TABLES"] == nil {
        #expect(text == expected, "\(page.lastPathComponent) shows other settings than the program has")
      } else if text != expected {
        try expected.write(to: page, atomically: true, encoding: .utf8)
      }
    }
    #expect(Set(tables.keys).subtracting(shown).isEmpty, "settings without a table on a page")
  }

  private func pages() throws -> [URL] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/Langevin/Langevin.docc").standardizedFileURL
    let files = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
    return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "md" }
  }

  private static func table(_ rows: [SettingRow]) -> String {
    rows.reduce(into: "| setting | meaning | default | value |\n| --- | --- | --- | --- |\n") { table, row in
      let unit = row.unit.isEmpty ? "" : " [\(row.unit)]"
      table += "| `\(row.name)`\(unit) | \(row.meaning) | \(row.initial) | \(row.expected) |\n"
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
