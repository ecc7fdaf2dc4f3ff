import Langevin
import LangevinTheory

/// The reference tables of the theory, and simulations against it.
enum LawsTheory {
  static let tables: [Laws.Table] = [
    ("mean field, infinite data", { _ in try plain() }),
    ("mean field, infinite data, four coordinates", { _ in try plainOfFour() }),
    ("mean field, adaptive variances", { _ in try adaptive() }),
    ("mean field, onset", { _ in try onsets() }),
    ("mean field, whole cube", { _ in try wholeCube() }),
    ("mean field, scattered cube", scatteredCube),
    ("learning curve, kappa 0.05", { try learningCurve($0, noise: 0.05, stepSize: 0.2, table: loose) }),
    ("learning curve, kappa 0.02", { try learningCurve($0, noise: 0.02, stepSize: 0.4, table: tight) }),
    ("convergence of the learning curve: plain, P 800", { try plainConvergence($0) }),
    ("convergence of the learning curve: adaptive, nu 0.3", { try adaptiveConvergence($0) }),
    ("convergence of the learning curve: screened, P 400", { try screenedConvergence($0) }),
    ("convergence of the learning curve: Langevin, P 100", { try langevinConvergence($0) }),
    ("exact two-dimensional chain", twoDimensionalChain),
    ("currents of gradient descent, with replacement", { try currents($0, epochs: false) }),
    ("currents of gradient descent, without replacement", { try currents($0, epochs: true) }),
  ]
}

// MARK: Infinite data

extension LawsTheory {
  private static func plain() throws -> [LawRow] {
    let table: [(d: Int, n: Int, gamma: Double, kappa: Double, row: [Double])] = [
      (20, 256, 0.5, 0.1, [0.034183, -0.081928, 0.050190, 0.049564, 70.9152]),
      (20, 256, 0.5, 0.05, [0.142616, -0.215056, 0.056591, 0.048380, 250.986]),
      (20, 256, 0.5, 0.03, [0.480558, -0.398137, 0.077243, 0.046002, 529.181]),
      (20, 256, 0.5, 0.02, [0.668835, -0.629586, 0.094029, 0.043831, 851.999]),
      (20, 256, 0.5, 0.01, [0.838104, -1.088408, 0.131266, 0.039112, 1766.54]),
      (20, 1024, 0.5, 0.03, [0.397553, -0.133955, 0.059305, 0.048463, 604.920]),
      (20, 256, 1, 0.005, [0.855862, 0.467628, 0.448747, 0.035325, 5230.28]),
      (10, 64, 0.5, 0.1, [0.121085, -0.208698, 0.107534, 0.094127, 62.6236]),
      (10, 64, 0.5, 0.05, [0.457206, -0.352945, 0.158826, 0.080949, 180.781]),
      (20, 10_000_000, 0.5, 0.1, [0.039543]),
      (20, 10_000_000, 0.5, 0.05, [0.141399]),
    ]
    return try table.flatMap { entry in
      let model = try MeanFieldModel(
        inputs: entry.d, width: entry.n, noise: entry.kappa, outputExponent: entry.gamma)
      let found = try ParityMeanField(model, degree: 2).solve()
      return rows(
        "d \(entry.d), N \(entry.n), gamma \(entry.gamma), kappa \(entry.kappa)", found, entry.row, tolerance: 2e-5)
    }
  }

  /// One row for each number of a solution; the tolerance of the table takes the place of a standard error.
  private static func rows(
    _ name: String, _ found: ParityMeanField.Solution, _ expected: [Double], tolerance: Double
  ) -> [LawRow] {
    let values: [(String, Double, Double)] = [
      ("m", found.overlap, tolerance), ("ln Z1", found.logNormalisation, tolerance),
      ("w2_S", found.weightSquares.relevant, tolerance), ("w2_0", found.weightSquares.irrelevant, tolerance),
      ("F", found.freeEnergy, 1e-4 * found.freeEnergy),
    ]
    return zip(values, expected).map { value, expected in
      LawRow(name: "\(name): \(value.0)", value: value.1, expected: expected, standardError: value.2)
    }
  }

  private static func plainOfFour() throws -> [LawRow] {
    let table: [(kappa: Double, row: [Double])] = [
      (0.0278, [0.000396, -0.2402, 0.03941, 0.03940, 892.95]), (0.0108, [0.26692, -0.7776, 0.04585, 0.03785, 4777.6]),
      (0.0042, [0.72855, -1.486, 0.0712, 0.0329, 14821]), (0.00163, [0.8942, -1.995, 0.1265, 0.0220, 39749]),
    ]
    let model = try MeanFieldModel(inputs: 25, width: 1024, noise: 0.0278)
    let theory = try ParityMeanField(model, degree: 4, resolution: .init(relevantNodes: 48))
    return try table.flatMap { entry in
      rows("kappa \(entry.kappa)", try theory.with(noise: entry.kappa).solve(), entry.row, tolerance: 5e-4)
    }
  }

  private static func adaptive() throws -> [LawRow] {
    let table: [(kappa: Double, nu: Double, row: [Double])] = [
      (0.05, 10, [0.147183, 0.050684, 0.049838, 0.057527, 0.048213, 250.636]),
      (0.05, 1, [0.209364, 0.060395, 0.048310, 0.070790, 0.046620, 246.608]),
      (0.05, 0.3, [0.515129, 0.144560, 0.044526, 0.172928, 0.042884, 224.013]),
      (0.05, 0.1, [0.699035, 0.290652, 0.038956, 0.314717, 0.037851, 183.709]),
      (0.03, 1, [0.629962, 0.100184, 0.046332, 0.150368, 0.042664, 474.873]),
      (0.03, 0.3, [0.775997, 0.249952, 0.041946, 0.309938, 0.039530, 387.750]),
      (0.02, 1, [0.788226, 0.144484, 0.045113, 0.238968, 0.040226, 719.139]),
    ]
    let model = try MeanFieldModel(inputs: 20, width: 256, noise: 0.05)
    let theory = try ParityMeanField(model, degree: 2, resolution: .init(reach: 3.6))
    return try table.flatMap { entry -> [LawRow] in
      let (found, other) = try theory.with(noise: entry.kappa).solveAdaptive(stiffness: entry.nu)
      let values = [
        ("m", found.solution.overlap), ("tau_S", found.variances.relevant), ("tau_0", found.variances.irrelevant),
        ("w2_S", found.solution.weightSquares.relevant), ("w2_0", found.solution.weightSquares.irrelevant),
        ("F", found.freeEnergy), ("second branch", other == nil ? 0 : 1),
      ]
      return zip(values, entry.row + [0]).map { value, expected in
        LawRow(
          name: "kappa \(entry.kappa), nu \(entry.nu): \(value.0)", value: value.1, expected: expected,
          standardError: 1e-4 * max(1, expected))
      }
    }
  }

  private static func onsets() throws -> [LawRow] {
    let two = try ParityMeanField(MeanFieldModel(inputs: 20, width: 256, noise: 0.05), degree: 2)
    let (steepest, onset) = try two.onset(from: 0.01, to: 0.2)
    let four = try ParityMeanField(MeanFieldModel(inputs: 25, width: 1024, noise: 0.01), degree: 4)
    return [
      LawRow(
        name: "d 20, k 2: kappa at m = 1/2", value: try two.halfwayNoise(from: 0.01, to: 0.2), expected: 0.029008,
        standardError: 1e-4),
      LawRow(name: "d 20, k 2: steepest point", value: steepest, expected: 0.0405, standardError: 0.002),
      LawRow(name: "d 20, k 2: onset", value: onset, expected: 0.0494, standardError: 0.0025),
      LawRow(
        name: "d 25, k 4: kappa at m = 1/2", value: try four.halfwayNoise(from: 0.004, to: 0.02), expected: 0.00758,
        standardError: 1e-4),
    ]
  }
}

// MARK: Finite data

extension LawsTheory {
  /// Point i of 1024 in a fixed scattered order; the target is the product of the first two coordinates.
  private static func cube(_ range: Range<Int>) -> DenseMatrix {
    DenseMatrix(rows: range.map { i in (0..<10).map { (397 * i % 1024) >> $0 & 1 == 0 ? 1.0 : -1 } })
  }

  private static func parity(_ x: DenseMatrix) -> [Double] { (0..<x.rows).map { x[$0, 0] * x[$0, 1] } }

  private static func wholeCube() throws -> [LawRow] {
    let all = cube(0..<1024)
    let data = try MeanFieldData(inputs: all, targets: parity(all), testInputs: all)
    var rows: [LawRow] = []
    for (kappa, starts, squares) in [(0.1, [0.116, 0.119], [0.107, 0.094]), (0.05, [0.454, 0.466], [0.159, 0.081])] {
      for (name, start, expected) in [
        ("prior", MeanFieldRegression.Start.prior, starts[0]), ("aligned", .aligned([0, 1]), starts[1]),
      ] {
        var theory = MeanFieldRegression(try MeanFieldModel(inputs: 10, width: 64, noise: kappa))
        theory.outerSteps = 50
        let found = try theory.solve(data, from: start, seed: 1)
        let scores = try ParityScores(predictions: found.predictions, targets: data.targets)
        let title = "kappa \(kappa), \(name) start"
        rows += [
          LawRow(name: "\(title): m", value: scores.overlap, expected: expected, standardError: 0.012),
          LawRow(
            name: "\(title): w2_S", value: mean(found.weightSquares[..<2]), expected: squares[0], standardError: 0.003),
          LawRow(
            name: "\(title): w2_0", value: mean(found.weightSquares[2...]), expected: squares[1], standardError: 0.002),
        ]
      }
    }
    return rows
  }

  /// Chains and Langevin runs; the spreads of the reference, three times, take the place of standard errors.
  private static func scatteredCube(effort: Double) throws -> [LawRow] {
    let (train, test) = (cube(0..<200), cube(200..<1024))
    let (data, targets) = (
      try MeanFieldData(inputs: train, targets: parity(train), testInputs: test), parity(test)
    )
    struct Case {
      var name: String
      var width = 64
      var kappa = 0.05
      var stiffness: Double?
      var mode = MeanFieldRegression.Mode.plain
      /// m, squared error, w2_S, w2_0 and their spreads.
      var expected: [Double]
      var spreads: [Double]
    }
    let cases = [
      Case(
        name: "plain, N 10^6", width: 1_000_000, expected: [0.391, 0.375, 0.1, 0.1],
        spreads: [0.006, 0.007, 0.002, 0.001]),
      Case(name: "plain", expected: [0.447, 0.307, 0.158, 0.081], spreads: [0.004, 0.004, 0.002, 0.001]),
      Case(
        name: "plain, kappa 0.1", kappa: 0.1, expected: [0.117, 0.780, 0.108, 0.094],
        spreads: [0.003, 0.004, 0.002, 0.001]),
      Case(
        name: "adaptive, nu 1", stiffness: 1, expected: [0.571, 0.185, 0.281, 0.070],
        spreads: [0.003, 0.002, 0.004, 0.001]),
      Case(
        name: "adaptive, nu 0.3", stiffness: 0.3, expected: [0.686, 0.099, 0.52, 0.061],
        spreads: [0.005, 0.003, 0.02, 0.001]),
      Case(
        name: "screened", mode: .screened, expected: [0.732, 0.073, 0.146, 0.091],
        spreads: [0.006, 0.003, 0.002, 0.001]),
    ]
    func rows(
      _ name: String, _ predictions: [Double], _ squares: [Double], _ expected: [Double], _ spreads: [Double]
    ) throws -> [LawRow] {
      let scores = try ParityScores(predictions: predictions, targets: targets)
      let values = [scores.overlap, scores.squaredError, mean(squares[..<2]), mean(squares[2...])]
      return zip(["m", "squared error", "w2_S", "w2_0"], values).enumerated().map { index, value in
        LawRow(
          name: "\(name): \(value.0)", value: value.1, expected: expected[index], standardError: 3 * spreads[index])
      }
    }
    var result: [LawRow] = []
    for entry in cases {
      for start in [MeanFieldRegression.Start.prior, .aligned([0, 1])] {
        var theory = MeanFieldRegression(
          try MeanFieldModel(inputs: 10, width: entry.width, noise: entry.kappa))
        (theory.chains, theory.innerSteps, theory.outerSteps) = (600, 6, 80)
        (theory.stiffness, theory.mode) = (entry.stiffness, entry.mode)
        let found = try theory.solve(data, from: start, seed: start == .prior ? 1 : 2)
        let title = "\(entry.name), \(start == .prior ? "prior" : "aligned") start"
        result += try rows(title, found.predictions, found.weightSquares, entry.expected, entry.spreads)
        result.append(
          LawRow(name: "\(title): drift", value: found.drift, expected: 0, standardError: 0.01))
      }
    }
    for start in [MeanFieldLangevin.Start.prior, .aligned([0, 1])] {
      var langevin = MeanFieldLangevin(try MeanFieldModel(inputs: 10, width: 64, noise: 0.05))
      langevin.stepSize = 0.2
      langevin.steps = Int(30_000 * effort)
      let found = try langevin.solve(data, testTargets: targets, from: start, seed: 1)
      let title = "Langevin, \(start == .prior ? "prior" : "aligned") start"
      result += try rows(
        title, found.predictions, found.weightSquares, [0.770, 0.053, 0.165, 0.091], [0.005, 0.003, 0.003, 0.001])
      result.append(
        LawRow(
          name: "\(title): squared error of single draws", value: found.sampleSquaredError, expected: 0.144,
          standardError: 0.005))
    }
    return result
  }

  private static func mean(_ values: some Collection<Double>) -> Double { values.reduce(0, +) / Double(values.count) }
}

// MARK: Learning curve

extension LawsTheory {
  /// P, and m and squared error of kernel, plain, adaptive nu 1, adaptive nu 0.3, screened, Langevin with its error of m.
  private typealias Curve = [(points: Int, rows: [[Double]])]

  private static var loose: Curve {
    [
      (
        100,
        [[0.099, 0.896], [0.095, 0.889], [0.113, 0.855], [0.186, 0.727], [0.151, 0.815], [0.151, 0.809, 0.001]]
      ),
      (
        200,
        [[0.110, 0.883], [0.102, 0.883], [0.126, 0.835], [0.234, 0.642], [0.186, 0.749], [0.182, 0.749, 0.001]]
      ),
      (
        400,
        [[0.129, 0.784], [0.124, 0.786], [0.166, 0.713], [0.382, 0.393], [0.252, 0.582], [0.290, 0.526, 0.012]]
      ),
      (800, [[0.134, 0.765], [0.132, 0.764], [0.19, 0.66], [0.39, 0.38], [0.28, 0.54], [0.317, 0.478, 0.008]]),
    ]
  }

  private static var tight: Curve {
    [
      (
        100,
        [[0.241, 0.760], [0.411, 0.425], [0.594, 0.203], [0.774, 0.062], [0.478, 0.399], [0.597, 0.242, 0.009]]
      ),
      (
        200,
        [[0.333, 0.568], [0.534, 0.247], [0.697, 0.103], [0.820, 0.036], [0.720, 0.115], [0.794, 0.056, 0.005]]
      ),
      (
        400,
        [[0.430, 0.371], [0.621, 0.153], [0.756, 0.063], [0.846, 0.025], [0.802, 0.056], [0.872, 0.019, 0.003]]
      ),
      (
        800, [[0.462, 0.315], [0.625, 0.146], [0.77, 0.055], [0.862, 0.021], [0.83, 0.05], [0.881, 0.016, 0.004]]
      ),
    ]
  }

  /// The specification's data: uniform points of the cube in 20 dimensions, with as many to learn from as told and 4000 for tests.
  static func parityTask(points count: Int) throws -> ParityTask {
    func points(_ count: Int, seed: UInt32) -> DenseMatrix {
      var bits = NumPyBits(seed: seed)
      return DenseMatrix(count, 20, elements: (0..<count * 20).map { _ in 2 * Double(bits.bit()) - 1 })
    }
    return try ParityTask(
      training: points(count, seed: UInt32(100 + count)), test: points(4000, seed: 1), degree: 2)
  }

  /// What the specification found, on its data: the kernel within 1e-3, the theories within 0.015 (screened 0.03), Langevin within 3
  /// standard errors plus 0.01.
  private static func learningCurve(_ effort: Double, noise: Double, stepSize: Double, table: Curve) throws -> [LawRow]
  {
    var comparison = MeanFieldComparison(try MeanFieldModel(inputs: 20, width: 256, noise: noise))
    // Few units carry the overlap, so the theories need long averages.
    comparison.theory.outerSteps = 160
    comparison.langevin.stepSize = stepSize
    comparison.langevin.steps = Int(40_000 * effort)
    comparison.langevin.stride = 40
    let pool = try ThreadPool()
    return try table.flatMap { entry -> [LawRow] in
      let task = try parityTask(points: entry.points)
      let found = try comparison.run(task, seed: 1, pool: pool)
      let tolerances = [1e-3, 0.015, 0.015, 0.015, 0.03, 0.01]
      return found.enumerated().flatMap { index, method -> [LawRow] in
        let expected = entry.rows[index]
        let tolerance = tolerances[index] + (expected.count > 2 ? 3 * expected[2] : 0)
        let title = "P \(entry.points), \(method.name)"
        return [
          LawRow(
            name: "\(title): m", value: method.overlap.value, expected: expected[0], standardError: tolerance),
          LawRow(
            name: "\(title): squared error", value: method.squaredError, expected: expected[1],
            standardError: 2 * tolerance),
        ]
      }
    }
  }
}

// MARK: Trajectories

extension LawsTheory {
  private static func twoDimensionalChain(effort: Double) throws -> [LawRow] {
    let state = try LinearSteadyState(
      hessian: DenseMatrix(rows: [[2, 0.5], [0.5, 1]]),
      diffusion: DenseMatrix(rows: [[1.5e-3, 5e-4], [5e-4, 2.5e-4]]), timeStep: 0.01)
    var rows: [LawRow] = []
    for (name, functional) in [
      ("left point", EntropyFunctional.leftPoint(state)), ("midpoint", .midpoint(state)), ("exact", try .exact(state)),
    ] {
      var chain = try NoisyDescent(state, seed: 11)
      var u = chain.stationaryDraw()
      var measurement = try TrajectoryMeasurement(
        reference: [0, 0], functional: functional, expectedEntropy: state.entropyProduction, windows: [20])
      try measurement.follow(&u, timeUnits: Int(2e7 * effort)) { chain.advance(&$0) }
      rows += theorems(name, measurement, mean: try state.discreteMean(of: functional))
    }
    return rows
  }

  /// The mean, the integral theorem and the detailed one, window by window.
  private static func theorems(_ name: String, _ measurement: TrajectoryMeasurement, mean: Double) -> [LawRow] {
    measurement.windows.flatMap { window -> [LawRow] in
      let title = "\(name), windows of \(window.length)"
      var rows = [
        LawRow(
          name: "\(title): mean", value: window.mean.value, expected: Double(window.length) * mean,
          standardError: window.mean.standardError),
        LawRow(
          name: "\(title): mean exp(-sigma)", value: window.integral.value, expected: 1,
          standardError: window.integral.standardError),
      ]
      if let slope = window.slope {
        rows.append(
          LawRow(
            name: "\(title): detailed slope", value: slope.value.value, expected: 1,
            standardError: slope.value.standardError))
      }
      return rows
    }
  }

  /// The 7-weight regression on a formula-made data set of the published kind: the theory knows any set.
  private static func currents(_ effort: Double, epochs: Bool) throws -> [LawRow] {
    var run = try CurrentsRun(.bump(), batchSize: 10, stepSize: 1e-7, withoutReplacement: epochs, seed: 1)
    try run.follow(timeUnits: Int((epochs ? 1.5e6 : 3e7) * effort))
    func rows(_ table: ResultTable, _ name: ([Double]) -> String) -> [LawRow] {
      table.rows.map { row in
        let found = row.suffix(3)
        return LawRow(
          name: name(row), value: found[found.startIndex + 1], expected: found[found.startIndex],
          standardError: found[found.startIndex + 2])
      }
    }
    let mean = try run.measurement.estimates().mean
    let size = run.centre.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let distance = zip(mean, run.centre).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    return try rows(run.variances()) { "variance where the curvature is \(Format.significant($0[0], 3))" }
      + rows(run.arealVelocities()) { "areal velocity \(Int($0[0]))\(Int($0[1]))" }
      + [
        LawRow(
          name: "distance of the mean from the centre", value: distance / size, expected: 0,
          standardError: epochs ? 2e-7 : 1e-4)
      ]
      + theorems("entropy", run.measurement, mean: run.expectedEntropyProduction())
  }
}
