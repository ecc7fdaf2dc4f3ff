import Langevin

/// A method of the catalogue on a small network, as a chain that tests can follow step by step.
enum SmallProblem {
  /// 60 examples of 3 classes, a network of 53 parameters in 2 layers.
  static func posterior<Element: Scalar>(of type: Element.Type) throws -> Posterior<Element> {
    var set = KSpin()
    (set.spins, set.classes, set.train, set.test) = (6, 3, 60, 0)
    return try Posterior(
      MLP([6, 5, 3]), examples: set.make(as: Element.self).train, loss: .crossEntropy, prior: .gaussian(precision: 0.02)
    )
  }

  /// Long enough for what a method tunes.
  static func warmup(of method: any SamplerSettings.Type) -> UInt64 {
    switch method.name {
    case "mclmc", "mams": 200
    // Draws are in the last fifth of a cycle of 5000 steps.
    case "csgld": 4000
    default: 40
    }
  }
  static let thin = 10

  static func context(for posterior: some Potential, _ method: any SamplerSettings.Type) -> RunContext {
    RunContext(
      parameterCount: posterior.parameterCount, posteriorTemperature: posterior.posteriorTemperature,
      warmup: warmup(of: method), thin: UInt64(thin))
  }

  static func batches(of method: any SamplerSettings.Type) -> BatchScheme {
    method.habits.batches.scheme(size: method.habits.batchSize.map { _ in 16 })
  }

  static func evaluator<P: Potential>(
    _ potential: P, _ method: any SamplerSettings.Type, seed: UInt64 = 5
  ) throws -> Evaluator<P> {
    try Evaluator(potential, batches: batches(of: method), seed: seed, warmup: warmup(of: method), thin: UInt64(thin))
  }

  /// A start with some curvature around it.
  static func start<Element: Scalar>(_ posterior: Posterior<Element>, number: Int = 0) -> Tensor<Element> {
    posterior.network.initialParameters(from: RandomStream(seed: 1, chain: number, purpose: .initialisation))
  }
}

/// What can be seen of a chain: where its draws are, and which steps are draws.
struct Path: Equatable {
  var draws: [[Double]] = []
  var isDraw: [Bool] = []
}

extension Sampler {
  /// The path of a chain over some steps.
  func path<P: Potential>(
    on potential: P, with evaluator: Evaluator<P>, from position: Tensor<Element>, steps: Int
  ) throws -> Path where P.Element == Element {
    var evaluator = evaluator
    var state = try start(at: position, with: &evaluator)
    var path = Path()
    for _ in 0..<steps {
      let record = try step(&state, with: &evaluator)
      path.isDraw.append(record.isDraw)
      path.draws.append(draw(from: state).elements.map(Double.init))
    }
    return path
  }
}
