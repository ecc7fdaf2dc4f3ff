import Langevin

/// Error of the largest network against temperature, beside Adam with and without early stopping. Fig. 5 of the paper.
///
/// An intermediate temperature is said to generalise like Adam stopped by a validation set, without needing one: pseudo-Langevin
/// trains on what Adam has for training and validation together.
enum TemperaturesFigure: Figure {
  static let name = "kspin-temperatures"
  static let abstract = "train and test error against temperature at N = 1006110, and of Adam, Fig. 5 of 2603.15367"
  static let duration = "10 min; 10 h"

  /// Published averages of pseudo-Langevin: temperature, cost, squared norm, train error, test error (Fig. 5).
  static let published: [[Double]] = [
    [1e-7, 0.04269, 16_555.7, 0.01433, 0.16720], [2e-7, 0.32191, 19_694.7, 0.10935, 0.11312],
    [3e-7, 0.32520, 29_870.5, 0.11039, 0.11290], [1e-6, 0.33138, 100_360, 0.11245, 0.11346],
    [1e-5, 0.35773, 1.00820e6, 0.12066, 0.12108], [1e-4, 0.47528, 1.03595e7, 0.15128, 0.15144],
    [1e-3, 0.98637, 1.01290e8, 0.28604, 0.28644],
  ]
  /// Published test errors of the best models of Adam stopped early.
  static let publishedAdam = [0.11185, 0.11175, 0.11181]

  static func make(_ easel: Easel) throws {
    // 5 N examples for pseudo-Langevin; with 15 % more as a test set.
    let (examples, tests) = easel.isQuick ? (100_000, 17_600) : (5_030_550, 887_744)
    let temperatures = easel.isQuick ? [3e-7, 1e-6, 1e-5] : published.map { $0[0] }
    let steps = easel.isQuick ? 3000 : 60_000
    var table = ResultTable(
      "pseudo-Langevin, N = 1006110, P = \(examples), second half of \(steps) steps; lambda mod2/(N T) is 1 - <w grad cost>/(N T); "
        + "published with P = 5030550 and on another realisation of the data",
      columns: [
        .init("T"), .init("cost"), .init("mod2"), .init("lambda mod2/(N T)"), .init("train error"), .init("±"),
        .init("test error"), .init("± test"), .init("drift", unit: "errors"), .init("train, published"),
        .init("test, published"),
      ])
    for temperature in temperatures.reversed() {
      // The floor keeps a = 4 r T m1^2/v of the lightest parameters at 0.4, the same at every temperature.
      let results = try easel.run(
        "pl-\(temperature)",
        [
          "data.train": "\(examples)", "data.test": "\(tests)", "network": "100-5000-100-10", "prior": "1e-5",
          "sampler": "pl", "sampler.temperature": "\(temperature)", "sampler.variance-floor": "\(1e-3 * temperature)",
          "sampler.update-every": "200", "steps": "\(steps)", "thin": "\(steps / 30)", "warmup": "\(steps / 2)",
          "chains": "1", "draw-every": "0",
          "start.steps": easel.isQuick ? "800" : "5000",
        ])
      let (summary, there) = (results.summary, published.first { $0[0] == temperature } ?? [])
      func value(_ name: String) -> Double { summary[name]?.summary.mean ?? .nan }
      func error(_ name: String) -> Double { summary[name]?.summary.standardError ?? .nan }
      table.add([
        temperature, value("cost"), value("norm2"), 1e-5 * value("norm2") / (1_006_110 * temperature), value("error"),
        error("error"), value("test_error"), error("test_error"), summary["energy"]?.drift ?? .nan,
        there.isEmpty ? .nan : there[3], there.isEmpty ? .nan : there[4],
      ])
    }
    let adam = try adam(examples: examples + tests, easel)
    try show(table, adam, easel)
    if easel.isQuick {
      easel.remark(
        "quick: \(examples) examples in place of 5030550, so that the network can learn them by heart at low temperatures and at "
          + "the end of Adam; \(steps) steps in place of 60000; three temperatures in place of seven")
    }
  }

  /// Errors of Adam after each epoch: training, validation, test.
  private static func adam(examples: Int, _ easel: Easel) throws -> [[Double]] {
    var set = KSpin()
    (set.train, set.validation, set.test) = (examples * 70 / 100, examples * 15 / 100, examples * 15 / 100)
    set.seed = easel.seed
    let data = try set.make(as: Float.self, on: easel.pool)
    let network = try MLP([100, 5000, 100, 10], hidden: .relu, output: .relu)
    let posteriors = try [data.train, data.validation, data.test].compactMap { $0 }.map {
      try Posterior(network, examples: $0, loss: .crossEntropy)
    }
    var workspaces = posteriors.map { $0.makeWorkspace(pool: easel.pool) }
    let sampler = try Adam<Float>(stepSize: .constant(1e-4))
    var evaluator = try Evaluator(posteriors[0], batches: .epochs(128), seed: easel.seed, pool: easel.pool)
    var state = try sampler.start(
      at: network.initialParameters(from: RandomStream(seed: easel.seed, purpose: .initialisation)), with: &evaluator)
    var errors: [[Double]] = []
    for epoch in 1...(easel.isQuick ? 6 : 10) {
      easel.talk.note("Adam, epoch \(epoch)")
      for step in 0..<evaluator.batches.batchesPerEpoch {
        if step % 100 == 0 { try easel.checkInterrupt() }
        _ = try sampler.step(&state, with: &evaluator)
      }
      errors.append(
        try posteriors.indices.map {
          try posteriors[$0].fit(at: state.position, workspace: &workspaces[$0]).errorRate ?? .nan
        })
    }
    return errors
  }

  private static func show(_ table: ResultTable, _ adam: [[Double]], _ easel: Easel) throws {
    var epochs = ResultTable(
      "Adam, step size 1e-4, 70 % of the examples for training, 15 % for validation, 15 % for test; published best test errors "
        + publishedAdam.map { "\($0)" }.joined(separator: ", "),
      columns: [.init("epoch"), .init("train error"), .init("validation error"), .init("test error")])
    for (epoch, errors) in adam.enumerated() { epochs.add([Double(epoch + 1)] + errors) }
    try easel.show(epochs, as: "temperatures-adam")

    func points(_ name: String, _ error: String? = nil) -> [(x: Double, y: Double, error: Double)] {
      let errors = error.flatMap { table[column: $0] } ?? table.rows.map { _ in 0 }
      return zip(table[column: "T"] ?? [], zip(table[column: name] ?? [], errors)).map { ($0, $1.0, $1.1) }
    }
    let best = adam.min { $0[1] < $1[1] }?[2] ?? .nan
    let last = adam.last?[2] ?? .nan
    let span = [table[column: "T"]?.min() ?? 1e-7, table[column: "T"]?.max() ?? 1e-3]
    let plot = Plot(
      title: "error against temperature", xLabel: "temperature", yLabel: "error",
      legend: ["train", "test", "test, published", "Adam stopped early", "Adam at its end"],
      marks: [
        .points(points("train error", "±"), color: 1), .points(points("test error", "± test"), color: 2),
        .points(published.filter { (span[0]...span[1]).contains($0[0]) }.map { ($0[0], $0[4], 0) }, color: 3),
        .line(span.map { ($0, best) }, color: 4), .line(span.map { ($0, last) }, color: 5),
      ], xScale: .logarithmic)
    try easel.show(table, plot, as: "temperatures")
    easel.remark(
      "test error of Adam \(Format.fixed(best, 4)) where the validation error is smallest, \(Format.fixed(last, 4)) at its end"
    )
  }
}
