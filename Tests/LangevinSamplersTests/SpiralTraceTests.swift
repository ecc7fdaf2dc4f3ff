import LangevinCore
import LangevinSamplers
import Testing

/// Traces on the two spirals with portable random numbers. The tables are those of another program, written from the
/// equations of the methods alone.
@Suite struct SpiralTraceTests {
  struct Row: Sendable {
    let step: Int
    let loss: Double
    let sum: Double
    var momentum: Double?
    var thermostats: [Double] = []
  }

  struct Trace: Sendable, CustomTestStringConvertible {
    let name: String
    let rows: [Row]
    var testDescription: String { name }
  }

  static let adLaLa = Trace(
    name: "AdLaLa",
    rows: [
      Row(
        step: 1, loss: 0.694784525684, sum: 13.803484152857, momentum: 0.02014791945693,
        thermostats: [0.099782525661, 0.099892488996]),
      Row(
        step: 2, loss: 0.681535635954, sum: 13.685556513445, momentum: 0.03020391030427,
        thermostats: [0.099625810527, 0.099826264339]),
      Row(
        step: 10, loss: 0.473263372515, sum: 14.323381955787, momentum: 0.2385934704749,
        thermostats: [0.100511481743, 0.099915778677]),
      Row(
        step: 20, loss: 0.967915735256, sum: 13.947663273445, momentum: 0.3466649695263,
        thermostats: [0.106391777395, 0.102228831541]),
      Row(
        step: 100, loss: 0.674189647813, sum: 6.292828456288, momentum: 0.2584150212326,
        thermostats: [0.184163257910, 0.147900948238]),
    ])
  static let silentAdLaLa = Trace(
    name: "AdLaLa without noise",
    rows: [
      Row(
        step: 1, loss: 0.694842151918, sum: 13.788795081420, momentum: 0.01221642494033,
        thermostats: [0.099750198333, 0.099875193189]),
      Row(
        step: 10, loss: 0.469004249675, sum: 13.872036919111, momentum: 0.1831574423081,
        thermostats: [0.097616821593, 0.098794488933]),
      Row(
        step: 100, loss: 0.639487144049, sum: -6.324145393583, momentum: 0.0892930676433,
        thermostats: [0.111928545597, 0.108197675336]),
    ])
  static let laLa = Trace(
    name: "LaLa",
    rows: [
      Row(step: 1, loss: 0.694801945290, sum: 13.796071281233, momentum: 0.01437684707026),
      Row(step: 10, loss: 0.468031883971, sum: 14.185306035471, momentum: 0.2000024259005),
    ])
  static let lol = Trace(
    name: "LOL",
    rows: [
      Row(step: 1, loss: 0.697679751694, sum: 13.357590766975, momentum: 0.001740278972500),
      Row(step: 10, loss: 0.814798394142, sum: 12.688513039609, momentum: 0.01894069495101),
    ])
  static let overdamped = Trace(
    name: "SGLD",
    rows: [
      Row(step: 1, loss: 0.697750427305, sum: 13.776704904596),
      Row(step: 10, loss: 0.631378221591, sum: 14.148040963148),
    ])

  static func method<Element: Scalar>(of trace: Trace) throws -> Splitting<Element> {
    switch trace.name {
    case "AdLaLa": try Splitting<Element>.adLaLa(temperatures: (1e-4, 1e-4))
    case "AdLaLa without noise":
      try Splitting<Element>.adLaLa(temperatures: (1e-4, 0), thermostat: Thermostat(drivingNoise: 0))
    case "LaLa": try Splitting<Element>.laLa(temperatures: (1e-4, 1e-4))
    case "LOL": try Splitting<Element>.lol(temperatures: (1e-4, 1e-4))
    default:
      try Splitting(
        "sgld", stepSize: 0.1, partitions: [PartitionDynamics(word: try SplittingWord("X"), temperature: 1e-4)])
    }
  }

  @Test(arguments: [adLaLa, silentAdLaLa, laLa, lol, overdamped])
  func agreesInDouble(trace: Trace) throws {
    try run(trace, as: Double.self, upTo: 100) { step in
      step <= 2 ? 1e-9 : step <= 10 ? 1e-7 : step <= 20 ? 1e-5 : 1e-3
    }
  }

  @Test(arguments: [adLaLa, silentAdLaLa, laLa, lol, overdamped])
  func agreesInSingle(trace: Trace) throws { try run(trace, as: Float.self, upTo: 2) { _ in 1e-4 } }

  private func run<Element: Scalar>(
    _ trace: Trace, as type: Element.Type, upTo last: Int, tolerance: (Int) -> Double
  ) throws {
    let spirals = PortableSpirals(s: 0)
    let method: Splitting<Element> = try Self.method(of: trace)
    let hasMomentum = trace.rows[0].momentum != nil
    var batches = spirals.batches(epochs: 5)
    // The first half kick uses the batch of step 1.
    if hasMomentum { batches.insert(batches[0], at: 0) }
    var evaluator = try Evaluator(GivenBatches<Element>(posterior: spirals.posterior(), batches: batches), seed: 1)
    evaluator.noise = .list(spirals.normals(count: 100 * 701))
    var state = try method.start(at: spirals.initial(), with: &evaluator)

    for row in trace.rows where row.step <= last {
      var loss = 0.0
      while state.step < row.step { loss = try method.step(&state, with: &evaluator).energy.total }
      func agrees(_ found: Double, _ expected: Double, _ what: String) {
        #expect(abs(found - expected) < tolerance(row.step), "\(what) at step \(row.step): \(found), not \(expected)")
      }
      agrees(loss, row.loss, "loss")
      agrees(state.position.elements.reduce(0) { $0 + Double($1) }, row.sum, "sum")
      if let momentum = row.momentum {
        // After the whole kick; the engine keeps it for the next pass.
        let h = method.stepSize.value(at: 0)
        let moved = trace.name == "LOL" ? 300 : 401
        let square = (0..<moved).reduce(0.0) { sum, index in
          let p = Double(state.momentum[index]) - h * Double(state.gradient[index])
          return sum + p * p
        }
        agrees(square, momentum, "|p|^2")
      }
      for (found, expected) in zip(state.thermostats, row.thermostats) { agrees(found, expected, "xi") }
    }
  }

  /// The recipe itself, so that a failure above is not a failure of the recipe.
  @Test func recipeIsTheSpecified() throws {
    let spirals = PortableSpirals(s: 0)
    var uniforms = SplitMix(seed: 42)
    var normals = SplitMix(seed: 42)
    for (u, r) in [
      (0.74156487877182331, 0.88224890622226881), (0.1599103928769201, -0.45084987571886009),
      (0.27860113025513866, 0.18835263411593151),
    ] {
      #expect(uniforms.uniform() == u)
      let found = normals.normal()
      #expect(abs(found - r) < 1e-14)
    }
    let (train, _) = spirals.points(seed: 1000, count: 500)
    #expect(abs(train.reduce(0, +) - 0.335529830713) < 1e-9)
    #expect(abs(train.reduce(0) { $0 + $1 * $1 } - 1027.302262531844) < 1e-9)
    let theta: Tensor<Double> = spirals.initial()
    #expect(abs(theta.elements.reduce(0, +) - 13.846816396726) < 1e-9)
    #expect(spirals.batches(epochs: 1)[0].prefix(10).elementsEqual([198, 128, 350, 44, 439, 149, 127, 226, 310, 438]))

    let posterior: Posterior<Double> = try spirals.posterior()
    var workspace = posterior.makeWorkspace()
    var gradient = theta
    let energy = try posterior.evaluate(at: theta, gradient: &gradient, workspace: &workspace)
    #expect(abs(energy.total - 0.683546647709) < 1e-11)
    #expect(abs(gradient.elements.reduce(0) { $0 + $1 * $1 } - 0.0953599841911746) < 1e-12)
    #expect(abs(gradient[0] - 0.006362811708647) < 1e-12)
    #expect(abs(gradient[400] - 0.02023789852099) < 1e-12)
  }
}
