import Langevin
import LangevinTheory

extension CurrentsRun {
  private var timeUnit: String { withoutReplacement ? "epoch" : "step" }
  private var scheme: String { withoutReplacement ? "without replacement" : "with replacement" }

  /// Areal velocities: theory, measurement and its standard error, for each pair of weights.
  package func arealVelocities() throws -> ResultTable {
    let found = try measurement.estimates()
    var table = ResultTable(
      "Mean areal velocity of each pair of weights, \(scheme), over \(measurement.timeUnits) \(timeUnit)s",
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

  /// The variance along each eigenvector of the Hessian, soft ones first: theory, measurement and its standard error.
  package func variances() throws -> ResultTable {
    let eigen = try SymmetricEigen(state.hessian)
    let found = eigen.vectors.transpose * (try measurement.estimates()).covariance * eigen.vectors
    let expected = eigen.vectors.transpose * state.covariance * eigen.vectors
    let errors = state.varianceErrors(timeUnits: Double(measurement.timeUnits))
    var table = ResultTable(
      "Variance of the weights along each eigenvector of the Hessian, \(scheme)",
      columns: [.init("eigenvalue"), .init("theory"), .init("measured"), .init("standard error")])
    for (index, curvature) in eigen.values.enumerated() {
      let variance = expected[index, index]
      table.add([curvature, variance, found[index, index], errors[index] * variance])
    }
    return table
  }

  /// Both fluctuation theorems and the mean entropy production, window by window. Where the integral theorem holds the mean of
  /// exp(-sigma) - 1 is 0, where the detailed one holds the slope is 1.
  package func fluctuationTheorems() throws -> ResultTable {
    let mean = try expectedEntropyProduction()
    var table = ResultTable(
      "Entropy production over windows, \(scheme): the mean, the integral theorem (0) and the slope of the detailed one (1)",
      columns: [
        .init("window", unit: timeUnit), .init("windows"), .init("mean, theory"), .init("mean"), .init("mean, error"),
        .init("mean exp(-sigma) - 1"), .init("mean exp(-sigma) - 1, error"), .init("slope"), .init("slope, error"),
      ])
    for window in measurement.windows {
      let slope = window.slope?.value
      table.add([
        Double(window.length), Double(window.production.count), Double(window.length) * mean, window.mean.value,
        window.mean.standardError, window.excess.mean, window.integral.standardError, slope?.value ?? .nan,
        slope?.standardError ?? .nan,
      ])
    }
    return table
  }

  /// ln [P(sigma)/P(-sigma)] against sigma for one window length, with the theorem's line; nil where it was not measured.
  package func detailedTheorem(window length: Int) -> ResultTable? {
    guard let window = measurement.windows.first(where: { $0.length == length }) else { return nil }
    var table = ResultTable(
      "Detailed fluctuation theorem over windows of \(length) \(timeUnit)s, \(scheme)",
      columns: [
        .init("sigma"), .init("count of sigma"), .init("count of -sigma"), .init("logarithm of their ratio"),
        .init("standard error"), .init("theorem"),
      ])
    for ratio in window.ratios {
      table.add([
        ratio.sigma, Double(ratio.counts.plus), Double(ratio.counts.minus), ratio.logarithm.value,
        ratio.logarithm.standardError, ratio.sigma,
      ])
    }
    return table
  }
}
