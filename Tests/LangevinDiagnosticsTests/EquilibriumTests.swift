import LangevinDiagnostics
import Testing

@Suite("Drift and diffusion")
struct EquilibriumTests {
  @Test("Drift is zero up to noise for a stationary series and the slope for a falling one")
  func drifts() throws {
    let z = 4.9
    let still = try drift(of: ConvergenceTests.chains(0.5, count: 2, draws: 900))
    #expect(still.deviation(from: 0).magnitude < z)

    let rows = ConvergenceTests.rows(0.5, count: 2, draws: 900)
    let falling = try drift(of: Draws(chains: rows.map { $0.enumerated().map { $1 - Double($0) / 900 } }))
    // The centres of the outer thirds are two thirds of the run apart.
    #expect(falling.deviation(from: -2.0 / 3).magnitude < z)
    #expect(falling.deviation(from: 0) < -z)
    // Without noise the trend inside the thirds is all the error there is, and still does not hide the drift.
    for count in [12, 100, 3000] {
      let ramp = try drift(of: Draws((0..<count).map { Double($0) }))
      #expect(ramp.deviation(from: 0) > 3)
    }

    #expect(throws: DiagnosticsError.tooFewDraws(chain: 0, found: 11, needed: 12)) {
      try drift(of: Draws([Double](repeating: 1, count: 11)))
    }
    #expect(try drift(of: Draws([Double](repeating: 1, count: 12))).deviation(from: 0) == 0)
  }

  @Test("A straight path moves by the square of the lag")
  func straight() throws {
    let path = (0..<5).map { [3 * Float($0), -4 * Float($0)] }
    let rows = try meanSquaredDisplacement(
      of: path, steps: [10, 30, 50, 70, 90], seconds: [0.5, 1, 1.5, 2, 2.5])
    #expect(rows.map(\.steps) == [0, 20, 40, 60, 80])
    #expect(rows.map(\.seconds) == [0, 0.5, 1, 1.5, 2])
    #expect(rows.map(\.mean) == [0, 25, 100, 225, 400])
    #expect(rows.map(\.standardDeviation) == [0, 0, 0, 0, 0])
    #expect(rows.map(\.pairs) == [5, 4, 3, 2, 1])
    #expect(
      try meanSquaredDisplacement(of: path, steps: [1, 2, 3, 4, 5], seconds: [1, 2, 3, 4, 5], upToLag: 2).count == 3)
  }

  @Test("The scatter over pairs is reported, and a lone configuration has lag zero only")
  func scatter() throws {
    let rows = try meanSquaredDisplacement(of: [[0.0], [1.0], [4.0]], steps: [0, 1, 2], seconds: [0, 1, 3])
    #expect(rows[1].mean == 5 && rows[1].seconds == 1.5)
    #expect(relativeError(rows[1].standardDeviation, 32.0.squareRoot()) < 1e-15)
    #expect(try meanSquaredDisplacement(of: [[1.0]], steps: [7], seconds: [0]).map(\.mean) == [0])
  }

  @Test("Configurations that do not belong together are refused")
  func badConfigurations() {
    #expect(throws: DiagnosticsError.empty(what: "saved configurations")) {
      try meanSquaredDisplacement(of: [[Double]](), steps: [], seconds: [])
    }
    #expect(throws: DiagnosticsError.sizeMismatch(what: "parameters of configuration 1", found: 2, expected: 1)) {
      try meanSquaredDisplacement(of: [[1.0], [1.0, 2.0]], steps: [0, 1], seconds: [0, 1])
    }
    #expect(throws: DiagnosticsError.sizeMismatch(what: "wall times", found: 1, expected: 2)) {
      try meanSquaredDisplacement(of: [[1.0], [2.0]], steps: [0, 1], seconds: [0])
    }
    #expect(throws: DiagnosticsError.sizeMismatch(what: "steps before configuration 2", found: 2, expected: 1)) {
      try meanSquaredDisplacement(of: [[1.0], [2.0], [3.0]], steps: [0, 1, 3], seconds: [0, 1, 2])
    }
  }
}
