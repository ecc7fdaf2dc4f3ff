import Langevin
import LangevinTheory

/// Areal velocities of gradient descent around a minimum: the linear theory against a run.
enum CurrentsFigure: Figure {
  static let name = "sgd-currents"
  static let abstract = "areal velocities of SGD with and without replacement, theory against a run (2306.03521)"
  static let duration = "10 s; 1 min"

  static func make(_ easel: Easel) throws {
    let runs = try DescentRuns.make(easel)
    try show(runs.withReplacement, "with replacement", unit: (1e12, "1e-12 per step"), as: "with-replacement", easel)
    DescentRuns.sayWhatIsLeftOut(easel)
    try show(
      runs.withoutReplacement, "without replacement", unit: (1e15, "1e-15 per epoch"), as: "without-replacement", easel)
  }

  private static func show(
    _ run: CurrentsRun, _ scheme: String, unit: (scale: Double, name: String), as name: String, _ easel: Easel
  ) throws {
    let variances = try run.variances()
    try easel.show(variances, as: "variances-\(name)")
    easel.remark("The largest deviation is \(Format.fixed(variances.largestDeviation, 1)) standard errors.")

    let velocities = try run.arealVelocities()
    // In the order of the theory, so that it is one rising line.
    let rows = velocities.rows.sorted { $0[2] < $1[2] }
    let places = rows.indices.map { Double($0 + 1) }
    let plot = Plot(
      title: "SGD \(scheme)", xLabel: "pair of weights", yLabel: "areal velocity, \(unit.name)",
      legend: ["theory", "run"], names: rows.map { "\(Int($0[0]))\(Int($0[1]))" },
      marks: [
        .level(0), .line(zip(places, rows).map { ($0, unit.scale * $1[2]) }, color: 1),
        .points(zip(places, rows).map { ($0, unit.scale * $1[3], unit.scale * $1[4]) }, color: 2),
      ])
    try easel.show(velocities, plot, as: "areal-velocities-\(name)")
    easel.remark("The largest of 21 deviations is \(Format.fixed(velocities.largestDeviation, 1)) standard errors.")
  }
}
