import Langevin

/// Training by continuous tempering against optimisers and plain Langevin: test error, early trapping, and how fat the ends are.
/// The claims of 1703.04379, on a reconstruction of its method.
///
/// Every method has the same budget of epochs for a run, the same number of trial settings drawn at random from its box, and is
/// chosen by validation loss; trials and runs have seeds of their own, and at one seed all methods have the same data and start.
enum TemperedTrainingFigure: Figure {
  static let name = "tempered-training"
  static let abstract = "CTLD (reconstruction) with fine-tuning beside SGD, Adam, SGLD, Langevin, restarts (1703.04379)"
  static let duration = "2 min; 20 min"

  static func make(_ easel: Easel) throws {
    let scale = easel.isQuick ? 10 : 1
    let digits: NamedTask =
      try easel.published.map { try .images(in: $0, epochs: easel.isQuick ? 2 : 10, width: 200) }
      ?? .largeDigits(epochs: easel.isQuick ? 5 : 20, train: easel.isQuick ? 500 : 2000, width: 50)
    let contest = TemperedContest(
      tasks: [
        digits, .spirals(turns: 4, epochs: 2000 / scale), .sparseParity(epochs: 300 / scale),
        .teacher(epochs: 1000 / scale),
      ], trialCount: easel.isQuick ? 4 : 12, seeds: easel.isQuick ? 4 : 10, easel: easel)
    let conditions =
      [
        "Budget: on a task every run of every method sees the same number of example gradients, and so does every trial; each "
          + "method has \(contest.trialCount) trials, at settings drawn at random from its box, one seed each:"
      ] + contest.contestants.map { "  " + $0.text } + ["Tasks:"] + contest.tasks.map { "  " + $0.summary }
    easel.remark(conditions.joined(separator: "\n"))
    if easel.isQuick {
      easel.remark("Quick: a tenth of the epochs, small digits, 4 trials in place of 12, 4 seeds in place of 10.")
    }
    let trials = try contest.trials()
    let chosen = contest.chosen(trials)
    contest.showChosen(trials, chosen)
    let runs = try contest.runs(trials, chosen)
    try contest.showResults(runs)
    try contest.drawTemperatures(trials, chosen)
  }
}
