import Langevin
import LangevinPlatform
import LangevinTheory

/// SGLD and SGWORLD against exact moments: tables 8.5 and 8.8, and experiments 7 to 9 of their page.
enum LawsOverdamped {
  typealias Level = SGWORLDLevel

  /// SGLD or a level, and its scheme in the exact algebra.
  static let methods: [(name: String, level: Level?, scheme: LinearGaussianChain.Scheme)] = [
    ("SGLD", nil, .independentBatches(.euler)), ("sgworld-1", .one, .reshuffled(.euler)),
    ("sgworld-lm", .lm, .reshuffled(.sharedNoise)), ("sgworld-2", .two, .oneCorrection),
    ("sgworld-2-all", .twoAll, .reshuffled(.midpoint)), ("sgworld-2lm", .twoLM, .oneCorrectionSharedNoise),
  ]

  /// The line of the reference page of the overdamped schemes: KL from the posterior at h = 8e-4, 4e-4, 2e-4, 1e-4, 5e-5 by
  /// exact algebra.
  static func divergenceTable() throws -> [LawRow] {
    let table: [String: [Double]] = [
      "SGLD": [1.8606e-03, 4.6087e-04, 1.1471e-04, 2.8614e-05, 7.1458e-06],
      "sgworld-1": [6.1511e-05, 1.4406e-05, 3.6911e-06, 9.4581e-07, 2.4003e-07],
      "sgworld-lm": [9.3180e-05, 3.0690e-05, 8.6393e-06, 2.2821e-06, 5.8586e-07],
      "sgworld-2": [1.8330e-05, 9.8256e-07, 5.7089e-08, 3.4455e-09, 2.1170e-10],
      "sgworld-2-all": [1.5233e-05, 9.0074e-07, 5.4750e-08, 3.3757e-09, 2.0957e-10],
      "sgworld-2lm": [1.2697e-05, 6.4579e-07, 3.6495e-08, 2.1724e-09, 1.3258e-10],
    ]
    var rows: [LawRow] = []
    for (name, _, scheme) in methods {
      for (stepSize, expected) in zip([8e-4, 4e-4, 2e-4, 1e-4, 5e-5], table[name] ?? []) {
        let chain = try LinearGaussianChain(.line(count: 12), batchSize: 1, stepSize: stepSize)
        rows.append(
          LawRow(
            name: "LINE, \(name), h \(stepSize): KL, exact", value: try chain.divergence(of: scheme),
            expected: expected,
            standardError: expected * 1e-3))
      }
    }
    return rows
  }

  /// How much closer in KL the default level is than SGLD at the same step size; it should be a factor of 100 or more.
  static func advantage() throws -> [LawRow] {
    try [(4e-4, 4.6087e-04 / 9.8256e-07), (2e-4, 1.1471e-04 / 5.7089e-08)].map { stepSize, expected in
      let chain = try LinearGaussianChain(.line(count: 12), batchSize: 1, stepSize: stepSize)
      let ratio = try chain.divergence(of: .independentBatches(.euler)) / chain.divergence(of: .oneCorrection)
      return LawRow(
        name: "LINE, h \(stepSize): KL of SGLD over KL of sgworld-2", value: ratio, expected: expected,
        standardError: expected * 1e-3)
    }
  }

  /// Experiment 8 at several step sizes: moments and KL of chains of 2e6 `effort` epochs against the exact ones.
  static func simulation(effort: Double = 1) throws -> [LawRow] {
    let problem = try LinearGaussianProblem.line(count: 12)
    var rows: [LawRow] = []
    for stepSize in [0.4, 0.8, 1.6].map({ $0 / (12 * 49.0110048) }) {
      for (name, level, scheme) in methods {
        let chain = try LinearGaussianChain(problem, batchSize: 1, stepSize: stepSize)
        let exact = try chain.moments(of: scheme)
        let blocks = try run(problem, level, stepSize: stepSize, around: exact.mean, epochs: Int(2e6 * effort))
        let title = "LINE, \(name), n h k_max \((12 * 49.0110048 * stepSize * 10).rounded() / 10)"
        let covariance = exact.covariance
        let expected = [0, 0, covariance[0][0], covariance[0][1], covariance[1][1]]
        for (index, part) in ["mean 1", "mean 2", "C 11", "C 12", "C 22"].enumerated() {
          let shift = index < 2 ? exact.mean[index] : 0
          let (value, error) = blocks.jackknife {
            $0[index] - (index < 2 ? 0 : $0[(index - 2) / 2] * $0[(index - 1) / 2])
          }
          rows.append(
            LawRow(
              name: "\(title): \(part)", value: value + shift, expected: expected[index] + shift, standardError: error))
        }
        let (divergence, error) = blocks.jackknife { sums in
          let moments = Moments(
            mean: [exact.mean[0] + sums[0], exact.mean[1] + sums[1]],
            covariance: [
              [sums[2] - sums[0] * sums[0], sums[3] - sums[0] * sums[1]],
              [sums[3] - sums[0] * sums[1], sums[4] - sums[1] * sums[1]],
            ])
          return (try? problem.divergence(of: moments)) ?? .nan
        }
        rows.append(
          LawRow(
            name: "\(title): KL", value: divergence, expected: try chain.divergence(of: scheme), standardError: error))
      }
    }
    return rows
  }

  /// The leading orders on larger data sets, where the exact algebra ends.
  static func leadingOrders() throws -> [LawRow] {
    let table: [(count: Int, batchSize: Int, stepSize: Double, divergences: [Double])] = [
      (200, 10, 6.24220e-6, [4.0188e-5, 1.6452e-6, 2.568e-8]),
      (200, 1, 6.24220e-7, [2.8317e-5, 1.2536e-8, 2.817e-8]),
      (1000, 10, 2.49937e-7, [2.7958e-5, 6.5304e-8, 1.1112e-9]),
    ]
    return try table.flatMap { row in
      let problem = try LinearGaussianProblem.line(count: row.count)
      return try zip(methods, row.divergences).map { method, expected in
        let moments = try problem.leadingMoments(
          of: method.scheme, batchSize: row.batchSize, stepSize: row.stepSize)
        return LawRow(
          name: "LINE, N \(row.count), B \(row.batchSize), \(method.name): KL, leading order",
          value: try problem.divergence(of: moments), expected: expected, standardError: expected * 1e-3)
      }
    }
  }

  /// Experiment 6: the fitted slope of ln KL against ln h over h = 1e-4 and 5e-5.
  static func orders() throws -> [LawRow] {
    func row(
      _ name: String, _ problem: LinearGaussianProblem, _ scheme: LinearGaussianChain.Scheme, _ order: Double
    ) throws -> LawRow {
      let divergences = try [1e-4, 5e-5].map {
        try LinearGaussianChain(problem, batchSize: 1, stepSize: $0).divergence(of: scheme)
      }
      return LawRow(
        name: "\(name): order of the KL", value: log2(divergences[0] / divergences[1]),
        within: order - 0.1...order + 0.1)
    }
    let (line, mean) = (try LinearGaussianProblem.line(count: 12), try LinearGaussianProblem.mean(count: 12))
    return try methods.map { try row("LINE, \($0.name)", line, $0.scheme, $0.level?.rawValue.first == "2" ? 4 : 2) }
      + [
        row("LINE, C4", line, .noisePerEpoch(.split, .midpoint), 4),
        row("MEAN, sgworld-lm", mean, .reshuffled(.sharedNoise), 6),
        row("MEAN, sgworld-2lm", mean, .oneCorrectionSharedNoise, 6),
      ]
  }

  /// A posterior that is not Gaussian, at f = n h k.
  private static let logitTable: [(f: Double, level: Level?, mean: Double, variance: Double)] = [
    (1, nil, 0.000393, 0.719272), (1, .one, 0.008382, 0.119332), (1, .lm, 0.008227, 0.055121),
    (1, .twoAll, -0.002684, 0.065615), (1, .two, -0.002661, 0.110714), (0.5, nil, 0.000199, 0.338221),
    (0.5, .one, 0.004258, 0.034145), (0.5, .lm, 0.004175, 0.003052), (0.5, .twoAll, -0.000679, 0.014095),
    (0.5, .two, -0.000679, 0.019116), (0.25, nil, 0.000106, 0.163773), (0.25, .one, 0.002142, 0.012462),
    (0.25, .lm, 0.002097, -0.002791), (0.25, .twoAll, -0.000171, 0.003161), (0.25, .two, -0.000172, 0.003748),
  ]
  private static let logitMoments = (mean: 0.0261649, variance: 0.1919947)

  /// The same by quadrature, to 1e-5, which takes the place of a standard error.
  static func logitQuadrature() throws -> [LawRow] {
    let logit = try Logit()
    return try logitTable.flatMap { f, level, meanError, varianceError in
      let scheme: OneWeightChain.Scheme =
        switch level {
        case nil: .independentBatches
        case .one: .reshuffled(.euler)
        case .lm: .reshuffled(.sharedNoise)
        case .twoAll: .reshuffled(.midpoint)
        case .two, .twoLM: .oneCorrection
        }
      let chain = try OneWeightChain(
        gradients: logit.exampleGradients, stepSize: f / (8 * 6.2086101), grid: level == nil ? -10...10 : -5...5,
        spacing: f == 0.25 ? 0.025 : 0.04)
      let found = try chain.moments(of: scheme)
      let title = "LOGIT, \(level.map { "sgworld-" + $0.rawValue } ?? "SGLD"), f \(f), quadrature"
      return [
        LawRow(
          name: "\(title): mean error", value: found.mean - logitMoments.mean, expected: meanError, standardError: 1e-5),
        LawRow(
          name: "\(title): relative variance error", value: found.variance / logitMoments.variance - 1,
          expected: varianceError, standardError: 1e-5),
      ]
    }
  }

  /// The same by simulation, 4e6 `effort` epochs each.
  static func logit(effort: Double = 1) throws -> [LawRow] {
    let (mean, variance) = logitMoments
    let potential = try Logit()
    return try logitTable.flatMap { f, level, meanError, varianceError in
      let blocks = try run(
        potential, level, stepSize: f / (8 * 6.2086101), from: [mean], epochs: Int(4e6 * effort), length: 8
      ) { x in [x[0] - mean, (x[0] - mean) * (x[0] - mean)] }
      let title = "LOGIT, \(level.map { "sgworld-" + $0.rawValue } ?? "SGLD"), f \(f)"
      let (m, mError) = blocks.jackknife { $0[0] }
      let (v, vError) = blocks.jackknife { ($0[1] - $0[0] * $0[0]) / variance - 1 }
      return [
        LawRow(name: "\(title): mean error", value: m, expected: meanError, standardError: mError),
        LawRow(name: "\(title): relative variance error", value: v, expected: varianceError, standardError: vError),
      ]
    }
  }
}

// MARK: Runs

extension LawsOverdamped {
  private static func run(
    _ problem: LinearGaussianProblem, _ level: Level?, stepSize: Double, around mean: [Double], epochs: Int
  ) throws -> Blocks {
    try run(
      LinearGaussianPotential<Double>(problem), level, stepSize: stepSize, from: mean, epochs: epochs,
      length: problem.count
    ) { draw in
      let (x, y) = (draw[0] - mean[0], draw[1] - mean[1])
      return [x, y, x * x, x * y, y * y]
    }
  }

  /// Block means of what is read from a chain with batches of one example, after a hundredth of its length.
  private static func run(
    _ potential: some Potential<Double>, _ level: Level?, stepSize: Double, from start: [Double], epochs: Int,
    length: Int, _ observables: (Tensor<Double>) -> [Double]
  ) throws -> Blocks {
    func collect(_ sampler: some Sampler<Double>, _ scheme: BatchScheme, draws: Int) throws -> Blocks {
      var evaluator = try Evaluator(potential, batches: scheme, seed: 8)
      var state = try sampler.start(at: Tensor(start), with: &evaluator)
      func block(of count: Int) throws -> [Double] {
        var sums: [Double] = []
        var done = 0
        while done < count {
          guard try sampler.step(&state, with: &evaluator).isDraw else { continue }
          let values = observables(sampler.draw(from: state))
          sums = sums.isEmpty ? values : zip(sums, values).map(+)
          done += 1
        }
        return sums.map { $0 / Double(count) }
      }
      _ = try block(of: max(1, draws / 100))
      var blocks = Blocks()
      for _ in 0..<64 { blocks.add(try block(of: max(1, draws / 64))) }
      return blocks
    }
    if let level {
      return try collect(
        SGWORLD(stepSize: .constant(stepSize), temperature: 1, level: level), .epochs(1), draws: epochs)
    }
    return try collect(SGLD(stepSize: .constant(stepSize), temperature: 1), .subset(1), draws: epochs * length)
  }
}

/// Logistic regression with one weight on 8 examples: the specification's LOGIT, for the sum over the data.
struct Logit: Potential {
  let layout: ParameterLayout
  private let features: [Double]
  private let labels: [Double]

  init() throws {
    layout = try ParameterLayout(count: 1)
    features = (1...8).map { 1 + 1.5 * sin(Double($0)) }
    labels = (1...8).map { cos(3 * Double($0)) > -0.2 ? 1 : 0 }
  }

  var exampleCount: Int { features.count }

  /// N grad l_i + grad R of each example.
  var exampleGradients: [@Sendable (Double) -> Double] {
    let count = Double(exampleCount)
    return zip(features, labels).map { x, y in { w in count * x * (1 / (1 + exp(-x * w)) - y) + 0.5 * w } }
  }

  func evaluate(
    at position: Tensor<Double>, over batch: Minibatch, gradient: inout Tensor<Double>, workspace: inout Void
  ) throws(LangevinError) -> Energy {
    let w = position[0]
    let weight = Double(exampleCount) / Double(batch.count(of: exampleCount))
    var energy = Energy(cost: 0, prior: 0.25 * w * w)
    var force = 0.5 * w
    func add(_ row: Int) {
      let (x, y) = (features[row], labels[row])
      energy.cost += weight * (log1p(exp(-abs(x * w))) + max(x * w, 0) - y * x * w)
      force += weight * x * (1 / (1 + exp(-x * w)) - y)
    }
    if let rows = batch.rows {
      for row in rows { add(Int(row)) }
    } else {
      for row in features.indices { add(row) }
    }
    gradient[0] = force
    return energy
  }
}
