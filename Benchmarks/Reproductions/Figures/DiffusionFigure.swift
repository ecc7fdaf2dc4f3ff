import Langevin

/// How fast pseudo-Langevin and hybrid Monte Carlo move through parameter space, in wall time. Fig. 4 of the paper.
///
/// All samplers of a size start from the same state and use the same threads. Of the largest networks hybrid Monte Carlo does
/// only the beginning: a gradient on all data takes as long as hundreds of minibatches, and its time grows with the data while
/// that of pseudo-Langevin does not. At N = 1 006 110 and these temperatures the state is nearly that of the Gaussian prior,
/// so what is seen there is how fast a Gaussian is explored.
enum DiffusionFigure: Figure {
  static let name = "kspin-diffusion"
  static let abstract = "mean squared displacement against wall time by pl and hmc, three sizes, Fig. 4 of 2603.15367"
  static let duration = "10 min; 3 h"

  /// One panel: a network at a temperature, and how it is run.
  struct Panel {
    let hidden: Int
    let temperature: Double
    let examples: Int
    /// Steps of pseudo-Langevin before anything is measured.
    let approach: Int
    /// Seconds that each sampler is measured for; tuning comes before them.
    let seconds: Double
    /// Leapfrog steps of the plain and of the tuned sampler, and moves that tune their step.
    let plainSteps: Int, tunedSteps: Int, tuning: Int
  }

  private static func panels(quick: Bool) -> [Panel] {
    return [
      Panel(
        hidden: 50, temperature: 1e-6, examples: 55_800, approach: quick ? 50_000 : 1_000_000,
        seconds: quick ? 15 : 900, plainSteps: 100, tunedSteps: 30, tuning: quick ? 0 : 50),
      Panel(
        hidden: 500, temperature: 1e-6, examples: quick ? 20_000 : 508_050, approach: quick ? 10_000 : 100_000,
        seconds: quick ? 15 : 1800, plainSteps: 100, tunedSteps: 60, tuning: quick ? 0 : 30),
      Panel(
        hidden: 5000, temperature: 1e-6, examples: quick ? 20_000 : 1_000_000, approach: quick ? 4000 : 30_000,
        seconds: quick ? 15 : 1800, plainSteps: 10, tunedSteps: quick ? 20 : 40, tuning: quick ? 0 : 10),
      Panel(
        hidden: 5000, temperature: 3e-7, examples: quick ? 20_000 : 1_000_000, approach: quick ? 6000 : 60_000,
        seconds: quick ? 15 : 1800, plainSteps: 10, tunedSteps: quick ? 20 : 40, tuning: quick ? 0 : 10),
    ]
  }

  static func make(_ easel: Easel) throws {
    var rates = ResultTable(
      "mean squared displacement per second at the best lag of each sampler, and how often pl has that of the others; "
        + "P examples, U per example",
      columns: [
        .init("N"), .init("T"), .init("P"), .init("mod2"), .init("2 N T/lambda"), .init("pl", unit: "1/s"),
        .init("plain hmc", unit: "1/s"), .init("tuned hmc", unit: "1/s"), .init("pl/plain"), .init("pl/tuned"),
      ])
    for panel in panels(quick: easel.isQuick) {
      try easel.checkInterrupt()
      rates.add(try draw(panel, easel))
    }
    try easel.show(rates, as: "diffusion-rates")
    if easel.isQuick {
      easel.remark(
        """
        quick: 15 s or more per sampler and a short approach in place of 15 to 30 min, so that at N = 11160 the state
        still relaxes; the step of hmc is halved from 0.4 until it is stable and not tuned further; 20 000 examples for
        the larger networks in place of 508 050 and 1 000 000 (published: probably 5 N), which makes gradients of hmc as
        many times cheaper, leaves steps of pl as they are, and lets the large networks learn their examples by heart
        """)
    }
  }

  /// Runs the samplers of a panel; returns its row of rates.
  private static func draw(_ panel: Panel, _ easel: Easel) throws -> [Double] {
    let task = try KSpinTask(
      hidden: panel.hidden, examples: panel.examples, tests: 1, seed: easel.seed, pool: easel.pool)
    let (posterior, temperature) = (task.posterior, panel.temperature)
    let count = posterior.parameterCount
    let name = "N = \(count), T = \(temperature)"
    easel.talk.note("\(name): approach by Adam and \(panel.approach) steps of pl")
    // Much of the noise of the large networks is below the floor that the paper puts on variances, 1e-8; without any the
    // lightest components would be unstable.
    let pseudo = try PseudoLangevin<Float>(temperature: .constant(temperature)) {
      $0.variance.absoluteFloor = 1e-3 * temperature
      $0.segment = panel.hidden == 50 ? 500 : 20
      $0.directions = 0
    }
    let trained = try task.trained(seed: easel.seed, pool: easel.pool)
    var start = Path(recordingEvery: .max, of: count)
    try start.follow(pseudo, on: posterior, .distinct(128), from: trained, steps: panel.approach, easel)
    let squaredNorm = start.end.map { $0.elements.reduce(0) { $0 + Double($1) * Double($1) } } ?? .nan

    var curves: [(name: String, rows: [Displacement])] = []
    func measure<S: Sampler>(_ label: String, _ sampler: S, _ batches: BatchScheme, warmUp: Int, every: Int) throws
    where S.Element == Float {
      easel.talk.note("\(name): \(label)")
      var path = Path(recordingEvery: every, of: count)
      try path.follow(
        sampler, on: posterior, batches, from: start.end ?? trained, skipping: warmUp, seconds: panel.seconds, easel)
      curves.append((label, try path.displacements()))
      easel.talk.note("\(name): \(label), \(path.remark)")
    }
    try measure("pl", pseudo, .distinct(128), warmUp: 0, every: pseudo.settings.segment ?? 1)
    let stepSize = try stableStep(on: posterior, temperature, from: start.end ?? trained, easel)
    func hybrid(_ leapfrogSteps: Int, jitter: Double, tuning: Int) throws -> HybridMonteCarlo<Float> {
      try HybridMonteCarlo(
        temperature: temperature, stepSize: stepSize, leapfrogSteps: leapfrogSteps, jitter: jitter,
        adaptMoves: UInt64(tuning))
    }
    try measure("plain hmc", hybrid(panel.plainSteps, jitter: 0, tuning: 0), .all, warmUp: 0, every: 1)
    try measure(
      "tuned hmc", hybrid(panel.tunedSteps, jitter: 0.1, tuning: panel.tuning), .all, warmUp: panel.tuning, every: 1)

    let file = "diffusion-\(count)-\(temperature)"
    var table = ResultTable(
      "mean squared displacement |w(t) - w(t')|^2, \(name), P = \(panel.examples), \(easel.pool.threadCount) threads; sampler: 1 pl, "
        + "2 plain hmc (\(panel.plainSteps) leapfrog steps), 3 tuned hmc (\(panel.tunedSteps), jittered)",
      columns: [
        .init("sampler"), .init("lag", unit: "s"), .init("mean"), .init("sd"), .init("pairs"),
      ])
    for (number, curve) in curves.enumerated() {
      for row in curve.rows.dropFirst() {
        table.add([Double(number + 1), row.seconds, row.mean, row.standardDeviation, Double(row.pairs)])
      }
    }
    try easel.write(table, as: file)
    try easel.draw(
      Plot(
        title: name, xLabel: "wall time, s", yLabel: "mean squared displacement", legend: curves.map(\.name),
        marks: curves.enumerated().flatMap { number, curve in
          let points = curve.rows.dropFirst().map { ($0.seconds, $0.mean) }
          return [
            Plot.Mark.line(points, color: number + 1), .points(points.map { ($0.0, $0.1, 0) }, color: number + 1),
          ]
        }, xScale: .logarithmic, yScale: .logarithmic), as: file)
    let rates = curves.map { curve in curve.rows.dropFirst().map { $0.mean / $0.seconds }.max() ?? .nan }
    return [
      Double(count), temperature, Double(panel.examples), squaredNorm,
      2 * Double(count) * temperature / KSpinTask.precision(hidden: panel.hidden), rates[0], rates[1], rates[2],
      rates[0] / rates[1], rates[0] / rates[2],
    ]
  }

  /// The largest of 0.4, 0.2, 0.1, ... whose energy error over ten leapfrog steps is of the order of T: where tuning starts.
  private static func stableStep(
    on posterior: Posterior<Float>, _ temperature: Double, from start: Tensor<Float>, _ easel: Easel
  ) throws -> Double {
    var stepSize = 0.4
    while stepSize > 1e-6 {
      try easel.checkInterrupt()
      let trial = try HybridMonteCarlo<Float>(
        temperature: temperature, stepSize: stepSize, leapfrogSteps: 10, jitter: 0)
      var evaluator = try Evaluator(posterior, seed: easel.seed + 2, pool: easel.pool)
      var state = try trial.start(at: start, with: &evaluator)
      let record = try trial.step(&state, with: &evaluator)
      if let error = record.details.first(where: { $0.name == "energy_error" })?.value, error < 1 { return stepSize }
      stepSize /= 2
    }
    return stepSize
  }
}
