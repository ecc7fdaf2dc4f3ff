import Langevin

/// What a gradient is worth: the smallest effective sample size of any coordinate or its square, for each gradient of the draws.
///
/// Every sampler finds its settings itself, in its warm-up.
enum LawsEfficiency {
  /// A chain's draws of every coordinate and of every square, and the gradients that they took.
  private struct Harvest: Sendable {
    var coordinates, squares: [[Double]]
    var gradients: Double
  }

  /// What several chains of a sampler are worth on a problem.
  struct Worth {
    /// Effective samples of the worst coordinate or square for each gradient.
    let samplesPerGradient: Double
    /// The largest |z| of a mean and of a mean square, against what is known, and the z of the worst R-hat.
    let worstZ: Double
    let worstRHat: Double
  }

  static func worth<S: Sampler>(
    of sampler: S, on problem: MicrocanonicalProblem, chains: Int, warmup: UInt64, draws: Int
  ) throws -> Worth where S.Element == Double {
    let pool = try ThreadPool(threads: ThreadPool.availableCores)
    let harvests = try pool.map(0..<chains) { chain in
      var evaluator = try Evaluator(problem.potential, seed: 18, chain: chain, warmup: warmup, thin: 1 << 40)
      let random = evaluator.stream(.initialisation)
      var state = try sampler.start(at: problem.start(random), with: &evaluator)
      for _ in 0..<warmup { _ = try sampler.step(&state, with: &evaluator) }
      let before = evaluator.evaluations
      var harvest = Harvest(
        coordinates: .init(repeating: [], count: problem.dimension),
        squares: .init(repeating: [], count: problem.dimension), gradients: 0)
      for _ in 0..<draws {
        _ = try sampler.step(&state, with: &evaluator)
        let position = sampler.draw(from: state)
        for i in 0..<problem.dimension {
          harvest.coordinates[i].append(position[i])
          harvest.squares[i].append(position[i] * position[i])
        }
      }
      harvest.gradients = Double(evaluator.evaluations - before)
      return harvest
    }
    let gradients = harvests.reduce(0) { $0 + $1.gradients }
    var (smallest, worstZ, worstRHat) = (Double.infinity, 0.0, 0.0)
    for i in 0..<problem.dimension {
      let x = try Draws(chains: harvests.map { $0.coordinates[i] })
      let square = try Draws(chains: harvests.map { $0.squares[i] })
      let (mean, variance) = (problem.means[i], problem.variances[i])
      let expected = [mean, variance + mean * mean]
      // How well what is known is known: of a mean square by its two parts.
      let meanError = problem.meanError * variance.squareRoot()
      let doubt = [meanError, problem.varianceError * variance + 2 * mean.magnitude * meanError]
      for (index, table) in [x, square].enumerated() {
        smallest = min(smallest, effectiveSampleSize(of: table))
        let error = monteCarloStandardError(of: table, for: .mean)
        let found = harvests.reduce(0.0) { sum, harvest in
          sum + (index == 0 ? harvest.coordinates[i] : harvest.squares[i]).reduce(0, +)
        }
        let distance = (found / Double(chains * draws) - expected[index]).magnitude
        worstZ = max(worstZ, distance / (error * error + doubt[index] * doubt[index]).squareRoot())
      }
      worstRHat = max(worstRHat, rHat(of: x) ?? 1)
    }
    return Worth(samplesPerGradient: smallest / gradients, worstZ: worstZ, worstRHat: worstRHat)
  }

  /// Against what BlackJAX's samplers were measured to be worth, less 20 %.
  static func goals(effort: Double = 1) throws -> [LawRow] {
    let problems = [try MicrocanonicalProblem.icg50(), try .rb10(), try .lr10()]
    let known: [(nuts: Double, mclmc: Double, mams: Double)] = [
      (0.039, 0.071, 0.109), (0.0019, 0.0031, 0.0042), (0.068, 0.116, 0.169),
    ]
    return try zip(problems, known).flatMap { problem, known in
      let draws = Int(2000 * effort)
      return [
        (
          "nuts",
          try worth(of: NUTS<Double>(temperature: 1), on: problem, chains: 4, warmup: 1000, draws: draws), known.nuts
        ),
        (
          "mclmc",
          try worth(of: MCLMC<Double>(temperature: 1), on: problem, chains: 32, warmup: 4000, draws: 2 * draws),
          known.mclmc
        ),
        (
          "mams", try worth(of: MAMS<Double>(temperature: 1), on: problem, chains: 32, warmup: 2000, draws: draws),
          known.mams
        ),
      ].map { name, worth, goal in
        LawRow(
          name: "\(name) on \(problem.name): effective samples per gradient", value: worth.samplesPerGradient,
          within: 0.8 * goal...1)
      }
    }
  }

  /// Samplers at their defaults side by side: worth, and the largest |z| of a mean or mean square; R-hat as a note of its own.
  static func comparison(effort: Double = 1) throws -> [LawRow] {
    func gaussian(_ condition: Double) throws -> MicrocanonicalProblem {
      let exponent = Math.log10(condition)
      return try .gaussian(
        "Gaussian \(Int(condition))",
        stiffness: (0..<20).map { Math.pow(10, exponent * (Double($0) / 19 - 0.5)) })
    }
    let problems = [
      try gaussian(1), try gaussian(100), try gaussian(10_000), try MicrocanonicalProblem.rb10(), try .lr10(),
    ]
    return try problems.flatMap { problem in
      let draws = Int(4000 * effort)
      func rows<S: Sampler>(_ sampler: S, warmup: UInt64, isExact: Bool = true) throws -> [LawRow]
      where S.Element == Double {
        let worth = try worth(of: sampler, on: problem, chains: 4, warmup: warmup, draws: draws)
        let name = "\(problem.name), \(sampler.name): "
        var rows = [
          LawRow(name: name + "effective samples per gradient", value: worth.samplesPerGradient, within: 0...2),
          LawRow(name: name + "R-hat", value: worth.worstRHat, within: 0.99...1.01),
        ]
        if isExact { rows.append(LawRow(name: name + "largest |z|", value: worth.worstZ, within: 0...4.9)) }
        return rows
      }
      return try rows(HybridMonteCarlo<Double>(temperature: 1, adaptsMass: true), warmup: 1000)
        + rows(NUTS<Double>(temperature: 1), warmup: 1000) + rows(MAMS<Double>(temperature: 1), warmup: 2000)
        + rows(MCLMC<Double>(temperature: 1), warmup: 4000, isExact: false)
        + rows(Splitting<Double>.underdamped(temperature: 1), warmup: 4000, isExact: false)
    }
  }
}
