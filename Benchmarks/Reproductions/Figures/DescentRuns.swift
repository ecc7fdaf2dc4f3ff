import Langevin
import LangevinTheory

/// The trajectories that two figures are made of: gradient descent on the nonlinear regression in batches of 10, step size 1e-7.
enum DescentRuns {
  /// One run with replacement and one without, each merged from four chains.
  static func make(_ easel: Easel) throws -> (withReplacement: CurrentsRun, withoutReplacement: CurrentsRun) {
    let (chains, pieces) = (4, 50)
    // As long as the published runs.
    var (steps, epochs) = (30_000_000, 15_000_000)
    if easel.isQuick {
      (steps, epochs) = (steps / 20, epochs / 20)
      easel.remark("Quick: a twentieth of the 3e7 steps and 1.5e7 epochs; errors are 4.5 times as large.")
    }
    let regression = try easel.nonlinearRegression()
    var runs = try [false, true].flatMap { withoutReplacement in
      try (0..<chains).map { chain in
        try CurrentsRun(
          regression, batchSize: 10, stepSize: 1e-7, withoutReplacement: withoutReplacement, seed: easel.seed,
          chain: chain)
      }
    }
    for piece in 1...pieces {
      try easel.checkInterrupt()
      runs = try easel.pool.map(runs) { run in
        var run = run
        try run.follow(timeUnits: (run.withoutReplacement ? epochs : steps) / (chains * pieces))
        return run
      }
      if piece % 10 == 0 { easel.talk.note("\(100 * piece / pieces) % of the steps") }
    }
    func merged(_ part: ArraySlice<CurrentsRun>) -> CurrentsRun {
      part.dropFirst().reduce(into: part[part.startIndex]) { $0.merge($1) }
    }
    return (merged(runs[..<chains]), merged(runs[chains...]))
  }

  static func sayWhatIsLeftOut(_ easel: Easel) {
    easel.remark(
      "Without replacement the theory leaves out terms of relative size n h k_max, the largest curvature times the step of an "
        + "epoch: about 6 % here.")
  }
}

extension Easel {
  /// The published data set, where its folder was given, else one of its kind made by formula.
  func nonlinearRegression() throws -> TanhRegression {
    guard let published else {
      remark("The data set is made by formula; --data FOLDER takes the published one (x_train.txt and y_train.txt).")
      return try .bump()
    }
    return try TanhRegression(inputs: numbers("\(published)/x_train.txt"), targets: numbers("\(published)/y_train.txt"))
  }

  /// The numbers of a text file, one a line.
  private func numbers(_ path: String) throws -> [Double] {
    try String(decoding: OutputFile.read(path), as: UTF8.self).split(whereSeparator: \.isNewline).enumerated().map {
      line, text in
      guard let number = Double(text) else {
        throw Failure("\(path), line \(line + 1): found '\(text)'; expected a number")
      }
      return number
    }
  }
}
