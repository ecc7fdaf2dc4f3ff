import Langevin

/// What minibatch noise is like: its law, its correlation between parameters, and its memory. Fig. 3a to 3c of the paper.
enum NoiseFigure: Figure {
  static let name = "kspin-noise"
  static let abstract = "normality, correlation and autocorrelation of minibatch noise, Fig. 3a-3c of 2603.15367"
  static let duration = "15 s; 1 min"

  static let temperature = 1e-5
  static let momentumLoss = 0.1
  static let batches = BatchScheme.distinct(128)
  /// The published correlation of white noise, 0.0644 = 1/sqrt(n - 1), tells that n = 240 draws were used.
  static let draws = 240

  /// Shares of components that pass the Kolmogorov-Smirnov test, three runs at moves 0, 5000, ..., 50 000: published.
  static let publishedShares = [
    [0.951, 0.949, 0.949, 0.949, 0.950, 0.958, 0.946, 0.951, 0.956, 0.943, 0.900],
    [0.924, 0.948, 0.906, 0.937, 0.954, 0.948, 0.950, 0.953, 0.941, 0.940, 0.946],
    [0.952, 0.958, 0.954, 0.966, 0.953, 0.941, 0.949, 0.954, 0.933, 0.937, 0.962],
  ]

  static func make(_ easel: Easel) throws {
    let task = try KSpinTask(hidden: 50, examples: 55_800, seed: easel.seed, pool: easel.pool)
    let starts = easel.isQuick ? 2 : 3
    let moments = easel.isQuick ? [0, 25_000, 50_000] : Array(stride(from: 0, through: 50_000, by: 5000))
    easel.talk.note("\(starts) runs of 50 000 moves, the noise at \(moments.count) moments of each")
    let sampler = try PseudoLangevin<Float>(temperature: .constant(temperature)) {
      $0.followLikeThePaper()
      $0.momentumLoss = momentumLoss
      $0.directions = 0
    }
    let runs = try easel.pool.map(0..<starts) { number in
      try states(task, sampler, seed: easel.seed + UInt64(number), at: moments, easel)
    }
    func noise(_ state: PseudoLangevin<Float>.State, draws: Int, stride: Int, pool: ThreadPool) throws -> NoiseSample {
      try NoiseSample(
        at: state, of: sampler, task.posterior, batches: batches, draws: draws, stride: stride, seed: easel.seed + 100,
        pool: pool)
    }
    easel.talk.note("its law")
    let samples = try easel.pool.map(0..<starts) { run in
      try runs[run].map { try noise($0, draws: draws, stride: 1, pool: .single).standardised() }
    }
    try normality(samples, moments, easel)
    try spread(runs, moments, task.posterior, easel)
    guard let end = runs.first?.last else { return }
    easel.talk.note("its correlation and memory at the end of the first run")
    try correlation(noise(end, draws: draws, stride: 1, pool: easel.pool), easel)
    try memory(noise(end, draws: 1000, stride: easel.isQuick ? 8 : 1, pool: easel.pool), easel)
    if easel.isQuick {
      easel.remark(
        "quick: 2 runs in place of 3, 3 moments of each in place of 11, every eighth parameter in the memory")
    }
  }

  /// Closed states of a run at these moves.
  private static func states(
    _ task: KSpinTask, _ sampler: PseudoLangevin<Float>, seed: UInt64, at moments: [Int], _ easel: Easel
  ) throws -> [PseudoLangevin<Float>.State] {
    var evaluator = try Evaluator(task.posterior, batches: batches, seed: seed)
    var state = try sampler.start(at: task.trained(seed: seed), with: &evaluator)
    return try moments.map { moment in
      while state.step < moment {
        if state.step % 1000 == 0 { try easel.checkInterrupt() }
        _ = try sampler.step(&state, with: &evaluator)
      }
      return state
    }
  }

  // MARK: Fig. 3a

  private static func normality(_ samples: [[NoiseSample]], _ moments: [Int], _ easel: Easel) throws {
    let white = NoiseSample(normals: draws, of: samples[0][0].components, seed: easel.seed).standardised()
    let ofWhite = try white.normalShare()
    let found = try easel.pool.map(0..<samples.count) { run in try samples[run].map { try $0.normalShare() } }
    var table = ResultTable(
      "share of the components whose minibatch noise, standardised, passes a Kolmogorov-Smirnov test at 0.05: \(draws) draws "
        + "of 128, T = \(temperature), N = 11160; published: three runs, their number of draws not stated",
      columns: [.init("move")] + found.indices.map { .init("run \($0 + 1)") } + [.init("normals")]
        + publishedShares.indices.map { .init("published \($0 + 1)") })
    for (place, moment) in moments.enumerated() {
      table.add([Double(moment)] + found.map { $0[place] } + [ofWhite] + publishedShares.map { $0[moment / 5000] })
    }
    var plot = Plot(
      title: "normal components", xLabel: "move", yLabel: "share that passes", legend: ["here", "published"],
      marks: [.level(ofWhite)])
    for run in found { plot.marks.append(.points(zip(moments, run).map { (Double($0), $1, 0) }, color: 1)) }
    for run in publishedShares {
      plot.marks.append(.points(run.enumerated().map { (Double($0 * 5000), $1, 0) }, color: 2))
    }
    try easel.show(table, plot, as: "noise-normality")

    // The law of the pooled components in 101 bins about -8, ..., 8.
    func densities(_ samples: [NoiseSample]) -> [(x: Double, y: Double)] {
      var histogram = Histogram(from: -8.08, to: 8.08, bins: 101)
      for sample in samples { for value in sample.values { histogram.add(Double(value)) } }
      return histogram.densities.enumerated().map { (histogram.center(ofBin: $0), $1) }
    }
    let (pooled, normal) = (densities(samples.compactMap(\.last)), densities([white]))
    var law = ResultTable(
      "law of the standardised noise at move \(moments.last ?? 0), all components",
      columns: [.init("z"), .init("density"), .init("of normals")])
    for (here, there) in zip(pooled, normal) { law.add([here.x, here.y, there.y]) }
    try easel.write(law, as: "noise-law")
    try easel.draw(
      Plot(
        title: "law of the noise", xLabel: "noise / its deviation", yLabel: "density",
        legend: ["minibatch", "normals"],
        marks: [.line(pooled, color: 1), .line(normal, color: 2)], yScale: .logarithmic), as: "noise-law")
  }

  /// How the standard deviation of the noise changes along the runs, from exact variances.
  private static func spread(
    _ runs: [[PseudoLangevin<Float>.State]], _ moments: [Int], _ posterior: Posterior<Float>, _ easel: Easel
  ) throws {
    var table = ResultTable(
      "change of the standard deviation of the noise over 25 000 moves, exact; published, at a temperature not stated: 1.5 % (median), 16 % (largest)",
      columns: [.init("run"), .init("from move"), .init("median", unit: "%"), .init("largest", unit: "%")])
    var workspace = posterior.makeWorkspace(pool: easel.pool)
    for (number, run) in runs.enumerated() {
      let variances = try zip(moments, run).filter { $0.0 % 25_000 == 0 }.map {
        try posterior.minibatchVariance(at: $1.position, of: batches, workspace: &workspace)
      }
      for (place, (old, new)) in zip(variances, variances.dropFirst()).enumerated() {
        guard let old, let new else { continue }
        let changes = (0..<old.count).filter { old[$0] > 0 }.map {
          100 * ((Double(new[$0]) / Double(old[$0])).squareRoot() - 1).magnitude
        }.sorted()
        table.add([Double(number + 1), Double(25_000 * place), changes[changes.count / 2], changes.last ?? 0])
      }
    }
    try easel.show(table, as: "noise-spread")
  }

  // MARK: Fig. 3b and 3c

  /// Minibatch noise, normals, and the noise of a whole step, in this order.
  private static func three(_ minibatch: NoiseSample, _ easel: Easel) -> [(name: String, sample: NoiseSample)] {
    let white = NoiseSample(normals: minibatch.draws, of: minibatch.components, seed: easel.seed)
    let total = minibatch.total(with: white, momentumLoss: momentumLoss)
    return [("minibatch", minibatch), ("white", white), ("total", total)].map { ($0.0, $0.1.standardised()) }
  }

  private static func correlation(_ minibatch: NoiseSample, _ easel: Easel) throws {
    let three = three(minibatch, easel)
    let found = try easel.pool.map(0..<3) { number in
      var histogram = Histogram(from: -1.01, to: 1.01, bins: 101)
      three[number].sample.correlations(every: 8, in: &histogram)
      return (rms: three[number].sample.rootMeanSquareCorrelation(), histogram: histogram)
    }
    let expected = 1 / Double(minibatch.draws - 1)
    var table = ResultTable(
      "root mean square correlation of two components over \(minibatch.draws) draws; 'true': without that of white noise; "
        + "columns minibatch, white, total",
      columns: [.init("is published")] + three.map { .init($0.name) } + [.init("minibatch, true")])
    func row(_ isPublished: Double, _ rms: [Double]) -> [Double] {
      [isPublished] + rms + [max(0, rms[0] * rms[0] - expected).squareRoot()]
    }
    table.add(row(0, found.map(\.rms)))
    table.add(row(1, [0.114, 0.0644, 0.0645]))
    let plot = Plot(
      title: "correlation of two components", xLabel: "correlation coefficient", yLabel: "density",
      legend: three.map(\.name),
      marks: found.enumerated().map { number, found in
        .line(found.histogram.densities.enumerated().map { (found.histogram.center(ofBin: $0), $1) }, color: number + 1)
      }, yScale: .logarithmic)
    try easel.show(table, plot, as: "noise-correlation")
  }

  private static func memory(_ minibatch: NoiseSample, _ easel: Easel) throws {
    let three = three(minibatch, easel)
    let lags = [0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 400, 500]
    let found = try easel.pool.map(0..<3) { number in lags.map { three[number].sample.autocorrelation(lag: $0) } }
    var table = ResultTable(
      "autocorrelation of the noise of \(minibatch.draws) moves at a fixed point, mean and deviation over \(minibatch.components) "
        + "components; published: lag 0 0.999, else mean within 0.011 (minibatch) and 0.0021, deviation 0.031 to 0.044",
      columns: [.init("lag")] + three.flatMap { [ResultTable.Column($0.name), .init("± " + $0.name)] })
    for (place, lag) in lags.enumerated() {
      table.add([Double(lag)] + found.flatMap { [$0[place].mean, $0[place].standardDeviation ?? .nan] })
    }
    let plot = Plot(
      title: "memory of the noise", xLabel: "lag, moves", yLabel: "autocorrelation", legend: three.map(\.name),
      marks: found.enumerated().map { number, moments in
        .points(
          zip(lags, moments).dropFirst().map {
            (Double($0) * (1 + 0.06 * Double(number)), $1.mean, $1.standardDeviation ?? 0)
          },
          color: number + 1)
      } + [.level(0)], xScale: .logarithmic)
    try easel.show(table, plot, as: "noise-memory")
  }
}
