import Langevin
import LangevinPlatform
import LangevinTheory

/// Where a two-layer network begins to learn a parity as the noise falls: kernel, mean-field theories and the sampled posterior.
enum TransitionFigure: Figure {
  static let name = "mean-field-transition"
  static let abstract = "overlap with a parity against kappa at infinite data: theories and Langevin (2510.15174)"
  static let duration = "20 s; 3 min"

  static func make(_ easel: Easel) throws {
    let stiffnesses = easel.isQuick ? [1.0] : [1, 0.3, 0.1]
    if easel.isQuick {
      easel.remark(
        "Quick: one stiffness nu, 9 values of kappa for the theories, 3 for Langevin with runs a third as long.")
    }
    // All 2^10 points are training and test set: infinitely many data.
    let theory = try ParityMeanField(MeanFieldModel(inputs: 10, width: 64, noise: 0.1), degree: 2)
    let lines = try lines(theory, noises(easel.isQuick ? 9 : 25), stiffnesses, easel)
    let points = try points(theory.model, noises(easel.isQuick ? 3 : 9), easel)

    let names = ["kernel", "plain"] + stiffnesses.map { "adaptive, nu \($0)" }
    var plot = Plot(
      title: "Parity of 2 in 10, N 64, infinite data", xLabel: "noise kappa", yLabel: "overlap m",
      legend: names + ["Langevin"], xScale: .logarithmic)
    for (index, name) in names.enumerated() {
      let values = zip(lines[column: "kappa"] ?? [], lines[column: "\(name): m"] ?? [])
      plot.marks.append(.line(values.map { ($0, $1) }, color: index + 1))
    }
    plot.marks.append(.points(points.rows.map { ($0[0], $0[1], $0[2]) }, color: names.count + 1))
    try easel.show(lines, plot, as: "theories", printing: ["kappa"] + names.map { "\($0): m" })
    try easel.show(points, as: "langevin")
    try PhaseDiagram.make(easel)
  }

  /// From 0.2 down to 0.016, evenly in the logarithm.
  private static func noises(_ count: Int) -> [Double] {
    (0..<count).map { 0.2 * pow(0.08, Double($0) / Double(count - 1)) }
  }

  private static func lines(
    _ theory: ParityMeanField, _ noises: [Double], _ stiffnesses: [Double], _ easel: Easel
  ) throws -> ResultTable {
    var table = try theory.transition(noises: [], stiffnesses: stiffnesses)
    let rows = try easel.pool.map(noises) { noise -> [[Double]] in
      try easel.checkInterrupt()
      return try theory.transition(noises: [noise], stiffnesses: stiffnesses).rows
    }
    for row in rows.joined() { table.add(row) }
    easel.talk.note("theories done")
    return table
  }

  /// m of the sampled posterior, over runs from the prior and from aligned weights.
  private static func points(_ model: MeanFieldModel, _ noises: [Double], _ easel: Easel) throws -> ResultTable {
    let (stepSize, repeats) = (0.2, 4)
    var table = ResultTable(
      "Langevin on the whole cube: d \(model.inputs), N \(model.width), \(repeats) runs of step size \(stepSize)",
      columns: [
        .init("kappa"), .init("m"), .init("m, error"), .init("m from the prior"), .init("m from aligned weights"),
      ])
    let task = try ParityTask(wholeCube: model.inputs, degree: 2)
    let items = noises.flatMap { noise in (0..<repeats).map { (noise: noise, chain: $0) } }
    let found = try easel.pool.map(items) { item -> Double in
      try easel.checkInterrupt()
      var langevin = MeanFieldLangevin(try model.with(noise: item.noise))
      // 20 relaxation times of the output weights, 1/(eta T) steps each, T = 2 kappa^2.
      let relaxation = 1 / (stepSize * 2 * item.noise * item.noise)
      (langevin.stepSize, langevin.stride) = (stepSize, 50)
      langevin.steps = max(20_000, Int(20 * relaxation)) / (easel.isQuick ? 3 : 1)
      let start: MeanFieldLangevin.Start = item.chain % 2 == 0 ? .prior : .aligned(task.relevant)
      let overlaps = try langevin.solve(
        task.data, testTargets: task.testTargets, from: start, seed: easel.seed, chain: item.chain
      ).overlaps
      return overlaps.reduce(0, +) / Double(overlaps.count)
    }
    for (index, noise) in noises.enumerated() {
      let runs = Array(found[index * repeats..<(index + 1) * repeats])
      let mean = Estimate(meanOfIndependent: runs)
      let starts = [0, 1].map { start in
        Estimate(meanOfIndependent: stride(from: start, to: repeats, by: 2).map { runs[$0] }).value
      }
      table.add([noise, mean.value, mean.standardError] + starts)
    }
    return table
  }
}
