import Foundation
import Langevin

/// KL of the law that each scheme samples from the posterior, against the step size.
enum DivergenceFigure: Figure {
  static let name = "sgworld"
  static let abstract = "KL from the posterior against the step size for SGLD and every level of SGWORLD (2306.03521)"
  static let duration = "1 s"

  static func make(_ easel: Easel) throws {
    let problem = try LinearGaussianProblem.line(count: 12)
    let stepSizes = (0...16).map { 2e-5 * pow(10, Double($0) / 8) }
    let table = try problem.divergences(batchSize: 1, stepSizes: stepSizes)
    var plot = Plot(
      title: "LINE, 12 examples one by one", xLabel: "step size", yLabel: "KL from the posterior, nat",
      xScale: .logarithmic, yScale: .logarithmic)
    for (number, column) in table.columns.dropFirst().enumerated() {
      plot.legend.append(column.name)
      plot.marks.append(.line(Array(zip(stepSizes, table[column: column.name] ?? [])), color: number + 1))
    }
    try easel.show(table, plot, as: "divergence")
  }
}
