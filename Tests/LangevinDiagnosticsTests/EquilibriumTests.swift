import LangevinDiagnostics
import Testing

@Suite("Temperatures, drift and diffusion")
struct EquilibriumTests {
  @Test("Kinetic temperature weighs each momentum by its mass")
  func kinetic() {
    #expect(kineticTemperature(momenta: [3.0, 4.0] as [Float], masses: [9.0, 4.0]) == 2.5)
    #expect(kineticTemperature(momenta: [3.0, 4.0], mass: 2) == 6.25)
    #expect(kineticTemperature(momenta: [3.0, 4.0][...]) == 12.5)
  }

  @Test("Configurational temperature is measured from its origin")
  func configurational() {
    #expect(configurationalTemperature(position: [1.0, 2.0] as [Float], gradient: [3.0, 5.0] as [Float]) == 6.5)
    #expect(configurationalTemperature(position: [1.0, 2.0], gradient: [3.0, 5.0], origin: [1.0, 1.0]) == 2.5)
  }

  /// Independent draws of exp(-U/T) for U = (k_1 a^2 + k_2 b^2) / 2 + coupling a b.
  struct GaussianWell {
    let temperature = 0.02
    let stiffness = (2.0, 3.0)
    let coupling = 1.5

    func draws(count: Int, seed: UInt64) -> [(a: Double, b: Double)] {
      var random = SplitMix(seed: seed)
      func normal() -> Double { StandardNormal.quantile(random.uniform() + 0x1p-54) }
      // a is normal with precision k_1 - c^2/k_2, and b given a has mean -c a / k_2 and precision k_2.
      let marginal = stiffness.0 - coupling * coupling / stiffness.1
      return (0..<count).map { _ in
        let a = (temperature / marginal).squareRoot() * normal()
        return (a, -coupling * a / stiffness.1 + (temperature / stiffness.1).squareRoot() * normal())
      }
    }

    func gradient(_ a: Double, _ b: Double) -> [Double] {
      [stiffness.0 * a + coupling * b, stiffness.1 * b + coupling * a]
    }
  }

  @Test("The virial of a Gaussian well is its temperature, for each group and any origin", arguments: [0, 0.3])
  func virial(origin: Double) throws {
    let well = GaussianWell()
    let samples = well.draws(count: 4000, seed: 21)
    let both = try Draws(
      samples.map {
        configurationalTemperature(position: [$0, $1], gradient: well.gradient($0, $1), origin: [origin, origin])
      })
    let one = try Draws(
      samples.map { configurationalTemperature(position: [$0], gradient: [well.gradient($0, $1)[0]], origin: [origin]) }
    )
    let z = 4.9
    for estimate in [Estimate(meanOf: both), Estimate(meanOf: one)] {
      #expect(estimate.deviation(from: well.temperature).magnitude < z)
      // The defects this is there for, a factor 2 or a lost group size, would be seen at 10 z.
      #expect(estimate.standardError * 10 * z < 0.5 || origin != 0)
    }
  }

  @Test("A direction that is too hot shows itself where the group average hides it")
  func direction() throws {
    let well = GaussianWell()
    let samples = well.draws(count: 4000, seed: 22)
    let root = 0.5.squareRoot()
    func along(_ scale: Double) throws -> Estimate {
      let positions = try Draws(samples.map { scale * root * ($0 + $1) })
      let slopes = try Draws(samples.map { scale * root * well.gradient($0, $1).reduce(0, +) })
      return directionalTemperature(positions: positions, slopes: slopes)
    }
    let z = 4.9
    #expect(try along(1).deviation(from: well.temperature).magnitude < z)
    // Displacements larger by sqrt 2 are those of twice the temperature.
    let hot = try along(2.0.squareRoot())
    #expect(hot.deviation(from: 2 * well.temperature).magnitude < z)
    #expect(hot.deviation(from: well.temperature) > 10)
  }

  @Test("The equipartition table flags what lies outside three standard errors, and nothing else")
  func equipartition() throws {
    let well = GaussianWell()
    let right = try Draws(
      well.draws(count: 1000, seed: 4).map {
        configurationalTemperature(position: [$0, $1], gradient: well.gradient($0, $1))
      })
    let wrong = try Draws(
      well.draws(count: 1000, seed: 4).map {
        1.5 * configurationalTemperature(position: [$0, $1], gradient: well.gradient($0, $1))
      })
    let table = EquipartitionTable(
      target: well.temperature,
      rows: [
        .init(name: "both right", kinetic: right, configurational: right),
        .init(name: "no momenta", configurational: right),
        .init(name: "positions hot", kinetic: right, configurational: wrong),
        .init(name: "momenta hot", kinetic: wrong), .init(name: "nothing recorded"),
      ])
    #expect(table.flaggedRows.map(\.name) == ["positions hot", "momenta hot"])
    #expect(table.isOff(Estimate(value: 0.031, standardError: 0.003)))
    #expect(!table.isOff(Estimate(value: 0.028, standardError: 0.003)))
    #expect(table.isOff(Estimate(value: 0.03, standardError: 0)))
    #expect(!table.isOff(Estimate(value: 0.02, standardError: 0)))
  }

  @Test("The minibatch share is flagged at one")
  func minibatchShare() throws {
    let share = try MinibatchShare(shares: [0.1, 0.9, 0.2, 0.4])
    #expect((share.median - 0.3).magnitude < 1e-15)
    #expect(share.maximum == 0.9 && !share.isTooLarge)
    #expect(try MinibatchShare(shares: [0.1, 1, 0.2]).isTooLarge)
    #expect(throws: DiagnosticsError.empty(what: "minibatch shares")) { try MinibatchShare(shares: []) }
    for bad in [-0.1, .nan, .infinity] {
      let error = try #require(throws: DiagnosticsError.self) { try MinibatchShare(shares: [0.5, bad]) }
      #expect(error.description.contains("minibatch share 1 is \(bad)"))
    }
  }

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
