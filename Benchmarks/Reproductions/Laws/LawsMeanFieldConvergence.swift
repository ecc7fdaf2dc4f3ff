import Langevin
import LangevinTheory

/// Points of the learning curve where chains of ordinary length leave doubt, with more chains, steps and runs.
///
/// Each row stands beside the specification's number, with the spread of m over independent runs as its error; half of the runs
/// start from the prior and half from aligned weights.
extension LawsTheory {
  private static func model() throws -> MeanFieldModel { try MeanFieldModel(inputs: 20, width: 256, noise: 0.02) }

  /// The mean over runs of m, of the squared error and of w2_S, run by run on the threads of a pool.
  private static func rows(
    _ name: String, _ task: ParityTask, expected: [Double], runs: Int,
    _ solve: @Sendable (Int) throws -> (predictions: [Double], weightSquares: [Double])
  ) throws -> [LawRow] {
    var values: [[Double]] = []
    for run in 0..<runs {
      let found = try solve(run)
      let scores = try task.scores(found.predictions)
      values.append([scores.overlap, scores.squaredError, (found.weightSquares[0] + found.weightSquares[1]) / 2])
    }
    let count = Double(runs)
    return zip(["m", "squared error", "w2_S"], expected).enumerated().map { index, quantity in
      let column = values.map { $0[index] }
      let mean = column.reduce(0, +) / count
      let squares = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return LawRow(
        name: "\(name): \(quantity.0)", value: mean, expected: quantity.1,
        standardError: (squares / (count * (count - 1))).squareRoot())
    }
  }

  private static func theory(
    _ mode: MeanFieldRegression.Mode, points: Int, expected: [Double], settings: [(chains: Int, outer: Int, runs: Int)]
  ) throws -> [LawRow] {
    let task = try parityTask(points: points)
    return try settings.flatMap { setting -> [LawRow] in
      var theory = MeanFieldRegression(try model())
      (theory.mode, theory.chains, theory.outerSteps) = (mode, setting.chains, setting.outer)
      let chosen = theory
      return try rows(
        "\(setting.runs) runs of \(setting.chains) chains, \(setting.outer) rounds", task, expected: expected,
        runs: setting.runs
      ) { run in
        let found = try chosen.solve(task.data, from: run % 2 == 0 ? .prior : .aligned([0, 1]), seed: UInt64(run + 1))
        return (found.predictions, found.weightSquares)
      }
    }
  }

  /// The specification has one run of 256 chains.
  static func plainConvergence(_ effort: Double) throws -> [LawRow] {
    let runs = max(2, Int(4 * effort))
    return try theory(
      .plain, points: 800, expected: [0.625, 0.146],
      settings: [(256, 80, runs), (512, 160, runs), (1024, 160, max(2, runs / 2))])
  }

  static func screenedConvergence(_ effort: Double) throws -> [LawRow] {
    let runs = max(2, Int(4 * effort))
    return try theory(
      .screened, points: 400, expected: [0.802, 0.056, 0.070],
      settings: [(512, 80, runs), (512, 320, runs), (2048, 160, max(2, runs / 2))])
  }

  /// At kappa 0.05 and nu 0.3, start by start: adaptive variances settle slowly near the onset.
  static func adaptiveConvergence(_ effort: Double) throws -> [LawRow] {
    try [(100, [0.186, 0.727], [80, 320, 1280]), (800, [0.39, 0.38], [80, 320])].flatMap {
      (points: Int, expected: [Double], rounds: [Int]) -> [LawRow] in
      let task = try parityTask(points: points)
      return try rounds.flatMap { rounds in
        try [MeanFieldRegression.Start.prior, .aligned([0, 1])].flatMap { start -> [LawRow] in
          var theory = MeanFieldRegression(try MeanFieldModel(inputs: 20, width: 256, noise: 0.05))
          (theory.stiffness, theory.outerSteps) = (0.3, Int(Double(rounds) * effort))
          let chosen = theory
          return try rows(
            "P \(points), \(rounds) rounds from \(start == .prior ? "the prior" : "aligned weights")", task,
            expected: expected, runs: 2
          ) { run in
            let found = try chosen.solve(task.data, from: start, seed: UInt64(run + 1))
            return (found.predictions, found.weightSquares)
          }
        }
      }
    }
  }

  static func langevinConvergence(_ effort: Double) throws -> [LawRow] {
    let task = try parityTask(points: 100)
    return try [(0.4, 200_000, 4), (0.2, 400_000, 4), (0.1, 800_000, 4)].flatMap {
      (stepSize: Double, steps: Int, runs: Int) -> [LawRow] in
      var langevin = MeanFieldLangevin(try model())
      (langevin.stepSize, langevin.steps, langevin.stride) = (stepSize, Int(Double(steps) * effort), 100)
      let chosen = langevin
      return try rows(
        "eta \(stepSize), \(runs) runs of \(chosen.steps) steps", task, expected: [0.597, 0.242, 0.071], runs: runs
      ) { run in
        let found = try chosen.solve(
          task.data, testTargets: task.testTargets, from: run % 2 == 0 ? .prior : .aligned([0, 1]), seed: 1, chain: run)
        return (found.predictions, found.weightSquares)
      }
    }
  }
}
