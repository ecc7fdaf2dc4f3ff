import Langevin

extension TrainingTask {
  /// One network trained by one method: where it ends; nil where it diverged.
  ///
  /// A method that gives no draws before its end needs `warmup`, which declares all of it a warm-up. Observers are shown the end of
  /// each epoch.
  func train(
    _ sampler: any Sampler<Float>, epochs: Int, batch: Int? = nil, seed: UInt64, from start: Tensor<Float>? = nil,
    warmup: Bool = false, observers: [any Observer] = []
  ) throws -> Tensor<Float>? {
    func run<S: Sampler<Float>>(_ sampler: S) throws -> Tensor<Float>? {
      let size = batch ?? self.batch
      let steps = (training.exampleCount + size - 1) / size
      let chains = try ChainGroup(
        training, sampler: sampler, batches: .epochs(size), warmup: warmup ? epochs * steps : 0,
        keepingEvery: steps, seed: seed, threads: 1,
        observables: .minibatch
      ) { [own = self.start] _ in start ?? own }
      do {
        try chains.advance(steps: epochs * steps, observers: observers)
      } catch is ChainError {
        return nil
      }
      let end = chains.parameters[0].tensor(of: Float.self)
      return end.firstNonFinite == nil ? end : nil
    }
    return try run(sampler)
  }
}

/// Notes the test accuracy, in percent, at some epochs.
final class LearningCurve: Observer {
  private let task: TrainingTask
  private let epochs: [Int]
  private var epoch = 0
  /// One number for each epoch of the list; NaN where the training did not come so far.
  private(set) var accuracies: [Double]

  init(_ task: TrainingTask, at epochs: [Int]) {
    self.task = task
    self.epochs = epochs
    accuracies = epochs.map { _ in .nan }
  }

  func observe(_ kept: KeptStep) throws {
    epoch += 1
    guard epochs.contains(epoch) else { return }
    let error = try TrainingTask.score(task.test, at: kept.draw.tensor()).error
    for place in epochs.indices where epochs[place] == epoch { accuracies[place] = 100 * (1 - error) }
  }
}

/// Averages the class probabilities at given inputs over the draws at every so many epochs after a start.
final class PredictionAverage: Observer {
  private let posterior: Posterior<Float>
  private let start: Int
  private let interval: Int
  private var epoch = 0
  private var sums: [Double] = []
  private(set) var count = 0

  init(_ posterior: Posterior<Float>, after start: Int, every interval: Int) {
    (self.posterior, self.start, self.interval) = (posterior, start, max(1, interval))
  }

  func observe(_ kept: KeptStep) throws {
    epoch += 1
    guard epoch > start, (epoch - start) % interval == 0 else { return }
    let values = try posterior.classProbabilities(at: kept.draw.tensor())
    if sums.isEmpty { sums = values.map { _ in 0 } }
    for index in values.indices { sums[index] += values[index] }
    count += 1
  }

  /// The averages, the classes of an example next to each other.
  var probabilities: [Double] { sums.map { $0 / Double(count) } }
}

extension Posterior<Float> {
  /// Probabilities of all classes for each example, also where the network gives only that of class 1.
  func classProbabilities(at point: Tensor<Float>) throws -> [Double] {
    var workspace = makeWorkspace()
    let found = try predictions(at: point, probabilities: true, workspace: &workspace).elements.map(Double.init)
    return network.outputWidth == 1 ? found.flatMap { [1 - $0, $0] } : found
  }

  /// Accuracy in percent and mean of -ln p of such probabilities.
  func scores(_ probabilities: [Double]) throws -> (accuracy: Double, logScore: Double) {
    guard case .classes(let labels, let count) = examples.targets else { return (.nan, .nan) }
    let scores = try ClassificationScores(
      probabilities: probabilities, labels: labels.map(Int.init), classCount: count)
    return (100 * scores.accuracy, scores.negativeLogLikelihood)
  }
}
