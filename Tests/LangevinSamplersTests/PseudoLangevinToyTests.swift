import LangevinCore
import LangevinReproduce
import LangevinSamplers
import Testing
import _LangevinTestSupport

/// The harmonic toy, by the stationary covariance of the sampler's own linear step.
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
    correctedAlong directions: NoiseDirections<Double>? = nil
  ) throws -> Temperatures {
    let sampler = try PseudoLangevin<Double>(temperature: .constant(Toy.temperature)) {
      $0.ratio = ratio
      $0.updateEvery = .max
      $0.momentumLoss = Self.m1
      $0.segment = 1000
      $0.guardsUnits = false
      $0.directionDraws = 2
      $0.correctsDirections = directions != nil
    }
    let potential = try ScriptedPotential(hessian: hessian, variances: Toy.variances)
    let map = try linearMap(of: sampler, on: potential, place: 500, covariance: covariance) {
      if let directions { $0.directions = directions }
    }
    let book = NoiseBookkeeping(temperature: Toy.temperature, momentumLoss: Self.m1)
    return Temperatures(
      map.stationaryCovariance(), hessian: hessian,
      masses: Toy.variances.map { book.mass(variance: $0, ratio: ratio) })
  }

  /// Along an eigenvector of the noise correlation with eigenvalue kappa, virial and kinetic temperature are equal, and both
  /// are T (1 + (2 - m1^2) r (kappa - 1)); the mean energy does not see it.
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

  /// Uncorrelated noise is counted exactly: what is left is the bias of OBABO.
  @Test func uncorrelatedNoiseLeavesTheBiasOfTheSchemeOnly() throws {
    let ratio = 0.4
    func diagonal(_ values: [Double]) -> [[Double]] {
      values.indices.map { i in values.indices.map { i == $0 ? values[i] : 0.0 } }
    }
    let stiffness = (0..<Toy.count).map { 0.01 + 0.99 * Double($0) / 39 }

    // Each parameter a mode of its own: w h w/T = 1/(1 - a h/4), a = 4 r T m1^2/v.
    let own = try temperatures(ratio: ratio, covariance: diagonal(Toy.variances), hessian: diagonal(stiffness))
    let expected = zip(stiffness, Toy.variances).map { 1 / (1 - 4 * ratio * Toy.temperature * 0.01 / $1 * $0 / 4) }
    for (mode, value) in zip(own.modes, expected.reversed()) { #expect((mode - value).magnitude < 1e-9) }

    // Modes that mix parameters of different masses.
    var hessian = diagonal(Array(repeating: 0, count: Toy.count))
    for (vector, stiffness) in zip(symmetricEigen(Toy.correlation).vectors, stiffness) {
      for i in 0..<Toy.count { for j in 0..<Toy.count { hessian[i][j] += stiffness * vector[i] * vector[j] } }
    }
    let mixed = try temperatures(ratio: ratio, covariance: diagonal(Toy.variances), hessian: hessian)
    for mode in mixed.modes { #expect(mode > 1 && mode < 1.0035) }
    for (v, k) in zip(mixed.virial, mixed.kinetic) { #expect((v - k).magnitude < 1e-9) }
  }

  /// With the low-rank correction the corrected directions are at T, the others at their common mean.
  @Test func lowRankCorrectionCoolsTheLeadingDirections() throws {
    let (ratio, rank) = (0.01, 4)
    let (values, vectors) = symmetricEigen(Toy.correlation)
    let directions = NoiseDirections<Double>(
      vectors: vectors.prefix(rank).map { Tensor($0) }, strengths: values.prefix(rank).map { ratio * $0 },
      counted: Array(repeating: ratio, count: rank))
    let result = try temperatures(ratio: ratio, correctedAlong: directions)
    let others = (Double(Toy.count) - values.prefix(rank).reduce(0, +)) / Double(Toy.count - rank)
    for (index, (v, k)) in zip(result.virial, result.kinetic).enumerated() {
      let expected = index < rank ? 1 : 1 + 1.99 * ratio * (values[index] - others)
      #expect((k - expected).magnitude < 1e-3)
      #expect((v - k).magnitude < 1e-9)
    }
    #expect((result.energy - 1).magnitude < 1e-3)
  }

  /// Where minibatches alone heat a direction above T, to (2 - m1^2) r kappa T, all the noise that can be left out is: the
  /// others give way, and the mean energy is right as it is without the correction. It was 9 % too high.
  @Test(arguments: [1, 2, 4])
  func directionsThatCannotBeCooledDoNotHeatTheMean(rank: Int) throws {
    let ratio = 0.1
    let (values, vectors) = symmetricEigen(Toy.correlation)
    let directions = NoiseDirections<Double>(
      vectors: vectors.prefix(rank).map { Tensor($0) }, strengths: values.prefix(rank).map { ratio * $0 },
      counted: Array(repeating: ratio, count: rank))
    let result = try temperatures(ratio: ratio, correctedAlong: directions)
    #expect((result.energy - 1).magnitude < 1e-3, "U is \(result.energy) T per mode")
    let expected = values.prefix(rank).map { max(1, 1.99 * ratio * $0) }
    #expect(expected[0] > 4)
    let found = directions.temperatureRatios(momentumLoss: Self.m1, isCorrected: true)
    for index in 0..<rank {
      #expect((result.kinetic[index] - expected[index]).magnitude < 1e-3)
      #expect((found[index] - expected[index]).magnitude < 1e-12)
    }
  }

  /// A correction that cannot do it says so.
  @Test func aDirectionThatStaysHotIsWarnedOf() throws {
    let count = 8
    func block(_ matrix: [[Double]]) -> [[Double]] { matrix.prefix(count).map { Array($0.prefix(count)) } }
    let factor = try #require(cholesky(block(Toy.covariance)))
    let potential = try NoisyHarmonicPotential(hessian: block(Toy.hessian), noiseFactor: factor)
    func warnings(ratio: Double) throws -> [String] {
      let sampler = try PseudoLangevin<Double>(temperature: .constant(Toy.temperature)) {
        $0.ratio = ratio
        $0.updateEvery = .max
        $0.momentumLoss = 0.3
        $0.segment = 5
        $0.guardsUnits = false
        $0.directions = 1
        $0.directionDraws = 400
        $0.firstSweeps = 12
        $0.correctsDirections = true
      }
      var evaluator = try Evaluator(potential, batches: .withReplacement(1), seed: 11)
      var state = try sampler.start(at: Tensor(Array(repeating: 0, count: count)), with: &evaluator)
      var warnings: [String] = []
      for _ in 0..<5 { warnings += try sampler.step(&state, with: &evaluator).warnings }
      return warnings
    }
    // kappa is 7: at r = 0.05 all of its heat can be left out, at r = 0.2 it stays 2.7 times too hot.
    #expect(try !warnings(ratio: 0.05).contains { $0.contains("direction run at") })
    #expect(try warnings(ratio: 0.2).contains { $0.contains("direction run at 2.") && !$0.contains("or correct") })
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

  /// A chain on 16 examples whose gradients scatter with a block of the covariance C: drawn variances, the masses made of them,
  /// the leading direction, and the kinetic temperatures along the extreme eigenvectors.
  @Test func simulatedChainHasTheExactTemperatures() throws {
    let count = 8
    func block(_ matrix: [[Double]]) -> [[Double]] { matrix.prefix(count).map { Array($0.prefix(count)) } }
    let factor = try #require(cholesky(block(Toy.covariance)))
    let potential = try NoisyHarmonicPotential(hessian: block(Toy.hessian), noiseFactor: factor)
    let (ratio, m1) = (0.1, 0.3)
    let sampler = try PseudoLangevin<Double>(temperature: .constant(Toy.temperature)) {
      $0.ratio = ratio
      $0.updateEvery = .max
      $0.variance = GradientVariance(.drawn, fewestDraws: 4000, mostDraws: 4000, relativeFloor: 0)
      $0.momentumLoss = m1
      $0.segment = 25
      $0.guardsUnits = false
      $0.directionDraws = 400
      $0.firstSweeps = 12
    }
    var evaluator = try Evaluator(potential, batches: .withReplacement(1), seed: 11)
    var state = try sampler.start(at: Tensor(Array(repeating: 0, count: count)), with: &evaluator)

    // A drawn variance has a relative error below sqrt(2/4000) for noise of bounded size; z = 4.9.
    for i in 0..<count {
      #expect((state.gradientVariances[i] / Toy.variances[i] - 1).magnitude < 4.9 * (2.0 / 4000).squareRoot())
    }
    let (values, vectors) = symmetricEigen(block(Toy.correlation))
    let directions = try #require(state.directions)
    #expect((directions.strengths[0] / ratio / values[0] - 1).magnitude < 4.9 * (2.0 / 400).squareRoot())
    #expect(
      (directions.temperatureRatios(momentumLoss: m1)[0] - 1 - 1.91 * (directions.strengths[0] - ratio)).magnitude
        < 1e-3)

    var strongest = DirectionalTemperature(along: Tensor(vectors[0]))
    var weakest = DirectionalTemperature(along: Tensor(vectors[count - 1]))
    let segments = 3000
    let gradient = Tensor(Array(repeating: 0.0, count: count))
    for _ in 0..<segments {
      for _ in 0..<state.segment { _ = try sampler.step(&state, with: &evaluator) }
      let masses = state.inverseMasses
      strongest.add(position: state.position, gradient: gradient, momentum: state.momentum, inverseMasses: masses)
      weakest.add(position: state.position, gradient: gradient, momentum: state.momentum, inverseMasses: masses)
    }
    // Closed momenta to leading order in m1^2; 25 steps are 2.3 memories 1/m1^2, so samples are independent.
    for (sample, kappa) in [(strongest, values[0]), (weakest, values[count - 1])] {
      let mean = sample.kinetic.reduce(0, +) / Double(segments) / Toy.temperature
      let expected = 1 + 2 * (1 - m1 * m1) * ratio * (kappa - 1)
      // z = 4.9, and 1 % for masses made of drawn variances.
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
