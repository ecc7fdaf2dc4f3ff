import Langevin

// What trials and runs say.
extension PartitionedContest {
  /// The test accuracies of a method on a task: one list over seeds for each reading; a guess after it diverged.
  private func curves(_ runs: ResultTable, _ task: NamedTask, _ method: PartitionedMethod) -> [[Double]] {
    let rows = rows(runs, task, method)
    let guess = task.name == "digits" ? 10.0 : 50.0
    return (0..<20).map { reading in rows.map { $0[reading].isNaN ? guess : $0[reading] } }
  }

  private func rows(_ runs: ResultTable, _ task: NamedTask, _ method: PartitionedMethod) -> [[Double]] {
    (0..<seeds).compactMap { runs[row: "\(task.name)/\(method.name)/\($0)"] }
  }

  /// Test accuracy against epochs: median and quartiles over the seeds.
  func showCurves(_ runs: ResultTable) throws {
    var plots: [Plot] = []
    for task in tasks {
      var table = ResultTable(
        "Test accuracy on \(task.summary), median and quartiles of \(seeds) seeds, seed \(easel.seed)",
        columns: [.init("epoch")]
          + methods.flatMap { method in ["median", "low", "high"].map { .init("\(method.name): \($0)", unit: "%") } })
      var plot = Plot(
        title: task.name, xLabel: "epoch", yLabel: "test accuracy, %", legend: methods.map(\.name), xScale: .logarithmic
      )
      let quartiles = methods.map { method in curves(runs, task, method).map(Quartiles.init) }
      let epochs = readings(of: task)
      for (reading, epoch) in epochs.enumerated() {
        table.add([Double(epoch)] + quartiles.flatMap { [$0[reading].median, $0[reading].low, $0[reading].high] })
      }
      for (index, found) in quartiles.enumerated() {
        plot.marks.append(.band(zip(epochs, found).map { (Double($0), $1.low, $1.high) }, color: index + 1))
      }
      for (index, found) in quartiles.enumerated() {
        plot.marks.append(.line(zip(epochs, found).map { (Double($0), $1.median) }, color: index + 1))
      }
      try easel.write(table, as: "curves-\(task.name)")
      plots.append(plot)
    }
    try easel.draw(plots, columns: 2, as: "curves")
  }

  /// The end of the curves, and how much the first method is ahead of the others, seed by seed.
  func showResults(_ runs: ResultTable, _ chosen: [[Int]]) throws {
    var table = ResultTable(
      "Test accuracy at the end and its mean over the epochs; 'ahead' is \(methods[0].name) less this method, seed by seed, mean and "
        + "standard error over \(seeds) seeds, seed \(easel.seed)",
      rows: "task: method",
      columns: [
        .init("step size"), .init("temperature or batch"), .init("median", unit: "%"), .init("low"), .init("high"),
        .init("mean over epochs"), .init("diverged"), .init("ahead at the end"), .init("±"),
        .init("ahead over epochs"), .init("± over epochs"),
      ])
    var sentences: [String] = []
    for (number, task) in tasks.enumerated() {
      let all = methods.map { curves(runs, task, $0) }
      func overEpochs(_ curves: [[Double]]) -> [Double] {
        (0..<seeds).map { seed in curves.reduce(0) { $0 + $1[seed] } / 20 }
      }
      var verdicts: [String] = []
      for (index, method) in methods.enumerated() {
        let (curves, point) = (all[index], method.points[chosen[number][index]])
        let end = Quartiles(curves[19])
        func ahead(_ first: [Double], _ other: [Double]) -> Estimate {
          index == 0
            ? Estimate(value: .nan, standardError: .nan)
            : Estimate(meanOfIndependent: zip(first, other).map { $0 - $1 })
        }
        let final = ahead(all[0][19], curves[19])
        let area = ahead(overEpochs(all[0]), overEpochs(curves))
        table.add(
          "\(task.name): \(method.name)",
          [
            point.stepSize, point.second, end.median, end.low, end.high,
            Estimate(meanOfIndependent: overEpochs(curves)).value,
            Double(rows(runs, task, method).count { $0[20].isNaN }), final.value, final.standardError, area.value,
            area.standardError,
          ])
        if index > 0 {
          verdicts.append(
            "\(method.name) \(Format.value(final.value, error: final.standardError)) ± \(Format.error(final.standardError))\(Self.mark(final))"
          )
        }
      }
      sentences.append(
        "\(task.name): \(methods[0].name) is ahead at the end, in points, of " + verdicts.joined(separator: ", "))
    }
    try easel.show(table, as: "results")
    easel.remark((sentences + ["* by more than 3 standard errors; - behind by as much"]).joined(separator: "\n"))
  }

  private static func mark(_ difference: Estimate) -> String {
    let z = difference.value / difference.standardError
    return z > 3 ? " *" : z < -3 ? " -" : ""
  }

  /// The grids as maps, and how much of each is good.
  func showRobustness(_ trials: ResultTable) throws {
    var table = ResultTable(
      "Validation accuracy over the grid of each method: the best point, the median, and the share of points within 5 percent points of the best "
        + "that any method reached on the task; \(trialSeeds) seeds a point, seed \(easel.seed)",
      rows: "task: method",
      columns: [
        .init("points"), .init("best", unit: "%"), .init("median", unit: "%"), .init("worst", unit: "%"),
        .init("share within 5"),
      ])
    for task in tasks {
      let maps = methods.map { map(trials, task, $0) }
      let best = maps.joined().max() ?? .nan
      for (method, values) in zip(methods, maps) {
        table.add(
          "\(task.name): \(method.name)",
          [
            Double(values.count), values.max() ?? .nan, Quartiles(values).median, values.min() ?? .nan,
            Double(values.count { $0 > best - 5 }) / Double(values.count),
          ])
      }
      let plots = zip(methods, maps).map { method, values in
        drawing(of: values, method, guess: task.name == "digits" ? 10 : 50, best: best)
      }
      try easel.draw(plots, columns: 3, as: "map-\(task.name)")
    }
    try easel.show(table, as: "robustness")
  }

  /// A map whose colour goes from nothing at a guess to full at the best accuracy.
  private func drawing(of values: [Double], _ method: PartitionedMethod, guess: Double, best: Double) -> Plot {
    let (across, up) = (method.stepSizes.count, method.seconds.count)
    let cells = (0..<up).map { row in
      (0..<across).map { column in (values[row * across + column] - guess) / (best - guess) }
    }
    var plot = Plot(
      title: "\(method.name), best \(Format.fixed(values.max() ?? .nan, 1)) %", xLabel: "step size",
      yLabel: method.isSampler ? "temperature" : "batch", names: method.stepSizes.map { Format.significant($0, 2) },
      marks: [.cells(cells, x: 0.5...Double(across) + 0.5, y: 0.5...Double(up) + 0.5)])
    plot.rowNames = method.seconds.map { Format.significant($0, 2) }
    return plot
  }

  /// The three classifiers of a run side by side: accuracy, -ln p and boundary.
  func showAverages(_ runs: ResultTable) throws {
    var table = ResultTable(
      "The end of a run, the average of the predictions of 50 draws and the average of the weights, both over the second half of the epochs: "
        + "means over \(seeds) seeds; gains of the averages over the single end, seed by seed, with standard errors; boundary in sides of "
        + "the square, seed \(easel.seed)",
      rows: "task: method",
      columns: Self.kinds.flatMap { kind in
        [.init("\(kind): accuracy", unit: "%"), .init("\(kind): -ln p"), .init("\(kind): boundary")]
      }
        + Self.kinds.dropFirst().flatMap { kind in
          [
            .init("\(kind): gain", unit: "%"), .init("\(kind): gain, ±"), .init("\(kind): less boundary"),
            .init("\(kind): less boundary, ±"),
          ]
        })
    for task in tasks {
      for method in methods {
        let rows = rows(runs, task, method).map { Array($0[20...]) }.filter { !$0[0].isNaN }
        func mean(_ column: Int) -> Double { rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
        func gain(_ column: Int, over other: Int) -> [Double] {
          let gain = Estimate(meanOfIndependent: rows.map { $0[column] - $0[other] })
          return [gain.value, gain.standardError]
        }
        table.add(
          "\(task.name): \(method.name)",
          (0..<9).map(mean) + [3, 6].flatMap { gain($0, over: 0) + gain(2, over: $0 + 2) })
      }
    }
    try easel.show(
      table, as: "averages",
      printing: Self.kinds.flatMap { ["\($0): accuracy", "\($0): boundary"] }
        + Self.kinds.dropFirst().flatMap { ["\($0): gain", "\($0): gain, ±"] })
  }

  /// The classifiers of one run of the first method and of the last on the hardest task of the plane.
  func drawClassifiers(_ chosen: [[Int]]) throws {
    guard let place = tasks.firstIndex(where: { $0.name == "spirals-4" }) else { return }
    let task = tasks[place]
    guard let plane = try Plane(task.make(easel.seed &* 1000)) else { return }
    var plots: [Plot] = []
    for index in [0, methods.count - 1] {
      try easel.checkInterrupt()
      let found = try run(task, methods[index], point: chosen[place][index], seed: easel.seed &* 1000)
      for (kind, probabilities) in zip(Self.kinds, found.planes) {
        var plot = Plot(
          title: "\(methods[index].name), \(kind)",
          marks: [.cells(plane.strengths(of: probabilities), x: plane.side, y: plane.side)])
        plot.isSquare = true
        plots.append(plot)
      }
    }
    try easel.draw(plots, columns: 3, as: "classifiers")
  }
}

/// The middle half of some numbers.
struct Quartiles {
  let low, median, high: Double

  init(_ values: [Double]) {
    let sorted = values.sorted()
    // Between the two values beside it, as NumPy does.
    func quantile(_ share: Double) -> Double {
      guard let last = sorted.indices.last else { return .nan }
      let place = share * Double(last)
      let below = Int(place.rounded(.down))
      let next = min(below + 1, last)
      return sorted[below] + (place - Double(below)) * (sorted[next] - sorted[below])
    }
    (low, median, high) = (quantile(0.25), quantile(0.5), quantile(0.75))
  }
}
