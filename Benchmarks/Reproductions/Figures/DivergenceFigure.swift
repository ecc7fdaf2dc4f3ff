import Langevin
import LangevinPlatform
import LangevinTheory

/// KL of the law that each scheme samples from the posterior, against the step size: exact algebra, and our samplers measured.
enum DivergenceFigure: Figure {
  static let name = "sgworld"
  static let abstract = "KL from the posterior against the step size for SGLD and every level of SGWORLD (2306.03521)"
  static let duration = "1 s; 1 min"

  static func make(_ easel: Easel) throws {
    let problem = try LinearGaussianProblem.line(count: 12)
    let count = easel.isQuick ? 2 : 16
    let stepSizes = (0...count).map { 2e-5 * pow(100, Double($0) / Double(count)) }
    let table = try problem.divergences(batchSize: 1, stepSizes: stepSizes)
    // The others stand in the CSV file.
    let drawn = [
      "full gradient", "sgld", "sgworld-1", "sgworld-lm", "sgworld-2", "sgworld-2lm", "sgworld-1, one fixed order",
    ]
    var plot = Plot(
      title: "LINE, 12 examples one by one", xLabel: "step size", yLabel: "KL from the posterior, nat", legend: drawn,
      xScale: .logarithmic, yScale: .logarithmic)
    for (number, name) in drawn.enumerated() {
      plot.marks.append(.line(Array(zip(stepSizes, table[column: name] ?? [])), color: number + 1))
    }
    if easel.isQuick {
      easel.remark(
        "Quick: 3 step sizes in place of 17, and none of the samplers' own runs, which stand beside the exact lines as points."
      )
    } else {
      let points = try measured(problem, easel)
      try easel.show(points, as: "measured")
      for (number, name) in drawn.enumerated() {
        guard let values = points[column: name], let errors = points[column: "\(name), error"] else { continue }
        let marks = zip(points[column: "step size"] ?? [], zip(values, errors)).map { ($0, $1.0, $1.1) }
        // On a logarithmic axis, only what can be told from 0.
        plot.marks.append(.points(marks.filter { $0.1 > 2 * $0.2 }, color: number + 1))
      }
    }
    try easel.show(table, plot, as: "divergence", printing: ["step size"] + drawn)
  }

  /// Runs of 1e6 epochs at step sizes where they can tell the divergence from 0.
  private static func measured(_ problem: LinearGaussianProblem, _ easel: Easel) throws -> ResultTable {
    let (epochs, stepSizes) = (1_000_000, [7e-4, 1.2e-3, 2e-3])
    let levels: [(name: String, level: SGWORLDLevel)] = [
      ("sgworld-1", .one), ("sgworld-lm", .lm), ("sgworld-2", .two),
    ]
    let names = ["sgld"] + levels.map(\.name)
    var table = ResultTable(
      "KL from the posterior measured over \(epochs) epochs of our samplers",
      columns: [.init("step size")] + names.flatMap { [.init($0, unit: "nat"), .init("\($0), error", unit: "nat")] })
    let found = try easel.pool.map(stepSizes.flatMap { size in names.indices.map { (size, $0) } }) { size, number in
      try easel.checkInterrupt()
      if number == 0 {
        return try problem.measuredDivergence(
          of: SGLD(stepSize: .constant(size), temperature: 1), batches: .subset(1), draws: epochs * problem.count,
          seed: easel.seed)
      }
      return try problem.measuredDivergence(
        of: SGWORLD(stepSize: .constant(size), temperature: 1, level: levels[number - 1].level), batches: .epochs(1),
        draws: epochs, seed: easel.seed)
    }
    for (index, size) in stepSizes.enumerated() {
      let row = found[index * names.count..<(index + 1) * names.count]
      table.add([size] + row.flatMap { [$0.value, $0.standardError] })
    }
    return table
  }
}
