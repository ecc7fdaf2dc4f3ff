import Langevin

/// How hot the directions of the strongest minibatch noise run, predicted and measured, without and with the correction.
enum DirectionsFigure: Figure {
  static let name = "kspin-directions"
  static let abstract = "temperatures of pseudo-Langevin along the leading directions of minibatch noise; not published"
  static let duration = "2 min; 15 min"

  static let temperature = 3e-5

  static func make(_ easel: Easel) throws {
    let task = try KSpinTask(hidden: 50, examples: 55_800, seed: easel.seed, pool: easel.pool)
    easel.talk.note("approach: Adam, then pseudo-Langevin with masses that follow the noise")
    let start = try approach(task.posterior, from: task.trained(seed: easel.seed), easel)
    for ratio in [0.01, 0.001] {
      try easel.checkInterrupt()
      easel.talk.note("ratio \(ratio): frozen masses, without and with the correction")
      let cases = try easel.pool.map(0..<2) { number in
        try measure(
          task.posterior, ratio: ratio, isCorrected: number == 1, from: start, seed: easel.seed,
          configurations: easel.isQuick ? 400 : 4000, draws: easel.isQuick ? 500 : 2000, easel)
      }
      var plot = Plot(
        title: "r = \(ratio)", xLabel: "direction, the strongest noise first", yLabel: "T_eff / T",
        legend: ["predicted", "measured", "predicted, corrected", "measured, corrected"], yScale: .logarithmic)
      for (number, rows) in cases.enumerated() {
        let table = table(rows, ratio: ratio, isCorrected: number == 1, configurations: easel.isQuick ? 400 : 4000)
        try easel.show(table, as: "directions-\(ratio)" + (number == 1 ? "-corrected" : ""))
        plot.marks.append(
          .line(rows.enumerated().map { (Double($0 + 1), $1.predicted) }, color: 2 * number + 1))
        plot.marks.append(
          .points(
            rows.enumerated().map { (Double($0 + 1), $1.kinetic.value, $1.kinetic.standardError) },
            color: 2 * number + 2))
      }
      plot.marks.append(.level(1))
      try easel.draw(plot, as: "directions-\(ratio)")
    }
    if easel.isQuick { easel.remark("quick: 400 configurations in place of 4000, and 500 draws for the directions") }
  }

  /// A chain that has come near equilibrium.
  private static func approach(
    _ posterior: Posterior<Float>, from start: Tensor<Float>, _ easel: Easel
  ) throws -> Tensor<Float> {
    let sampler = try PseudoLangevin<Float>(temperature: .constant(temperature)) {
      $0.followLikeThePaper()
      $0.directions = 0
    }
    var evaluator = try Evaluator(posterior, batches: .distinct(128), seed: easel.seed, pool: easel.pool)
    var state = try sampler.start(at: start, with: &evaluator)
    for step in 0..<(easel.isQuick ? 60_000 : 300_000) {
      if step % 1000 == 0 { try easel.checkInterrupt() }
      _ = try sampler.step(&state, with: &evaluator)
    }
    return state.position
  }

  /// What was found along one direction; temperatures in units of T.
  struct Row {
    /// The eigenvalue of the correlation matrix of the noise.
    let eigenvalue: Double
    /// From the noise at the start.
    let predicted: Double
    /// From the noise at each configuration.
    let noise: Estimate
    /// <Y^2> and <(X - <X>) G>.
    let kinetic, virial: Estimate
  }

  /// A run with frozen masses, seen along the leading directions of the noise at its start.
  static func measure(
    _ posterior: Posterior<Float>, ratio: Double, isCorrected: Bool, from start: Tensor<Float>, seed: UInt64,
    configurations: Int, draws: Int, directions: Int = 12, spacing: Int = 500, _ easel: Easel
  ) throws -> [Row] {
    let sampler = try PseudoLangevin<Float>(temperature: .constant(temperature)) {
      $0.keepMasses(ratio: ratio)
      $0.variance.relativeFloor = 0.2
      $0.segment = spacing
      $0.directions = directions
      $0.directionDraws = draws
      $0.firstSweeps = 4
      $0.correctsDirections = isCorrected
    }
    var evaluator = try Evaluator(posterior, batches: .distinct(128), seed: seed)
    var state = try sampler.start(at: start, with: &evaluator)
    guard let leading = state.directions else { return [] }
    var temperatures = leading.vectors.map { DirectionalTemperature(along: $0) }
    var noise = leading.vectors.map { _ in [Double]() }
    var (gradient, minibatch) = (start, start)
    // The first configurations belong to the change from other masses.
    for configuration in -20..<configurations {
      try easel.checkInterrupt()
      for _ in 0..<spacing { _ = try sampler.step(&state, with: &evaluator) }
      if configuration < 0 { continue }
      _ = try evaluator.gradient(on: .all, at: state.position, into: &gradient, step: state.step)
      _ = try evaluator.gradient(on: .next, at: state.position, into: &minibatch, step: state.step)
      for index in temperatures.indices {
        temperatures[index].add(
          position: state.position, gradient: gradient, momentum: state.momentum, inverseMasses: state.inverseMasses)
        noise[index].append(
          squaredNoise(minibatch, gradient, along: leading.vectors[index], state, loss: sampler.settings.momentumLoss))
      }
    }
    // Of the noise of a step, in units of what it needs: what minibatches bring and what was added for them.
    let share = 2 - sampler.settings.momentumLoss * sampler.settings.momentumLoss
    return try leading.vectors.indices.map { index in
      let (strength, counted) = (leading.strengths[index], leading.counted[index])
      let added = isCorrected ? max(0, 1 - share * strength) : 1 - share * counted
      return Row(
        eigenvalue: strength / counted, predicted: added + share * strength,
        noise: Estimate(meanOf: try Draws(noise[index].map { added + share * $0 })),
        kinetic: Estimate(meanOf: try Draws(temperatures[index].kinetic.map { $0 / temperature })),
        virial: Estimate(meanOf: try Draws(temperatures[index].virial.map { $0 / temperature })))
    }
  }

  /// The square of a minibatch's noise along a direction, in units of the noise that half a step needs.
  private static func squaredNoise(
    _ minibatch: Tensor<Float>, _ gradient: Tensor<Float>, along vector: Tensor<Float>,
    _ state: PseudoLangevin<Float>.State, loss: Double
  ) -> Double {
    let scale = 1 / (4 * temperature * loss * loss)
    var sum = 0.0
    for index in 0..<vector.count {
      sum +=
        Double(vector[index]) * (scale * Double(state.inverseMasses[index])).squareRoot()
        * Double(minibatch[index] - gradient[index])
    }
    return sum * sum
  }

  private static func table(_ rows: [Row], ratio: Double, isCorrected: Bool, configurations: Int) -> ResultTable {
    var table = ResultTable(
      "T_eff/T along the leading noise directions, r = \(ratio)\(isCorrected ? ", low-rank correction" : ""), T = \(temperature), "
        + "N = 11160, \(configurations) configurations; virial = kinetic in a stationary chain",
      columns: [
        .init("direction"), .init("eigenvalue"), .init("predicted"), .init("noise met"), .init("± noise"),
        .init("kinetic"), .init("± kinetic"), .init("virial"), .init("± virial"),
      ])
    for (number, row) in rows.enumerated() {
      table.add([
        Double(number + 1), row.eigenvalue, row.predicted, row.noise.value, row.noise.standardError,
        row.kinetic.value, row.kinetic.standardError, row.virial.value, row.virial.standardError,
      ])
    }
    return table
  }
}
