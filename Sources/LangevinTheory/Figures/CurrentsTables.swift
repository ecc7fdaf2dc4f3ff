extension CurrentsRun {
  private var timeUnit: String { withoutReplacement ? "epoch" : "step" }

  /// Areal velocities: theory, measurement and its standard error, for each pair of weights.
  public func arealVelocities() throws -> ResultTable {
    let found = try measurement.estimates()
    var table = ResultTable(
      "Mean areal velocity of each pair of weights, per \(timeUnit)",
      columns: [
        .init("i"), .init("j"), .init("theory", unit: "1/\(timeUnit)"), .init("measured", unit: "1/\(timeUnit)"),
        .init("standard error", unit: "1/\(timeUnit)"),
      ])
    for i in centre.indices {
      for j in centre.indices where j > i {
        let error = try state.arealVelocityError(i, j, timeUnits: Double(measurement.timeUnits))
        table.add([Double(i + 1), Double(j + 1), state.circulation[i, j], found.arealVelocity[i, j], error])
      }
    }
    return table
  }

  /// Both fluctuation theorems and the mean entropy production, window by window.
  public func fluctuationTheorems() throws -> ResultTable {
    let mean = try state.discreteMean(of: .leftPoint(state))
    var table = ResultTable(
      "Entropy production over windows: the mean, the integral theorem (1) and the slope of the detailed one (1)",
      columns: [
        .init("window", unit: timeUnit), .init("windows"), .init("mean, theory"), .init("mean"), .init("mean, error"),
        .init("mean exp(-sigma)"), .init("mean exp(-sigma), error"), .init("slope"), .init("slope, error"),
      ])
    for window in measurement.windows {
      let slope = window.slope?.value
      table.add([
        Double(window.length), Double(window.production.count), Double(window.length) * mean, window.mean.mean,
        window.mean.standardError, window.integral.mean, window.integral.standardError, slope?.mean ?? .nan,
        slope?.standardError ?? .nan,
      ])
    }
    return table
  }

  /// ln [P(sigma)/P(-sigma)] against sigma for one window length, with the theorem's line; nil where it was not measured.
  public func detailedTheorem(window length: Int) -> ResultTable? {
    guard let histogram = measurement.windows.first(where: { $0.length == length })?.histogram else { return nil }
    var table = ResultTable(
      "Detailed fluctuation theorem over windows of \(length), per \(timeUnit)",
      columns: [
        .init("sigma"), .init("count of sigma"), .init("count of -sigma"), .init("logarithm of their ratio"),
        .init("standard error"), .init("theorem"),
      ])
    let half = histogram.counts.count / 2
    for bin in 0..<half {
      let (plus, minus) = (Double(histogram.counts[half + bin]), Double(histogram.counts[half - 1 - bin]))
      guard min(plus, minus) > 0 else { continue }
      let sigma = histogram.center(ofBin: half + bin)
      table.add([sigma, plus, minus, logarithm(plus / minus), (1 / plus + 1 / minus).squareRoot(), sigma])
    }
    return table
  }
}
