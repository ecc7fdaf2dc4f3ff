import Langevin

/// What a training ended with.
struct Outcome {
  /// The weights; nil where it diverged.
  let end: Tensor<Float>?
  /// Trips from cold to hot and back, of a tempered chain.
  var roundTrips = Double.nan
}

/// A way to train within a budget of epochs, with the box of its settings.
struct Contestant: Sendable {
  let name: String
  let box: SettingBox
  /// What else is set, for people.
  let fixed: String
  /// Trains.
  let train: @Sendable (_ task: TrainingTask, _ setting: [Double], _ epochs: Int, _ seed: UInt64) throws -> Outcome

  var text: String { "\(name): \(box.text); \(fixed)" }
}

extension Contestant {
  static let all = [tempered, plainLangevin, momentum, adam, sgld, restarts]
  static let restartCount = 4

  /// Settings that the two-phase methods share: step size, friction, temperature of the cold, share of the steps that sample.
  private static let twoPhases: [SettingBox.Side] = [
    .init(name: "h", range: 0.05...0.5), .init(name: "friction", range: 0.2...5),
    .init(name: "T", range: 1e-5...1e-2), .init(name: "share of sampling", range: 0.25...0.75, isLogarithmic: false),
  ]

  /// CTLD (reconstruction), then momentum descent from the best cold state.
  ///
  /// The mass of alpha follows from how often it should be able to cross: free, it diffuses with 1/(m_alpha gamma_alpha), and
  /// crosses its 1.5 from cold to hot in about 1.1 m_alpha gamma_alpha. Energies of the minibatches scatter by far more than T, so that
  /// alpha is driven rather than in equilibrium: an exploration, which is what the first phase is for.
  static let tempered = Contestant(
    name: "CTLD",
    box: SettingBox(
      twoPhases + [
        .init(name: "heat c", range: 2...16), .init(name: "crossings", range: 4...100),
        .init(name: "d/parameters", range: 0.25...1, isLogarithmic: false),
      ]),
    fixed:
      "hottest s = 1 - c/sqrt(parameters), at least 0.1; mass of alpha by the crossings that it could make freely; bias by "
      + "adaptive force (patience 20) from -d ln s; fine-tuning from the best cold state; trials without a round trip come last"
  ) { task, setting, epochs, seed in
    let method = try temperedTraining(task, setting, epochs: epochs)
    var evaluator = try Evaluator(task.training, batches: .epochs(task.batch), seed: seed)
    var state = try method.start(at: task.start, with: &evaluator)
    do {
      for _ in 0..<epochs * task.stepsPerEpoch { _ = try method.step(&state, with: &evaluator) }
    } catch {
      return Outcome(end: nil)
    }
    let trips = Double(method.tempering.report(on: state.tempered).roundTrips)
    return Outcome(end: state.position.firstNonFinite == nil ? state.position : nil, roundTrips: trips)
  }

  /// The two phases at a setting of the box.
  static func temperedTraining(
    _ task: TrainingTask, _ setting: [Double], epochs: Int
  ) throws -> TemperedTraining<Float> {
    let parameters = Double(task.training.parameterCount)
    let time = setting[3] * Double(epochs * task.stepsPerEpoch) * setting[0]
    return try twoPhases(
      task, setting, epochs: epochs, hottest: max(0.1, 1 - setting[4] / parameters.squareRoot()),
      mass: max(1, time / (1.1 * setting[5])), dimension: setting[6] * parameters)
  }

  /// The same with s = 1 throughout: Langevin dynamics at one temperature, the same choice among states, the same fine-tuning.
  static let plainLangevin = Contestant(
    name: "Langevin", box: SettingBox(twoPhases), fixed: "as CTLD at s = 1: one temperature, the same fine-tuning"
  ) { task, setting, epochs, seed in
    Outcome(
      end: try task.train(
        twoPhases(task, setting, epochs: epochs, hottest: 1, mass: 100, dimension: 0), epochs: epochs, seed: seed,
        warmup: true))
  }

  private static func twoPhases(
    _ task: TrainingTask, _ setting: [Double], epochs: Int, hottest: Double, mass: Double, dimension: Double
  ) throws -> TemperedTraining<Float> {
    let tempering = try ContinuousTempering<Float>(temperature: setting[2]) {
      $0.stepSize = setting[0]
      $0.friction = setting[1]
      $0.hottest = hottest
      $0.temperingMass = mass
      $0.effectiveDimension = dimension
      $0.adaptation = hottest == 1 ? .none : .adaptiveForce(patience: 20)
      // Never frozen: this is training, and its draws are used for nothing else.
      $0.adaptingSteps = .max
    }
    let sampling = max(1, min(epochs - 1, Int((setting[3] * Double(epochs)).rounded())))
    return try TemperedTraining(
      tempering, samplingSteps: UInt64(sampling * task.stepsPerEpoch), patience: .max, epochs: UInt64(epochs - sampling)
    )
  }

  /// The descent of the second phase from the start on: momentum, and a step size that is halved when the loss falls no more.
  static let momentum = Contestant(
    name: "momentum",
    box: SettingBox(.init(name: "step size", range: 1e-3...0.3), .init(name: "1 - momentum", range: 0.01...0.5)),
    fixed: "the step size halves after 5 epochs without progress, as in the fine-tuning"
  ) { task, setting, epochs, seed in
    Outcome(
      end: try task.train(
        FineTuning<Float>(stepSize: setting[0], momentum: 1 - setting[1], epochs: UInt64(epochs)), epochs: epochs,
        seed: seed, warmup: true))
  }

  private static let adamBox = SettingBox(
    .init(name: "step size", range: 3e-4...3e-2), .init(name: "share of it at the end", range: 0.01...1))

  private static func adam(_ setting: [Double], steps: Int) throws -> Adam<Float> {
    try Adam(stepSize: .geometric(start: setting[0], end: setting[0] * setting[1], steps: UInt64(max(1, steps))))
  }

  static let adam = Contestant(name: "Adam", box: adamBox, fixed: "decays 0.9 and 0.999") {
    task, setting, epochs, seed in
    Outcome(end: try task.train(adam(setting, steps: epochs * task.stepsPerEpoch), epochs: epochs, seed: seed))
  }

  /// Each for a part of the budget, from starts of its own; the one with the smallest validation loss counts.
  static let restarts = Contestant(
    name: "Adam, restarts", box: adamBox,
    fixed:
      "\(restartCount) starts, each with \(restartCount == 4 ? "a quarter" : "its part") of the epochs, the best by validation loss"
  ) { task, setting, epochs, seed in
    let share = max(1, epochs / restartCount)
    var best: (point: Tensor<Float>, loss: Double)?
    for number in 0..<restartCount {
      let sampler = try adam(setting, steps: share * task.stepsPerEpoch)
      let end = try task.train(
        sampler, epochs: share, seed: seed &+ UInt64(number) << 32, from: task.start(number: number))
      guard let end else { continue }
      let loss = try TrainingTask.score(task.validation, at: end).loss
      if loss < best?.loss ?? .infinity { best = (end, loss) }
    }
    return Outcome(end: best?.point)
  }

  static let sgld = Contestant(
    name: "SGLD",
    box: SettingBox(
      .init(name: "step size", range: 0.02...1), .init(name: "share of it at the end", range: 0.01...1),
      .init(name: "T", range: 1e-6...1e-3)), fixed: "its last state"
  ) { task, setting, epochs, seed in
    let steps = UInt64(epochs * task.stepsPerEpoch)
    let stepSize = Schedule.geometric(start: setting[0], end: setting[0] * setting[1], steps: steps)
    return Outcome(
      end: try task.train(
        SGLD<Float>(stepSize: stepSize, temperature: .constant(setting[2])), epochs: epochs, seed: seed))
  }
}
