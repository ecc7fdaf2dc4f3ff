import LangevinCore
import LangevinSamplers
import Testing
import _LangevinTestSupport

/// Reference numbers: an independent implementation in NumPy, of which the single steps were compared with BlackJAX 1.7.1.
@Suite("Isokinetic letters")
struct IsokineticTests {
  /// A point whose kick has given delta and c = e.u: the force is along the first axis.
  private static func point(_ d: Int, delta: Double, _ c: Double) -> IsokineticPoint<Double> {
    var (u, g) = (Tensor<Double>(zeros: d), Tensor<Double>(zeros: d))
    g[0] = -delta * Double(d - 1)
    u[0] = c
    u[1] = max(0, (1 - c) * (1 + c)).squareRoot()
    return IsokineticPoint(position: Tensor(zeros: d), direction: u, gradient: g, energy: Energy(cost: 0))
  }

  private static func ones(_ d: Int) -> Tensor<Double> { Tensor(Array(repeating: 1.0, count: d)) }

  struct Kick: Sendable {
    let d: Int
    let delta, c, along, work: Double
    var tolerance = 1e-13
  }

  static let kicks = [
    Kick(d: 3, delta: 1e-9, c: 0.3, along: 0.300000000910, work: 6.0000000091e-10),
    Kick(d: 3, delta: 0.25, c: 0.5, along: 0.663648687927161, work: 0.292903826085901),
    Kick(d: 3, delta: 2, c: -0.9, along: 0.483682674321473, work: -1.39422476710859),
    Kick(d: 10, delta: 1, c: 0, along: 0.761594155955765, work: 3.90402747434724),
    Kick(d: 10, delta: 5, c: -0.999999, along: -0.978213463511672, work: -44.9014271911309),
    // c itself is rounded.
    Kick(d: 10, delta: 30, c: -1 + 1e-12, along: 0.999999999999965, work: 15.0822862339204, tolerance: 1e-3),
    Kick(d: 1000, delta: 1e-6, c: 1e-3, along: 0.00100099999899891, work: 9.9949949950031e-07),
    Kick(d: 10, delta: 400, c: -0.5, along: 1, work: 3587.52335074992),
    Kick(d: 10, delta: 40, c: -1, along: -1, work: -360),
    Kick(d: 10, delta: 800, c: -1, along: -1, work: -7200),
  ]

  /// dK is good to 1e-14 of (d - 1) delta; the printed numbers have 12 to 15 digits.
  @Test(arguments: kicks) func aKickTurnsAndWorksAsItShould(_ row: Kick) {
    var point = Self.point(row.d, delta: row.delta, row.c)
    let work = point.kick(1, scales: Self.ones(row.d), temperature: 1)
    #expect((point.direction[0] - row.along).magnitude < max(row.tolerance, 5e-13 * row.along.magnitude))
    let digits = max(1e-14 * Double(row.d - 1) * row.delta, 1e-19)
    #expect((work - row.work).magnitude < (row.tolerance > 1e-13 ? row.tolerance : digits))
    #expect((point.direction.squaredNorm() - 1).magnitude < 1e-14)
  }

  /// B(0.3) B(0.5) = B(0.8), and B(-t) undoes B(t): direction and work.
  @Test func kicksAddUpAndAreUndone() {
    let d = 10
    func fresh() -> IsokineticPoint<Double> {
      var point = Self.point(d, delta: 0.7, 0.2)
      point.direction = Tensor(IsokineticInput.direction(d))
      return point
    }
    var (whole, parts) = (fresh(), fresh())
    let scales = Tensor(IsokineticInput.scales(d))
    let work = whole.kick(0.8, scales: scales, temperature: 0.5)
    let sum = [0.3, 0.5].reduce(0) { $0 + parts.kick($1, scales: scales, temperature: 0.5) }
    #expect((work - sum).magnitude < 1e-13)
    for i in 0..<d { #expect((whole.direction[i] - parts.direction[i]).magnitude < 1e-14) }
    let back = whole.kick(-0.8, scales: scales, temperature: 0.5)
    #expect((work + back).magnitude < 1e-13)
    for i in 0..<d { #expect((whole.direction[i] - fresh().direction[i]).magnitude < 1e-14) }
  }

  /// exp(-dK) is the Jacobian of the turn on the sphere, by central differences in the d - 1 tangent directions.
  @Test func theWorkIsTheJacobian() {
    let d = 4
    let gradient = Tensor<Double>([0.9, -1.3, 0.4, 2.2])
    func turned(_ u: [Double]) -> (u: [Double], work: Double) {
      let norm = u.reduce(0) { $0 + $1 * $1 }.squareRoot()
      var point = IsokineticPoint(
        position: Tensor<Double>(zeros: d), direction: Tensor(u.map { $0 / norm }), gradient: gradient,
        energy: Energy(cost: 0))
      let work = point.kick(0.9, scales: Self.ones(d), temperature: 1)
      return (point.direction.elements, work)
    }
    /// Unit vectors that complete a unit vector to a basis.
    func tangents(_ u: [Double]) -> [[Double]] {
      var basis = [u]
      for axis in 0..<d where basis.count < d {
        var v = (0..<d).map { $0 == axis ? 1.0 : 0 }
        for b in basis {
          let overlap = zip(v, b).reduce(0) { $0 + $1.0 * $1.1 }
          v = zip(v, b).map { $0 - overlap * $1 }
        }
        let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
        if norm > 0.1 { basis.append(v.map { $0 / norm }) }
      }
      return Array(basis.dropFirst())
    }
    let u = IsokineticInput.direction(d)
    let (end, work) = turned(u)
    let (from, to) = (tangents(u), tangents(end))
    let h = 1e-5
    let matrix = from.map { t in
      let ahead = turned(zip(u, t).map { $0 + h * $1 }).u
      let behind = turned(zip(u, t).map { $0 - h * $1 }).u
      return to.map { s in (0..<d).reduce(0) { $0 + s[$1] * (ahead[$1] - behind[$1]) / (2 * h) } }
    }
    let m = matrix
    let determinant =
      m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
      + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    #expect((determinant.magnitude / exp(-work) - 1).magnitude < 1e-8)
  }

  // MARK: Steps

  struct Row: Sendable {
    let scheme: IsokineticScheme
    let hasScales: Bool
    var length = Double.infinity
    let steps: Int
    let work, error: Double
    let x, u: [Double]
  }

  static let quartic = [
    Row(
      scheme: .mclachlan, hasScales: false, length: 1.5, steps: 1, work: 0.984899253401, error: 0.002977080116,
      x: [0.603837865854, 0.673445007070, 0.351297196793], u: [-0.458245020613, -0.750700423652, 0.475878529682]),
    Row(
      scheme: .mclachlan, hasScales: false, length: 1.5, steps: 5, work: 1.928365604426, error: 0.003642394528,
      x: [-0.625554877391, -0.031363510696, 0.077817485877], u: [-0.566153400969, 0.305019438488, -0.765789441502]),
    Row(
      scheme: .mclachlan, hasScales: true, length: 1.5, steps: 1, work: 1.410205359520, error: 0.006073046034,
      x: [0.545035555033, 0.515353953535, 0.406816589674], u: [-0.365369666601, -0.867246144019, 0.338214624775]),
    Row(
      scheme: .mclachlan, hasScales: true, length: 1.5, steps: 5, work: 1.662890102547, error: 0.005372749959,
      x: [-0.889414815477, 0.126559322116, -0.253182519844], u: [-0.116079397991, 0.800237087967, -0.588341887345]),
    Row(
      scheme: .leapfrog, hasScales: false, length: 1.5, steps: 1, work: 0.964813405308, error: -0.049989533259,
      x: [0.603512914866, 0.662020673894, 0.346619799810], u: [-0.467797937315, -0.739357591155, 0.484267944681]),
    Row(
      scheme: .mclachlan, hasScales: false, steps: 1, work: 1.034238165938, error: 0.002187701219,
      x: [0.702209927328, 0.625135736746, 0.379611671719], u: [-0.351390266993, -0.825272088618, 0.442098247011]),
    Row(
      scheme: .mclachlan, hasScales: false, steps: 5, work: 1.049110940785, error: 0.001640313093,
      x: [-0.074751407134, -0.689774650181, 0.762634886768], u: [-0.819272352563, -0.543075246353, 0.184016545789]),
  ]

  /// The same normals in every step. dK and dE are sums over the steps.
  private func steps(
    _ row: Row, eps: Double, temperature: Double, on potential: ClosurePotential<Double>
  ) throws -> (work: Double, error: Double, point: IsokineticPoint<Double>) {
    let d = potential.parameterCount
    let length = row.length.isFinite ? row.length : 1e300
    let sampler = try MCLMC<Double>(temperature: temperature, scheme: row.scheme, stepSize: eps, decoherence: length)
    var evaluator = try Evaluator(potential, seed: 1)
    var state = try sampler.start(at: Tensor(IsokineticInput.position(d)), with: &evaluator)
    state.walk.point.direction = Tensor(IsokineticInput.direction(d))
    if row.hasScales { state.walk.scales = Tensor(IsokineticInput.scales(d)) }
    evaluator.noise = .list((0..<row.steps).flatMap { _ in IsokineticInput.normals(d) })
    let start = state.walk.point.energy.total
    var error = 0.0
    for _ in 0..<row.steps {
      let record = try sampler.step(&state, with: &evaluator)
      error += try #require(record.details.first { $0.name == "energy_error" }?.value)
    }
    return (error - (state.walk.point.energy.total - start) / temperature, error, state.walk.point)
  }

  /// T = 1/2 is U doubled.
  @Test(arguments: quartic, [1.0, 0.5]) func stepsOnAQuarticAreThoseOfTheTable(_ row: Row, temperature: Double) throws {
    let potential = try IsokineticInput.quartic(times: temperature)
    let (work, error, point) = try steps(row, eps: 0.4, temperature: temperature, on: potential)
    #expect((work - row.work).magnitude < 1e-11)
    #expect((error - row.error).magnitude < 1e-11)
    for i in 0..<3 {
      #expect((point.position[i] - row.x[i]).magnitude < 1e-11)
      #expect((point.direction[i] - row.u[i]).magnitude < 1e-11)
    }
  }

  /// x: the sum, the first and the last; u likewise.
  static let rosenbrock = [
    Row(
      scheme: .mclachlan, hasScales: false, length: 3, steps: 1, work: 2.904672320092, error: 0.056364416922,
      x: [1.607234535649, 0.783120103445, -0.471007322385], u: [1.161814475687, -0.020822593860, 0.273676980005]),
    Row(
      scheme: .mclachlan, hasScales: false, length: 3, steps: 5, work: 12.879029758984, error: 0.078389942483,
      x: [3.160096522748, 0.898998483910, -0.145866927365], u: [1.107225870400, 0.284879777668, 0.282496327297]),
    Row(
      scheme: .leapfrog, hasScales: true, length: 3, steps: 1, work: 1.389613655321, error: -0.055628243889,
      x: [1.570831681766, 0.763647291462, -0.414158790994], u: [0.988675567920, -0.024793115042, 0.384677764119]),
    Row(
      scheme: .leapfrog, hasScales: true, length: 3, steps: 5, work: 14.145109334559, error: -0.353602407666,
      x: [2.756779398228, 0.869591034867, 0.089118516760], u: [1.318383588585, 0.197203524328, 0.160456804796]),
  ]

  @Test(arguments: rosenbrock) func stepsInABentValleyAreThoseOfTheTable(_ row: Row) throws {
    let (work, error, point) = try steps(row, eps: 0.3, temperature: 1, on: try IsokineticInput.rosenbrock())
    #expect((work - row.work).magnitude < 1e-11)
    #expect((error - row.error).magnitude < 1e-11)
    for (found, expected) in [(point.position, row.x), (point.direction, row.u)] {
      #expect((found.elements.reduce(0, +) - expected[0]).magnitude < 1e-11)
      #expect((found[0] - expected[1]).magnitude < 1e-11)
      #expect((found[9] - expected[2]).magnitude < 1e-11)
    }
  }

  /// Without noise, five steps, u turned around, and five steps lead back, and undo dE.
  @Test(arguments: IsokineticScheme.allCases) func stepsAreReversible(_ scheme: IsokineticScheme) throws {
    let potential = try IsokineticInput.rosenbrock()
    var evaluator = try Evaluator(potential, seed: 1)
    let start = Tensor(IsokineticInput.position(10))
    var gradient = start
    let energy = try evaluator.gradient(on: .all, at: start, into: &gradient, step: 0)
    var point = IsokineticPoint(
      position: start, direction: Tensor(IsokineticInput.direction(10)), gradient: gradient, energy: energy)
    let scales = Tensor(IsokineticInput.scales(10))
    func five() throws -> Double {
      try (0..<5).reduce(0) { sum, _ in
        let error = try point.step(0.3, scheme, scales: scales, temperature: 0.7, with: &evaluator, step: 0)
        return try sum + #require(error)
      }
    }
    let error = try five()
    point.direction.scale(by: -1)
    #expect((try five() + error).magnitude < 1e-11)
    for i in 0..<10 { #expect((point.position[i] - start[i]).magnitude < 1e-12) }
  }

  /// dE of one step falls as eps^3, and over a fixed length as eps^2.
  @Test(arguments: IsokineticScheme.allCases) func energyErrorsHaveTheirOrder(_ scheme: IsokineticScheme) throws {
    let potential = try IsokineticInput.quartic()
    var evaluator = try Evaluator(potential, seed: 1)
    func error(eps: Double, steps: Int) throws -> Double {
      let start = Tensor(IsokineticInput.position(3))
      var gradient = start
      let energy = try evaluator.gradient(on: .all, at: start, into: &gradient, step: 0)
      var point = IsokineticPoint(
        position: start, direction: Tensor(IsokineticInput.direction(3)), gradient: gradient, energy: energy)
      let scales = Self.ones(3)
      return try (0..<steps).reduce(0) { sum, _ in
        let error = try point.step(eps, scheme, scales: scales, temperature: 1, with: &evaluator, step: 0)
        return try sum + #require(error)
      }
    }
    let single = try log2(error(eps: 0.02, steps: 1) / error(eps: 0.01, steps: 1))
    #expect((single - 3).magnitude < 0.15, "\(single)")
    let whole = try log2(error(eps: 0.02, steps: 50) / error(eps: 0.01, steps: 100))
    #expect((whole - 2).magnitude < 0.15, "\(whole)")
  }

  /// 1e5 steps in double precision: |u| is 1 within 1e-12.
  @Test func theDirectionStaysAUnitVector() throws {
    let potential = try IsokineticInput.quartic()
    let sampler = try MCLMC<Double>(temperature: 1, stepSize: 0.4, decoherence: 1.5)
    var evaluator = try Evaluator(potential, seed: 1)
    var state = try sampler.start(at: Tensor(IsokineticInput.position(3)), with: &evaluator)
    for _ in 0..<100_000 { _ = try sampler.step(&state, with: &evaluator) }
    #expect((state.direction.squaredNorm().squareRoot() - 1).magnitude < 1e-12)
  }

  // MARK: The rule of the step size

  @Test func theStepSizeFollowsItsRule() {
    var rule = EnergyErrorRule(from: 0.5, target: 5e-4, dimension: 10)
    let errors: [Double?] = [0.3, -0.1, 0.02, 0.5, -0.05, nil, 0.01, 0.2, 0, 0.1]
    let expected = [
      0.308857335235, 0.288181600604, 0.306432219238, 0.200056684586, 0.203839621808, 0.163071697447, 0.163071697447,
      0.154483369737, 0.154973952225, 0.151761230146,
    ]
    for (error, stepSize) in zip(errors, expected) {
      rule.learn(energyError: error)
      #expect((rule.stepSize - stepSize).magnitude < 1e-12)
    }
    #expect((rule.cap - 0.163071697447).magnitude < 1e-12)
  }
}
