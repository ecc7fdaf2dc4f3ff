import Langevin

/// Partitioned integrators against optimisers: who learns faster, ends better and depends less on its settings, and whether
/// averages over draws give smoother classifiers. The claims of 1908.11843.
///
/// Every method has the same grid of trials on each task, judged by validation accuracy; the best point trains anew on fresh
/// seeds. At one seed all methods have the same data and the same start.
enum PartitionedTrainingFigure: Figure {
  static let name = "partitioned-training"
  static let abstract =
    "AdLaLa, LaLa, LOL beside SGD, momentum, Adam: accuracy, robustness, averages (1908.11843)"
  static let duration = "2 min; 20 min"

  static func make(_ easel: Easel) throws {
    let scale = easel.isQuick ? 8 : 1
    let tasks: [NamedTask] = [
      .spirals(turns: 2, epochs: 1000 / scale), .spirals(turns: 4, epochs: 2000 / scale),
      .checkerboard(epochs: 600 / scale), .moons(epochs: 600 / scale), .smallDigits(epochs: 120 / scale),
    ]
    let contest = PartitionedContest(
      tasks: tasks, methods: PartitionedMethod.all(quick: easel.isQuick), seeds: easel.isQuick ? 5 : 20,
      trialSeeds: easel.isQuick ? 1 : 2, easel: easel)
    let conditions =
      ["Budget: the same epochs for all on a task. Trials, the same number for each method on each task:"]
      + contest.methods.map { "  " + $0.box } + ["Tasks:"] + tasks.map { "  " + $0.summary }
    easel.remark(conditions.joined(separator: "\n"))
    if easel.isQuick {
      easel.remark("Quick: an eighth of the epochs, 6 points of each grid in place of 20, 5 seeds in place of 20.")
    }
    let trials = try contest.trials()
    try contest.showRobustness(trials)
    let chosen = contest.chosen(trials)
    let runs = try contest.runs(chosen)
    try contest.showCurves(runs)
    try contest.showResults(runs, chosen)
    try contest.showAverages(runs)
    try contest.drawClassifiers(chosen)
  }
}
