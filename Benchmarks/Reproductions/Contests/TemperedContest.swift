import Langevin

/// Contestants on some tasks: random trials, the best by validation loss, and runs of it on fresh seeds.
struct TemperedContest {
  let tasks: [NamedTask]
  let contestants = Contestant.all
  /// Trial settings of each method on each task.
  let trialCount: Int
  /// Runs of each method on each task.
  let seeds: Int
  let easel: Easel

  private static let mostSettings = 7

  func seed(run index: Int) -> UInt64 { easel.seed &* 1000 &+ UInt64(index) }

  private var conditions: String {
    "seed \(easel.seed); " + tasks.map(\.summary).joined(separator: "; ") + "; "
      + contestants.map(\.text).joined(separator: "; ")
  }

  /// What every trial ended with, by "task/method/number". All trials of a task have one seed, which no run has.
  func trials() throws -> ResultTable {
    var pieces: [(name: String, task: Int, contestant: Int, number: Int)] = []
    for (task, named) in tasks.enumerated() {
      for (index, contestant) in contestants.enumerated() {
        for number in 0..<trialCount {
          pieces.append((Self.name(named, contestant, number), task, index, number))
        }
      }
    }
    let empty = ResultTable(
      "Trials: task/method/number, the settings in the order of the box, and what they end with on validation data; "
        + conditions, rows: "trial",
      columns: (1...Self.mostSettings).map { .init("setting \($0)") }
        + [.init("validation loss"), .init("validation error"), .init("diverged"), .init("round trips")])
    return try easel.gather(pieces.map(\.name), into: empty, as: "trials") { index in
      let piece = pieces[index]
      let (named, contestant) = (tasks[piece.task], contestants[piece.contestant])
      let stream = RandomStream(seed: easel.seed, chain: 100 * piece.task + piece.contestant, purpose: .user)
      let setting = contestant.box.point(piece.number, from: stream)
      let seed = easel.seed &* 1000 &+ 500
      let task = try named.make(seed)
      let outcome = try contestant.train(task, setting, named.epochs, seed)
      let score = try outcome.end.map { try TrainingTask.score(task.validation, at: $0) }
      return setting + Array(repeating: .nan, count: Self.mostSettings - setting.count)
        + [score?.loss ?? .nan, score?.error ?? .nan, score == nil ? 1 : 0, outcome.roundTrips]
    }
  }

  private static func name(_ task: NamedTask, _ contestant: Contestant, _ number: Int) -> String {
    "\(task.name)/\(contestant.name.replacing(",", with: ""))/\(number)"
  }

  /// The number of the best trial for each task and method, by validation loss; where all diverged, the first. A tempered chain that
  /// has never been hot is Langevin dynamics by another name, and is taken only where none was.
  func chosen(_ trials: ResultTable) -> [[Int]] {
    tasks.map { task in
      contestants.map { contestant in
        let rows = (0..<trialCount).map { trials[row: Self.name(task, contestant, $0)] ?? [] }
        let hasTrips = rows.contains { ($0.last ?? 0) > 0 && !$0[Self.mostSettings].isNaN }
        let losses = rows.map { hasTrips && $0.last == 0 ? .nan : $0[Self.mostSettings] }
        let best = losses.filter { !$0.isNaN }.min()
        return losses.firstIndex { $0 == best } ?? 0
      }
    }
  }

  /// The settings of a trial.
  func setting(_ trials: ResultTable, _ task: NamedTask, _ contestant: Contestant, _ number: Int) -> [Double] {
    Array((trials[row: Self.name(task, contestant, number)] ?? []).prefix(contestant.box.sides.count))
  }

  /// Prints which settings were chosen.
  func showChosen(_ trials: ResultTable, _ chosen: [[Int]]) {
    var lines: [String] = []
    for (task, numbers) in zip(tasks, chosen) {
      for (contestant, number) in zip(contestants, numbers) {
        let setting = setting(trials, task, contestant, number)
        let values = zip(contestant.box.sides, setting).map { "\($0.name) \(Format.significant($1, 3))" }
        let rows = (0..<trialCount).compactMap { trials[row: Self.name(task, contestant, $0)] }
        let failed = rows.count { $0[Self.mostSettings].isNaN }
        let tripped = rows.count { ($0.last ?? 0) > 0 }
        lines.append(
          "\(task.name), \(contestant.name): \(values.joined(separator: ", ")) (\(failed) of \(trialCount) trials diverged"
            + (contestant.name == contestants[0].name ? ", \(tripped) made round trips)" : ")"))
      }
    }
    easel.remark(lines.joined(separator: "\n"))
  }

  /// What every run of the chosen settings ended with.
  func runs(_ trials: ResultTable, _ chosen: [[Int]]) throws -> ResultTable {
    var pieces: [(name: String, task: Int, contestant: Int, seed: Int)] = []
    for (task, named) in tasks.enumerated() {
      for (index, contestant) in contestants.enumerated() {
        for seed in 0..<seeds { pieces.append((Self.name(named, contestant, seed), task, index, seed)) }
      }
    }
    let empty = ResultTable(
      "Runs of the chosen settings: task/method/seed; trials \(chosen); \(conditions)", rows: "run",
      columns: [
        .init("test error"), .init("test loss"), .init("training error"), .init("training loss"), .init("trapped"),
        .init("trace"), .init("largest eigenvalue"), .init("rise"), .init("relative rise"), .init("norm"),
        .init("round trips"),
      ])
    return try easel.gather(pieces.map(\.name), into: empty, as: "runs") { index in
      let piece = pieces[index]
      let (named, contestant) = (tasks[piece.task], contestants[piece.contestant])
      let setting = setting(trials, named, contestant, chosen[piece.task][piece.contestant])
      let seed = seed(run: piece.seed)
      let task = try named.make(seed)
      let outcome = try contestant.train(task, setting, named.epochs, seed)
      guard let end = outcome.end else {
        return [task.guess, .nan, task.guess, .nan, 1] + Array(repeating: .nan, count: 6)
      }
      let (test, training) = (
        try TrainingTask.score(task.test, at: end), try TrainingTask.score(task.training, at: end)
      )
      let sharpness = try Sharpness(
        of: task.training, at: end, random: RandomStream(seed: seed, purpose: .user))
      return [
        test.error, test.loss, training.error, training.loss, training.error > task.guess / 2 ? 1 : 0,
        sharpness.trace.value, sharpness.largestEigenvalue, sharpness.rise, sharpness.relativeRise,
        end.squaredNorm().squareRoot(), outcome.roundTrips,
      ]
    }
  }

  /// The rows of a method on a task over the seeds.
  func rows(_ runs: ResultTable, _ task: NamedTask, _ contestant: Contestant) -> [[Double]] {
    (0..<seeds).compactMap { runs[row: Self.name(task, contestant, $0)] }
  }
}
