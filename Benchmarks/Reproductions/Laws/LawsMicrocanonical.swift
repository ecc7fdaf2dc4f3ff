import Langevin
import LangevinPlatform

/// The microcanonical samplers and NUTS: biases, exactness, what their warm-ups find, what a gradient is worth.
///
/// Expected numbers are those of an independent implementation in NumPy and of BlackJAX 1.7.1.
enum LawsMicrocanonical {
  // MARK: Bias

  struct BiasRow {
    let scheme: IsokineticScheme
    let d: Int
    let h, variance, error: Double

    init(_ scheme: IsokineticScheme, _ d: Int, _ h: Double, _ variance: Double, _ error: Double) {
      (self.scheme, self.d, self.h, self.variance, self.error) = (scheme, d, h, variance, error * 1e-4)
    }
  }

  /// <x^2> of unit Gaussians at h = eps/sqrt(d), L = sqrt(d), with the standard errors in units of 1e-4.
  static let biases = [
    BiasRow(.leapfrog, 100, 0.5, 1.0204, 9), BiasRow(.leapfrog, 100, 1, 1.0901, 6),
    BiasRow(.leapfrog, 10, 0.5, 1.0218, 11), BiasRow(.leapfrog, 10, 1, 1.0998, 8),
    BiasRow(.leapfrog, 2, 0.5, 1.0372, 22), BiasRow(.leapfrog, 2, 1, 1.1660, 13),
    BiasRow(.mclachlan, 100, 1, 0.9870, 5), BiasRow(.mclachlan, 100, 1.5, 0.9635, 2),
    BiasRow(.mclachlan, 100, 2, 0.9132, 1), BiasRow(.mclachlan, 10, 1, 0.9854, 7),
    BiasRow(.mclachlan, 10, 1.5, 0.9565, 4), BiasRow(.mclachlan, 10, 2, 0.8796, 4),
    BiasRow(.mclachlan, 2, 1, 0.9805, 10), BiasRow(.mclachlan, 2, 1.5, 0.9495, 7),
    BiasRow(.mclachlan, 2, 2, 0.9468, 10),
  ]

  /// The law for d -> infinity.
  static let exact: [(scheme: IsokineticScheme, h: Double, variance: Double)] = [
    (.leapfrog, 0.25, 1.005230099376), (.leapfrog, 0.5, 1.021184705705), (.leapfrog, 1, 1.089157097202),
    (.leapfrog, 1.5, 1.218701588278), (.mclachlan, 0.25, 0.999317416529), (.mclachlan, 0.5, 0.997179651063),
    (.mclachlan, 1, 0.987192509970), (.mclachlan, 1.5, 0.964701341947), (.mclachlan, 2, 0.917786810186),
  ]

  /// Means over chains of <x^2>/d, and the energy error per dimension.
  private static func variance(
    _ scheme: IsokineticScheme, d: Int, h: Double, effort: Double
  ) throws -> (chains: [Double], energyError: Double) {
    let potential = try HarmonicPotential<Double>(stiffness: Array(repeating: 1, count: d))
    let eps = h * Double(d).squareRoot()
    let sampler = try MCLMC<Double>(temperature: 1, scheme: scheme, stepSize: eps, decoherence: 3 * eps)
    let steps = Int(1200 * effort)
    // As many numbers as in the tables: 1200 steps of 400 chains in 10 dimensions.
    let count = max(40, 4000 / d)
    var energyErrors = 0.0
    let chains = try (0..<count).map { chain in
      var evaluator = try Evaluator(potential, seed: 1, chain: chain)
      var start = Tensor<Double>(zeros: d)
      RandomStream(seed: 1, chain: chain, purpose: .initialisation).fillNormals(&start)
      var state = try sampler.start(at: start, with: &evaluator)
      // Also where the step is longer than this, which the settings do not allow.
      state.walk.decoherence = Double(d).squareRoot()
      var sum = 0.0
      for step in -50..<steps {
        _ = try sampler.step(&state, with: &evaluator)
        if step >= 0 { sum += state.position.squaredNorm() }
      }
      energyErrors += state.energyErrorVariance / Double(count)
      return sum / Double(steps) / Double(d)
    }
    return (chains, energyErrors)
  }

  static func bias(effort: Double = 1) throws -> [LawRow] {
    try biases.flatMap { row in
      let (chains, energyError) = try variance(row.scheme, d: row.d, h: row.h, effort: effort)
      let (mean, error) = meanAndError(chains)
      let name = "\(row.scheme.rawValue), d \(row.d), h \(row.h)"
      return [
        LawRow(
          name: name + ": <x^2>", value: mean, expected: row.variance,
          standardError: (error * error + row.error * row.error).squareRoot()),
        LawRow(
          name: name + ": bias/(EEVPD/4)^(1/3)", value: (mean - 1).magnitude / pow(energyError / 4, 1.0 / 3),
          within: 0...1),
      ]
    }
  }

  /// Within 4 standard errors and 0.6/d of the law for d -> infinity.
  static func manyDimensions(effort: Double = 1) throws -> [LawRow] {
    try exact.map { row in
      let (mean, error) = meanAndError(try variance(row.scheme, d: 100, h: row.h, effort: effort).chains)
      let margin = 4 * error + 0.6 / 100
      return LawRow(
        name: "\(row.scheme.rawValue), d 100, h \(row.h): <x^2> - exact", value: mean - row.variance,
        within: -margin...margin)
    }
  }

  // MARK: Exactness

  struct ExactRow {
    let stiffness: [Double]
    let eps, meanSteps: Double
    let scheme: IsokineticScheme
    var hasScales = false
    var innerRefresh: Double?
  }

  static let adjusted = [
    ExactRow(stiffness: [1, 4, 0.25], eps: 1.6, meanSteps: 3, scheme: .mclachlan),
    ExactRow(stiffness: [1, 4, 0.25], eps: 1.2, meanSteps: 3, scheme: .leapfrog),
    ExactRow(
      stiffness: (0..<10).map { pow(10, Double($0) / 9 - 0.5) }, eps: 3.5, meanSteps: 2, scheme: .mclachlan),
    // L inside is 2: the length of a mean trajectory is 10.5.
    ExactRow(
      stiffness: (0..<10).map { pow(10, Double($0) / 9 - 0.5) }, eps: 3.5, meanSteps: 3, scheme: .mclachlan,
      hasScales: true, innerRefresh: 2 / 10.5),
    ExactRow(stiffness: [1, 1], eps: 2, meanSteps: 2, scheme: .leapfrog),
  ]

  /// k <x^2> = T of MAMS in every direction, and <exp(-W)> = 1; chains start in equilibrium.
  static func exactness(effort: Double = 1) throws -> [LawRow] {
    try adjusted.flatMap { row in
      let d = row.stiffness.count
      let potential = try HarmonicPotential<Double>(stiffness: row.stiffness)
      let sampler = try MAMS<Double>(
        temperature: 1, scheme: row.scheme, stepSize: row.eps, meanSteps: row.meanSteps,
        innerRefresh: row.innerRefresh)
      let moves = Int(500 * effort)
      var squares = [[Double]](repeating: [], count: d)
      var weights: [Double] = []
      for chain in 0..<400 {
        var evaluator = try Evaluator(potential, seed: 5, chain: chain)
        var start = Tensor<Double>(zeros: d)
        RandomStream(seed: 5, chain: chain, purpose: .initialisation).fillNormals(&start)
        for i in 0..<d { start[i] /= row.stiffness[i].squareRoot() }
        var state = try sampler.start(at: start, with: &evaluator)
        if row.hasScales {
          state.walk.scales = Tensor((0..<d).map { (1 + 0.3 * sin(Double($0))) / row.stiffness[$0].squareRoot() })
        }
        var sums = [Double](repeating: 0, count: d)
        var weight = 0.0
        for _ in 0..<moves {
          let record = try sampler.step(&state, with: &evaluator)
          weight += exp(-(record.details.first { $0.name == "energy_error" }?.value ?? .infinity))
          for i in 0..<d { sums[i] += row.stiffness[i] * state.position[i] * state.position[i] }
        }
        for i in 0..<d { squares[i].append(sums[i] / Double(moves)) }
        weights.append(weight / Double(moves))
      }
      let name = "mams, d \(d), \(row.scheme.rawValue), eps \(row.eps), n \(row.meanSteps)"
      return squares.enumerated().map { LawRow(name: name + ": k <x\($0 + 1)^2>", chains: $1, expected: 1) }
        + [LawRow(name: name + ": <exp(-W)>", chains: weights, expected: 1)]
    }
  }

  // MARK: Warm-ups

  /// What the warm-up of each problem finds, 6 seeds; a band is that of BlackJAX's tuner widened by a quarter.
  static func tuners(effort: Double = 1) throws -> [LawRow] {
    let bands: [(problem: MicrocanonicalProblem, eps: ClosedRange<Double>, length: ClosedRange<Double>)] = [
      (try .icg50(), 8.37...9.19, 7.96...10.67), (try .rb10(), 0.25...0.46, 4.4...6.5),
      (try .lr10(), 2.69...2.98, 2.78...3.49),
    ]
    func widened(_ band: ClosedRange<Double>) -> ClosedRange<Double> {
      band.lowerBound / 1.25...band.upperBound * 1.25
    }
    return try bands.flatMap { problem, eps, length in
      try (0..<6).flatMap { seed in
        let warmup = UInt64(4000 * effort)
        let sampler = try MCLMC<Double>(temperature: 1)
        var evaluator = try Evaluator(problem.potential, seed: UInt64(seed), warmup: warmup)
        let random = evaluator.stream(.initialisation)
        var state = try sampler.start(at: problem.start(random), with: &evaluator)
        for _ in 0..<warmup { _ = try sampler.step(&state, with: &evaluator) }
        let ratios = (0..<problem.dimension).map { state.scales[$0] * state.scales[$0] / problem.variances[$0] }
        let name = "\(problem.name), seed \(seed): "
        var rows = [
          LawRow(name: name + "eps", value: state.stepSize, within: widened(eps)),
          LawRow(name: name + "L", value: state.decoherence, within: widened(length)),
        ]
        if problem.name == "ICG50" {
          // BlackJAX: from 0.07 to 2.0.
          rows.append(LawRow(name: name + "smallest sigma^2 k", value: ratios.min() ?? 0, within: 0.4...2))
          rows.append(LawRow(name: name + "largest sigma^2 k", value: ratios.max() ?? 0, within: 0.4...2))
        }
        return rows
      }
    }
  }
}
