import LangevinCore
import LangevinSamplers
import Testing
import _LangevinTestSupport

@Suite("Pseudo-Langevin: the noise is counted")
struct NoiseBookkeepingTests {
  /// Needed = brought by the minibatch + added, in units of c2^2: OBABO needs c2^2 in its first and last half and
  /// (1 + c1^2) c2^2 between two drifts, where one minibatch serves both half kicks.
  @Test(arguments: [0.01, 0.25, 0.5]) func addedNoiseCompletesTheThermalNoise(ratio: Double) {
    let m1 = 0.1
    let kept = 1 - m1 * m1
    let book = NoiseBookkeeping(temperature: 2e-5, momentumLoss: m1)
    let table: [(NoiseBookkeeping.Stage, needed: Double, brought: Double)] = [
      (.opening, 1, ratio), (.middle, 1 + kept, (1 + kept) * (1 + kept) * ratio), (.closing, 1, kept * ratio),
    ]
    for (stage, needed, brought) in table {
      let added = book.added(at: stage, ratio: ratio)
      #expect((added + brought - needed).magnitude < 1e-14)
      // What the pass makes of a gradient noise of variance v: (p_g)^2 v, with v from r = v dt^2/(4 M T m1^2).
      let mass = 3.0
      let variance = ratio * 4 * mass * book.temperature * m1 * m1
      let p_g = book.pass(stage).coefficients.p_g
      #expect((p_g * p_g * variance / (mass * book.temperature * m1 * m1) - brought).magnitude < 1e-13)
      let s = book.amplitude(at: stage, ratio: ratio, inverseMass: 1 / mass)
      #expect((s * s / (mass * book.temperature * m1 * m1) - added).magnitude < 1e-13)
    }
  }

  @Test func theLargestRatioIsWhereTheMiddleUpdateHasNoRoomLeft() {
    #expect((NoiseBookkeeping.largestRatio(momentumLoss: 0.1) - 1 / 1.99).magnitude < 1e-15)
    let book = NoiseBookkeeping(temperature: 1, momentumLoss: 0.1)
    #expect(book.added(at: .middle, ratio: 1 / 1.99).magnitude < 1e-14)
    #expect(book.added(at: .middle, ratio: 0.503) < 0)
  }

  @Test func massFormulaGivesTheRatioWanted() {
    let book = NoiseBookkeeping(temperature: 3e-5, momentumLoss: 0.2, timeStep: 0.7)
    let mass = book.mass(variance: 1e-6, ratio: 0.01)
    #expect((mass - 1e-6 * 0.49 / (4 * 0.01 * 3e-5 * 0.04)).magnitude < 1e-14 * mass)
    #expect((book.ratio(variance: 1e-6, inverseMass: 1 / mass) - 0.01).magnitude < 1e-16)
  }

  /// With no gradient noise a segment is S steps of OBABO whose neighbouring noises are combined.
  @Test(arguments: [1, 2, 7]) func segmentIsOBABO(segment: Int) throws {
    let count = 3
    let hessian = [[2.0, 0.3, 0], [0.3, 1, -0.2], [0, -0.2, 0.5]]
    let potential = try ScriptedPotential(hessian: hessian, variances: [1, 1, 1])
    let (temperature, m1, dt) = (0.7, 0.3, 0.4)
    let sampler = try PseudoLangevin<Double>(
      temperature: .constant(temperature)
    ) {
      $0.updateEvery = .max
      $0.momentumLoss = m1
      $0.segment = segment
      $0.timeStep = dt
      $0.guardsUnits = false
      $0.directions = 0
    }
    var (state, evaluator) = try scriptedChain(sampler, potential)
    let inverse = [0.8, 1.7, 0.4]
    state.masses.inverse = Tensor(inverse)
    state.masses.variances = Tensor([0, 0, 0])
    state.amplitudes = nil
    state.position = Tensor([0.4, -0.3, 1.1])
    state.momentum = Tensor([-0.6, 0.2, 0.9])

    // 2 S noises of OBABO, from a recursion; the merged ones follow.
    var seed = 0.37
    let given = (0..<2 * segment).map { _ in
      (0..<count).map { _ in
        seed = (seed * 997.13).truncatingRemainder(dividingBy: 1)
        return 4 * seed - 2
      }
    }
    let c1 = (1 - m1 * m1).squareRoot()
    var list = given[0]
    for k in 1..<segment {
      list += (0..<count).map { (c1 * given[2 * k - 1][$0] + given[2 * k][$0]) / (1 + c1 * c1).squareRoot() }
    }
    list += given[2 * segment - 1]

    var (w, p) = (state.position.elements, state.momentum.elements)
    func kick() {
      for i in 0..<count { p[i] -= dt / 2 * (0..<count).reduce(0) { $0 + hessian[i][$1] * w[$1] } }
    }
    func thermostat(_ noise: [Double]) {
      for i in 0..<count { p[i] = c1 * p[i] + m1 * (temperature / inverse[i]).squareRoot() * noise[i] }
    }
    for k in 0..<segment {
      thermostat(given[2 * k])
      kick()
      for i in 0..<count { w[i] += dt * p[i] * inverse[i] }
      kick()
      thermostat(given[2 * k + 1])
    }

    evaluator.noise = .list(list)
    for step in 1...segment {
      let record = try sampler.step(&state, with: &evaluator)
      #expect(record.isDraw == (step == segment))
    }
    for i in 0..<count {
      #expect((state.position[i] - w[i]).magnitude < 1e-13)
      #expect((state.momentum[i] - p[i]).magnitude < 1e-13)
    }
    // A pass for the variances at the start, then S + 1 gradients.
    #expect(evaluator.evaluations == UInt64(1 + segment + 1))
  }

  /// For a quadratic energy and uncorrelated noise two segments of 50 have the covariances of one of 100.
  @Test func twoHalfSegmentsHaveTheLawOfOne() throws {
    let variances = [1.0, 0.3, 2]
    let covariance = (0..<3).map { i in (0..<3).map { i == $0 ? variances[i] : 0 } }
    let potential = try ScriptedPotential(
      hessian: [[2, 0.3, 0], [0.3, 1, -0.2], [0, -0.2, 0.5]], variances: variances)
    func propagate(_ segment: Int) throws -> SquareMatrix {
      let sampler = try PseudoLangevin<Double>(temperature: 0.7) {
        $0.ratio = 0.3
        $0.updateEvery = .max
        $0.momentumLoss = 0.3
        $0.segment = segment
        $0.guardsUnits = false
        $0.directions = 0
      }
      let maps = try [0, 1, UInt64(segment - 1)].map {
        try linearMap(of: sampler, on: potential, place: $0, covariance: covariance)
      }
      var moments = SquareMatrix.zeros(6)
      // p starts as it is in equilibrium, M T = v dt^2 / (4 r m1^2); w starts at a point.
      for i in 0..<3 { moments[3 + i, 3 + i] = variances[i] / (4 * 0.3 * 0.09) }
      for step in 0..<100 {
        let place = step % segment
        moments = maps[place == 0 ? 0 : place == segment - 1 ? 2 : 1].advance(moments)
      }
      return moments
    }
    let (whole, halves) = (try propagate(100), try propagate(50))
    for i in 0..<6 {
      for j in 0..<6 {
        let scale = (whole[i, i] * whole[j, j]).squareRoot()
        #expect((whole[i, j] - halves[i, j]).magnitude < 1e-10 * scale)
      }
    }
  }
}
