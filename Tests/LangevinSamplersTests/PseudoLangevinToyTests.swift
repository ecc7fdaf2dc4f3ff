import LangevinCore
import LangevinSamplers
import Testing

/// 9.2: the harmonic toy, by the stationary covariance of the sampler's own linear step.
@Suite("Pseudo-Langevin: exact laws on the harmonic toy")
struct PseudoLangevinToyTests {
  static let m1 = 0.1

  /// In mass-scaled coordinates: 2U/(N T), and along each eigenvector of the noise correlation the virial and kinetic
  /// temperatures, over T.
  struct Temperatures {
    var energy = 0.0
    var kappas: [Double] = []
    var virial: [Double] = []
    var kinetic: [Double] = []
    /// w'Hw/T of each eigenvector of H.
    var modes: [Double] = []

    init(_ covariance: SquareMatrix, hessian: [[Double]], masses: [Double]) {
      let count = hessian.count
      let roots = masses.map { $0.squareRoot() }
      var sum = 0.0
      for i in 0..<count { for j in 0..<count { sum += hessian[i][j] * covariance[i, j] } }
      energy = sum / Double(count) / Toy.temperature

      let (values, vectors) = symmetricEigen(Toy.correlation)
      kappas = values
      for e in vectors {
        var (v, k) = (0.0, 0.0)
        for i in 0..<count {
          for j in 0..<count {
            // E[X G], G = e M^-1/2 H w, and E[Y^2].
            let hessianCovariance = (0..<count).reduce(0) { $0 + covariance[i, $1] * hessian[$1][j] }
            v += e[i] * roots[i] * hessianCovariance * e[j] / roots[j]
            k += e[i] / roots[i] * covariance[count + i, count + j] * e[j] / roots[j]
          }
        }
        virial.append(v / Toy.temperature)
        kinetic.append(k / Toy.temperature)
      }
      let modesOfHessian = symmetricEigen(hessian)
      modes = zip(modesOfHessian.values, modesOfHessian.vectors).map { value, vector in
        var square = 0.0
        for i in 0..<count { for j in 0..<count { square += vector[i] * covariance[i, j] * vector[j] } }
        return value * square / Toy.temperature
      }
    }
  }

  func temperatures(
    ratio: Double, covariance: [[Double]] = Toy.covariance, hessian: [[Double]] = Toy.hessian,
    correlation: NoiseCorrelation? = nil, directions: NoiseDirections<Double>? = nil
  ) throws -> Temperatures {
    let sampler = try PseudoLangevin<Double>(
      temperature: .constant(Toy.temperature), updates: .frozen(ratio: ratio), momentumLoss: Self.m1, segment: 1000,
      guardsUnits: false)
    let corrected = try PseudoLangevin<Double>(
      temperature: .constant(Toy.temperature), updates: .frozen(ratio: ratio), momentumLoss: Self.m1, segment: 1000,
      guardsUnits: false, correlation: correlation)
    let potential = try ScriptedPotential(hessian: hessian, variances: Toy.variances)
    let map = try linearMap(
      of: correlation == nil ? sampler : corrected, on: potential, place: 500, covariance: covariance
    ) { if let directions { $0.directions = directions } }
    let book = NoiseBookkeeping(temperature: Toy.temperature, momentumLoss: Self.m1)
    return Temperatures(
      map.stationaryCovariance(), hessian: hessian,
      masses: Toy.variances.map { book.mass(variance: $0, ratio: ratio) })
  }

  /// V_j = k_j exactly, and both follow the formula of section 4.4; the mean energy does not see it.
  @Test func correlatedNoiseHeatsDirectionsAsPredicted() throws {
    let hot = try temperatures(ratio: 0.1)
    #expect((hot.kappas[0] - 22.7268).magnitude < 1e-4)
    for (kappa, (v, k)) in zip(hot.kappas, zip(hot.virial, hot.kinetic)) {
      #expect((v - k).magnitude < 1e-9 * k)
      #expect((v - (1 + 1.99 * 0.1 * (kappa - 1))).magnitude < 1e-3)
    }
    #expect((hot.virial[0] - 5.3238).magnitude < 1e-4)
    #expect(((hot.virial.min() ?? 0) - 0.8061).magnitude < 1e-4)
    #expect((hot.energy - 1 - 4e-6).magnitude < 1e-6)

    let mild = try temperatures(ratio: 0.01)
    #expect((mild.virial[0] - 1.4324).magnitude < 1e-4)
    #expect(((mild.virial.min() ?? 0) - 0.9806).magnitude < 1e-4)
    #expect((mild.energy - 1).magnitude < 1e-4)
    for (v, k) in zip(mild.virial, mild.kinetic) { #expect((v - k).magnitude < 1e-9 * k) }
  }

  /// Uncorrelated noise: every mode of the Hessian is at T, up to the bias a h/4, whatever the ratio.
  @Test(arguments: [0.001, 0.4]) func uncorrelatedNoiseIsCountedExactly(ratio: Double) throws {
    let diagonal = (0..<Toy.count).map { i in (0..<Toy.count).map { i == $0 ? Toy.variances[i] : 0 } }
    // Stiffnesses from 0.01 to 1, in a basis of its own.
    let basis = symmetricEigen(Toy.correlation).vectors
    let stiffness = (0..<Toy.count).map { 0.01 + 0.99 * Double($0) / 39 }
    func element(_ i: Int, _ j: Int) -> Double {
      var sum = 0.0
      for (vector, k) in zip(basis, stiffness) { sum += k * vector[i] * vector[j] }
      return sum
    }
    let hessian = (0..<Toy.count).map { i in (0..<Toy.count).map { j in element(i, j) } }
    let result = try temperatures(ratio: ratio, covariance: diagonal, hessian: hessian)
    for mode in result.modes { #expect(mode > 1 - 1e-9 && mode < 1.0035) }
    for (v, k) in zip(result.virial, result.kinetic) {
      #expect((v - 1).magnitude < 1e-9)
      #expect((k - 1).magnitude < 1e-9)
    }
  }

  /// Section 5: with the low-rank correction the corrected directions are at T, the others at their common mean.
  @Test func lowRankCorrectionCoolsTheLeadingDirections() throws {
    let (ratio, rank) = (0.01, 4)
    let (values, vectors) = symmetricEigen(Toy.correlation)
    let directions = NoiseDirections<Double>(
      vectors: vectors.prefix(rank).map { Tensor($0) }, strengths: values.prefix(rank).map { ratio * $0 },
      counted: Array(repeating: ratio, count: rank))
    let result = try temperatures(
      ratio: ratio, correlation: NoiseCorrelation(directions: rank, draws: 2, isCorrected: true), directions: directions)
    let others = (Double(Toy.count) - values.prefix(rank).reduce(0, +)) / Double(Toy.count - rank)
    for (index, (v, k)) in zip(result.virial, result.kinetic).enumerated() {
      let expected = index < rank ? 1 : 1 + 1.99 * ratio * (values[index] - others)
      #expect((k - expected).magnitude < 1e-3)
      #expect((v - k).magnitude < 1e-9)
    }
    #expect((result.energy - 1).magnitude < 1e-3)
  }

  /// The negative control: r = 0.1 makes the mean 1 + (2 - m1^2) r, the directions 1 + (2 - m1^2) r kappa.
  @Test func naiveNoiseIsTooHot() throws {
    let book = NoiseBookkeeping(temperature: Toy.temperature, momentumLoss: Self.m1)
    let masses = Toy.variances.map { book.mass(variance: $0, ratio: 0.1) }
    let sampler = try NaivePseudoLangevin<Double>(temperature: Toy.temperature, masses: Tensor(masses))
    let potential = try ScriptedPotential(hessian: Toy.hessian, variances: Toy.variances)
    var evaluator = try Evaluator(potential, batches: .withReplacement(1), seed: 1)
    let start = try sampler.start(at: Tensor(Array(repeating: 0, count: Toy.count)), with: &evaluator)
    let map = try LinearMap(
      count: Toy.count, normals: Toy.count, gradientNoises: 1, covariance: Toy.covariance
    ) { x, normals, noises in
      var state = start
      state.position = Tensor(x[..<Toy.count])
      state.momentum = Tensor(x[Toy.count...])
      evaluator.noise = .list(normals)
      potential.script.noises = noises
      _ = try sampler.step(&state, with: &evaluator)
      return state.position.elements + state.momentum.elements
    }
    let result = Temperatures(map.stationaryCovariance(), hessian: Toy.hessian, masses: masses)
    #expect((result.energy - 1.1990).magnitude < 1e-4)
    #expect((result.virial[0] - 5.5228).magnitude < 1e-3)
    #expect(((result.virial.min() ?? 0) - 1.0051).magnitude < 1e-4)
  }

  /// A chain on 80 examples whose gradients scatter with the covariance C: the masses, the draws of minibatches and the
  /// step together give the kinetic temperatures along the extreme eigenvectors.
  @Test func simulatedChainHasTheExactTemperatures() throws {
    let factor = try #require(cholesky(Toy.covariance))
    let potential = try NoisyHarmonicPotential(hessian: Toy.hessian, noiseFactor: factor)
    let ratio = 0.1
    let sampler = try PseudoLangevin<Double>(
      temperature: .constant(Toy.temperature), updates: .frozen(ratio: ratio),
      variance: GradientVariance(.drawn, fewestDraws: 4000, mostDraws: 4000, relativeFloor: 0), momentumLoss: 0.3,
      segment: 50, guardsUnits: false, correlation: NoiseCorrelation(directions: 1, draws: 400, firstSweeps: 12))
    var evaluator = try Evaluator(potential, batches: .withReplacement(1), seed: 11)
    var state = try sampler.start(at: Tensor(Array(repeating: 0, count: Toy.count)), with: &evaluator)

    // Drawn variances: each has a relative error of about sqrt(2/4000); z = 4.9 for 40 of them.
    for i in 0..<Toy.count {
      #expect((state.gradientVariances[i] / Toy.variances[i] - 1).magnitude < 4.9 * (2.0 / 4000).squareRoot())
    }
    // The strongest direction, measured with 400 draws: 4.9 sqrt(2/400) of rho.
    let (values, vectors) = symmetricEigen(Toy.correlation)
    let directions = try #require(state.directions)
    #expect((directions.strengths[0] / ratio / values[0] - 1).magnitude < 4.9 * (2.0 / 400).squareRoot())

    var strongest = DirectionalTemperature(along: Tensor(vectors[0]))
    var weakest = DirectionalTemperature(along: Tensor(vectors[Toy.count - 1]))
    let segments = 2000
    let gradient = Tensor(Array(repeating: 0.0, count: Toy.count))
    for _ in 0..<segments {
      for _ in 0..<50 { _ = try sampler.step(&state, with: &evaluator) }
      strongest.add(
        position: state.position, gradient: gradient, momentum: state.momentum, inverseMasses: state.inverseMasses)
      weakest.add(
        position: state.position, gradient: gradient, momentum: state.momentum, inverseMasses: state.inverseMasses)
    }
    // Closed momenta: 1 + 2 c1^2 r (kappa - 1); 50 steps are 4.5 memories 1/m1^2, so the samples are independent.
    for (sample, kappa) in [(strongest, values[0]), (weakest, values[Toy.count - 1])] {
      let mean = sample.kinetic.reduce(0, +) / Double(segments) / Toy.temperature
      let expected = 1 + 2 * 0.91 * ratio * (kappa - 1)
      // z = 4.9, and 1 % for the drawn masses and the higher orders in m1^2.
      #expect((mean / expected - 1).magnitude < 4.9 * (2 / Double(segments)).squareRoot() + 0.01)
    }
  }

  private func cholesky(_ matrix: [[Double]]) -> [[Double]]? {
    var lower = matrix.map { $0.map { _ in 0.0 } }
    for i in matrix.indices {
      for j in 0...i {
        let sum = (0..<j).reduce(matrix[i][j]) { $0 - lower[i][$1] * lower[j][$1] }
        if i == j && sum <= 0 { return nil }
        lower[i][j] = i == j ? sum.squareRoot() : sum / lower[j][j]
      }
    }
    return lower
  }
}
