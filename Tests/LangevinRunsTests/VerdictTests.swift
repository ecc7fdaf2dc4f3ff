import Langevin
import Testing

/// The verdict on traces made to have one fault each.
@Suite struct VerdictTests {
  private static let rows = 1000
  private static let temperature = 2.0

  /// Two chains of independent normals about 5, their layer at the temperature wanted, and a fault.
  private func verdict(
    temperature: Double? = Self.temperature,
    _ fault: (_ chain: Int, _ row: Int, _ column: String, _ value: Double) -> Double
  ) throws -> Verdict {
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
    return Verdict(try RunSummary(of: traces, temperature: temperature), steps: 1000, folder: "run")
  }

  @Test func goodChainsHaveConverged() throws {
    #expect(try verdict { $3 }.word == .converged)
    #expect(try verdict { $3 }.command == nil)
    // The warm-up is not looked at.
    #expect(try verdict { $1 < 100 ? $3 + 50 : $3 }.word == .converged)
  }

  @Test func chainsThatDisagreeAreToldApart() throws {
    let found = try verdict { chain, _, column, value in column == "energy" && chain == 1 ? value + 0.5 : value }
    #expect(found.word == .notConverged && found.reason.contains("R-hat is 1.") && found.reason.contains("energy"))
    #expect(found.command == "langevin resume run --steps 4000")
  }

  @Test func chainsThatHardlyMoveHaveFewSamples() throws {
    // Chains that agree, each value five times over.
    let stream = RandomStream(seed: 21, purpose: .data)
    let found = try verdict { chain, row, column, value in
      column == "energy" ? stream.normal(step: UInt64(row / 5), element: chain) : value
    }
    #expect(found.word == .notConverged && found.reason.contains("energy has an effective sample size of"))
  }

  @Test func aChainThatNeverMovesIsStuck() throws {
    #expect(try verdict { _, _, column, value in column == "energy" ? 3 : value }.word == .stuck)
  }

  @Test func aLayerFarOffItsTemperatureIsNamed() throws {
    let found = try verdict { _, _, column, value in column == "virial.1" ? value * 1.2 : value }
    #expect(found.word == .notConverged && found.reason.contains("layer1"))
    #expect(try verdict { _, _, column, value in column == "virial.1" ? value * 1.01 : value }.word == .converged)
  }

  @Test func withoutALawThereIsNothingToConvergeTo() throws {
    #expect(try verdict(temperature: nil) { $3 }.word == .noStationaryLaw)
  }

  /// What says nothing of the law does not count: the acceptance, or the norm along symmetries.
  @Test func onlyEnergiesAndProbesCount() {
    #expect(["energy", "cost", "probe.3"].allSatisfy(Verdict.counts))
    #expect(["acceptance", "norm2", "kinetic_temperature", "error"].allSatisfy { !Verdict.counts($0) })
  }
}
