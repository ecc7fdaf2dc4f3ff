import LangevinCore
import LangevinSamplers
import Testing

/// Single steps with given noise, to 1e-12. The numbers are those of another program, written from the equations of the
/// letters alone.
@Suite struct SingleStepTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let word: String
    let q: Double
    let p: Double
    var testDescription: String { word }
  }

  static let rows = [
    Row(word: "BAOAB", q: 1.120630393630059, p: -0.529826406020323),
    Row(word: "ABOBA", q: 1.123032053708219, p: -0.531487140668494),
    Row(word: "OBABO", q: 1.126985395090867, p: -1.410661462271963),
    Row(word: "OABAO", q: 1.128508803148960, p: -1.421192622807813),
    Row(word: "AOAB", q: 1.143408798893737, p: -0.579177718907377),
    Row(word: "BAOA", q: 1.097851988366381, p: -0.502368186137905),
    Row(word: "UBU", q: 1.124661408054530, p: -0.197115081314428),
    Row(word: "BUB", q: 1.078368783003448, p: -0.510665284714106),
    Row(word: "H", q: 1.132391691812887, p: -0.540866465496900),
  ]

  let normals = [0.3, -1.1, 0.6, 0.2]
  let quartic: ClosurePotential<Double>

  init() throws {
    quartic = try ClosurePotential(count: 1) { x, gradient in
      gradient[0] = x[0] * x[0] * x[0]
      return x[0] * x[0] * x[0] * x[0] / 4
    }
  }

  @Test(arguments: rows)
  func agrees(row: Row) throws {
    let method = try splitting(row.word, stepSize: 0.25, temperature: 0.8, friction: 1.5, mass: 2)
    let found = try oneStep(of: method, on: quartic, from: [1.2, -0.7], normals: normals)
    #expect(abs(found.q - row.q) < 1e-12)
    #expect(abs(found.p - row.p) < 1e-12)
  }

  /// The same with the mass given for each parameter.
  @Test(arguments: rows)
  func agreesWithMassesOfParameters(row: Row) throws {
    let dynamics = PartitionDynamics<Double>(
      word: try SplittingWord(row.word), temperature: 0.8, friction: 1.5, mass: .perParameter(Tensor([2])))
    let method = try Splitting("masses", stepSize: 0.25, partitions: [dynamics])
    let found = try oneStep(of: method, on: quartic, from: [1.2, -0.7], normals: normals)
    #expect(abs(found.q - row.q) < 1e-12)
    #expect(abs(found.p - row.p) < 1e-12)
  }

  /// The table's rows have no mass in D and F; ours have sqrt(m), so sigma is divided by it.
  @Test func thermostatWordsAgree() throws {
    let thermostat = Thermostat(coupling: .fixed(0.05), drivingNoise: 0.3 / 2.0.squareRoot(), initial: 0.4)
    for (word, q, p, xi) in [
      ("ACDEDCAB", 1.111576915751801, -1.058136357522027, 0.392512548286977),
      ("BAEFEAB", 1.093595585006994, -0.949956523068360, 0.394554975210644),
    ] {
      let method = try splitting(word, stepSize: 0.25, temperature: 0.8, friction: 1.5, mass: 2, thermostat: thermostat)
      let found = try oneStep(of: method, on: quartic, from: [1.2, -0.7], normals: normals)
      #expect(abs(found.q - q) < 1e-12, "q of \(word)")
      #expect(abs(found.p - p) < 1e-12, "p of \(word)")
      #expect(abs((found.thermostat ?? .nan) - xi) < 1e-12, "xi of \(word)")
    }
  }

  @Test func overdampedWordAgrees() throws {
    let method = try splitting("X", stepSize: 0.05, temperature: 0.8)
    let found = try oneStep(of: method, on: quartic, from: [1.2, 0], normals: normals)
    #expect(abs(found.q - 1.198452813742386) < 1e-12)
  }

  /// ACDEDCAB letter by letter: each letter is applied alone, and all of its passes composed give the same.
  @Test func letterByLetterAgrees() throws {
    var settings = LetterSettings(
      temperature: 0.8, friction: 1.5, thermostat: 0.4, drivingNoise: 0.3 / 2.0.squareRoot())
    var (q, p) = (Tensor([1.2]), Tensor([-0.7]))
    var noise = NoiseSource.list(normals)
    func apply(_ letter: SplittingLetter, for time: Double, gradient: Double = 0) -> Double {
      let pass = letter.append(Pass(), time, settings).scaled(mass: 2)
      return pass.run(
        over: [0..<1], position: &q, momentum: &p, gradient: Tensor([gradient]), noise: &noise, step: 0, sums: true
      ).kinetic / 2
    }
    _ = apply(.drift, for: 0.125)
    #expect(abs(q[0] - 1.15625) < 1e-12)
    _ = apply(.thermostatFriction, for: 0.125)
    #expect(abs(p[0] - -0.665860597150500) < 1e-12)
    let kinetic = apply(.drivingNoise, for: 0.125)
    #expect(abs(p[0] - -0.634040791997105) < 1e-12)
    settings.thermostat += 0.05 * 0.25 * (kinetic - 0.8)
    #expect(abs(settings.thermostat - 0.392512548286977) < 1e-12)
    _ = apply(.drivingNoise, for: 0.125)
    #expect(abs(p[0] - -0.750713410892885) < 1e-12)
    _ = apply(.thermostatFriction, for: 0.125)
    #expect(abs(p[0] - -0.714769347971179) < 1e-12)
    _ = apply(.drift, for: 0.125)
    #expect(abs(q[0] - 1.111576915751801) < 1e-12)
    _ = apply(.kick, for: 0.25, gradient: q[0] * q[0] * q[0])
    #expect(abs(p[0] - -1.058136357522027) < 1e-12)
  }

  /// Five steps of BAOAB are half a kick, five of AOAB, and half a kick back.
  @Test func normalFormIsTheSameMotion() throws {
    let method = try splitting("BAOAB", stepSize: 0.25, temperature: 0.8, friction: 1.5, mass: 2)
    var evaluator = try Evaluator(quartic, seed: 1)
    evaluator.noise = .list([0.3, -1.1, 0.6, 0.2, -0.5])
    var state = try method.start(at: Tensor([1.2]), with: &evaluator)
    state.momentum = Tensor([-0.7])
    for _ in 0..<5 { _ = try method.step(&state, with: &evaluator) }
    #expect(abs(state.position[0] - 0.685398184792168) < 1e-12)
    let p = try method.momentum(of: state, with: evaluator)
    #expect(abs(p[0] - -0.820761287174125) < 1e-12)
    #expect(abs(state.momentum[0] - 0.25 * state.gradient[0] - -0.861008782882002) < 1e-12)
    #expect(evaluator.evaluations == 6, "one gradient for each step and one for the first half kick")
  }

  @Test func varianceOfThermostatNoiseKeepsItsDigits() {
    for (xi, variance) in [
      (-0.4, 0.024907810293019), (0, 0.0225), (1e-9, 0.022499999994375), (0.4, 0.020392790278727),
    ] {
      let found = 0.3 * 0.3 * 0.25 * dampedFraction(2 * xi * 0.25)
      #expect(abs(found - variance) < 1e-15, "xi \(xi)")
    }
  }

  /// The variances of letter U against their series, where the direct forms lose all their digits.
  @Test(arguments: [1e-6, 1e-4, 1e-3, 0.01, 0.0199, 0.02])
  func flightKeepsItsDigits(x: Double) {
    let (t, temperature) = (0.25, 0.8)
    let gamma = x / t
    let flight = Pass().flight(t, friction: gamma, temperature: temperature).coefficients
    let (shared, position) = (flight.theta_r.0, flight.theta_r.1)
    let total = temperature * gamma * t * t * t * (2 / 3 - x / 2 + 7 * x * x / 30 - x * x * x / 12)
    let found = shared * shared + position * position
    #expect(abs(found / total - 1) < 2e-8)
    let own = temperature * gamma * t * t * t / 6 * (1 - x * x / 10)
    #expect(abs(position * position / own - 1) < 2e-8)
  }

  @Test func flightWithoutFrictionIsDrift() {
    let flight = Pass().flight(0.25, friction: 0, temperature: 0.8).coefficients
    #expect(flight.p_p == 1 && flight.theta_p == 0.25)
    #expect(flight.p_r.0 == 0 && flight.theta_r.0 == 0 && flight.p_r.1 == 0 && flight.theta_r.1 == 0)
  }
}
