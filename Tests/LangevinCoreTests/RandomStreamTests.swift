import LangevinCore
import Testing

@Suite struct RandomStreamTests {
  /// Streams made by adding seed and chain would collide here.
  @Test func seedsChainsAndPurposesHaveDifferentKeys() {
    var keys: Set<UInt64> = []
    for seed in 0..<20 as Range<UInt64> {
      for chain in 0..<20 {
        keys.insert(RandomStream(seed: seed, chain: chain, purpose: .noise).key)
        keys.insert(RandomStream(seed: seed, chain: chain, purpose: .batches).key)
      }
    }
    #expect(keys.count == 800)
  }

  /// The correlation of 10^4 pairs of normals has deviation 0.01; z = 4.9.
  @Test func neighbouringStreamsAreUncorrelated() {
    func draws(_ seed: UInt64, _ chain: Int, step: UInt64 = 0, lane: UInt32 = 0) -> [Double] {
      var tensor = Tensor([Double](repeating: 0, count: 10_000))
      RandomStream(seed: seed, chain: chain, purpose: .noise).fillNormals(&tensor, step: step, lane: lane)
      return tensor.elements
    }
    let base = draws(1, 0)
    for other in [draws(2, 0), draws(1, 1), draws(1, 0, step: 1), draws(1, 0, lane: 1)] {
      for shift in [0, 1] {
        let products = zip(base.dropFirst(shift), other).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(products) / 10_000 < 0.049)
      }
    }
  }

  @Test func oneElementIsTheSameAsInARow() {
    let random = RandomStream(seed: 9, chain: 2, purpose: .user)
    var row = Tensor([Double](repeating: 0, count: 11))
    random.fillNormals(&row, step: 4, lane: 2)
    for index in 0..<11 { #expect(random.normal(step: 4, lane: 2, element: index) == row[index]) }
    random.fillUniforms(&row, step: 4)
    for index in 0..<11 { #expect(random.uniform(step: 4, element: index) == row[index]) }
  }
}

@Suite struct AnalyticPotentialTests {
  /// Gradient against central differences at a few points.
  private func check<P: AnalyticPotential>(_ potential: P) throws where P.Element == Double {
    let random = RandomStream(seed: 3, purpose: .user)
    var x = Tensor([Double](repeating: 0, count: potential.parameterCount))
    var (gradient, unused) = (x, x)
    var workspace: Void = ()
    for point in 0..<5 as Range<UInt64> {
      random.fillNormals(&x, step: point)
      _ = try potential.evaluate(at: x, gradient: &gradient, workspace: &workspace)
      for index in 0..<x.count {
        var (above, below) = (x, x)
        above[index] += 1e-5
        below[index] -= 1e-5
        let a = try potential.evaluate(at: above, gradient: &unused, workspace: &workspace).total
        let b = try potential.evaluate(at: below, gradient: &unused, workspace: &workspace).total
        #expect(abs((a - b) / 2e-5 - gradient[index]) < 1e-7 * (1 + abs(gradient[index]) + abs(a)))
      }
    }
  }

  @Test func gradientsAgreeWithDifferences() throws {
    try check(HarmonicPotential(stiffness: [1, 4, 0.25], center: [0, 1, -1]))
    try check(GaussianPotential(precision: [[2, 0.5], [0.5, 1]], mean: [1, -1]))
    try check(DoubleWellPotential(height: 16, tilt: 0.5, count: 2))
    try check(
      MixturePotential(
        weights: [0.1, 0.2, 0.3, 0.4], centers: [[-3, -3], [3, -3], [-3, 3], [3, 3]], deviation: 0.5))
    try check(RosenbrockPotential())
    try check(
      ClosurePotential(count: 1) { x, gradient in
        gradient[0] = x[0] * x[0] * x[0]
        return x[0] * x[0] * x[0] * x[0] / 4
      })
  }

  /// U = -ln sum_k w_k exp(-2 |x - mu_k|^2) at the middle of four modes at distance sqrt(18): all shares are w_k.
  @Test func theMixtureHasItsValue() throws {
    let mixture = try MixturePotential<Double>(
      weights: [0.1, 0.2, 0.3, 0.4], centers: [[-3, -3], [3, -3], [-3, 3], [3, 3]], deviation: 0.5)
    var gradient = Tensor<Double>([0, 0])
    var workspace: Void = ()
    let energy = try mixture.evaluate(at: Tensor([0, 0]), gradient: &gradient, workspace: &workspace)
    #expect(abs(energy.total - 36) < 1e-12)
    // sum_k w_k (0 - mu_k)/s^2 = -4 (3 (0.2 + 0.4 - 0.1 - 0.3), 3 (0.3 + 0.4 - 0.1 - 0.2))
    #expect(abs(gradient[0] + 2.4) < 1e-12 && abs(gradient[1] + 4.8) < 1e-12)
  }
}
