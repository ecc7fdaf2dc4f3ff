import Langevin
import LangevinPlatform

/// Which sampler: effective samples for each gradient and each second, on posteriors that differ in what makes them hard.
enum SamplersFigure: Figure {
  static let name = "samplers"
  static let abstract = "what a gradient and a second of every sampler are worth at its defaults, on twelve posteriors"
  static let duration = "2 min; 25 min"

  /// The samplers, those that take all of the data first.
  static let samplers: [any SamplerSettings.Type] = [
    NUTSSettings.self, MAMSSettings.self, HybridMonteCarloSettings.self, MCLMCSettings.self, MALASettings.self,
    UnderdampedLangevinSettings.self, SGLDSettings.self, PreconditionedSGLDSettings.self, PseudoLangevinSettings.self,
  ]

  static func make(_ easel: Easel) throws {
    let effort = easel.isQuick ? 0.05 : 1
    let columns: [ResultTable.Column] = [
      .init("problem"), .init("sampler"), .init("per 1000 gradients"), .init("per second"), .init("rhat"),
      .init("largest |z|"),
    ]
    let names = try problems(easel).map(\.name)
    var table = ResultTable(
      "Effective samples of the worst observable, four chains. Problems: "
        + names.enumerated().map { "\($0 + 1) \($1)" }.joined(separator: ", ") + ". Samplers: "
        + samplers.enumerated().map { "\($0 + 1) \($1.name)" }.joined(separator: ", "),
      columns: columns)
    for row in easel.keptRows(of: table, as: "samplers") { table.add(row.numbers) }
    for (number, problem) in try problems(easel).enumerated()
    where !table.rows.contains(where: { $0[0] == Double(number + 1) }) {
      easel.talk.note(problem.name)
      for row in try problem.rows(easel, effort) { table.add([Double(number + 1)] + row) }
      try easel.checkInterrupt()
      try easel.write(table, as: "samplers")
    }
    for (column, label) in [("per 1000 gradients", "gradients"), ("per second", "seconds")] {
      var plot = Plot(
        title: "effective samples", xLabel: "problem", yLabel: column, legend: samplers.map { $0.name },
        yScale: .logarithmic)
      for (number, _) in samplers.enumerated() {
        let rows = table.rows.filter { $0[1] == Double(number + 1) && $0[2] > 0 }
        plot.marks.append(.points(rows.map { ($0[0], column == "per second" ? $0[3] : $0[2], 0) }, color: number + 1))
      }
      try easel.draw(plot, as: label)
    }
    try easel.show(table, as: "samplers")
    easel.remark(
      "A row of nan: the sampler diverged, or has nothing to work with (pl without minibatches). |z| is against exact means or a "
        + "run of mams with five times the gradients; methods with a bias of their step or of their minibatches show it here."
    )
  }

  /// A problem with its potential forgotten.
  private struct Problem {
    let name: String
    let rows: (Easel, Double) throws -> [[Double]]

    init<P: Potential>(_ contest: SamplerContest<P>) {
      name = contest.name
      rows = { easel, effort in try SamplersFigure.rows(contest, easel, effort) }
    }
  }

  private static func rows<P: Potential>(
    _ contest: SamplerContest<P>, _ easel: Easel, _ effort: Double
  ) throws -> [[Double]] {
    let nan = Double.nan
    let reference = contest.exact.map { means in (means: means, errors: means.map { _ in 0.0 }) }
    let known =
      try reference
      ?? {
        let long = try contest.entry(
          of: MAMSSettings.self, seed: easel.seed + 1, effort: 5 * effort, pool: easel.pool)
        return (long.means, long.errors)
      }()
    return samplers.enumerated().map { number, sampler in
      do {
        let entry = try contest.entry(of: sampler, seed: easel.seed, effort: effort, pool: easel.pool)
        let z = entry.means.indices.map { index in
          (entry.means[index] - known.means[index]).magnitude
            / (entry.errors[index] * entry.errors[index] + known.errors[index] * known.errors[index]).squareRoot()
        }
        return [
          Double(number + 1), 1000 * entry.samples / entry.gradients, entry.samples / entry.seconds, entry.rHat,
          z.max() ?? nan,
        ]
      } catch {
        easel.talk.note("\(contest.name), \(sampler.name): \(error)")
        return [Double(number + 1), nan, nan, nan, nan]
      }
    }
  }

  // MARK: The twelve

  private static func problems(_ easel: Easel) throws -> [Problem] {
    func known(_ problem: MicrocanonicalProblem, _ name: String, budget: Double) -> Problem {
      Problem(
        SamplerContest(
          name: name, potential: problem.potential, start: { problem.start($0) },
          observables: { x in (0..<x.count).flatMap { [x[$0], x[$0] * x[$0]] } },
          exact: problem.meanError > 0
            ? nil
            : problem.means.indices.flatMap {
              [problem.means[$0], problem.variances[$0] + problem.means[$0] * problem.means[$0]]
            },
          budget: budget))
    }
    func gaussian(_ condition: Double) throws -> Problem {
      let exponent = log10(condition)
      return known(
        try .gaussian("", stiffness: (0..<50).map { pow(10, exponent * (Double($0) / 49 - 0.5)) }),
        "Gaussian of condition \(Int(condition))", budget: 40_000)
    }
    func network(
      _ name: String, _ set: some SyntheticSet, _ sizes: [Int], _ loss: Loss, precision: Double = 1,
      hidden: Activation = .tanh, temperature: Double? = nil, budget: Double
    ) throws -> Problem {
      let data = try set.make(as: Double.self, on: easel.pool).train
      let network = try MLP(sizes, hidden: hidden)
      // A prior of unit variance at the posterior's temperature.
      let prior = Prior<Double>.gaussian(precision: precision / Double(data.count))
      let posterior = try Posterior(network, examples: data, loss: loss, prior: prior)
      var few = set
      few.sizes.train = 8
      let probes = try Posterior(
        network, examples: few.make(as: Double.self).train, loss: loss, prior: prior)
      return Problem(
        SamplerContest(
          name: name, potential: posterior, batch: 32, temperature: temperature,
          start: { network.initialParameters(from: $0) },
          observables: { theta in
            var workspace = probes.makeWorkspace()
            let outputs = try probes.predictions(at: theta, probabilities: true, workspace: &workspace)
            return (0..<8).map { outputs[$0 * (outputs.count / 8)] } + [theta.squaredNorm()]
          }, budget: budget))
    }
    var moons = Moons()
    moons.noise = 0.3
    moons.sizes.train = 300
    var mixture = Mixture()
    mixture.dimension = 5
    mixture.sizes.train = 300
    var spirals = Spirals()
    spirals.sizes.train = 200
    var bump = Bump()
    bump.sizes.train = 100
    var spins = KSpin()
    spins.sizes.train = 1000
    return [
      try gaussian(1), try gaussian(100), try gaussian(10_000),
      known(try .rb10(), "Rosenbrock", budget: 100_000),
      Problem(
        SamplerContest(
          name: "funnel", potential: try funnel(),
          start: { random in
            var start = Tensor<Double>(zeros: 10)
            random.fillNormals(&start)
            return start
          }, observables: { [$0[0], $0[0] * $0[0]] }, exact: [0, 9], budget: 100_000)),
      known(try .lr10(), "logistic regression, 10 features", budget: 20_000),
      try network(
        "logistic regression, mixture", mixture, [5, 3], .crossEntropy, budget: 20_000),
      try network("2-8-2 on moons", moons, [2, 8, 2], .crossEntropy, budget: 40_000),
      try network("1-8-2 on a bump", bump, [1, 8, 2], .gaussian, budget: 40_000),
      try network(
        "k-spin, T = 1/P", spins, [100, 8, 10], .crossEntropy, budget: 10_000),
      try network(
        "k-spin, T = 0.1/P", spins, [100, 8, 10], .crossEntropy, temperature: 1e-4, budget: 10_000),
      try network("2-20-1 on spirals", spirals, [2, 20, 1], .binaryCrossEntropy, budget: 40_000),
    ]
  }

  /// Neal's funnel (Ann. Stat. 31, 2003): v normal of variance 9, nine x normal of variance e^v.
  private static func funnel() throws -> ClosurePotential<Double> {
    try ClosurePotential(count: 10) { x, gradient in
      let inverse = exp(-x[0])
      var squares = 0.0
      for i in 1..<10 {
        squares += x[i] * x[i]
        gradient[i] = x[i] * inverse
      }
      gradient[0] = x[0] / 9 + 4.5 - squares * inverse / 2
      return x[0] * x[0] / 18 + 4.5 * x[0] + squares * inverse / 2
    }
  }
}
