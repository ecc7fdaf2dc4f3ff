import LangevinCore
import LangevinSamplers
import LangevinTheory
import Testing

@Suite struct TrajectoryTests {
  /// Twenty times the step of the reference table: the current shows sooner.
  private static func state() throws -> LinearSteadyState {
    try LinearSteadyState(
      hessian: TwoDimensionalChain.hessian, diffusion: TwoDimensionalChain.diffusion, timeStep: 0.2)
  }

  /// A run of the two-dimensional chain, from its stationary law.
  private static func run(
    _ functional: (LinearSteadyState) throws -> EntropyFunctional, steps: Int, windows: [Int] = [1, 20],
    seed: UInt64 = 1
  ) throws -> TrajectoryMeasurement {
    let state = try state()
    var chain = try NoisyDescent(state, seed: seed)
    var u = chain.stationaryDraw()
    var measurement = try TrajectoryMeasurement(
      reference: [0, 0], functional: functional(state), expectedEntropy: state.entropyProduction, windows: windows)
    try measurement.follow(&u, timeUnits: steps) { chain.advance(&$0) }
    return measurement
  }

  /// The exact functional obeys both theorems at any step size. Tolerances z = 4.9.
  @Test func fluctuationTheorems() throws {
    let state = try Self.state()
    let mean = 20 * (try state.discreteMean(of: .exact(state)))
    let measurement = try Self.run({ try .exact($0) }, steps: 100_000)
    let window = measurement.windows[1]
    #expect(window.production.count == 5000 && window.outliers == 0)
    #expect(abs(window.mean.value - mean) < 4.9 * window.mean.standardError)
    // A current of the opposite sign would be off by 20 of these errors.
    #expect(window.mean.standardError < 2 * mean / 20)
    #expect(abs(window.integral.value - 1) < 4.9 * window.integral.standardError)
    let slope = try #require(window.slope)
    #expect(slope.pairs >= 10)
    #expect(abs(slope.value.value - 1) < 4.9 * slope.value.standardError)
  }

  /// The left-point rule obeys the integral theorem from every start; neither it nor the midpoint rule has the exact mean.
  @Test func otherFunctionals() throws {
    let state = try Self.state()
    let left = try Self.run({ .leftPoint($0) }, steps: 50_000).windows[0]
    let middle = try Self.run({ .midpoint($0) }, steps: 50_000).windows[0]
    #expect(abs(left.integral.value - 1) < 4.9 * left.integral.standardError)
    for (window, functional) in [(left, EntropyFunctional.leftPoint(state)), (middle, .midpoint(state))] {
      let mean = try state.discreteMean(of: functional)
      #expect(abs(window.mean.value - mean) < 4.9 * window.mean.standardError)
      #expect(window.mean.standardError < mean / 10)
    }
  }

  @Test func momentsAndCurrent() throws {
    let state = try Self.state()
    let measurement = try Self.run({ .leftPoint($0) }, steps: 100_000)
    let found = try measurement.estimates()
    let (covariance, circulation) = (try state.discreteCovariance(), try state.discreteCirculation())
    let soft = state.varianceErrors(timeUnits: 100_000)[0]
    // z = 4.9 of the softest direction's error.
    #expect((found.covariance - covariance).magnitude < 4.9 * soft * covariance.magnitude)
    let error = try state.arealVelocityError(0, 1, timeUnits: 100_000)
    #expect(abs(found.arealVelocity[0, 1] - circulation[0, 1]) < 4.9 * error)
    #expect(abs(circulation[0, 1]) > 5 * error)
    #expect(found.arealVelocity[0, 0] == 0 && found.arealVelocity[1, 0] == -found.arealVelocity[0, 1])

    // 24 blocks tell the same error within its own uncertainty of 1/sqrt(46), z = 4.9.
    let blocks = measurement.blockEstimates.map { $0.arealVelocity[0, 1] }
    #expect(blocks.count == 24)
    let mean = blocks.reduce(0, +) / 24
    let spread = (blocks.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 23 / 24).squareRoot()
    #expect(abs(spread / error - 1) < 4.9 / 46.0.squareRoot())
  }

  /// What is measured does not depend on where u is 0, even on a stretch that drifts far.
  @Test func theReferenceDoesNotMatter() throws {
    let states = (0..<40).map { t in Tensor([0.1 * Double(t), 0.01 * Double(t * t % 17)]) }
    let found = try [[0.0, 0], [3, -1]].map { reference in
      var measurement = try TrajectoryMeasurement(reference: reference)
      for state in states { try measurement.record(state) }
      return try measurement.estimates()
    }
    #expect(abs(found[0].arealVelocity[0, 1] - found[1].arealVelocity[0, 1]) < 1e-14)
    #expect((found[0].covariance - found[1].covariance).magnitude < 1e-13)
    #expect(abs(found[0].arealVelocity[0, 1]) > 1e-4)
  }

  /// With the current turned round the entropy production is negative: the integral theorem cannot tell, the mean can.
  @Test func aReversedCurrentIsCaught() throws {
    let measurement = try Self.run(
      { state in
        let forward = EntropyFunctional.leftPoint(state)
        return EntropyFunctional(force: -1 * forward.force, square: forward.square)
      }, steps: 100_000)
    let window = measurement.windows[1]
    #expect(window.mean.value < -4.9 * window.mean.standardError)
  }

  @Test func stretchesJoinToTheWhole() throws {
    let state = try TwoDimensionalChain.state()
    var chain = try NoisyDescent(state, seed: 5)
    var u = chain.stationaryDraw()
    func empty() throws -> TrajectoryMeasurement {
      try TrajectoryMeasurement(
        reference: [0.1, -0.2], functional: .midpoint(state), expectedEntropy: 4e-4, windows: [1])
    }
    var (whole, parts) = (try empty(), [try empty(), try empty(), try empty()])
    for step in 0..<15_000 {
      try whole.record(u)
      try parts[step / 5000].record(u)
      chain.advance(&u)
    }
    var joined = parts[0]
    joined.append(parts[1])
    joined.append(parts[2])
    var (tail, other) = (parts[1], parts[0])
    tail.append(parts[2])
    other.append(tail)
    for measurement in [joined, other] {
      #expect(measurement.timeUnits == 14_999)
      let (a, b) = (try measurement.estimates(), try whole.estimates())
      #expect((a.covariance - b.covariance).magnitude < 1e-14)
      #expect((a.arealVelocity - b.arealVelocity).magnitude < 1e-17)
      #expect(abs(a.entropyProduction - b.entropyProduction) < 1e-14)
      #expect(measurement.windows[0].histogram == whole.windows[0].histogram)
    }
    // Independent ones have no time unit between them.
    var independent = parts[0]
    independent.merge(parts[2])
    #expect(independent.timeUnits == 9998)
  }

  @Test func badTrajectoriesAreNamed() throws {
    var measurement = try TrajectoryMeasurement(reference: [0, 0])
    #expect(throws: TheoryError.tooFew("time units", found: 0, needed: 2)) { try measurement.estimates() }
    try measurement.record(Tensor([1.0, 0]))
    try measurement.record(Tensor([1e5, 0.0]))
    #expect(throws: TheoryError.diverged(step: 2)) { try measurement.record(Tensor([1.1e6, 0.0])) }
    #expect(throws: TheoryError.diverged(step: 2)) { try measurement.record(Tensor([.nan, 0.0])) }
    let state = try TwoDimensionalChain.state()
    #expect(throws: LangevinError.self) {
      try TrajectoryMeasurement(reference: [0], functional: .leftPoint(state), expectedEntropy: 1)
    }
    #expect(throws: LangevinError.self) {
      try TrajectoryMeasurement(reference: [0, 0], functional: .leftPoint(state), expectedEntropy: 1, windows: [0])
    }
  }

  /// No slope from too few windows: it is not known to be anything.
  @Test func slopesNeedCounts() throws {
    #expect(try Self.run({ .leftPoint($0) }, steps: 1000).windows[1].slope == nil)
  }

  /// The regression that is spelled out is the network's posterior.
  @Test func tanhRegressionIsThePosterior() throws {
    let regression = try TanhRegression.bump(count: 30)
    let posterior = try regression.posterior()
    var workspace = posterior.makeWorkspace()
    let w = Tensor([1.3, -1.2, 0.7, 0.5, 0.9, -0.9, 0.1])
    var (a, b) = (w, w)
    var none: Void = ()
    for batch in [Minibatch.all, Minibatch(rows: [3, 17, 29, 3])] {
      let own = try regression.evaluate(at: w, over: batch, gradient: &a, workspace: &none)
      let other = try posterior.evaluate(at: w, over: batch, gradient: &b, workspace: &workspace)
      expectNear(own.total, 100 * other.total, relative: 1e-12)
      for index in 0..<7 { #expect(abs(a[index] - 100 * b[index]) < 1e-10) }
    }
  }

  /// A step of its descent is a step of the sampler, and what is measured of one is measured of the other.
  @Test func descentIsTheSampler() throws {
    let regression = try TanhRegression.bump(count: 30)
    var w = Tensor([1.3, -1.2, 0.7, 0.5, 0.9, -0.9, 0.1])
    let sampler = try StochasticGradientDescent<Double>(stepSize: .constant(1e-5))
    var evaluator = try Evaluator(regression, batches: .epochs(5), seed: 9)
    var state = try sampler.start(at: w, with: &evaluator)
    var batches = try BatchStream(.epochs(5), exampleCount: 30, seed: 9)
    var measurements = [
      try TrajectoryMeasurement(reference: w.elements), try TrajectoryMeasurement(reference: w.elements),
    ]
    try measurements[0].follow(sampler, from: &state, with: &evaluator, timeUnits: 4, of: 6)
    try measurements[1].follow(&w, timeUnits: 4) { w in
      for _ in 0..<6 { regression.descend(&w, stepSize: 1e-5, batches: &batches) }
    }
    let (a, b) = (try measurements[0].estimates(), try measurements[1].estimates())
    for (a, b) in zip(a.mean, b.mean) { expectNear(a, b, relative: 1e-12) }
    #expect((a.covariance - b.covariance).magnitude < 1e-12 * b.covariance.magnitude)
  }
}
