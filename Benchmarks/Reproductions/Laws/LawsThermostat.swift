import Langevin

/// The adaptive thermostat against the reference page of the splittings: where xi settles, how much it fluctuates, what it does to q and p.
enum LawsThermostat {
  struct Row {
    var word = "ACDEDCAB"
    let n: Int
    let h: Double
    var temperature = 1.0
    let coupling: Double
    let sigma: Double
    let noise: Double
    let xi: Double
    var variance: Double?
    /// <p^2>/T after B, measured in the specification with the error `ppError`, and <q^2>/T.
    var pp: Double?
    var ppError = 0.0
    var qq: Double?
  }

  static let table = [
    Row(
      n: 10, h: 0.05, coupling: 0.05, sigma: 0.5, noise: 0, xi: 0.125, variance: 0.05, pp: 0.99991, ppError: 6e-5, qq: 1
    ),
    Row(
      n: 10, h: 0.05, coupling: 0.05, sigma: 0.5, noise: 2, xi: 0.225, variance: 0.05, pp: 1.00496, ppError: 7e-5, qq: 1
    ),
    Row(
      n: 10, h: 0.05, coupling: 0.05, sigma: 0.5, noise: 5, xi: 0.750, variance: 0.05, pp: 1.03172, ppError: 9e-5, qq: 1
    ),
    Row(
      n: 10, h: 0.1, coupling: 0.05, sigma: 0.5, noise: 5, xi: 1.375, variance: 0.05, pp: 1.13282, ppError: 14e-5, qq: 1
    ),
    Row(
      n: 10, h: 0.05, coupling: 0.5, sigma: 0.5, noise: 5, xi: 0.750, variance: 0.5, pp: 1.03115, ppError: 7e-5, qq: 1),
    Row(
      n: 10, h: 0.05, coupling: 0.05, sigma: 0, noise: 5, xi: 0.625, variance: 0.05, pp: 1.03169, ppError: 8e-5, qq: 1),
    Row(
      n: 100, h: 0.05, coupling: 0.005, sigma: 1, noise: 4, xi: 0.900, variance: 0.005, pp: 1.01967, ppError: 21e-5,
      qq: 1),
    Row(
      n: 300, h: 0.25, temperature: 1e-4, coupling: 0.05, sigma: 0.01, noise: 0, xi: 0.502629, variance: 5e-6,
      pp: 0.9919, ppError: 80e-5, qq: 0.992157),
    Row(n: 100, h: 0.25, coupling: 0.005, sigma: 2, noise: 0, xi: 2.1972, qq: 0.8660),
    Row(word: "BAEFEAB", n: 100, h: 0.25, coupling: 0.005, sigma: 2, noise: 0, xi: 2, qq: 1),
  ]

  /// All rows; 1.2e7 parameter steps each. A hundred groups of n parameters, each with its own xi, run side by side.
  static func rows(effort: Double = 1) throws -> [LawRow] { try table.flatMap { try rows(of: $0, effort: effort) } }

  private static func rows(of row: Row, effort: Double) throws -> [LawRow] {
    let groups = 100
    let count = groups * row.n
    let ranges = (0..<groups).map { $0 * row.n..<($0 + 1) * row.n }
    let thermostat = Thermostat(
      coupling: .fixed(row.coupling), drivingNoise: row.sigma, initial: row.xi,
      groups: .selections(ranges.map { .ranges([$0]) }))
    let method = try Splitting<Double>(
      "thermostat", stepSize: .constant(row.h),
      partitions: [
        PartitionDynamics(
          word: try SplittingWord(row.word), temperature: .constant(row.temperature), thermostat: thermostat)
      ])
    var evaluator = try Evaluator(NoisyWell(copies: count, deviation: row.noise), seed: 41)
    // At rest in the minimum the well would draw heat, and xi takes a time 1/(eps n T) to forget that.
    var start = Tensor<Double>(Array(repeating: 0, count: count))
    RandomStream(seed: 41, purpose: .initialisation).fillNormals(&start)
    for index in 0..<count { start[index] *= row.temperature.squareRoot() }
    var state = try method.start(at: start, with: &evaluator)

    // xi, xi^2, p^2/T and q^2/T of each group.
    var averages = WellEnsemble.Averages(observables: 4, copies: groups)
    let burnIn = Int(1000 / row.h)
    let steps = max(Int(1.2e7 * effort) / count, 4000)
    for step in 0..<burnIn + steps {
      _ = try method.step(&state, with: &evaluator)
      if step < burnIn || step % 5 != 0 { continue }
      let q = state.position.elements
      let p = try method.momentum(of: state, with: evaluator).elements
      averages.add { group in
        var (qq, pp) = (0.0, 0.0)
        for i in ranges[group] { (qq, pp) = (qq + q[i] * q[i], pp + p[i] * p[i]) }
        let xi = state.thermostats[group]
        let scale = Double(row.n) * row.temperature
        return [xi, (xi - row.xi) * (xi - row.xi), pp / scale, qq / scale]
      }
    }

    let title = "\(row.word), n \(row.n), h \(row.h), eps \(row.coupling), sigma \(row.sigma), s \(row.noise)"
    let laws: [(String, Double?, Double)] = [
      ("<xi>", row.xi, 0), ("var xi", row.variance, 0), ("<p^2>/T after B", row.pp, row.ppError),
      ("<q^2>/T", row.qq, 0),
    ]
    return laws.enumerated().compactMap { index, law in
      guard let expected = law.1 else { return nil }
      let found = averages[index]
      return LawRow(
        name: "\(title): \(law.0)", value: found.mean, expected: expected,
        standardError: (found.error * found.error + law.2 * law.2).squareRoot())
    }
  }
}

/// U = |q|^2/2 whose gradient has fresh white noise at each evaluation.
struct NoisyWell: Potential {
  typealias Element = Double
  final class Workspace {
    var calls: UInt64 = 0
    var normals: Tensor<Double>
    init(count: Int) { normals = Tensor(Array(repeating: 0, count: count)) }
  }

  let layout: ParameterLayout
  let deviation: Double
  let exampleCount = 1

  init(copies: Int, deviation: Double) throws {
    layout = try ParameterLayout(count: copies)
    self.deviation = deviation
  }

  func makeWorkspace(pool: ThreadPool) -> Workspace { Workspace(count: layout.count) }

  func evaluate(
    at position: Tensor<Double>, over batch: Minibatch, gradient: inout Tensor<Double>, workspace: inout Workspace
  ) throws(LangevinError) -> Energy {
    if deviation > 0 {
      RandomStream(seed: 43, purpose: .user).fillNormals(&workspace.normals, step: workspace.calls)
      workspace.calls += 1
    }
    let q = position.span
    let normals = workspace.normals
    var g = gradient.mutableSpan
    for i in q.indices { g[i] = q[i] + deviation * normals[i] }
    return Energy(cost: 0)
  }
}
