import LangevinCore
import LangevinSamplers
import Testing

/// Controlled updates of the masses (Zambon et al., arXiv:2603.15367) with variances that the test sets.
@Suite("Pseudo-Langevin: controlled updates")
struct MassUpdateTests {
  static let flat = [[0.0, 0, 0], [0, 0, 0], [0, 0, 0]]

  /// Segments of two steps, masses that follow for ever, no floors, no guard, no directions, but for what is changed.
  func sampler(
    temperature: Schedule = 1e-3, _ change: (inout PseudoLangevinSettings) -> Void
  ) throws -> PseudoLangevin<Double> {
    try PseudoLangevin(temperature: temperature) {
      $0.ratio = 0.01
      $0.segment = 2
      $0.settling = .max
      $0.resetProbability = 0
      $0.variance.relativeFloor = 0
      $0.guardsUnits = false
      $0.directions = 0
      change(&$0)
    }
  }

  func ratios(_ state: PseudoLangevin<Double>.State) -> [Double] {
    let book = NoiseBookkeeping(temperature: state.temperature, momentumLoss: 0.1)
    return (0..<state.position.count).map { state.masses.ratio($0, book) }
  }

  /// Above the cap: ratio = cap, mass for it, new momentum. Below: mass and momentum stay bitwise, the noise follows.
  @Test func onlyComponentsAboveTheCapChange() throws {
    let potential = try ScriptedPotential(hessian: Self.flat, variances: [1, 1, 1])
    let sampler = try sampler {
      $0.largestRatio = 0.02
      $0.updateEvery = 2
    }
    var (state, evaluator) = try scriptedChain(sampler, potential)
    for ratio in ratios(state) { #expect((ratio - 0.01).magnitude < 1e-15) }

    // Component 0 stays below the cap, 1 goes beyond it, 2 calms down.
    potential.script.variances = [1.5, 4, 0.5]
    let before = state.masses
    _ = try sampler.step(&state, with: &evaluator)
    // What the closing update makes of the momentum, from a copy whose masses never change.
    let frozen = try self.sampler { $0.updateEvery = .max }
    var (copy, copyEvaluator) = (state, evaluator)
    _ = try frozen.step(&copy, with: &copyEvaluator)
    _ = try sampler.step(&state, with: &evaluator)

    #expect(state.masses.inverse[0] == before.inverse[0])
    #expect(state.masses.inverse[2] == before.inverse[2])
    #expect(state.momentum[0] == copy.momentum[0])
    #expect(state.momentum[2] == copy.momentum[2])
    #expect(state.momentum[1] != copy.momentum[1])
    // M = v dt^2 / (4 r T m1^2)
    #expect((1 / state.masses.inverse[1] / (4 / (4 * 0.02 * 1e-3 * 0.01)) - 1).magnitude < 1e-14)
    for (ratio, expected) in zip(ratios(state), [0.015, 0.02, 0.005]) { #expect((ratio - expected).magnitude < 1e-15) }
    #expect(state.gradientVariances.elements == [1.5, 4, 0.5])
    // s of the next opening: c2 sqrt(1 - r) with the ratios of now, for all components.
    _ = try sampler.step(&state, with: &evaluator)
    let amplitudes = try #require(state.amplitudes)
    for (index, ratio) in [0.015, 0.02, 0.005].enumerated() {
      let c2 = 0.1 * (1e-3 / state.masses.inverse[index]).squareRoot()
      #expect((amplitudes.opening[index] / (c2 * (1 - ratio).squareRoot()) - 1).magnitude < 1e-14)
    }
  }

  /// Equal variances put no component above the cap, however often they are measured.
  @Test func steadyVariancesRedrawNothing() throws {
    let layout = try ParameterLayout(count: 3)
    let book = NoiseBookkeeping(temperature: 1e-3, momentumLoss: 0.1)
    var masses = ControlledMasses<Float>(count: 3)
    let variances = Tensor<Float>([0.1, 0.7, 1.3])
    _ = masses.reset(to: variances, ratio: 0.01, rule: GradientVariance(), layout: layout, bookkeeping: book)
    let change = masses.update(
      to: variances, ratio: 0.01, cap: 0.01, rule: GradientVariance(), layout: layout, bookkeeping: book)
    #expect(change.redrawn == [false, false, false])
  }

  @Test func resetMakesAllMassesAnew() throws {
    let potential = try ScriptedPotential(hessian: Self.flat, variances: [1, 1, 1])
    let sampler = try sampler {
      $0.ratio = 0.02
      $0.resetRatio = 0.01
      $0.largestRatio = 0.03
      $0.resetProbability = 1
      $0.updateEvery = 2
    }
    var (state, evaluator) = try scriptedChain(sampler, potential)
    let momentum = state.momentum
    potential.script.variances = [0.5, 1, 0.1]
    for _ in 0..<2 { _ = try sampler.step(&state, with: &evaluator) }
    for (index, ratio) in ratios(state).enumerated() {
      #expect((ratio - 0.01).magnitude < 1e-15)
      #expect(state.momentum[index] != momentum[index])
    }
  }

  /// The streak counts calm updates from 1; the interval is streak x shortest, up to the longest, in whole segments.
  @Test func calmVariancesAreLookedAtLessOften() throws {
    var settings = PseudoLangevinSettings()
    settings.updateEvery = 5
    settings.updateAtMost = 17
    #expect((1...6).map { settings.updateInterval(streak: $0, segment: 1) } == [5, 10, 15, 15, 15, 15])
    // 5 is rounded to 4 (one segment), 17 to 16.
    #expect((1...6).map { settings.updateInterval(streak: $0, segment: 4) } == [4, 8, 12, 16, 16, 16])
    #expect(settings.updateInterval(streak: 1, segment: 100) == 100)

    let potential = try ScriptedPotential(hessian: Self.flat, variances: [1, 1, 1])
    let sampler = try sampler {
      $0.updateEvery = 2
      $0.updateAtMost = 6
    }
    var (state, evaluator) = try scriptedChain(sampler, potential)
    var streaks: [UInt64] = []
    for step in 1...12 {
      if step == 12 { potential.script.variances = [1, 1.3, 1] }
      _ = try sampler.step(&state, with: &evaluator)
      if step % 2 == 0 { streaks.append(state.masses.streak) }
    }
    // Updates are at multiples of the interval in force: 2 (streak 2), 4 (3), 6 (4), 12, where 1.3 breaks it.
    #expect(streaks == [2, 3, 4, 4, 4, 1])
  }

  /// Floors enter masses; the noise that is added counts the variance as measured.
  @Test func floorsEnterMassesOnly() throws {
    let layout = try ParameterLayout([("a", [4]), ("b", [1])])
    let hessian = [[Double]](repeating: [0, 0, 0, 0, 0], count: 5)
    let potential = try ScriptedPotential(hessian: hessian, variances: [1, 1, 1e-4, 0, 1e-9], layout: layout)
    let sampler = try sampler { $0.variance.relativeFloor = 0.02 }
    let (state, _) = try scriptedChain(sampler, potential)
    func mass(_ variance: Double) -> Double { variance / (4 * 0.01 * 1e-3 * 0.01) }
    for (index, floored) in [1, 1, 0.02, 0.02, 1e-8].enumerated() {
      #expect((1 / state.masses.inverse[index] / mass(floored) - 1).magnitude < 1e-14)
    }
    for (ratio, expected) in zip(ratios(state), [0.01, 0.01, 0.01 * 1e-4 / 0.02, 0, 0.01 * 0.1]) {
      #expect((ratio - expected).magnitude < 1e-16)
    }
  }

  /// Momenta are drawn from N(0, M T) at the start. z = 4.9.
  @Test func momentaStartFromTheirLaw() throws {
    let count = 2000
    let potential = try ForcedVariances(count: count)
    let sampler = try PseudoLangevin<Double>(temperature: 1e-3) { $0.directions = 0 }
    var evaluator = try Evaluator(potential, batches: .withReplacement(1), seed: 2)
    let state = try sampler.start(at: Tensor(Array(repeating: 0, count: count)), with: &evaluator)
    let kinetic = (0..<count).reduce(0) { $0 + state.momentum[$1] * state.momentum[$1] * state.inverseMasses[$1] }
    #expect((kinetic / Double(count) / 1e-3 - 1).magnitude < 4.9 * (2 / Double(count)).squareRoot())
  }

  /// Variances from 1 to 2 and no force.
  struct ForcedVariances: AnalyticPotential {
    let layout: ParameterLayout
    init(count: Int) throws { layout = try ParameterLayout(count: count) }
    func energy(at position: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
      for index in position.indices { gradient[index] = 0 }
      return 0
    }
    func minibatchVariance(
      at position: Tensor<Double>, of scheme: BatchScheme, workspace: inout Void
    ) throws(LangevinError) -> Tensor<Double>? {
      Tensor((0..<layout.count).map { 1 + Double($0) / Double(layout.count) })
    }
  }

  /// A unit that heats up between updates forces one, and only its masses and momenta are made anew.
  @Test func guardResetsAHotUnit() throws {
    let layout = try ParameterLayout([("layer1.weight", [2, 3]), ("layer1.bias", [2])])
    let hessian = [[Double]](repeating: [Double](repeating: 0, count: 8), count: 8)
    let potential = try ScriptedPotential(
      hessian: hessian, variances: Array(repeating: 1, count: 8), layout: layout)
    #expect(UnitGuard(layout).units == [[0..<3, 6..<7], [3..<6, 7..<8]])

    let sampler = try sampler {
      $0.updateEvery = 1000
      $0.guardsUnits = true
    }
    var (state, evaluator) = try scriptedChain(sampler, potential)
    // sum p^2/(M T) = 4 momenta of 200 each, beyond 4 (1 + 10 sqrt(2/4)) = 32, even after two steps of friction.
    for index in [3, 4, 5, 7] { state.momentum[index] = (200 * 1e-3 / state.masses.inverse[index]).squareRoot() }
    potential.script.variances = [1, 1, 1, 1.5, 1.5, 1.5, 1, 1.5].map { 0.8 * $0 }
    let inverse = state.masses.inverse
    _ = try sampler.step(&state, with: &evaluator)
    let record = try sampler.step(&state, with: &evaluator)
    #expect(record.warnings.contains { $0.contains("too hot") && $0.contains("layer1.weight") })
    for index in [0, 1, 2, 6] { #expect(state.masses.inverse[index] == inverse[index]) }
    for index in [3, 4, 5, 7] {
      #expect((inverse[index] / state.masses.inverse[index] - 1.2).magnitude < 1e-12)
      // A fresh momentum is not as hot as that: z = 4.9.
      #expect(state.momentum[index].magnitude < 4.9 * (1e-3 / state.masses.inverse[index]).squareRoot())
    }
    #expect(state.report.hotUnits == 1)
  }

  /// A ladder of temperatures starts each rung with masses and momenta of its own, at a closed state.
  @Test func ladderRestartsAtEachRung() throws {
    let potential = try ScriptedPotential(hessian: Self.flat, variances: [1, 1, 1])
    let sampler = try sampler(temperature: .ladder([.init(1e-3, steps: 3), .init(1e-4, steps: 10)])) { _ in }
    var (state, evaluator) = try scriptedChain(sampler, potential)
    let before = state.masses.inverse[0]
    for _ in 0..<2 { _ = try sampler.step(&state, with: &evaluator) }
    #expect(state.temperature == 1e-3)
    let position = state.position
    for _ in 0..<2 { _ = try sampler.step(&state, with: &evaluator) }
    #expect(state.temperature == 1e-4)
    #expect((before / state.masses.inverse[0] - 10).magnitude < 1e-12)
    #expect(state.position != position)
    #expect(sampler.law == .annealed(sampler.temperature) && sampler.law.temperature(after: .max) == 1e-4)
  }

  @Test func pooledVariancesAreShared() throws {
    let layout = try ParameterLayout([("w", [2, 2]), ("b", [2])])
    let hessian = [[Double]](repeating: [Double](repeating: 0, count: 6), count: 6)
    let potential = try ScriptedPotential(hessian: hessian, variances: [1, 3, 5, 7, 2, 4], layout: layout)
    for (pooling, expected) in [
      (GradientVariance.Pooling.rows, [2.0, 2, 6, 6, 2, 4]), (.blocks, [4, 4, 4, 4, 3, 3]),
    ] {
      let sampler = try PseudoLangevin<Double>(temperature: 1) {
        $0.variance.pooling = pooling
        $0.directions = 0
      }
      let (state, _) = try scriptedChain(sampler, potential)
      #expect(state.gradientVariances.elements == expected)
    }
  }

  @Test func growingNoiseIsReported() throws {
    let potential = try ScriptedPotential(hessian: Self.flat, variances: [1, 1, 1])
    let sampler = try sampler { $0.updateEvery = 2 }
    var (state, evaluator) = try scriptedChain(sampler, potential)
    for update in 1...5 {
      potential.script.variances = potential.script.variances.map { 2 * $0 }
      _ = try sampler.step(&state, with: &evaluator)
      let record = try sampler.step(&state, with: &evaluator)
      #expect(record.warnings.contains { $0.contains("keeps growing") } == (update == 5))
      #expect(record.details.contains { $0.name == "capped" && $0.value == 1 })
    }
  }

  @Test func flooredVariancesAreReported() throws {
    let potential = try ScriptedPotential(hessian: Self.flat, variances: [1, 1, 1])
    let sampler = try sampler { $0.updateEvery = 2 }
    var (state, evaluator) = try scriptedChain(sampler, potential)
    potential.script.variances = [1, 1e-9, 0]
    _ = try sampler.step(&state, with: &evaluator)
    let record = try sampler.step(&state, with: &evaluator)
    #expect(record.warnings.contains { $0.contains("at their floor") && $0.contains("lower the floor") })
    #expect(record.details.contains { $0.name == "floored" && ($0.value - 2.0 / 3).magnitude < 1e-12 })
  }

  /// Median and largest share (2 - m1^2) r of a layer are told.
  @Test func sharesOfTheNoiseAreReported() throws {
    let potential = try ScriptedPotential(hessian: Self.flat, variances: [1, 1, 1])
    let sampler = try sampler {
      $0.largestRatio = 0.1
      $0.updateEvery = 2
    }
    var (state, evaluator) = try scriptedChain(sampler, potential)
    potential.script.variances = [0.5, 2, 7]
    _ = try sampler.step(&state, with: &evaluator)
    let details = try sampler.step(&state, with: &evaluator).details
    func detail(_ name: String) -> Double { details.first { $0.name == name }?.value ?? .nan }
    #expect((detail("minibatch_share.1") - 1.99 * 0.02).magnitude < 1e-14)
    #expect((detail("largest_share.1") - 1.99 * 0.07).magnitude < 1e-14)
  }

  /// At the end of settling all masses are made anew; then they are kept up to the limit 1/(2 - m1^2), beyond which a component
  /// gets the mass for the settled ratio again.
  @Test func settledMassesChangeOnlyBeyondTheLimit() throws {
    let potential = try ScriptedPotential(hessian: Self.flat, variances: [1, 1, 1])
    let sampler = try sampler {
      $0.settlingRatio = 0.02
      $0.updateEvery = 2
      $0.updateAtMost = 2
      $0.settling = 4
    }
    var (state, evaluator) = try scriptedChain(sampler, potential)
    for (variances, expected) in [
      ([0.5, 2, 1], [0.01, 0.02, 0.02]), ([2.0, 2, 2], [0.01, 0.01, 0.01]), ([1, 90, 4], [0.005, 0.45, 0.02]),
      ([2, 110, 2], [0.01, 0.01, 0.01]),
    ] {
      potential.script.variances = variances
      for _ in 0..<2 { _ = try sampler.step(&state, with: &evaluator) }
      for (ratio, expected) in zip(ratios(state), expected) { #expect((ratio - expected).magnitude < 1e-14) }
    }
  }
}
