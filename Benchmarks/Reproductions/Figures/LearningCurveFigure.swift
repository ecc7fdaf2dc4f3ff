import Langevin
import LangevinTheory

/// What two-layer networks learn of a parity from P points: kernel, mean-field theories and the sampled posterior.
enum LearningCurveFigure: Figure {
  static let name = "mean-field-learning-curve"
  static let abstract = "overlap, error and anisotropy of a parity against P: theories and Langevin (2510.15174)"
  static let duration = "1 min; 6 min"

  static func make(_ easel: Easel) throws {
    if easel.isQuick {
      easel.remark("Quick: P up to 200, two runs of each method in place of three, half as long.")
    }
    // Below the onset of learning, and above it.
    for (noise, stepSize) in [(0.05, 0.2), (0.02, 0.4)] {
      try draw(try curve(noise, stepSize: stepSize, easel), noise: noise, easel)
    }
  }

  /// The table, point by point, so that what is done outlasts an interruption.
  private static func curve(_ noise: Double, stepSize: Double, _ easel: Easel) throws -> ResultTable {
    var comparison = MeanFieldComparison(try MeanFieldModel(inputs: 20, width: 256, noise: noise))
    comparison.repeats = easel.isQuick ? 2 : 3
    comparison.theory.outerSteps = easel.isQuick ? 80 : 160
    comparison.langevin.stepSize = stepSize
    // 40 relaxation times of the output weights, 1/(eta T) steps each, T = 2 kappa^2.
    comparison.langevin.steps = Int(((easel.isQuick ? 20 : 40) / (stepSize * 2 * noise * noise)).rounded())
    comparison.langevin.stride = 100
    comparison.isCancelled = { [interrupt = easel.interrupt] in interrupt.isRequested }

    let file = "kappa-\(noise)"
    func part(_ points: [Int]) throws -> ResultTable {
      try comparison.learningCurve(degree: 2, points: points, seed: easel.seed, pool: easel.pool)
    }
    var table = try part([])
    let kept = easel.keptRows(of: table, as: file)
    for points in easel.isQuick ? [100, 200] : [100, 200, 400, 800] {
      if let row = kept.first(where: { $0.numbers[0] == Double(points) }) {
        table.add(row.numbers)
        continue
      }
      do {
        for row in try part([points]).rows { table.add(row) }
      } catch is CancellationError {
        throw Interruption()
      }
      try easel.write(table, as: file)
      easel.talk.note("kappa \(noise), P \(points) done")
    }
    return table
  }

  private static func draw(_ table: ResultTable, noise: Double, _ easel: Easel) throws {
    let methods = table.columns.compactMap { $0.name.hasSuffix(": m") ? String($0.name.dropLast(3)) : nil }
    try easel.show(
      table, as: "kappa-\(noise)", printing: ["P", "Langevin: m, error"] + methods.map { "\($0): m" })
    try showClaims(table, methods.dropLast(), noise: noise, easel)
    let quantities = [
      ("m", "overlap m", "overlap"), ("squared error", "error of the mean predictor", "error"),
      ("w2_S/w2_0", "weight anisotropy", "anisotropy"),
    ]
    for (quantity, label, file) in quantities {
      var plot = Plot(
        title: "Parity of 2 in 20, N 256, kappa \(noise)", xLabel: "training points P", yLabel: label, legend: methods,
        xScale: .logarithmic, yScale: quantity == "squared error" ? .logarithmic : .linear)
      for (index, method) in methods.enumerated() {
        let values = Array(zip(table[column: "P"] ?? [], table[column: "\(method): \(quantity)"] ?? []))
        if method == "Langevin" {
          let errors = quantity == "m" ? table[column: "\(method): m, error"] ?? [] : values.map { _ in 0 }
          plot.marks.append(.points(zip(values, errors).map { ($0.0, $0.1, $1) }, color: index + 1))
        } else {
          plot.marks.append(.line(values.map { ($0, $1) }, color: index + 1))
        }
      }
      try easel.draw(plot, as: "\(file)-kappa-\(noise)")
    }
  }

  /// Each theory less Langevin at each P, and whether the two agree.
  private static func showClaims(
    _ table: ResultTable, _ theories: some Collection<String>, noise: Double, _ easel: Easel
  ) throws {
    let points = table[column: "P"] ?? []
    func values(_ method: String) -> [Estimate] {
      zip(table[column: "\(method): m"] ?? [], table[column: "\(method): m, error"] ?? []).map {
        Estimate(value: $0, standardError: $1)
      }
    }
    var claims = ResultTable(
      "Overlap m of each theory less that of Langevin at kappa \(noise), z the difference in standard errors of both; the errors are those of two or "
        + "three runs and themselves uncertain by half, so |z| up to 4 says nothing against a theory; seed \(easel.seed)",
      rows: "theory",
      columns: points.flatMap { point in
        ["difference", "±", "z"].map { .init("P \(Format.fixed(point, 0)): \($0)") }
      })
    let sampled = values("Langevin")
    for theory in theories {
      claims.add(
        theory,
        zip(values(theory), sampled).flatMap { value, sampled in
          let gap = value - sampled
          return [gap.value, gap.standardError, gap.value / gap.standardError]
        })
    }
    try easel.show(claims, as: "claims-kappa-\(noise)")
  }
}
