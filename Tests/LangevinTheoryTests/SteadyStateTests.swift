import LangevinCore
import LangevinTheory
import Testing

/// The chain of two dimensions whose stationary state is known in closed form.
enum TwoDimensionalChain {
  static let hessian = DenseMatrix(rows: [[2, 0.5], [0.5, 1]])
  static let diffusion = DenseMatrix(rows: [[1.5e-3, 5e-4], [5e-4, 2.5e-4]])
  static let stepSize = 0.01

  static func state() throws -> LinearSteadyState {
    try LinearSteadyState(hessian: hessian, diffusion: diffusion, timeStep: stepSize)
  }
}

func expectNear(
  _ found: Double, _ expected: Double, relative: Double, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(abs(found - expected) <= relative * abs(expected), sourceLocation: sourceLocation)
}

@Suite struct SteadyStateTests {
  @Test func twoDimensionalChain() throws {
    let state = try TwoDimensionalChain.state()
    expectNear(state.covariance[0, 0], 59.0 / 840, relative: 1e-10)
    expectNear(state.covariance[0, 1], 2.0 / 105, relative: 1e-10)
    expectNear(state.covariance[1, 1], 13.0 / 840, relative: 1e-10)
    expectNear(state.circulation[0, 1], -4.166666666667e-5, relative: 1e-10)
    expectNear(state.circulation[1, 0], 4.166666666667e-5, relative: 1e-10)
    expectNear(state.entropyProduction, 1.0 / 2400, relative: 1e-10)

    let discrete = try state.discreteCovariance()
    expectNear(discrete[0, 0], 0.070989271916, relative: 1e-10)
    expectNear(discrete[0, 1], 0.019307660145, relative: 1e-10)
    expectNear(discrete[1, 1], 0.015609492279, relative: 1e-10)
    expectNear(try state.discreteCirculation()[0, 1], -4.191114836546e-5, relative: 1e-10)
    expectNear(try state.discreteMean(of: .exact(state)), 4.191114836547e-4, relative: 1e-10)
    expectNear(try state.discreteMean(of: .leftPoint(state)), 4.205933970307e-4, relative: 1e-10)
    expectNear(try state.discreteMean(of: .midpoint(state)), 4.191114836547e-4, relative: 1e-10)
  }

  /// Noise that commutes with the Hessian drives no current.
  @Test func equilibriumHasNoCurrent() throws {
    let state = try LinearSteadyState(
      hessian: TwoDimensionalChain.hessian, diffusion: .identity(2), timeStep: 0.01)
    #expect(state.circulation.magnitude < 1e-14)
    #expect(abs(state.entropyProduction) < 1e-25)
  }

  @Test func whatHasNoSteadyStateIsNamed() throws {
    let noise = TwoDimensionalChain.diffusion
    #expect(throws: TheoryError.notAMinimum(smallestEigenvalue: -1)) {
      try LinearSteadyState(hessian: DenseMatrix(diagonal: [-1, 2]), diffusion: noise, timeStep: 0.1)
    }
    #expect(throws: TheoryError.singularDiffusion) {
      try LinearSteadyState(hessian: .identity(2), diffusion: DenseMatrix(zeros: 2, 2), timeStep: 0.1)
    }
    // The noise reaches one direction, the Hessian carries it to the other.
    #expect {
      try LinearSteadyState(
        hessian: TwoDimensionalChain.hessian, diffusion: DenseMatrix(diagonal: [1, 0]), timeStep: 0.1)
    } throws: { error in
      if case .driftLeavesNoise? = error as? TheoryError { true } else { false }
    }
    #expect(throws: MatrixError.self) {
      try LinearSteadyState(hessian: DenseMatrix(rows: [[1, 0.1], [0, 1]]), diffusion: noise, timeStep: 0.1)
    }
    #expect(throws: LangevinError.self) {
      try LinearSteadyState(hessian: .identity(2), diffusion: noise, timeStep: 0)
    }
  }

  /// Noise in a subspace that the drift respects: the answer is that of the subspace.
  @Test func noiseInASubspace() throws {
    let embedded = { (a: DenseMatrix, last: Double) in
      DenseMatrix(rows: [[a[0, 0], a[0, 1], 0], [a[1, 0], a[1, 1], 0], [0, 0, last]])
    }
    let state = try LinearSteadyState(
      hessian: embedded(TwoDimensionalChain.hessian, 3), diffusion: embedded(TwoDimensionalChain.diffusion, 0),
      timeStep: 0.01)
    #expect(state.noiseRank == 2)
    expectNear(state.entropyProduction, 1.0 / 2400, relative: 1e-10)
  }
}

// MARK: Minibatches

@Suite struct MinibatchNoiseTests {
  /// LINE, as examples with derivatives at the minimum of the energy.
  static func line(_ count: Int) throws -> ExampleDerivatives {
    let problem = try LinearGaussianProblem.line(count: count)
    let n = Double(count)
    let rows = problem.features.indices.map { i -> [Double] in
      let phi = problem.features[i]
      let residual = zip(phi, problem.mean).reduce(-problem.targets[i]) { $0 + $1.0 * $1.1 }
      return phi.indices.map { n * residual * phi[$0] / 0.25 + problem.mean[$0] }
    }
    let hessians = problem.features.map { phi in
      n / 0.25 * DenseMatrix(phi, outer: phi) + .identity(2)
    }
    return try ExampleDerivatives(gradients: DenseMatrix(rows: rows), hessians: hessians)
  }

  /// The formula for random permutations of a finite set, against all permutations.
  @Test(arguments: [(4, 1), (4, 2), (5, 1), (6, 1), (6, 2), (6, 3), (7, 1)])
  func epochNoiseIsThatOfAllPermutations(count: Int, size: Int) throws {
    let examples = try Self.line(count)
    let formula = try examples.diffusion(of: .epochs(size), stepSize: 1)
    let listed = try 0.5 * examples.sweepCovarianceByListing(size)
    #expect((formula - listed).magnitude < 1e-11 * listed.magnitude)
    // One batch per epoch has no order.
    #expect(try examples.diffusion(of: .epochs(count), stepSize: 1).magnitude == 0)
  }

  @Test func sampledEpochNoise() throws {
    let examples = try Self.line(12)
    let exact = try examples.diffusion(of: .epochs(2), stepSize: 1)
    let sampled = try examples.sampledDiffusion(batchSize: 2, stepSize: 1, permutations: 2000, seed: 4)
    // Error in norm about sqrt((d + 1)/2000) = 0.04; z = 5.
    #expect((sampled - exact).frobeniusNorm < 5 * 0.04 * exact.frobeniusNorm)
    #expect((sampled - exact).frobeniusNorm > 0)
  }

  /// The covariance of one step over all batches of 2 out of 5.
  @Test func stepNoiseIsThatOfAllSubsets() throws {
    let examples = try Self.line(5)
    var square = DenseMatrix(zeros: 2, 2)
    var pairs = 0.0
    for i in 0..<5 {
      for j in 0..<i {
        let g = zip(examples.gradients.row(i), examples.gradients.row(j)).map { ($0 + $1) / 2 }
        let deviation = zip(g, examples.gradient).map { $0 - $1 }
        square = square + DenseMatrix(deviation, outer: deviation)
        pairs += 1
      }
    }
    let diffusion = try examples.diffusion(of: .subset(2), stepSize: 0.1)
    #expect((0.005 / pairs * square - diffusion).magnitude < 1e-14 * diffusion.magnitude)
    #expect(try examples.diffusion(of: .all, stepSize: 0.1).magnitude == 0)
    #expect(try examples.diffusion(of: .subset(5), stepSize: 0.1).magnitude == 0)
  }

  @Test func badSettingsAreNamed() throws {
    let examples = try Self.line(6)
    #expect(throws: LangevinError.self) { try examples.diffusion(of: .subset(7), stepSize: 0.1) }
    #expect(throws: LangevinError.self) { try examples.diffusion(of: .subset(0), stepSize: 0.1) }
    #expect(throws: LangevinError.self) { try examples.diffusion(of: .subset(2), stepSize: .nan) }
    #expect(throws: TheoryError.self) { try examples.diffusion(of: .epochs(4), stepSize: 0.1) }
    #expect(throws: LangevinError.self) {
      try ExampleDerivatives(gradients: DenseMatrix(rows: [[.nan]]), hessians: [.identity(1)])
    }
  }
}
