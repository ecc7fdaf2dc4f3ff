import Langevin

/// The way of one chain: configurations at equal numbers of steps, and when they were reached.
///
/// Of very many parameters every k-th one stands for all, scaled up.
struct Path {
  /// Where it ended.
  private(set) var end: Tensor<Float>?
  private var configurations: [[Float]] = []
  private var steps: [Int] = []
  private var seconds: [Double] = []
  private var acceptances = RunningMoments()
  private var stepSize: Double?
  private var interval: Int
  private let share: Int

  init(recordingEvery interval: Int, of count: Int) {
    self.interval = interval
    share = max(1, count / 10_000)
  }

  /// Steps without a look at the clock, then as many as fit into the time, three configurations at least.
  mutating func follow<S: Sampler>(
    _ sampler: S, on posterior: Posterior<Float>, _ batches: BatchScheme, from start: Tensor<Float>,
    skipping warmUp: Int = 0, steps most: Int? = nil, seconds limit: Double = .infinity, _ easel: Easel
  ) throws where S.Element == Float {
    var evaluator = try Evaluator(posterior, batches: batches, seed: easel.seed + 1, pool: easel.pool)
    var state = try sampler.start(at: start, with: &evaluator)
    for _ in 0..<warmUp {
      try easel.checkInterrupt()
      _ = try sampler.step(&state, with: &evaluator)
    }
    let clock = ContinuousClock()
    let beginning = clock.now
    record(sampler.draw(from: state), step: 0, seconds: 0)
    var step = 0
    var passed = 0.0
    while step < most ?? .max, passed < limit || configurations.count < 3 {
      try easel.checkInterrupt()
      let record = try sampler.step(&state, with: &evaluator)
      step += 1
      if let isAccepted = record.accepted { acceptances.add(isAccepted ? 1 : 0) }
      if let used = record.details.first(where: { $0.name == "step_size" }) { stepSize = used.value }
      if step % interval == 0 {
        passed = (clock.now - beginning) / .seconds(1)
        self.record(sampler.draw(from: state), step: step, seconds: passed)
      }
    }
    end = sampler.draw(from: state)
  }

  private mutating func record(_ position: Tensor<Float>, step: Int, seconds now: Double) {
    let root = Float(share).squareRoot()
    configurations.append(stride(from: 0, to: position.count, by: share).map { position[$0] * root })
    steps.append(step)
    seconds.append(now)
    // Half as many, twice as far apart: memory stays bounded.
    if configurations.count > 400 {
      func half<Value>(_ list: [Value]) -> [Value] { stride(from: 0, to: list.count, by: 2).map { list[$0] } }
      (configurations, steps, seconds) = (half(configurations), half(steps), half(seconds))
      interval *= 2
    }
  }

  /// How far configurations are apart, up to half of the way.
  func displacements() throws -> [Displacement] {
    try meanSquaredDisplacement(
      of: configurations, steps: steps, seconds: seconds, upToLag: max(1, configurations.count / 2))
  }

  /// What a reader would ask about the way.
  var remark: String {
    var parts = ["\(Format.count(steps.last ?? 0)) steps in \(Format.duration(seconds.last ?? 0))"]
    if acceptances.count > 0 { parts.append("acceptance \(Format.fixed(acceptances.mean, 2))") }
    if let stepSize { parts.append("step size \(Format.significant(stepSize, 3))") }
    return parts.joined(separator: ", ")
  }
}
