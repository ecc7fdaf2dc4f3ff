import Langevin
import LangevinTheory

/// The stationary state and the fluctuation theorems of gradient descent on a classifier: digits reduced to a few features, a small
/// network, weight decay. The second example of 2306.03521, on data made here.
///
/// The theory is that of a quadratic minimum. Two step sizes show how far this one is from that, and the trend.
enum ClassifierTheoremsFigure: Figure {
  static let name = "classifier-theorems"
  static let abstract = "stationary state, entropy production and fluctuation theorems of SGD on digits (2306.03521)"
  static let duration = "1 min; 15 min"

  static let (classes, features, hidden, count, batch) = (4, 3, 4, 200, 10)
  static let decay = 0.02
  static let chains = 4

  static func make(_ easel: Easel) throws {
    let digits =
      try easel.published.map { folder in
        try ReducedDigits(
          Dataset<Double>(contentsOf: folder).train, count: count, classes: classes, components: features)
      } ?? ReducedDigits(count: count, classes: classes, components: features, seed: easel.seed)
    let network = try MLP([features, hidden, classes], hidden: .tanh)
    let posterior = try Posterior(
      network, examples: digits.examples, loss: .crossEntropy, prior: .gaussian(precision: decay))
    let start = try trained(posterior, seed: easel.seed)
    var workspace = posterior.makeWorkspace()
    let minimum = try posterior.minimum(near: start.elements)
    let fit = try posterior.fit(at: Tensor(minimum), workspace: &workspace)
    let curvatures = try SymmetricEigen(posterior.hessian(at: minimum, workspace: &workspace)).values
    easel.remark(
      "\(count) digits 0 to \(classes - 1) of 8 x 8 pixels on \(features) leading components, \(Format.fixed(100 * digits.share, 0)) % of their variance; "
        + "network \(network) tanh, \(network.layout.count) parameters, mean cross-entropy with weight decay \(decay), batches of \(batch). At the minimum: "
        + "training error \(Format.fixed(fit.errorRate ?? .nan, 3)), curvatures \(Format.significant(curvatures.first ?? 0, 3)) to \(Format.significant(curvatures.last ?? 0, 3))"
    )
    if easel.isQuick { easel.remark("Quick: a tenth of the steps; errors are 3 times as large.") }
    let largest = curvatures.last ?? .nan
    let steps = 8_000_000 / (easel.isQuick ? 10 : 1)
    let cases = [0.08, 0.02].flatMap { stepSize in [false, true].map { (stepSize: stepSize, withoutReplacement: $0) } }
    let empty = ResultTable(
      "SGD on digits, theory at the minimum beside runs of \(steps) steps and four times as many at the smaller step size, seed \(easel.seed): mean "
        + "entropy production of a time unit (a step, or an epoch without replacement); mean of exp(-sigma) - 1 over windows of 100 (0 by the integral "
        + "theorem); slope of the detailed theorem over windows of 100 (1); distance of the measured covariance from the theoretical one, relative, and "
        + "what is to be expected from the errors; how far the mean lies from the minimum along the way to the minimum of the effective loss, in units of that way",
      rows: "scheme",
      columns: [
        .init("h k_max"), .init("time units"), .init("entropy, theory"), .init("entropy"), .init("±"), .init("z"),
        .init("integral"), .init("integral, ±"), .init("slope"), .init("slope, ±"), .init("covariance"),
        .init("covariance, expected"), .init("shift"), .init("shift, ±"),
      ])
    let names = cases.map { "\($0.withoutReplacement ? "without" : "with") replacement h \($0.stepSize)" }
    let table = try easel.gather(names, into: empty, as: "classifier") { index in
      let (stepSize, withoutReplacement) = cases[index]
      let total = Int(Double(steps) * 0.08 / stepSize) / (withoutReplacement ? count / batch : 1)
      let run = try run(
        posterior, near: minimum, stepSize: stepSize, withoutReplacement: withoutReplacement, timeUnits: total, easel)
      try write(run, as: names[index].replacing(" ", with: "-"), easel)
      let settled = try posterior.effectiveMinimum(near: minimum, batchSize: batch, stepSize: stepSize)
      return try row(of: run, minimum: minimum, effective: settled, largest: largest)
    }
    try easel.show(
      table, as: "classifier",
      printing: table.columns.map(\.name).filter { !["time units", "covariance, expected"].contains($0) })
  }

  /// The tables of a run, and its detailed theorem drawn.
  private static func write(_ run: CurrentsRun, as file: String, _ easel: Easel) throws {
    try easel.write(run.fluctuationTheorems(), as: "theorems-\(file)")
    try easel.write(run.arealVelocities(), as: "areal-velocities-\(file)")
    try easel.write(run.variances(), as: "variances-\(file)")
    guard let ratios = run.detailedTheorem(window: 100) else { return }
    try easel.write(ratios, as: "detailed-\(file)")
    let reach = ratios.rows.last?[0] ?? 1
    try easel.draw(
      Plot(
        title: file.replacing("-", with: " "), xLabel: "entropy production sigma", yLabel: "ln P(sigma)/P(-sigma)",
        legend: ["theorem", "run"],
        marks: [
          .line([(0, 0), (reach, reach)], color: 1), .points(ratios.rows.map { ($0[0], $0[3], $0[4]) }, color: 2),
        ]), as: "detailed-\(file)")
  }

  /// A point near a minimum, by Adam.
  private static func trained(_ posterior: Posterior<Double>, seed: UInt64) throws -> Tensor<Double> {
    let adam = try Adam<Double>(stepSize: .geometric(start: 0.01, end: 1e-4, steps: 20_000))
    var evaluator = try Evaluator(posterior, batches: .all, seed: seed)
    var state = try adam.start(
      at: posterior.network.initialParameters(from: RandomStream(seed: seed, purpose: .initialisation)),
      with: &evaluator)
    for _ in 0..<20_000 { _ = try adam.step(&state, with: &evaluator) }
    return state.position
  }

  /// Chains one after the other, merged.
  private static func run(
    _ posterior: Posterior<Double>, near minimum: [Double], stepSize: Double, withoutReplacement: Bool, timeUnits: Int,
    _ easel: Easel
  ) throws -> CurrentsRun {
    let pieces = 50
    let runs = try (0..<chains).map { chain in
      var run = try CurrentsRun(
        posterior, near: minimum, batchSize: batch, stepSize: stepSize, withoutReplacement: withoutReplacement,
        seed: easel.seed, chain: chain)
      for _ in 0..<pieces {
        try easel.checkInterrupt()
        try run.follow(timeUnits: timeUnits / (chains * pieces))
      }
      easel.talk.note(
        "\(withoutReplacement ? "without" : "with") replacement, h \(stepSize): chain \(chain + 1) of \(chains)")
      return run
    }
    return runs.dropFirst().reduce(into: runs[0]) { $0.merge($1) }
  }

  private static func row(of run: CurrentsRun, minimum: [Double], effective: [Double], largest: Double) throws
    -> [Double]
  {
    let found = try run.measurement.estimates()
    let window = run.measurement.windows.last
    let expected = try run.expectedEntropyProduction()
    let blocks = Estimate(meanOfIndependent: run.measurement.blockEstimates.map(\.entropyProduction))
    let mean = Estimate(value: found.entropyProduction, standardError: blocks.standardError)
    let integral = window?.integral ?? Estimate(value: .nan, standardError: .nan)
    let slope = window?.slope?.value ?? Estimate(value: .nan, standardError: .nan)
    let theory = run.state.covariance
    let gap = found.covariance - theory
    let errors = run.state.varianceErrors(timeUnits: Double(run.measurement.timeUnits))
    // Along the eigenvectors of H, from the errors of the variances alone.
    let variances = try run.variances().rows
    let expectedGap = zip(errors, variances).reduce(0) { $0 + ($1.0 * $1.1[1]) * ($1.0 * $1.1[1]) }.squareRoot()
    let shift = shift(of: run, found: found.mean, minimum: minimum, effective: effective)
    return [
      run.state.timeStep * largest, Double(run.measurement.timeUnits), expected, mean.value, mean.standardError,
      mean.deviation(from: expected), integral.value - 1, integral.standardError, slope.value, slope.standardError,
      gap.frobeniusNorm / theory.frobeniusNorm, expectedGap / theory.frobeniusNorm, shift.value, shift.standardError,
    ]
  }

  /// The mean's distance from the minimum along the way to the effective minimum, over the length of that way; its error from blocks.
  private static func shift(of run: CurrentsRun, found: [Double], minimum: [Double], effective: [Double]) -> Estimate {
    let way = zip(effective, minimum).map { $0 - $1 }
    let square = way.reduce(0) { $0 + $1 * $1 }
    func share(_ mean: [Double]) -> Double {
      zip(zip(mean, minimum), way).reduce(0) { $0 + ($1.0.0 - $1.0.1) * $1.1 } / square
    }
    let blocks = Estimate(meanOfIndependent: run.measurement.blockEstimates.map { share($0.mean) })
    return Estimate(value: share(found), standardError: blocks.standardError)
  }
}
