import LangevinCore
import LangevinSamplers
import Testing

/// Masses that follow a noise which depends on the place bias the law; masses that are kept do not.
@Suite("Pseudo-Langevin: masses that follow, masses that are kept")
struct SettledMassTests {
  /// Independent components with U = w^2/2 and a gradient variance that grows with w: c (1 + w^2).
  ///
  /// The gradient has no noise: at this ratio, 1e-4, that makes a difference of two parts in ten thousand.
  struct GrowingNoise: AnalyticPotential {
    let layout: ParameterLayout
    let scale: Double
    init(count: Int, scale: Double) throws {
      layout = try ParameterLayout(count: count)
      self.scale = scale
    }
    func energy(at position: Span<Double>, gradient: inout MutableSpan<Double>) -> Double {
      var energy = 0.0
      for index in position.indices {
        gradient[index] = position[index]
        energy += position[index] * position[index] / 2
      }
      return energy
    }
    func minibatchVariance(
      at position: Tensor<Double>, of scheme: BatchScheme, workspace: inout Void
    ) throws(LangevinError) -> Tensor<Double>? {
      Tensor(position.elements.map { scale * (1 + $0 * $0) })
    }
  }

  /// <w^2> at T = 1 over 300 components and 400 configurations, 100 steps (two relaxation times and more) apart.
  private func meanSquare(settling: UInt64) throws -> (mean: Double, error: Double) {
    let count = 300
    // a = 4 r T m1^2 / v is 0.002 at w = 0: a relaxation time of m1^2/a = 45 steps, updates every 5.
    let ratio = 1e-4
    let potential = try GrowingNoise(count: count, scale: 4 * ratio * 0.09 / 0.002)
    let sampler = try PseudoLangevin<Double>(temperature: 1) {
      $0.ratio = ratio
      $0.resetProbability = 1
      $0.updateEvery = 5
      $0.updateAtMost = 5
      $0.settling = settling
      $0.variance = GradientVariance(.exact, relativeFloor: 0)
      $0.momentumLoss = 0.3
      $0.segment = 5
      $0.guardsUnits = false
      $0.directions = 0
    }
    var evaluator = try Evaluator(potential, batches: .withReplacement(1), seed: 5)
    var state = try sampler.start(at: Tensor(Array(repeating: 0, count: count)), with: &evaluator)
    var means: [Double] = []
    for configuration in -40..<400 {
      for _ in 0..<100 { _ = try sampler.step(&state, with: &evaluator) }
      if configuration < 0 { continue }
      means.append(state.position.elements.reduce(0) { $0 + $1 * $1 } / Double(count))
    }
    let mean = means.reduce(0, +) / 400
    // Blocks of 20 configurations, because heavy components relax more slowly.
    let blocks = stride(from: 0, to: 400, by: 20).map { means[$0..<$0 + 20].reduce(0, +) / 20 }
    let variance = blocks.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 19 / 20
    return (mean, variance.squareRoot())
  }

  /// Kept masses: <w^2> = T. z = 4.9.
  @Test func keptMassesLeaveTheLawAlone() throws {
    let (mean, error) = try meanSquare(settling: 1000)
    #expect(error < 0.02)
    #expect((mean - 1).magnitude < 4.9 * error, "\(mean) +- \(error)")
  }

  /// Masses that follow at once: exp(-w^2/2) (1 + w^2), so <w^2> = (1 + 3)/(1 + 1) = 2, less what they lag behind.
  @Test func massesThatFollowMakeTheLawWider() throws {
    let (mean, error) = try meanSquare(settling: .max)
    #expect(mean - 1 > 10 * error && mean > 1.3 && mean < 2 + 4.9 * error, "\(mean) +- \(error)")
  }
}
