import LangevinCore
import LangevinSamplers
import Testing

/// Where the thermostat variable settles, and the temperature it gives.
@Suite struct AdaptiveThermostatTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let word: String
    let h: Double
    let sigma: Double
    let s: Double
    /// The mean of xi, and of q^2/T.
    let xi: Double
    let qq: Double
    var testDescription: String { "\(word), h \(h), sigma \(sigma), s \(s)" }
  }

  /// n = 100, T = 1, eps = 0.005.
  @Test(arguments: [
    Case(word: "ACDEDCAB", h: 0.25, sigma: 2, s: 0, xi: 2.1972, qq: 0.8660),
    Case(word: "BAEFEAB", h: 0.25, sigma: 2, s: 0, xi: 2, qq: 1),
    Case(word: "ACDEDCAB", h: 0.05, sigma: 1, s: 4, xi: 0.9, qq: 1),
  ])
  func thermostatSettlesWhereTheoryPutsIt(row: Case) throws {
    let count = 100
    let method = try splitting(
      row.word, stepSize: row.h,
      thermostat: Thermostat(coupling: .fixed(0.005), drivingNoise: row.sigma, initial: row.xi))
    let well = try HarmonicPotential<Double>(stiffness: Array(repeating: 1, count: count))
    var evaluator = try Evaluator(ForcedPotential(base: well, force: .noise(row.s)), seed: 3)
    var state = try method.start(at: Tensor(zeros: count), with: &evaluator)
    for _ in 0..<2000 { _ = try method.step(&state, with: &evaluator) }

    // Means of blocks that are long beside the correlation times (10 / h steps and less) give standard errors.
    let (blocks, length) = (30, 1000)
    var xi: [Double] = []
    var qq: [Double] = []
    for _ in 0..<blocks {
      var (sumXi, sumQ) = (0.0, 0.0)
      for _ in 0..<length {
        _ = try method.step(&state, with: &evaluator)
        sumXi += state.thermostats[0]
        state.position.withPointer { sumQ += Double.kernels.dot($0, $0, count) }
      }
      xi.append(sumXi / Double(length))
      qq.append(sumQ / Double(length * count))
    }
    for (name, found, expected) in [("xi", xi, row.xi), ("q^2", qq, row.qq)] {
      let mean = found.reduce(0, +) / Double(blocks)
      let square = found.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let error = (square / Double(blocks * (blocks - 1))).squareRoot()
      // 4.9 standard errors, and the last digit of the table.
      #expect(abs(mean - expected) < 4.9 * error + 5e-5, "\(name): \(mean) +- \(error), expected \(expected)")
      #expect(error < 0.02 * expected)
    }
  }

  /// One step of SGNHT by hand: p first, then theta with the new p, then xi with the new p, per degree of freedom.
  @Test func eulerStepIsThatOfTheEquations() throws {
    let method = try Splitting<Double>.sgnht(
      stepSize: 0.1, temperature: 0.8, drivingNoise: 0.3, coupling: 0.5, initialThermostat: 0.4, mass: .scalar(2))
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: [1, 3]), seed: 1)
    evaluator.noise = .list([0.3, -1.1])
    var state = try method.start(at: Tensor([1.2, 0.5]), with: &evaluator)
    state.momentum = Tensor([-0.7, 0.9])
    _ = try method.step(&state, with: &evaluator)
    // sigma sqrt(h m) = 0.3 sqrt(0.2)
    let amplitude = 0.3 * 0.2.squareRoot()
    let p = [-0.7 - 0.1 * 1.2 + 0.04 * 0.7 + amplitude * 0.3, 0.9 - 0.1 * 1.5 - 0.04 * 0.9 - amplitude * 1.1]
    let xi = 0.4 + 0.1 * 0.5 * ((p[0] * p[0] + p[1] * p[1]) / 4 - 0.8)
    for index in 0..<2 {
      #expect(abs(state.momentum[index] - p[index]) < 1e-14)
      #expect(abs(state.position[index] - [1.2, 0.5][index] - 0.05 * p[index]) < 1e-14)
    }
    #expect(abs(state.thermostats[0] - xi) < 1e-14)
  }

  @Test func eachBlockHasOneVariable() throws {
    let network = try MLP([2, 5, 1])
    let potential = try ClosurePotential<Double>(layout: network.layout) { _, gradient in
      for index in 0..<gradient.count { gradient[index] = 0 }
      return 0
    }
    var evaluator = try Evaluator(potential, seed: 1)
    func names(_ groups: Thermostat.Groups, _ evaluator: inout Evaluator<ClosurePotential<Double>>) throws -> [String] {
      let method = try Splitting<Double>.adLaLa(
        temperatures: (1e-4, 1e-4), thermostat: Thermostat(groups: groups))
      var state = try method.start(at: Tensor(zeros: network.layout.count), with: &evaluator)
      return try method.step(&state, with: &evaluator).details.map(\.name)
    }
    #expect(try names(.perBlock, &evaluator) == ["xi.layer1.weight", "xi.layer1.bias"])
    #expect(try names(.whole, &evaluator) == ["xi.adaptive"])
  }

  /// Group by group, and with eps = eps0/n, the variable moves by h eps0 (mean p^2 - T).
  @Test func couplingPerDegreeOfFreedom() throws {
    let thermostat = Thermostat(
      coupling: .perDegreeOfFreedom(10), drivingNoise: 0, initial: 0,
      groups: .selections([.ranges([0..<1]), .ranges([1..<4])]))
    let method = try splitting("ACDEDCAB", stepSize: 0.1, temperature: 0.5, thermostat: thermostat)
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: [0, 0, 0, 0]), seed: 1)
    var state = try method.start(at: Tensor(zeros: 4), with: &evaluator)
    state.momentum = Tensor([2, 1, 1, 2])
    _ = try method.step(&state, with: &evaluator)
    #expect(abs(state.thermostats[0] - 10 * 0.1 * (4 - 0.5)) < 1e-12)
    #expect(abs(state.thermostats[1] - 10 * 0.1 * (2 - 0.5)) < 1e-12)
  }
}
