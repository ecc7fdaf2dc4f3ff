import Langevin

// What the runs say.
extension TemperedContest {
  /// Errors, trapping and sharpness of every method, and differences from the first, seed by seed.
  func showResults(_ runs: ResultTable) throws {
    let first = contestants[0].name
    var table = ResultTable(
      "Runs: means over \(seeds) seeds with standard errors; 'more than \(first)' is this method less \(first), seed by seed. Trapped: more than "
        + "half of the error of a constant guess on the training examples. Error of the teacher task: mean squared error over the variance. "
        + "Seed \(easel.seed)",
      rows: "task: method",
      columns: [
        .init("test error"), .init("±"), .init("more than \(first)"), .init("more, ±"), .init("test loss"),
        .init("loss, ±"), .init("loss more than \(first)"), .init("loss more, ±"), .init("training error"),
        .init("trapped"), .init("round trips"),
      ])
    var shapes = ResultTable(
      "The ends: Hessian of the training loss (the first 1000 examples; 10 random vectors, 15 Lanczos steps), rise of the loss on random "
        + "steps of length 0.5 and of a twentieth of the norm; medians over \(seeds) seeds; 'ln ratio' is the mean over seeds of the logarithm of this "
        + "method's trace over that of \(first). Seed \(easel.seed)",
      rows: "task: method",
      columns: [
        .init("trace"), .init("largest eigenvalue"), .init("rise"), .init("relative rise"), .init("norm"),
        .init("ln ratio of traces"), .init("ln ratio, ±"), .init("ln ratio of relative rises"),
        .init("ln ratio of rises, ±"),
      ])
    var sentences: [String] = []
    for task in tasks {
      let own = rows(runs, task, contestants[0])
      var verdicts: [String] = []
      for (index, contestant) in contestants.enumerated() {
        let rows = rows(runs, task, contestant)
        func difference(_ column: Int, _ of: (Double, Double) -> Double) -> Estimate {
          let gaps = zip(rows, own).map { of($0[column], $1[column]) }.filter(\.isFinite)
          return index == 0 ? Estimate(value: .nan, standardError: .nan) : Estimate(meanOfIndependent: gaps)
        }
        func mean(_ column: Int) -> Estimate { Estimate(meanOfIndependent: rows.map { $0[column] }.filter(\.isFinite)) }
        func median(_ column: Int) -> Double { Quartiles(rows.map { $0[column] }.filter(\.isFinite)).median }
        let name = "\(task.name): \(contestant.name)"
        let (error, loss) = (difference(0, -), difference(1, -))
        table.add(
          name,
          [
            mean(0).value, mean(0).standardError, error.value, error.standardError, mean(1).value,
            mean(1).standardError, loss.value, loss.standardError, mean(2).value, mean(4).value, mean(10).value,
          ])
        let (trace, rise) = (difference(5, Self.logarithmOfRatio), difference(8, Self.logarithmOfRatio))
        shapes.add(
          name,
          (5...9).map(median) + [trace.value, trace.standardError, rise.value, rise.standardError])
        if index > 0 {
          verdicts.append(
            "\(contestant.name) \(Format.value(error.value, error: error.standardError)) ± \(Format.error(error.standardError))"
          )
        }
      }
      sentences.append("\(task.name): test error more than that of \(first): " + verdicts.joined(separator: ", "))
    }
    try easel.show(table, bars(table), as: "results")
    try easel.show(shapes, as: "ends")
    easel.remark(sentences.joined(separator: "\n"))
  }

  private static func logarithmOfRatio(_ value: Double, _ other: Double) -> Double {
    value > 0 && other > 0 ? Math.log(value / other) : .nan
  }

  /// Test errors by task, a point with its error for each method.
  private func bars(_ table: ResultTable) -> Plot {
    var plot = Plot(
      title: "Test error", yLabel: "error", legend: contestants.map(\.name), names: tasks.map(\.name), fromZero: true)
    for (index, contestant) in contestants.enumerated() {
      let shift = 0.8 * ((Double(index) + 0.5) / Double(contestants.count) - 0.5)
      plot.marks.append(
        .points(
          tasks.enumerated().compactMap { number, task in
            table[row: "\(task.name): \(contestant.name)"].map { (Double(number + 1) + shift, $0[0], $0[1]) }
          }, color: index + 1))
    }
    return plot
  }

  /// One run of the first method on each task: its temperature and its loss along the way.
  func drawTemperatures(_ trials: ResultTable, _ chosen: [[Int]]) throws {
    var plots: [Plot] = []
    for (number, named) in tasks.enumerated() {
      let setting = setting(trials, named, contestants[0], chosen[number][0])
      let seed = seed(run: 0)
      let task = try named.make(seed)
      let method = try Contestant.temperedTraining(task, setting, epochs: named.epochs)
      let table = try path(of: method, on: task, epochs: named.epochs, seed: seed, called: named.name)
      try easel.write(table, as: "temperature-\(named.name)")
      plots.append(
        Plot(
          title: "\(named.name): temperature", xLabel: "step", yLabel: "temperature",
          marks: [.line(table.rows.map { ($0[0], $0[1]) }, color: 1)],
          yScale: .logarithmic))
      plots.append(
        Plot(
          title: "\(named.name): loss of the batches", xLabel: "step", yLabel: "loss",
          marks: [.line(table.rows.map { ($0[0], $0[2]) }, color: 2)], yScale: .logarithmic))
    }
    try easel.draw(plots, columns: 2, as: "temperatures")
  }

  private func path(
    of method: TemperedTraining<Float>, on task: TrainingTask, epochs: Int, seed: UInt64, called name: String
  ) throws -> ResultTable {
    var table = ResultTable(
      "One run of \(contestants[0].name) on \(name): temperature (none in the second phase) and mean loss of the batches, seed \(seed)",
      columns: [.init("step"), .init("temperature"), .init("loss")])
    var evaluator = try Evaluator(task.training, batches: .epochs(task.batch), seed: seed)
    var state = try method.start(at: task.start, with: &evaluator)
    let steps = epochs * task.stepsPerEpoch
    let interval = max(1, steps / 400)
    var sum = 0.0
    for step in 1...steps {
      if step % 1000 == 0 { try easel.checkInterrupt() }
      // A run that diverges has a path up to there.
      guard let record = try? method.step(&state, with: &evaluator) else { break }
      sum += record.energy.total
      guard step % interval == 0 else { continue }
      let temperature = method.tempering.temperature / method.tempering.coupling.factor(at: state.tempered.alpha)
      table.add([Double(step), state.isSampling ? temperature : .nan, sum / Double(interval)])
      sum = 0
    }
    let report = method.tempering.report(on: state.tempered)
    easel.remark(
      "\(name): \(report.roundTrips) round trips from cold to hot and back, cold in \(Format.fixed(100 * report.coldShare, 0)) % of the "
        + "\(report.steps) sampling steps, hottest \(Format.significant(1 / method.tempering.coupling.hottest, 3)) times the temperature; "
        + "\(state.snapshotLosses.count) states kept")
    return table
  }
}
