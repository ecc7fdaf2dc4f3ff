import Langevin

/// Energy, cost, norm and error against temperature by pseudo-Langevin and hybrid Monte Carlo. Fig. 3d of the paper.
///
/// At each temperature pseudo-Langevin comes from two sides: cooled from the temperature above, and from below, from a long
/// optimisation; hybrid Monte Carlo goes on from the end of either. Where the two sides do not agree, no equilibrium is
/// shown, whatever the samplers say of each other.
enum ThermodynamicsFigure: Figure {
  static let name = "kspin-thermodynamics"
  static let abstract = "U, cost, squared norm and error by pl and hmc at six temperatures, Fig. 3d of 2603.15367"
  static let duration = "5 min (3e-5 only); 80 min"

  /// The runs of one temperature.
  private struct Row {
    let temperature: Double
    /// Pseudo-Langevin cooled and from below, then hybrid Monte Carlo from the end of either.
    let runs: [RunSummary]

    static let names = ["pl cooled", "pl from below", "hmc cooled", "hmc from below"]

    func estimate(_ observable: String, _ run: Int) -> Estimate {
      runs[run][observable].map {
        Estimate(value: $0.summary.mean, standardError: $0.summary.standardError)
      } ?? Estimate(value: .nan, standardError: .nan)
    }

    /// The mean of two runs.
    func both(_ observable: String, _ runs: (Int, Int)) -> Estimate {
      let (a, b) = (estimate(observable, runs.0), estimate(observable, runs.1))
      let error = (a.standardError * a.standardError + b.standardError * b.standardError).squareRoot()
      return Estimate(value: (a.value + b.value) / 2, standardError: error / 2)
    }
  }

  static func make(_ easel: Easel) throws {
    let temperatures = PublishedComparison.published.map(\.temperature).prefix(easel.isQuick ? 1 : .max)
    var set = KSpin()
    set.seed = easel.seed
    let limits = try set.bayesLimits(on: easel.pool)
    var rows: [Row] = []
    for (place, temperature) in temperatures.enumerated() {
      let above = place > 0 ? "pl-\(PublishedComparison.published[place - 1].temperature)-cooled" : nil
      rows.append(try row(at: temperature, above: above, easel))
      for sentence in verdict(rows[place]) { easel.remark(sentence) }
      try show(rows, limits, easel)
    }
    easel.remark(
      "best possible cross-entropy \(Format.fixed(limits.crossEntropy, 4)) and error \(Format.fixed(limits.error, 4)) on these "
        + "data, about 0.32 and 0.1105 on the published ones (inferred); 'shift' is what that explains of here - published"
    )
    if easel.isQuick { easel.remark("quick: 3e-5 only, shorter runs") }
  }

  private static func row(at temperature: Double, above: String?, _ easel: Easel) throws -> Row {
    let (plSteps, moves) = easel.isQuick ? (400_000, 120) : (2_000_000, 200)
    let pseudo = [
      "sampler": "pl", "sampler.temperature": "\(temperature)", "steps": "\(plSteps)", "thin": "\(plSteps / 200)",
      "warmup": "\(plSteps * 2 / 5)",
    ]
    let hybrid = [
      "sampler": "hmc", "sampler.temperature": "\(temperature)", "steps": "\(moves)", "thin": "1",
      "warmup": "\(moves / 5)",
    ]
    let cooled = above.map { ["start.from": easel.runFolder($0).path] } ?? [:]
    let names = ["cooled", "below"].map { "pl-\(temperature)-\($0)" }
    let first = try easel.run(names[0], pseudo.merging(cooled) { $1 })
    let second = try easel.run(names[1], pseudo.merging(["start.steps": "10000", "seed": "\(easel.seed + 1)"]) { $1 })
    var runs = [first.summary, second.summary]
    for (side, name) in zip(["cooled", "below"], names) {
      let start = ["start.from": easel.runFolder(name).path]
      runs.append(try easel.run("hmc-\(temperature)-\(side)", hybrid.merging(start) { $1 }).summary)
    }
    return Row(temperature: temperature, runs: runs)
  }

  /// How far apart the two sides are, and the two samplers, in combined standard errors.
  private static func verdict(_ row: Row) -> [String] {
    func distances(_ pair: (String) -> (Estimate, Estimate)) -> (text: String, worst: Double) {
      let all = PublishedComparison.observables.map { name in
        let (a, b) = pair(name)
        return (name, (a - b).deviation(from: 0))
      }
      return (
        all.map { "\($0) \(Format.fixed($1, 1))" }.joined(separator: ", "), all.map { $0.1.magnitude }.max() ?? .nan
      )
    }
    let pl = distances { (row.estimate($0, 0), row.estimate($0, 1)) }
    let hmc = distances { (row.estimate($0, 2), row.estimate($0, 3)) }
    let samplers = distances { (row.both($0, (0, 1)), row.both($0, (2, 3))) }
    func agree(_ worst: Double) -> String { worst <= 3 ? "agree" : "do not agree" }
    let few = row.runs.map { run in run.observables.map(\.summary.bulkEffectiveSampleSize).min() ?? 0 }
    return [
      "T = \(row.temperature): the two starts of pl \(agree(pl.worst)) (differences in combined standard errors: \(pl.text)), "
        + "those of hmc \(agree(hmc.worst)) (\(hmc.text)); pl and hmc \(agree(samplers.worst)) (\(samplers.text))",
      "smallest effective sample sizes of the four runs: \(few.map { Format.fixed($0, 0) }.joined(separator: ", "))",
    ]
  }

  /// A table and a drawing for each observable.
  private static func show(_ rows: [Row], _ limits: BayesLimits, _ easel: Easel) throws {
    let shifts = PublishedComparison.explained(by: limits)
    for (place, observable) in PublishedComparison.observables.enumerated() {
      var table = ResultTable(
        "\(observable), N = 11160, P = 55800: ± standard error here, fluctuation of one configuration where published; shift: what "
          + "the realisation of the data explains of here - published",
        columns: [.init("T")] + Row.names.flatMap { [ResultTable.Column($0), .init("±")] }
          + ["pl published", "hmc published"].flatMap { [ResultTable.Column($0), .init("sd")] }
          + [.init("shift"), .init("± shift")])
      var marks = [[(x: Double, y: Double, error: Double)]](repeating: [], count: 4)
      for row in rows {
        let mine = Row.names.indices.map { row.estimate(observable, $0) }
        guard let there = PublishedComparison.published.first(where: { $0.temperature == row.temperature }) else {
          continue
        }
        let (pl, hmc) = (there.pl[place], there.hmc[place])
        table.add(
          [row.temperature] + mine.flatMap { [$0.value, $0.standardError] } + [pl.0, pl.1, hmc.0, hmc.1]
            + [shifts[place]?.value ?? .nan, shifts[place]?.standardError ?? .nan])
        // Side by side, so that none hides another.
        for (series, pair) in [(0, 1), (2, 3)].enumerated() {
          let both = row.both(observable, pair)
          marks[series].append((row.temperature * (0.96 + 0.03 * Double(series)), both.value, both.standardError))
        }
        marks[2].append((row.temperature * 1.02, pl.0, pl.1))
        marks[3].append((row.temperature * 1.05, hmc.0, hmc.1))
      }
      try easel.show(
        table,
        Plot(
          title: observable, xLabel: "temperature", yLabel: observable,
          legend: ["pl", "hmc", "pl published", "hmc published"],
          marks: marks.enumerated().map { .points($1, color: $0 + 1) }, xScale: .logarithmic),
        as: "thermodynamics-\(observable)")
    }
  }
}
