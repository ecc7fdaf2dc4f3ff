import Langevin

/// The fluctuation theorems for the entropy production of gradient descent.
enum TheoremsFigure: Figure {
  static let name = "fluctuation-theorems"
  static let abstract = "entropy production of SGD and both fluctuation theorems (2306.03521)"
  static let duration = "10 s; 1 min"

  static func make(_ easel: Easel) throws {
    let runs = try DescentRuns.make(easel)
    DescentRuns.sayWhatIsLeftOut(easel)
    let schemes = [
      (name: "with replacement", file: "with-replacement", run: runs.withReplacement, window: 100),
      (name: "without replacement", file: "without-replacement", run: runs.withoutReplacement, window: 30),
    ]
    let axis = "window: steps with replacement, epochs without"
    var mean = Plot(
      title: "Mean entropy production", xLabel: axis, yLabel: "mean of sigma", xScale: .logarithmic,
      yScale: .logarithmic)
    var integral = Plot(
      title: "Integral theorem", xLabel: axis, yLabel: "mean of exp(-sigma)", marks: [.level(1)], xScale: .logarithmic)
    var detailed = Plot(
      title: "Detailed theorem", xLabel: "entropy production sigma", yLabel: "ln P(sigma)/P(-sigma)",
      legend: ["theorem"])
    var reach = 0.0
    for (number, scheme) in schemes.enumerated() {
      let table = try scheme.run.fluctuationTheorems()
      try easel.show(table, as: scheme.file)
      let color = number + 1
      // Beside each other, since the windows are the same.
      let shift = number == 0 ? 0.97 : 1.03
      mean.legend.append(scheme.name)
      mean.marks += [
        .line(table.rows.map { ($0[0], $0[2]) }, color: color),
        .points(table.rows.map { ($0[0], $0[3], $0[4]) }, color: color),
      ]
      integral.legend.append(scheme.name)
      integral.marks.append(.points(table.rows.map { ($0[0] * shift, 1 + $0[5], $0[6]) }, color: color))

      guard let ratios = scheme.run.detailedTheorem(window: scheme.window) else { continue }
      try easel.write(ratios, as: "detailed-\(scheme.file)")
      detailed.legend.append("\(scheme.name), windows of \(scheme.window)")
      detailed.marks.append(.points(ratios.rows.map { ($0[0], $0[3], $0[4]) }, color: color + 1))
      reach = max(reach, ratios.rows.last?[0] ?? 0)
    }
    detailed.marks.insert(.line([(0, 0), (reach, reach)], color: 1), at: 0)
    try easel.draw(mean, as: "mean-entropy-production")
    try easel.draw(integral, as: "integral-theorem")
    try easel.draw(detailed, as: "detailed-theorem")
  }
}
