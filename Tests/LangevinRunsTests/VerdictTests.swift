import Langevin
import Testing

/// What a summary says not to trust: each finding on traces made to have that one fault.
@Suite struct VerdictTests {
  private static let rows = 1000
  private static let temperature = 2.0

  /// Two chains of independent normals about 5, their layer at the temperature wanted, and a fault.
  private func findings(_ fault: (_ chain: Int, _ row: Int, _ column: String, _ value: Double) -> Double) throws
    -> [String]
  {
    let traces = (0..<2).map { chain in
      let stream = RandomStream(seed: 7, chain: chain, purpose: .data)
      var trace = Trace(columns: ["energy", "virial.1"])
      for row in 0..<Self.rows {
        let normals = (0..<2).map { stream.normal(step: UInt64(row), element: $0) }
        trace.append(
          [
            fault(chain, row, "energy", 5 + normals[0]),
            fault(chain, row, "virial.1", Self.temperature + normals[1]),
          ], isWarmup: row < 100)
      }
      return trace
    }
    return try RunSummary(of: traces, temperature: Self.temperature).warnings
  }

  @Test func nothingIsSaidOfGoodChains() throws {
    #expect(try findings { $3 }.isEmpty)
    // The warm-up is not looked at.
    #expect(try findings { $1 < 100 ? $3 + 50 : $3 }.isEmpty)
  }

  @Test func chainsThatDisagreeAreToldApart() throws {
    let found = try findings { chain, _, column, value in column == "energy" && chain == 1 ? value + 0.5 : value }
    #expect(found.contains { $0.hasPrefix("R-hat is up to 1.") && $0.contains("(energy)") })
  }

  @Test func chainsThatHardlyMoveHaveFewSamples() throws {
    // The same value a hundred times over.
    let stream = RandomStream(seed: 8, purpose: .data)
    let found = try findings { chain, row, column, value in
      column == "energy" ? stream.normal(step: UInt64(row / 100), element: chain) : value
    }
    #expect(found.contains { $0.hasPrefix("effective sample sizes down to") && $0.contains("(energy)") })
  }

  @Test func aDriftIsSeen() throws {
    let found = try findings { _, row, column, value in column == "energy" ? value + Double(row) / 1000 : value }
    #expect(found.contains("a drift of more than 3 standard errors in energy: a longer warm-up"))
  }

  @Test func aLayerOffItsTemperatureIsNamed() throws {
    let found = try findings { _, _, column, value in column == "virial.1" ? value * 1.1 : value }
    #expect(found == ["a temperature more than 3 standard errors off its target in layer1"])
  }
}
