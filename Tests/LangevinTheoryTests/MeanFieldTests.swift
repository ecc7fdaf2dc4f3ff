import LangevinCore
import LangevinTheory
import Testing

/// The elementary numbers: overlaps of one unit and eigenvalues of the kernel.
@Suite struct HiddenUnitTests {
  static let weights = [0.5, -0.3, 0.2, 0.1, 0.25, -0.15]

  @Test(arguments: [([0, 1], -0.115625), ([0, 1, 2, 3], 0.009375), ([0, 1, 2], 0.0), ([2], 0.1)])
  func overlapsByListing(relevant: [Int], expected: Double) {
    let found = RectifiedUnit.exactOverlap(weights: Self.weights, relevant: relevant)
    #expect(abs(found - expected) < 1e-12)
  }

  @Test(
    arguments: [
      ([0.5, 0.5], 0.8, nil, 0.110658), ([0.4, -0.7], 0.3, nil, -0.187507),
      ([0.5, 0.5, 0.5, 0.5], 0.3, nil, -0.080136),
      ([0.5, 0.5], 0.8, 18, 0.108149), ([0.4, -0.7], 0.3, 18, -0.187496), ([0.5, 0.5, 0.5, 0.5], 0.3, 21, -0.079623),
      ([0.5, 0.5, 0.5, 0.5], 0, nil, -0.125),
    ] as [([Double], Double, Int?, Double)])
  func reducedOverlaps(relevant: [Double], spread: Double, others: Int?, expected: Double) {
    let found = RectifiedUnit.overlap(relevant: relevant, spread: spread, others: others)
    #expect(abs(found - expected) < 1e-6)
  }

  @Test(arguments: [
    (20, 0, 0.1631858847, 1e-8), (20, 1, 0.0125, 1e-8), (20, 2, 4.083525859e-4, 1e-8), (20, 3, 0.0, 1e-8),
    (10, 2, 1.681432279e-3, 1e-8), (25, 4, 4.933502e-7, 1e-6), (35, 4, 1.212693e-7, 1e-6),
  ])
  func eigenvalues(inputs: Int, degree: Int, expected: Double, relative: Double) throws {
    let model = try MeanFieldModel(inputs: inputs, width: 1, noise: 1)
    let found = try ArcCosineKernel.eigenvalue(of: model, degree: degree)
    #expect(abs(found - expected) <= relative * expected + 1e-15)
  }

  @Test(arguments: [(20, 4.11714e-4), (10, 1.724625e-3)])
  func priorOverlaps(inputs: Int, expected: Double) throws {
    let theory = try ParityMeanField(MeanFieldModel(inputs: inputs, width: 64, noise: 0.1), degree: 2)
    expectNear(theory.priorOverlapSquare, expected, relative: 1e-4)
  }
}

/// Infinitely many training points.
@Suite struct ParityMeanFieldTests {
  struct Row: Sendable {
    var inputs = 20
    var width = 256
    var exponent = 0.5
    var noise: Double
    var overlap: Double
    var logNormalisation: Double
    var relevant: Double
    var irrelevant: Double
    var freeEnergy: Double
  }

  // The other rows of the table, and those of degree 4, are in the benchmarks.
  static let rows = [
    Row(
      noise: 0.1, overlap: 0.034183, logNormalisation: -0.081928, relevant: 0.050190, irrelevant: 0.049564,
      freeEnergy: 70.9152),
    Row(
      noise: 0.03, overlap: 0.480558, logNormalisation: -0.398137, relevant: 0.077243, irrelevant: 0.046002,
      freeEnergy: 529.181),
    Row(
      noise: 0.01, overlap: 0.838104, logNormalisation: -1.088408, relevant: 0.131266, irrelevant: 0.039112,
      freeEnergy: 1766.54),
    Row(
      width: 1024, noise: 0.03, overlap: 0.397553, logNormalisation: -0.133955, relevant: 0.059305,
      irrelevant: 0.048463, freeEnergy: 604.920),
    Row(
      exponent: 1, noise: 0.005, overlap: 0.855862, logNormalisation: 0.467628, relevant: 0.448747,
      irrelevant: 0.035325, freeEnergy: 5230.28),
    Row(
      inputs: 10, width: 64, noise: 0.05, overlap: 0.457206, logNormalisation: -0.352945, relevant: 0.158826,
      irrelevant: 0.080949, freeEnergy: 180.781),
  ]

  @Test(arguments: rows) func plainTheory(row: Row) throws {
    let model = try MeanFieldModel(
      inputs: row.inputs, width: row.width, noise: row.noise, outputExponent: row.exponent)
    let found = try ParityMeanField(model, degree: 2).solve()
    #expect(abs(found.overlap - row.overlap) < 2e-5)
    #expect(abs(found.logNormalisation - row.logNormalisation) < 2e-5)
    #expect(abs(found.weightSquares.relevant - row.relevant) < 2e-5)
    #expect(abs(found.weightSquares.irrelevant - row.irrelevant) < 2e-5)
    expectNear(found.freeEnergy, row.freeEnergy, relative: 1e-4)
  }

  @Test func wideNetworksAreKernels() throws {
    let model = try MeanFieldModel(inputs: 20, width: 10_000_000, noise: 0.05)
    let found = try ParityMeanField(model, degree: 2).solve()
    #expect(abs(found.overlap - 0.141399) < 2e-5)
    let eigenvalue = try ArcCosineKernel.eigenvalue(of: model, degree: 2)
    #expect(abs(eigenvalue / (eigenvalue + 0.05 * 0.05) - 0.140407) < 1e-6)
  }

  @Test func withoutTheCorrection() throws {
    let model = try MeanFieldModel(inputs: 20, width: 256, noise: 0.05)
    let theory = try ParityMeanField(model, degree: 2, resolution: .init(correctsKurtosis: false))
    #expect(abs(try theory.solve().overlap - 0.150316) < 2e-5)
    #expect(abs(try theory.with(noise: 0.02).solve().overlap - 0.670743) < 2e-5)
  }

  /// Parities over 0, 1 and 3 coordinates: a constant, a linear function, and one that no rectified unit sees.
  @Test func otherDegrees() throws {
    let model = try MeanFieldModel(inputs: 6, width: 64, noise: 0.05)
    #expect(try ParityMeanField(model, degree: 0).solve().overlap > 0.9)
    #expect(try ParityMeanField(model, degree: 1).solve().overlap > 0.5)
    #expect(try ParityMeanField(model, degree: 3, resolution: .init(relevantNodes: 12)).solve().overlap == 0)
    // All coordinates relevant: there is no other length.
    let full = try ParityMeanField(MeanFieldModel(inputs: 2, width: 64, noise: 0.05), degree: 2).solve()
    #expect(full.overlap > 0.5 && full.weightSquares.irrelevant == 0)
    #expect(try ParityMeanField(model.with(noise: 1e3), degree: 2).solve().overlap < 1e-6)
  }

  struct AdaptiveRow: Sendable {
    var noise: Double
    var stiffness: Double
    var overlap: Double
    var variances: CoordinateVariances
    var squares: CoordinateVariances
    var freeEnergy: Double
  }

  static let adaptiveRows = [
    AdaptiveRow(
      noise: 0.05, stiffness: 1, overlap: 0.209364, variances: .init(relevant: 0.060395, irrelevant: 0.048310),
      squares: .init(relevant: 0.070790, irrelevant: 0.046620), freeEnergy: 246.608),
    AdaptiveRow(
      noise: 0.03, stiffness: 0.3, overlap: 0.775997, variances: .init(relevant: 0.249952, irrelevant: 0.041946),
      squares: .init(relevant: 0.309938, irrelevant: 0.039530), freeEnergy: 387.750),
  ]

  @Test(arguments: adaptiveRows) func adaptiveVariances(row: AdaptiveRow) throws {
    let model = try MeanFieldModel(inputs: 20, width: 256, noise: row.noise)
    let theory = try ParityMeanField(model, degree: 2, resolution: .init(reach: 3.6))
    let (found, other) = try theory.solveAdaptive(stiffness: row.stiffness)
    #expect(other == nil)
    #expect(abs(found.solution.overlap - row.overlap) < 1e-4)
    #expect(abs(found.variances.relevant - row.variances.relevant) < 1e-4)
    #expect(abs(found.variances.irrelevant - row.variances.irrelevant) < 1e-4)
    #expect(abs(found.solution.weightSquares.relevant - row.squares.relevant) < 1e-4)
    #expect(abs(found.solution.weightSquares.irrelevant - row.squares.irrelevant) < 1e-4)
    expectNear(found.freeEnergy, row.freeEnergy, relative: 1e-4)
    #expect(found.residual < 1e-9)
  }

  @Test func badSettingsAreNamed() throws {
    #expect(throws: LangevinError.self) { try MeanFieldModel(inputs: 0, width: 1, noise: 1) }
    #expect(throws: LangevinError.self) { try MeanFieldModel(inputs: 1, width: 0, noise: 1) }
    #expect(throws: LangevinError.self) { try MeanFieldModel(inputs: 1, width: 1, noise: 0) }
    #expect(throws: LangevinError.self) { try MeanFieldModel(inputs: 1, width: 1, noise: .infinity) }
    #expect(throws: LangevinError.self) { try MeanFieldModel(inputs: 1, width: 1, noise: 1, outputVariance: -1) }
    #expect(throws: LangevinError.self) { try MeanFieldModel(inputs: 1, width: 1, noise: 1, inputVariance: 0) }
    let model = try MeanFieldModel(inputs: 6, width: 4, noise: 1)
    #expect(throws: LangevinError.self) { try ParityMeanField(model, degree: 7) }
    #expect(throws: LangevinError.self) { try ParityMeanField(model, degree: -1) }
    #expect(throws: TheoryError.self) { try ParityMeanField(model, degree: 5) }
    #expect(throws: LangevinError.self) { try ParityMeanField(model, degree: 1).solveAdaptive(stiffness: 0.01) }
  }
}

/// A data set without random numbers: 200 of the 1024 points of the cube of 10 dimensions, in a fixed scattered order.
enum ScatteredCube {
  static func points(_ range: Range<Int>) -> DenseMatrix {
    DenseMatrix(
      rows: range.map { i in
        let r = 397 * i % 1024
        return (0..<10).map { r >> $0 & 1 == 0 ? 1.0 : -1 }
      })
  }

  static let training = points(0..<200)
  static let test = points(200..<1024)

  /// The product of the first two coordinates.
  static func parity(_ points: DenseMatrix) -> [Double] { (0..<points.rows).map { points[$0, 0] * points[$0, 1] } }
}

@Suite struct KernelRegressionTests {
  @Test func theDataAreTheSpecified() {
    #expect(ScatteredCube.parity(ScatteredCube.training).reduce(0, +) == 0)
    #expect(ScatteredCube.training.elements.reduce(0, +) == 4)
  }

  @Test(arguments: [
    (0.5, 0.05, 0.388301, 0.378548, 0), (0.5, 0.1, 0.139998, 0.741084, 0), (1.0, 0.02, 0.060127, 0.883886, 1),
  ])
  func scatteredCube(exponent: Double, noise: Double, overlap: Double, error: Double, wrong: Int) throws {
    let model = try MeanFieldModel(inputs: 10, width: 64, noise: noise, outputExponent: exponent)
    let fit = try KernelRegression(
      model, inputs: ScatteredCube.training, targets: ScatteredCube.parity(ScatteredCube.training))
    let scores = try ParityScores(
      predictions: fit.predictions(at: ScatteredCube.test), targets: ScatteredCube.parity(ScatteredCube.test))
    #expect(abs(scores.overlap - overlap) < 1e-5)
    #expect(abs(scores.squaredError - error) < 1e-5)
    #expect(abs(scores.errorRate - Double(wrong) / 824) < 1e-12)
  }

  /// A point that comes twice makes the kernel singular, and the ridge regular.
  @Test func repeatedPoints() throws {
    let model = try MeanFieldModel(inputs: 2, width: 4, noise: 1e-6)
    let points = DenseMatrix(rows: [[1, 1], [1, 1], [1, -1]])
    let fit = try KernelRegression(model, inputs: points, targets: [1, 1, -1])
    for (found, expected) in zip(try fit.predictions(at: points), [1.0, 1, -1]) {
      #expect(abs(found - expected) < 1e-5)
    }
    #expect(throws: LangevinError.self) { try KernelRegression(model, inputs: points, targets: [1]) }
    #expect(throws: LangevinError.self) { try KernelRegression(model, inputs: points, targets: [1, .nan, 1]) }
    #expect(throws: LangevinError.self) { try fit.predictions(at: DenseMatrix(zeros: 1, 3)) }
  }
}

/// Chains of units on the scattered cube. The reference numbers have been found with more chains; tolerances are three times
/// their spread, as the specification allows, plus that of fewer chains.
@Suite struct MeanFieldRegressionTests {
  static func data() throws -> MeanFieldData {
    try MeanFieldData(
      inputs: ScatteredCube.training, targets: ScatteredCube.parity(ScatteredCube.training),
      testInputs: ScatteredCube.test)
  }

  static func scores(_ solution: MeanFieldRegression.Solution) throws -> ParityScores {
    try ParityScores(predictions: solution.predictions, targets: ScatteredCube.parity(ScatteredCube.test))
  }

  @Test(arguments: [MeanFieldRegression.Start.prior, .aligned([0, 1])])
  func plainTheory(start: MeanFieldRegression.Start) throws {
    var theory = MeanFieldRegression(try MeanFieldModel(inputs: 10, width: 64, noise: 0.05))
    (theory.chains, theory.innerSteps, theory.outerSteps) = (256, 6, 60)
    let solution = try theory.solve(Self.data(), from: start, seed: 3)
    let scores = try Self.scores(solution)
    #expect(abs(scores.overlap - 0.447) < 0.025)
    #expect(abs(scores.squaredError - 0.307) < 0.025)
    #expect(abs((solution.weightSquares[0] + solution.weightSquares[1]) / 2 - 0.158) < 0.02)
    #expect(abs(solution.weightSquares[2...].reduce(0, +) / 8 - 0.081) < 0.006)
    #expect(0.4 < solution.acceptance && solution.acceptance < 0.8)
  }

  @Test func wideNetworksAreKernels() throws {
    var theory = MeanFieldRegression(try MeanFieldModel(inputs: 10, width: 1_000_000, noise: 0.05))
    (theory.chains, theory.innerSteps, theory.outerSteps) = (256, 6, 40)
    let scores = try Self.scores(theory.solve(Self.data(), seed: 1))
    #expect(abs(scores.overlap - 0.388301) < 0.025)
    #expect(abs(scores.squaredError - 0.378548) < 0.025)
  }

  /// Between the plain theory's 0.447 and each other lie many tolerances.
  @Test(
    arguments: [(MeanFieldRegression.Mode.plain, 1.0, 0.571, 0.281), (.screened, nil, 0.732, 0.146)]
      as [(MeanFieldRegression.Mode, Double?, Double, Double)])
  func extensions(mode: MeanFieldRegression.Mode, stiffness: Double?, overlap: Double, square: Double) throws {
    var theory = MeanFieldRegression(try MeanFieldModel(inputs: 10, width: 64, noise: 0.05))
    (theory.chains, theory.innerSteps, theory.outerSteps) = (128, 6, 40)
    (theory.mode, theory.stiffness) = (mode, stiffness)
    let solution = try theory.solve(Self.data(), from: .aligned([0, 1]), seed: 3)
    #expect(abs(try Self.scores(solution).overlap - overlap) < 0.05)
    #expect(abs((solution.weightSquares[0] + solution.weightSquares[1]) / 2 - square) < 0.05)
  }

  /// The chains' forces against central differences; a wrong force would not bias the chains, only slow them down.
  @Test(arguments: MeanFieldRegression.Mode.allCases, [Activation.tanh, .gelu, .relu])
  func forcesAreDerivatives(mode: MeanFieldRegression.Mode, activation: Activation) throws {
    var theory = MeanFieldRegression(try MeanFieldModel(inputs: 3, width: 5, noise: 0.2))
    (theory.chains, theory.mode, theory.activation) = (2, mode, activation)
    let x = DenseMatrix(rows: [[1, -1, 1], [1, 1, -1], [-1, 1, 1], [-1, -1, -0.5]])
    var units = UnitChains(
      theory, try MeanFieldData(inputs: x, targets: [1, -1, 0.5, 1], testInputs: x), .prior, 1)
    let weights = [0.31, -0.72, 0.44, -0.63, 0.25, 0.17]
    let found = try units.energies(at: weights).gradients
    for index in weights.indices {
      func energy(_ shift: Double) throws -> Double {
        var moved = weights
        moved[index] += shift
        return try units.energies(at: moved).energies[index / 3]
      }
      let difference = (try energy(1e-5) - energy(-1e-5)) / 2e-5
      #expect(abs(found[index] - difference) < 1e-7 * max(1, abs(difference)))
    }
  }

  @Test func badSettingsAreNamed() throws {
    let data = try Self.data()
    var theory = MeanFieldRegression(try MeanFieldModel(inputs: 10, width: 64, noise: 0.05))
    #expect(throws: LangevinError.self) { try theory.solve(data, from: .aligned([0, 0])) }
    #expect(throws: LangevinError.self) { try theory.solve(data, from: .aligned([10])) }
    theory.stiffness = 0
    #expect(throws: LangevinError.self) { try theory.solve(data) }
    theory.stiffness = nil
    theory.outerSteps = 1
    #expect(throws: LangevinError.self) { try theory.solve(data) }
    let other = MeanFieldRegression(try MeanFieldModel(inputs: 9, width: 64, noise: 0.05))
    #expect(throws: LangevinError.self) { try other.solve(data) }
    #expect(throws: LangevinError.self) {
      try MeanFieldData(inputs: DenseMatrix(zeros: 2, 3), targets: [1], testInputs: DenseMatrix(zeros: 1, 3))
    }
  }
}

@Suite struct MeanFieldLangevinTests {
  /// The gradient of the potential at temperature kappa^2 is that of the mean loss at T = 2 kappa^2, halved.
  @Test func thePotentialIsThePages() throws {
    let model = try MeanFieldModel(inputs: 3, width: 2, noise: 0.3, outputExponent: 1, outputVariance: 2)
    let x = DenseMatrix(rows: [[1, -1, 1], [-1, -1, 1]])
    let y = [1.0, -1]
    let potential = try MeanFieldLangevin(model).potential(MeanFieldData(inputs: x, targets: y, testInputs: x))
    let p: [Float] = [0.5, -0.2, 0.1, 0.3, 0.4, -0.6, 0.7, -1.1]
    func energy(_ p: [Double]) -> Double {
      var loss = 0.0
      for row in 0..<2 {
        var f = 0.0
        for unit in 0..<2 {
          f += p[6 + unit] * max(0, (0..<3).reduce(0) { $0 + p[3 * unit + $1] * x[row, $1] }) / 2
        }
        loss += (y[row] - f) * (y[row] - f) / 2
      }
      let t = 2 * 0.3 * 0.3
      let prior = p.indices.reduce(0) { $0 + t * p[$1] * p[$1] / (2 * ($1 < 6 ? 1.0 / 3 : 2)) }
      return loss + prior
    }
    var workspace = potential.makeWorkspace()
    var gradient = Tensor(p)
    let found = try potential.evaluate(at: Tensor(p), gradient: &gradient, workspace: &workspace)
    #expect(abs(2 * found.total - energy(p.map(Double.init))) < 1e-6)
  }

  /// Far too much noise leaves the prior, with the bias of the unadjusted scheme: each variance is var/(1 - eta T/(2 var)).
  @Test(arguments: [MeanFieldLangevin.Start.prior, .aligned([0, 1])])
  func withoutInformationThePriorIsLeft(start: MeanFieldLangevin.Start) throws {
    var chain = MeanFieldLangevin(try MeanFieldModel(inputs: 4, width: 50, noise: 1e3))
    let temperature = 2 * 1e3 * 1e3
    chain.stepSize = 0.5 * 0.25 / temperature
    (chain.steps, chain.stride) = (4000, 8)
    let x = DenseMatrix(rows: [[1, 1, 1, -1], [1, -1, 1, 1]])
    let found = try chain.solve(
      MeanFieldData(inputs: x, targets: [1, -1], testInputs: x), testTargets: [1, -1], from: start, seed: 2)
    let expected = 0.25 / (1 - 0.5 / 2)
    // 50 weights for each coordinate and 250 draws, 8 steps apart with an autocorrelation of 2^-8: z = 4.9. Half the step would be off
    // by 14 %.
    for square in found.weightSquares { #expect(abs(square / expected - 1) < 4.9 * (2.0 / 12_500).squareRoot()) }
    #expect(found.overlaps.count == 250)
    let mean = try ParityScores(predictions: found.predictions, targets: [1, -1])
    #expect(found.sampleSquaredError > mean.squaredError)
  }

  @Test func badSettingsAreNamed() throws {
    let x = DenseMatrix(rows: [[1, 1]])
    let data = try MeanFieldData(inputs: x, targets: [1], testInputs: x)
    var chain = MeanFieldLangevin(try MeanFieldModel(inputs: 2, width: 2, noise: 1))
    #expect(throws: LangevinError.self) { try chain.solve(data, testTargets: [1], from: .aligned([2])) }
    chain.stepSize = -1
    #expect(throws: LangevinError.self) { try chain.solve(data, testTargets: [1]) }
    #expect(throws: LangevinError.self) { try chain.solve(data, testTargets: [1, 2]) }
  }
}
