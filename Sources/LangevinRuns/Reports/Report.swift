import LangevinDiagnostics

/// The report of a run: one page that needs nothing else, readable by day, by night and on paper.
struct Report {
  let results: RunResults
  /// Mean squared displacement by chain, from the stored draws.
  var diffusion: [[Displacement]] = []
  /// Scores of the averaged prediction.
  var prediction: PredictionScores?
  /// Predicted means and intervals beside the numbers, and the input where there is but one.
  var predicted: [(input: Double?, band: PredictiveBand)] = []

  /// The command line that made the run, if it is known.
  var command: String?
  /// When the page was made.
  var date = ""

  /// The page: first what came out, then how it came about.
  var html: String {
    let plan = results.record.plan
    let (thin, warmup) = (Double(plan.thin ?? 1), Double(plan.warmup ?? 0))
    let title = "\(results.record.samplerName) on \(results.record.title)"
    let isGood = results.verdict.word == .converged
    var body = "<h1>\(HTML.escaped(title))</h1>\n"
    body += "<div class=\"verdict\(isGood ? "" : " bad")\"><p>\(HTML.escaped(results.verdict.sentence))</p>"
    if let command = results.verdict.command { body += "<p><code>\(HTML.escaped(command))</code></p>" }
    body += results.verdict.notes.map { "<p class=\"soft\">\(HTML.escaped($0))</p>" }.joined() + "</div>\n"
    if let prediction {
      body += "<h2>Prediction</h2>\n"
      body += figures(bands + residuals + (prediction.classes == nil ? [] : [reliability(prediction)]))
      body += "<p class=\"soft\">\(HTML.escaped(prediction.caption)). \(HTML.escaped(prediction.legend))</p>\n"
      body += HTML.table(prediction.table) + "\n"
      if let classes = prediction.classes, classes.names.count <= 20 {
        body += "<h2>True classes by predicted ones</h2>\n" + HTML.table(confusion(classes), folds: false) + "\n"
      }
    }
    body += "<h2>Observables</h2>\n"
    for summary in results.byTemperature {
      body += "<p>T = \(Format.significant(summary.temperature ?? .nan))</p>\n" + HTML.table(summary.table) + "\n"
    }
    if !results.isAnnealed { body += HTML.table(results.summary.table) + "\n" }
    body +=
      "<p class=\"soft\">mcse: standard error of the mean; sd: width of the law; ess: effective sample sizes of bulk and tails; "
    body += "rhat: 1 where the chains agree.</p>\n"
    body += section("Traces", traces)
    body += section("Laws and memory", histograms + autocorrelations)
    body += section("Equilibrium", temperatures + displacements)
    if !results.ladders.isEmpty {
      body += section("Ladder of temperatures", results.ladders.prefix(4).map { $0.paths(thin: thin, after: warmup) })
      body += HTML.table(LadderResults.table(results.ladders)) + "\n"
      body +=
        "<p class=\"soft\">"
        + results.ladders.map { HTML.escaped($0.line) }.joined(separator: "<br>") + "</p>\n"
    }
    body += section("The sampler", shares + samplerTraces)
    if let shareTable { body += HTML.table(shareTable) + "\n" }
    body += "<h2>The run</h2>\n" + runFacts
    body += "<h2>Settings</h2>\n" + HTML.table(settingsTable, folds: false) + "\n"
    return HTML.page(title: title, body: body)
  }

  private var runFacts: String {
    let plan = results.record.plan
    return facts(
      [
        ("temperature", results.summary.temperature.map { Format.significant($0) } ?? "none"),
        ("chains", "\(results.summary.chainCount)"), ("steps", Format.count(results.steps)),
        ("warm-up", Format.count(plan.warmup ?? 0)), ("batch", plan.batch?.settingText ?? "all"),
        ("seed", "\(plan.seed)"), ("time", Format.duration(results.seconds)),
        ("speed", results.seconds > 0 ? "\(Format.significant(Double(results.steps) / results.seconds)) steps/s" : "-"),
        ("langevin", Version.current),
      ] + (date.isEmpty ? [] : [("date", date)]))
      + (command.map { "<p><code>\(HTML.escaped($0))</code></p>\n" } ?? "")
  }

  private func confusion(_ classes: PredictionScores.Classes) -> TextTable {
    var table = TextTable([""] + classes.names)
    for (name, counts) in zip(classes.names, classes.confusion) { table.rows.append([name] + counts.map { "\($0)" }) }
    return table
  }

  private func facts(_ facts: [(String, String)]) -> String {
    "<dl class=\"facts\">"
      + facts.map { "<div><dt>\($0)</dt><dd>\(HTML.escaped($1))</dd></div>" }.joined() + "</dl>\n"
  }

  private func section(_ title: String, _ plots: [Plot]) -> String {
    let drawn = figures(plots)
    return drawn.isEmpty ? "" : "<h2>\(title)</h2>\n" + drawn
  }

  private func figures(_ plots: [Plot]) -> String {
    let drawn = plots.map(\.svg).filter { !$0.isEmpty }
    if drawn.isEmpty { return "" }
    return "<div class=\"plots\">\n" + drawn.map { "<figure>\($0)</figure>" }.joined(separator: "\n") + "\n</div>\n"
  }
}

// MARK: - What is drawn

extension Report {
  private var chainNames: [String] {
    results.traces.count > 1 && results.traces.count <= 8 ? results.labels.map { "chain \($0)" } : []
  }

  private func color(_ chain: Int) -> Int { chain % 8 + 1 }

  /// At most about a thousand points of a line; a picture has no more columns.
  private func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    let stride = max(1, points.count / 1000)
    return points.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
  }

  private func trace(of column: String, title: String) -> Plot {
    var plot = Plot(title: title, xLabel: "step", legend: chainNames)
    plot.leavesOutSpikes = true
    if let trace = results.traces.first, trace.warmupRows > 0, let steps = trace["step__"] {
      plot.marks.append(.stretch(0, steps[trace.warmupRows - 1]))
    }
    for (chain, trace) in results.traces.enumerated() {
      guard let steps = trace["step__"], let values = trace[column] else { continue }
      plot.marks.append(.line(thinned(zip(steps, values).map { ($0, $1) }), color: color(chain)))
    }
    return plot
  }

  private static let titles = [
    "energy": "energy U", "cost": "cost", "error": "training error", "test_error": "test error",
    "test_cost": "test cost",
    "norm2": "squared norm", "kinetic_temperature": "kinetic temperature", "acceptance": "acceptance",
  ]

  private var traces: [Plot] {
    results.summary.observables.map { trace(of: $0.name, title: Self.titles[$0.name] ?? $0.name) }
  }

  /// The sampler's own columns, where they change.
  private var samplerTraces: [Plot] {
    let columns = (results.traces.first?.columns ?? []).filter {
      $0.hasSuffix("__") && $0 != "lp__" && $0 != "step__" && !$0.contains("_share.")
    }
    return columns.filter { column in
      results.traces.contains { trace in Set(trace[column] ?? []).count > 1 }
    }.prefix(8).map { trace(of: $0, title: String($0.dropLast(2)).replacing("_", with: " ")) }
  }

  /// The names of the layers with a minibatch share, as columns.
  private var layersWithShares: [String] {
    (results.traces.first?.columns ?? []).filter { $0.hasPrefix("minibatch_share.") }
      .map { String($0.dropFirst("minibatch_share.".count).dropLast(2)) }
  }

  /// The largest share of the thermal noise that minibatches bring to a parameter, by layer, along the first chain.
  private var shares: [Plot] {
    guard let trace = results.traces.first, let steps = trace["step__"], !layersWithShares.isEmpty else { return [] }
    var plot = Plot(title: "largest minibatch share", xLabel: "step", fromZero: true)
    for (index, layer) in layersWithShares.enumerated() {
      guard let values = trace["largest_share.\(layer)__"] else { continue }
      plot.legend.append("layer\(layer)")
      plot.marks.append(.line(thinned(zip(steps, values).map { ($0, $1) }), color: color(index)))
    }
    return [plot]
  }

  private var shareTable: TextTable? {
    guard !layersWithShares.isEmpty else { return nil }
    var table = TextTable(["share of the thermal noise that minibatches bring", "median", "largest"])
    for layer in layersWithShares {
      let ends = ["minibatch_share", "largest_share"].map { name in
        results.traces.compactMap { $0["\(name).\(layer)__"]?.last }.max() ?? .nan
      }
      table.rows.append(["layer\(layer)"] + ends.map { Format.significant($0) })
    }
    return table
  }

  private var histograms: [Plot] {
    ["energy", "norm2", "error", "test_error"].compactMap { name in
      guard let draws = RunSummary.chains(name, of: results.traces) else { return nil }
      let all = draws.flatMap { $0 }
      // One spike would leave a single bar of all others.
      let seen = Plot.withoutSpikes(all)
      let (low, high) = (seen.lowerBound, seen.upperBound)
      guard high > low else { return nil }
      var histogram = Histogram(from: low, to: high + (high - low) * 1e-9, bins: min(40, max(8, all.count / 8)))
      for value in all where seen.contains(value) { histogram.add(value) }
      var plot = Plot(title: "law of \(Self.titles[name] ?? name)", xLabel: Self.titles[name] ?? name, fromZero: true)
      plot.marks = [
        .bars(
          histogram.densities.enumerated().map { (low + Double($0) * histogram.binWidth, histogram.binWidth, $1) },
          color: 1)
      ]
      return plot
    }
  }

  private var autocorrelations: [Plot] {
    var plot = Plot(title: "autocorrelation", xLabel: "lag in steps", legend: [], marks: [.level(0)])
    let thin = Double(results.record.plan.thin ?? 1)
    for (index, name) in ["energy", "cost", "norm2"].enumerated() {
      guard let draws = try? RunSummary.draws(name, of: results.traces) else { continue }
      let correlation = autocorrelation(of: draws, upToLag: min(100, draws.drawsPerChain / 2))
      plot.marks.append(.line(correlation.enumerated().map { (Double($0) * thin, $1) }, color: index + 1))
      plot.legend.append(Self.titles[name] ?? name)
    }
    return plot.legend.isEmpty ? [] : [plot]
  }

  private var temperatures: [Plot] {
    let layers = results.summary.layers
    guard let target = results.summary.temperature, !layers.isEmpty else { return [] }
    var plot = Plot(title: "temperature by layer", xLabel: "± 2 standard errors", names: layers.map(\.name))
    plot.marks = [.level(target)]
    for (index, (name, estimates)) in [
      ("configurational", layers.map(\.configurational)), ("kinetic", layers.map(\.kinetic)),
    ].enumerated() where estimates.contains(where: { $0 != nil }) {
      plot.legend.append(name)
      plot.marks.append(
        .points(
          estimates.enumerated().compactMap { place, estimate in
            estimate.map { (Double(place + 1) + 0.1 * Double(index), $0.value, 2 * $0.standardError) }
          }, color: index + 1))
    }
    return [plot]
  }

  private var displacements: [Plot] {
    guard !diffusion.isEmpty else { return [] }
    var plot = Plot(
      title: "diffusion: mean |θ(t + lag) - θ(t)|²", xLabel: "lag in steps", legend: chainNames, fromZero: true)
    for (chain, rows) in diffusion.enumerated() {
      plot.marks.append(.line(rows.map { (Double($0.steps), $0.mean) }, color: color(chain)))
    }
    return [plot]
  }

  /// Data with the predicted mean and interval: along the input where there is one, else along the prediction.
  private var bands: [Plot] {
    guard !predicted.isEmpty else { return [] }
    let isCurve = predicted.allSatisfy { $0.input != nil }
    let sorted = predicted.map { (x: $0.input ?? $0.band.mean, band: $0.band) }.sorted { $0.x < $1.x }
    var plot = Plot(
      title: isCurve ? "data, predicted mean and interval" : "data against prediction",
      xLabel: isCurve ? "input" : "mean",
      legend: ["data", "mean", "\(Format.plain(100 * (prediction?.level ?? 0.9))) % interval"])
    plot.marks.append(.band(sorted.map { ($0.x, $0.band.lower, $0.band.upper) }, color: 3))
    plot.marks.append(.points(sorted.compactMap { row in row.band.target.map { (row.x, $0, 0) } }, color: 1))
    plot.marks.append(.line(sorted.map { ($0.x, $0.band.mean) }, color: 2))
    plot.leavesOutSpikes = true
    return [plot]
  }

  /// What the predicted mean leaves over.
  private var residuals: [Plot] {
    let left = predicted.compactMap { row in row.band.target.map { (row.band.mean, $0 - row.band.mean, 0.0) } }
    guard !left.isEmpty else { return [] }
    return [
      Plot(
        title: "residuals", xLabel: "predicted mean",
        marks: [.level(0), .points(left.map { ($0.0, $0.1, $0.2) }, color: 1)], leavesOutSpikes: true)
    ]
  }

  private func reliability(_ prediction: PredictionScores) -> Plot {
    var plot = Plot(
      title: "reliability: accuracy against confidence", xLabel: "confidence", marks: [.diagonal], fromZero: true)
    let bins = (prediction.classes?.average.reliability ?? []).filter { $0.count > 0 }
    plot.marks.append(
      .points(
        bins.map { bin in
          let share = bin.accuracy
          return (bin.confidence, share, (share * (1 - share) / Double(bin.count)).squareRoot())
        }, color: 1))
    return plot
  }

  private var settingsTable: TextTable {
    var table = TextTable(["setting", "value"])
    func add(_ name: String, _ value: JSON) {
      if case .object(let members) = value {
        for member in members { add("\(name).\(member.key)", member.value) }
      } else {
        table.rows.append([name, value.text ?? value.description])
      }
    }
    if case .object(let members) = results.record.json { for member in members { add(member.key, member.value) } }
    return table
  }
}
