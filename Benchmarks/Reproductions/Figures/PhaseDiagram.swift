import Langevin
import LangevinPlatform
import LangevinTheory

/// Where the plain theory begins to learn a parity of 2 in 20: against the width with infinitely many data, and against the number
/// of points at one width.
enum PhaseDiagram {
  static func make(_ easel: Easel) throws {
    let widths = try againstWidth(easel)
    let lines = ["m = 1/2", "steepest rise", "onset", "kernel, m = 1/2"]
    try easel.show(widths, plot(widths, lines, "hidden units N", "infinite data"), as: "phases-width")
    if easel.isQuick {
      easel.remark("Quick: 2 widths in place of 7, and no phase diagram against the number of points.")
      return
    }
    let points = try againstPoints(easel)
    try easel.show(points, plot(points, ["m = 1/2"], "training points P", "N 256"), as: "phases-points")
  }

  private static func plot(_ table: ResultTable, _ lines: [String], _ axis: String, _ title: String) -> Plot {
    Plot(
      title: "Plain theory, \(title)", xLabel: axis, yLabel: "noise kappa", legend: lines,
      marks: lines.indices.map { line in .line(table.rows.map { ($0[0], $0[line + 1]) }, color: line + 1) },
      fromZero: true, xScale: .logarithmic)
  }

  /// By quadrature; the kernel is the limit of infinite width.
  private static func againstWidth(_ easel: Easel) throws -> ResultTable {
    var table = ResultTable(
      "Where learning sets in, infinite data: d 20, k 2, gamma 0.5; T = 2 kappa^2 with the mean loss",
      columns: [
        .init("N"), .init("kappa at m 1/2"), .init("kappa of the steepest rise"), .init("kappa of the onset"),
        .init("kernel: kappa at m 1/2"),
      ])
    let widths = easel.isQuick ? [64, 256] : [64, 128, 256, 512, 1024, 2048, 4096]
    let rows = try easel.pool.map(widths) { width -> [Double] in
      try easel.checkInterrupt()
      let theory = try ParityMeanField(MeanFieldModel(inputs: 20, width: width, noise: 0.05), degree: 2)
      let (steepest, onset) = try theory.onset(from: 0.005, to: 0.2)
      let kernel = try ArcCosineKernel.eigenvalue(of: theory.model, degree: 2).squareRoot()
      return [Double(width), try theory.halfwayNoise(from: 0.005, to: 0.2), steepest, onset, kernel]
    }
    for row in rows { table.add(row) }
    return table
  }

  /// By chains at several kappa, with m interpolated in ln kappa.
  private static func againstPoints(_ easel: Easel) throws -> ResultTable {
    var table = ResultTable(
      "Where half of the parity is learned from P points: d 20, k 2, N 256, gamma 0.5; T = 2 kappa^2 with the mean loss",
      columns: [.init("P"), .init("kappa at m 1/2")])
    let noises = (0...6).map { 0.01 * pow(4, Double($0) / 6) }
    let counts = [100, 200, 400, 800]
    let overlaps = try easel.pool.map(counts.flatMap { count in noises.map { (count, $0) } }) { count, noise in
      try easel.checkInterrupt()
      let task = try ParityTask(inputs: 20, degree: 2, points: count, seed: easel.seed)
      let theory = MeanFieldRegression(try MeanFieldModel(inputs: 20, width: 256, noise: noise))
      return try task.scores(theory.solve(task.data, seed: easel.seed).predictions).overlap
    }
    for (index, count) in counts.enumerated() {
      let m = Array(overlaps[index * noises.count..<(index + 1) * noises.count])
      // m falls with kappa.
      guard let next = m.firstIndex(where: { $0 < 0.5 }), next > 0 else { continue }
      let share = (m[next - 1] - 0.5) / (m[next - 1] - m[next])
      let noise: Double = noises[next - 1] * pow(noises[next] / noises[next - 1], share)
      table.add([Double(count), noise])
    }
    return table
  }
}
