import LangevinCore
import LangevinSamplers
import Testing

@Suite struct ContinuousTemperingTests {
  typealias Method = ContinuousTempering<Double>

  /// The coupling of the tables below, which follow from the formulas of the ramp and of the step.
  static func coupling(hottest: Double = 0.05) -> TemperingCoupling { TemperingCoupling(hottest: hottest) }

  // MARK: Coupling

  @Test func theRampIsTheTables() throws {
    let coupling = Self.coupling()
    let rows: [(b: Double, s: Double, slope: Double)] = [
      (0.40, 1, 0), (0.50, 0.977873779113449, -0.428249436513899), (0.70, 0.826558978211871, -1.027798647633358),
      (0.95, 0.525, -1.295454545454545), (1.20, 0.223441021788129, -1.027798647633358),
      (1.40, 0.072126220886552, -0.428249436513900), (1.50, 0.05, 0), (2.00, 0.05, 0),
    ]
    for row in rows {
      for direction in [1.0, -1] {
        #expect(abs(coupling.factor(at: direction * row.b) - row.s) < 1e-14)
        #expect(abs(coupling.slope(at: direction * row.b) - direction * row.slope) < 1e-14)
      }
    }
  }

  /// The slope is the derivative of the factor; the quintic ramp has no kink in its slope.
  @Test(arguments: TemperingCoupling.Ramp.allCases)
  func theSlopeIsTheDerivative(ramp: TemperingCoupling.Ramp) throws {
    let coupling = TemperingCoupling(hottest: 0.05, ramp: ramp)
    for alpha in stride(from: -1.95, through: 1.95, by: 0.1) {
      let difference = (coupling.factor(at: alpha + 1e-5) - coupling.factor(at: alpha - 1e-5)) / 2e-5
      #expect(abs(difference - coupling.slope(at: alpha)) < 1e-8)
    }
    let curvature = (coupling.slope(at: 0.4 + 1e-4) - coupling.slope(at: 0.4 - 1e-4)) / 2e-4
    #expect(ramp == .cubic ? abs(curvature) > 1 : abs(curvature) < 1e-2)
  }

  // MARK: Single steps with given noise

  struct Row: Sendable {
    var form: TemperingForm
    var alpha: Double
    var momentum: Double
    var noise = [0.7, -0.3]
    /// theta, r, alpha, r_alpha
    var end: [Double]
  }

  static let steps: [Row] = [
    Row(
      form: .noise, alpha: 0.8, momentum: 0.6,
      end: [0.893727378958751, -0.007036361662982, 0.811287142338528, 0.538444108522772]),
    Row(
      form: .noise, alpha: -0.8, momentum: 0.6,
      end: [0.893710865731754, -0.008658172946293, -0.788712857661472, 0.517614551643797]),
    Row(
      form: .noise, alpha: 1.995, momentum: 0.9,
      end: [0.898278104372795, 0.439831954791018, 1.986584162238927, -0.980583776107298]),
    Row(
      form: .force, alpha: 0.8, momentum: 0.6,
      end: [0.893465321276501, -0.098786595990071, 0.811287142338528, 0.538347711692628]),
    Row(
      form: .force, alpha: -0.8, momentum: 0.6,
      end: [0.893465321276501, -0.092813586608014, -0.788712857661472, 0.517717521929682]),
    Row(
      form: .force, alpha: 1.995, momentum: 0.9,
      end: [0.893465321276501, -0.242433179604364, 1.986584162238927, -0.980583776107298]),
    Row(
      form: .noise, alpha: 0.8, momentum: 0.6, noise: [0.7, -0.3, -0.2, 0.4, 1.1, -0.9],
      end: [0.899060421603818, 0.638463837054430, 0.833178001208405, 0.438793071735814]),
    Row(
      form: .force, alpha: 0.8, momentum: 0.6, noise: [0.7, -0.3, -0.2, 0.4, 1.1, -0.9],
      end: [0.893648458975630, 0.384036709456143, 0.833184284085029, 0.437124996857123]),
  ]

  @Test(arguments: steps)
  func stepsAgree(row: Row) throws {
    let method = try Method(temperature: 1) {
      $0.stepSize = 0.02
      $0.form = row.form
      $0.coupling = Self.coupling()
      $0.temperingMass = 1
      $0.adaptation = .none
      $0.referenceEnergy = 0
      $0.initialBias = (0...20).map { 0.005 * Double($0 * $0) }
    }
    var evaluator = try Evaluator(DoubleWellPotential<Double>(height: 16, tilt: 0.5), seed: 1)
    evaluator.noise = .list(row.noise)
    var state = try method.start(at: Tensor([0.9]), with: &evaluator)
    state.momentum = Tensor([-0.4])
    (state.alpha, state.temperingMomentum) = (row.alpha, row.momentum)
    for _ in 0..<row.noise.count / 2 { _ = try method.step(&state, with: &evaluator) }
    let found = [state.position[0], state.momentum[0], state.alpha, state.temperingMomentum]
    for (found, expected) in zip(found, row.end) { #expect(abs(found - expected) < 1e-12, "\(found), not \(expected)") }
  }

  /// Units: with U times T, mass m and times in units of lambda = sqrt(m/T) the same step has momenta m/lambda times as
  /// large, and lambda times that of alpha, whose mass is lambda^2. This shows every place of T and of the masses.
  @Test(arguments: steps)
  func stepsScale(row: Row) throws {
    let (temperature, mass) = (0.3, 2.0)
    let lambda = (mass / temperature).squareRoot()
    let method = try Method(temperature: temperature) {
      $0.stepSize = 0.02 * lambda
      $0.form = row.form
      $0.coupling = Self.coupling()
      $0.friction = 1 / lambda
      $0.mass = mass
      $0.temperingFriction = 1 / lambda
      $0.temperingMass = lambda * lambda
      $0.adaptation = .none
      $0.referenceEnergy = 0
      $0.initialBias = (0...20).map { 0.005 * Double($0 * $0) }
    }
    let well = try DoubleWellPotential<Double>(height: 16 * temperature, tilt: 0.5 * temperature)
    var evaluator = try Evaluator(well, seed: 1)
    evaluator.noise = .list(row.noise)
    var state = try method.start(at: Tensor([0.9]), with: &evaluator)
    state.momentum = Tensor([-0.4 * mass / lambda])
    (state.alpha, state.temperingMomentum) = (row.alpha, row.momentum * lambda)
    for _ in 0..<row.noise.count / 2 { _ = try method.step(&state, with: &evaluator) }
    let found = [
      state.position[0], state.momentum[0] * lambda / mass, state.alpha, state.temperingMomentum / lambda,
    ]
    for (found, expected) in zip(found, row.end) { #expect(abs(found - expected) < 1e-12, "\(found), not \(expected)") }
  }

  // MARK: Bias

  /// One step of stochastic approximation: V_8 = 0.0065, V_9 = 0.0025, all others -0.0005.
  @Test func theBiasIsRaisedWhereAlphaIs() throws {
    let method = try self.method(.stochasticApproximation(gain: 0.01, delay: 1))
    let values = try biasAfterOneStep(method, from: 0.83)
    for (index, value) in values.enumerated() {
      #expect(abs(value - (index == 8 ? 0.0065 : index == 9 ? 0.0025 : -0.0005)) < 1e-15)
    }
    // The end nodes own half a cell and get twice their share; the limit belongs to the last interval.
    let atTheEnds = [try biasAfterOneStep(method, from: 0), try biasAfterOneStep(method, from: -2)]
    #expect(abs(atTheEnds[0][0] - 0.0195) < 1e-15 && abs(atTheEnds[1][20] - 0.0195) < 1e-15)
  }

  @Test func theWellTemperedGainFades() throws {
    let nodes = (0...20).map { Double($0) }
    let method = try self.method(.wellTempered(gain: 0.01, depth: 10), bias: nodes)
    let values = try biasAfterOneStep(method, from: 0.83)
    let deposit = 0.01 * exponential(-0.83)  // V(0.83) = 8.3
    #expect(abs(values[8] - 8 - 0.7 * deposit) < 1e-15 && abs(values[9] - 9 - 0.3 * deposit) < 1e-15)
    #expect(values[7] == 7 && values[10] == 10)
  }

  private func method(_ adaptation: BiasAdaptation, bias: [Double]? = nil) throws -> Method {
    // So heavy that alpha stays where it is put.
    try Method(temperature: 1) {
      $0.stepSize = 0.02
      $0.coupling = Self.coupling()
      $0.temperingMass = 1e30
      $0.adaptation = adaptation
      $0.adaptingSteps = 1000
      $0.referenceEnergy = 0
      $0.initialBias = bias
    }
  }

  private func biasAfterOneStep(_ method: Method, from alpha: Double) throws -> [Double] {
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: [1]), seed: 1)
    evaluator.noise = .list([0, 0])
    var state = try method.start(at: Tensor([0]), with: &evaluator)
    state.alpha = alpha
    _ = try method.step(&state, with: &evaluator)
    return state.biasValues
  }

  /// d = 10 wells with s_min 0.3: the exact bias is -d ln s, or half of it in the force form, at every node.
  @Test(arguments: TemperingForm.allCases)
  func adaptiveForceFindsTheExactBias(form: TemperingForm) throws {
    let method = try Method(temperature: 1) {
      $0.form = form
      $0.hottest = 0.3
      $0.temperingMass = 25
      $0.adaptation = .adaptiveForce()
      $0.adaptingSteps = 40_000
      $0.effectiveDimension = 0
      $0.referenceEnergy = 0
    }
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: Array(repeating: 1, count: 10)), seed: 2)
    var state = try method.start(at: Tensor(Array(repeating: 0, count: 10)), with: &evaluator)
    var cold = BlockMean(total: 6000)
    while state.step < 70_000 {
      let record = try method.step(&state, with: &evaluator)
      if state.step <= 40_000 { #expect(!record.isDraw) }
      if record.isDraw { cold.add(Double.kernels.dot(state.position) / 10) }
    }
    let report = method.report(on: state)
    let exact = (form == .noise ? 10 : 5) * naturalLogarithm(1 / 0.3)
    // Standard deviation over runs of this length: about 0.1, from 0.028 after 1e6 steps; z = 4.9.
    #expect(abs((report.bias[20] - report.bias[0]) - exact) < 0.6, "\(report.bias[20] - report.bias[0]), not \(exact)")
    // The cold law does not depend on the bias: <q^2> = T/k.
    #expect(abs(cold.z(from: 1)) < 4.9, "cold <q^2> = \(cold.mean)")
    #expect(report.roundTrips > 20 && (report.histogram.min() ?? 0) > 0.3)
    #expect(abs(report.coldKineticTemperature - 1) < 0.1)
    #expect(report.description.hasPrefix("CTLD (reconstruction)"))
  }

  /// Moving the reference energy must not move the law: s (U - U_ref)/T + V is the same at every node.
  @Test func theReferenceEnergyMovesWithItsBias() throws {
    let method = try Method(temperature: 0.5) {
      $0.stepSize = 0.02
      $0.coupling = Self.coupling()
      $0.adaptation = .none
      $0.referenceSteps = 10
    }
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: [1]), seed: 4)
    var state = try method.start(at: Tensor([3]), with: &evaluator)
    _ = try method.step(&state, with: &evaluator)
    let (first, before) = (state.referenceEnergy, state.biasValues)
    #expect(abs(first - 4.5) < 0.2)
    for _ in 0..<20 { _ = try method.step(&state, with: &evaluator) }
    let moved = state.referenceEnergy - first
    #expect(moved != 0)
    for index in 0...20 {
      let s = method.coupling.factor(at: 0.1 * Double(index))
      #expect(abs((state.biasValues[index] - before[index]) - s * moved / 0.5) < 1e-12)
    }
  }

  /// With s = 1 everywhere it is BAOAB, whose <q^2> is T/k at any stable step, and alpha is evenly spread.
  @Test func withoutTemperingItIsBAOAB() throws {
    let wells = 200
    let method = try Method(temperature: 0.5) {
      $0.stepSize = 1
      $0.hottest = 1
      $0.temperingMass = 400
      $0.adaptation = .none
      $0.effectiveDimension = 0
    }
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: Array(repeating: 1, count: wells)), seed: 3)
    var state = try method.start(at: Tensor(Array(repeating: 0, count: wells)), with: &evaluator)
    var square = BlockMean(total: 3200)
    for step in 0..<3300 {
      _ = try method.step(&state, with: &evaluator)
      if step >= 100 { square.add(Double.kernels.dot(state.position) / Double(wells)) }
    }
    #expect(abs(square.z(from: 0.5)) < 4.9, "\(square.mean)")
    #expect(square.standardError < 0.005)
  }

  /// Draws only after `settle` cold steps in a row.
  @Test func settlingDelaysDraws() throws {
    let method = try Method(temperature: 1) {
      $0.coupling = Self.coupling()
      $0.adaptation = .none
      $0.referenceEnergy = 0
      $0.settle = 5
    }
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: [1]), seed: 5)
    var state = try method.start(at: Tensor([0]), with: &evaluator)
    var (cold, draws) = (0, 0)
    for _ in 0..<4000 {
      let record = try method.step(&state, with: &evaluator)
      cold = method.coupling.isCold(state.alpha) ? cold + 1 : 0
      #expect(record.isDraw == (cold > 5))
      draws += record.isDraw ? 1 : 0
    }
    #expect(draws > 0)
  }

  // MARK: Restart, refusals, failures

  @Test(arguments: [
    BiasAdaptation.stochasticApproximation(gain: 0.1, delay: 10), .wellTempered(gain: 0.1), .adaptiveForce(patience: 2),
  ])
  func restartsAreExact(adaptation: BiasAdaptation) throws {
    let method = try Method(temperature: 1) {
      $0.coupling = Self.coupling()
      $0.temperingMass = 1
      $0.intervals = 10
      $0.adaptation = adaptation
      $0.adaptingSteps = 90
      $0.referenceSteps = 30
    }
    let well = try DoubleWellPotential<Double>(height: 1, count: 2)
    for first in [20, 60, 100] {
      #expect(try restartsBitForBit(method, on: well, from: Tensor([1, -1]), first: first, steps: 130))
    }
  }

  @Test func badSettingsAreRefused() throws {
    for change in [
      { $0.temperature = 0 }, { $0.stepSize = 0 }, { $0.friction = -1 }, { $0.temperingFriction = 0 },
      { $0.intervals = 3 },
      { ($0.coupling.coldEdge, $0.intervals) = (1.4, 10) }, { $0.coupling.limit = 0 }, { $0.coupling.hotEdge = 3 },
      { $0.coupling.coldEdge = 2 }, { $0.hottest = 1.5 }, { $0.coupling.hottest = 0 }, { $0.coupling.hottest = .nan },
      { $0.temperingMass = 0 },
      { $0.initialBias = [0, 1] },
    ] as [(inout ContinuousTemperingSettings) -> Void] {
      #expect(throws: SamplingError.self) { try Method(temperature: 1, change) }
    }
    for adaptation: BiasAdaptation in [
      .stochasticApproximation(gain: 0), .stochasticApproximation(delay: 0), .wellTempered(gain: 0),
      .wellTempered(depth: 0), .adaptiveForce(patience: 0),
    ] {
      #expect(throws: SamplingError.self) { try Method(temperature: 1) { $0.adaptation = adaptation } }
    }
  }

  @Test func whatMayGoWrongIsSaidBefore() throws {
    let layout = try ParameterLayout(count: 1)
    #expect(try Method(temperature: 1).warnings(for: layout).isEmpty)
    #expect(try Method(temperature: 1) { $0.temperingMass = 1 }.warnings(for: layout).count == 1)
    let exploring = try Method(temperature: 1) { $0.adaptingSteps = .max }
    #expect(exploring.warnings(for: layout).count == 1 && exploring.law != .gibbs(temperature: 1))
  }

  @Test func aRunawayAlphaStops() throws {
    let method = try Method(temperature: 1) {
      $0.stepSize = 0.02
      $0.coupling = Self.coupling()
      $0.temperingMass = 1
      $0.adaptation = .none
      $0.referenceEnergy = 1e9
    }
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: [1]), seed: 1)
    var state = try method.start(at: Tensor([0]), with: &evaluator)
    state.alpha = 0.9
    var failure: SamplingError?
    do throws(SamplingError) {
      for _ in 0..<3 { _ = try method.step(&state, with: &evaluator) }
    } catch { failure = error }
    guard case .diverged(_, _, "the tempering variable", let hint) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(hint.contains("reference energy"))
  }

  /// The message of a diverging chain names alpha and s.
  @Test func aDivergingChainNamesItsTemperature() throws {
    let cliff = try ClosurePotential<Double>(count: 1) { x, gradient in
      gradient[0] = -1e6
      return abs(x[0]) > 1 ? .nan : 0
    }
    let method = try Method(temperature: 1) { $0.adaptation = .none }
    var evaluator = try Evaluator(cliff, seed: 1)
    var state = try method.start(at: Tensor([0]), with: &evaluator)
    var failure: SamplingError?
    do throws(SamplingError) {
      for _ in 0..<100 { _ = try method.step(&state, with: &evaluator) }
    } catch { failure = error }
    #expect(failure?.description.contains("alpha = ") == true && failure?.description.contains("s = ") == true)
  }

  /// From cold to hot and back, counted a second time along the path.
  @Test func roundTripsAreCounted() throws {
    let method = try Method(temperature: 1) {
      $0.coupling = Self.coupling()
      $0.temperingMass = 4
      $0.adaptation = .none
      $0.effectiveDimension = 3
      $0.referenceEnergy = 0
    }
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: [1, 1, 1]), seed: 6)
    var state = try method.start(at: Tensor([0, 0, 0]), with: &evaluator)
    var (trips, isOnTheWayBack, start, length) = (0, false, UInt64(0), UInt64(0))
    for _ in 0..<40_000 {
      _ = try method.step(&state, with: &evaluator)
      if method.coupling.isHot(state.alpha) { isOnTheWayBack = true }
      guard isOnTheWayBack, method.coupling.isCold(state.alpha) else { continue }
      (trips, isOnTheWayBack) = (trips + 1, false)
      (length, start) = (length + state.step - start, state.step)
    }
    let report = method.report(on: state)
    #expect(report.roundTrips == trips && trips > 30)
    #expect(report.meanRoundTrip == Double(length) / Double(trips))
  }
}
