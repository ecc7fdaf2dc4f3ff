import Langevin

/// The methods of ``PartitionedMethod`` on some tasks: trials on a grid, then runs at the best point.
struct PartitionedContest {
  let tasks: [NamedTask]
  let methods: [PartitionedMethod]
  /// Runs of each method, and of each trial.
  let seeds: Int
  let trialSeeds: Int
  let easel: Easel

  /// Seeds of runs and of trials differ, and so do those of two comparisons.
  private func seed(run index: Int) -> UInt64 { easel.seed &* 1000 &+ UInt64(index) }
  private func seed(trial index: Int) -> UInt64 { easel.seed &* 1000 &+ 500 &+ UInt64(index) }

  private var conditions: String {
    "seed \(easel.seed); " + tasks.map(\.summary).joined(separator: "; ") + "; "
      + methods.map(\.box).joined(separator: "; ")
  }

  // MARK: Trials

  /// The validation accuracy of every trial, by "task/method/point/seed"; that of a guess where it diverged.
  func trials() throws -> ResultTable {
    var pieces: [(name: String, task: Int, method: Int, point: Int, seed: Int)] = []
    for (task, named) in tasks.enumerated() {
      for (method, contestant) in methods.enumerated() {
        for point in contestant.points.indices {
          for seed in 0..<trialSeeds {
            pieces.append(("\(named.name)/\(contestant.name)/\(point)/\(seed)", task, method, point, seed))
          }
        }
      }
    }
    let empty = ResultTable(
      "Validation accuracy at the end of each trial: task/method/point of the grid/seed; \(conditions)", rows: "trial",
      columns: [.init("step size"), .init("temperature or batch"), .init("accuracy", unit: "%"), .init("diverged")])
    return try easel.gather(pieces.map(\.name), into: empty, as: "trials") { index in
      let piece = pieces[index]
      let (named, method) = (tasks[piece.task], methods[piece.method])
      let task = try named.make(seed(trial: piece.seed))
      let (sampler, batch) = try method.sampler(at: piece.point)
      let end = try task.train(sampler, epochs: named.epochs, batch: batch, seed: seed(trial: piece.seed))
      let error = try end.map { try TrainingTask.score(task.validation, at: $0).error }
      let (stepSize, second) = method.points[piece.point]
      return [stepSize, second, 100 * (1 - (error ?? task.guess)), end == nil ? 1 : 0]
    }
  }

  /// The accuracy of each point of the grid of a method on a task, over the trial seeds.
  func map(_ trials: ResultTable, _ task: NamedTask, _ method: PartitionedMethod) -> [Double] {
    method.points.indices.map { point in
      let values = (0..<trialSeeds).compactMap { trials[row: "\(task.name)/\(method.name)/\(point)/\($0)"]?[2] }
      return values.reduce(0, +) / Double(values.count)
    }
  }

  /// The best point for each task and method; of equals the first.
  func chosen(_ trials: ResultTable) -> [[Int]] {
    tasks.map { task in
      methods.map { method in
        let values = map(trials, task, method)
        return values.firstIndex(of: values.max() ?? 0) ?? 0
      }
    }
  }

  // MARK: Runs

  /// The epochs at which the test accuracy is read.
  func readings(of task: NamedTask) -> [Int] {
    let count = 20
    return (1...count).map { max(1, task.epochs * $0 / count) }
  }

  static let kinds = ["single end", "average of draws", "average of weights"]

  /// What every run of the chosen settings found, by "task/method/seed": the learning curve, then for the end, for the average of the
  /// predictions and for the average of the weights over the second half of the epochs the test accuracy, mean -ln p, and the length of the
  /// boundary between the classes.
  func runs(_ chosen: [[Int]]) throws -> ResultTable {
    var pieces: [(name: String, task: Int, method: Int, seed: Int)] = []
    for (task, named) in tasks.enumerated() {
      for (method, contestant) in methods.enumerated() {
        for seed in 0..<seeds { pieces.append(("\(named.name)/\(contestant.name)/\(seed)", task, method, seed)) }
      }
    }
    let empty = ResultTable(
      "Test accuracy in percent by twentieths of the epochs, and of the end, the average of draws and the average of weights: "
        + "task/method/seed; chosen points \(chosen); \(conditions)", rows: "run",
      columns: (1...20).map { .init("\($0)/20", unit: "%") }
        + Self.kinds.flatMap { kind in
          [.init("\(kind): accuracy", unit: "%"), .init("\(kind): -ln p"), .init("\(kind): boundary")]
        })
    return try easel.gather(pieces.map(\.name), into: empty, as: "runs") { index in
      let piece = pieces[index]
      let named = tasks[piece.task]
      return try run(
        named, methods[piece.method], point: chosen[piece.task][piece.method], seed: seed(run: piece.seed)
      ).row
    }
  }

  /// A run, and its three classifiers on the plane where the task lies in one.
  func run(
    _ named: NamedTask, _ method: PartitionedMethod, point: Int, seed: UInt64
  ) throws -> (row: [Double], planes: [[Double]]) {
    let task = try named.make(seed)
    let (sampler, batch) = try method.sampler(at: point)
    let plane = try Plane(task)
    let half = named.epochs / 2
    let curve = LearningCurve(task, at: readings(of: named))
    let stepsPerEpoch = UInt64((task.training.exampleCount + (batch ?? task.batch) - 1) / (batch ?? task.batch))
    let weights = WeightAverage(after: UInt64(half) * stepsPerEpoch)
    let draws = PredictionAverage(task.test, after: half, every: half / 50)
    let planeDraws = plane.map { PredictionAverage($0.posterior, after: half, every: half / 50) }
    let observers: [any Observer] = [curve, weights, draws] + (planeDraws.map { [$0] } ?? [])
    guard let end = try task.train(sampler, epochs: named.epochs, batch: batch, seed: seed, observers: observers)
    else { return (curve.accuracies + Array(repeating: .nan, count: 9), []) }

    let average: Tensor<Float> = weights.parameters(ofChain: 0)?.tensor() ?? end
    let onTest = [
      try task.test.classProbabilities(at: end), draws.probabilities, try task.test.classProbabilities(at: average),
    ]
    let planes: [[Double]] =
      if let plane, let planeDraws {
        [
          try plane.posterior.classProbabilities(at: end), planeDraws.probabilities,
          try plane.posterior.classProbabilities(at: average),
        ]
      } else { [] }
    let scores = try onTest.indices.flatMap { kind in
      let (accuracy, logScore) = try task.test.scores(onTest[kind])
      return [accuracy, logScore, planes.isEmpty ? .nan : plane?.boundary(of: planes[kind]) ?? .nan]
    }
    return (curve.accuracies + scores, planes)
  }
}

/// A square of the plane with a classifier on it.
struct Plane {
  static let cells = 80
  let side: ClosedRange<Double>
  /// A posterior whose examples are the middles of the cells.
  let posterior: Posterior<Float>

  /// The square that holds the task's examples; nil where they do not lie in a plane.
  init?(_ task: TrainingTask) throws {
    let examples = task.test.examples
    guard examples.inputWidth == 2 else { return nil }
    let reach = (0..<examples.count).reduce(Float(0)) {
      max($0, abs(examples.input($1)[0]), abs(examples.input($1)[1]))
    }
    let half = (10 * Double(reach)).rounded(.up) / 10
    let cell = 2 * half / Double(Self.cells)
    side = -half...half
    posterior = try Posterior(
      task.test.network,
      examples: Examples(
        count: Self.cells * Self.cells, inputWidth: 2,
        targets: .classes(Array(repeating: 0, count: Self.cells * Self.cells), count: 2)
      ) { row, inputs in
        inputs[0] = Float(-half + (Double(row % Self.cells) + 0.5) * cell)
        inputs[1] = Float(-half + (Double(row / Self.cells) + 0.5) * cell)
      }, loss: task.test.loss)
  }

  /// How long the boundary between the classes is, in sides of the square: the edges of cells with another class beyond them.
  func boundary(of probabilities: [Double]) -> Double {
    let classes = stride(from: 0, to: probabilities.count, by: 2).map { probabilities[$0 + 1] > 0.5 }
    var edges = 0
    for row in 0..<Self.cells {
      for column in 0..<Self.cells {
        let here = classes[row * Self.cells + column]
        if column + 1 < Self.cells, classes[row * Self.cells + column + 1] != here { edges += 1 }
        if row + 1 < Self.cells, classes[(row + 1) * Self.cells + column] != here { edges += 1 }
      }
    }
    return Double(edges) / Double(Self.cells)
  }

  /// Rows of 2 p - 1 for a drawing, with p the probability of class 1.
  func strengths(of probabilities: [Double]) -> [[Double]] {
    (0..<Self.cells).map { row in
      (0..<Self.cells).map { 2 * probabilities[2 * (row * Self.cells + $0) + 1] - 1 }
    }
  }
}
