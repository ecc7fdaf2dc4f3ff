import LangevinPlatform
import LangevinTheory
import Testing
import _LangevinTestSupport

/// Stationary laws by quadrature: against the algebra where the law is Gaussian, and the reference page of the overdamped
/// schemes where it is not.
@Suite struct OneWeightChainTests {
  @Test func gaussianLawsAreThoseOfTheAlgebra() throws {
    let problem = try LinearGaussianProblem.mean(count: 3)
    let h = 0.02
    let (curvature, n) = (1 / problem.noiseVariance, Double(problem.count))
    let gradients = problem.targets.map { y in { @Sendable (w: Double) in n * curvature * (w - y) + w } }
    let grid = try OneWeightChain(gradients: gradients, stepSize: h, grid: -3...4, spacing: 0.04)
    let algebra = try LinearGaussianChain(problem, batchSize: 1, stepSize: h)
    let schemes: [(OneWeightChain.Scheme, LinearGaussianChain.Scheme)] = [
      (.independentBatches, .independentBatches(.euler)), (.reshuffled(.euler), .reshuffled(.euler)),
      (.reshuffled(.sharedNoise), .reshuffled(.sharedNoise)), (.reshuffled(.midpoint), .reshuffled(.midpoint)),
      (.oneCorrection, .oneCorrection),
    ]
    for (scheme, same) in schemes {
      let found = try grid.moments(of: scheme)
      let expected = try algebra.moments(of: same)
      #expect(abs(found.mean - expected.mean[0]) < 1e-9, "\(scheme): mean \(found.mean)")
      #expect(abs(found.variance / expected.covariance[0][0] - 1) < 1e-8, "\(scheme): variance \(found.variance)")
    }
  }

  /// LOGIT at f = 1 under SGLD. The other rows are long sums: `langevin-benchmarks --suite laws` has them.
  @Test func logisticRegressionAgrees() throws {
    let gradients = (1...8).map { place in
      let x = 1 + 1.5 * sin(Double(place))
      let y = cos(3 * Double(place)) > -0.2 ? 1.0 : 0
      return { @Sendable (w: Double) in 8 * x * (1 / (1 + exp(-x * w)) - y) + 0.5 * w }
    }
    let chain = try OneWeightChain(
      gradients: gradients, stepSize: 1 / (8 * 6.2086101), grid: -10...10, spacing: 0.08)
    let found = try chain.moments(of: .independentBatches)
    #expect(abs(found.mean - 0.0261649 - 0.000393) < 1e-5)
    #expect(abs(found.variance / 0.1919947 - 1.719272) < 1e-5)
  }

  @Test func aGridThatCutsTheLawIsRefused() throws {
    let chain = try OneWeightChain(gradients: [{ $0 }], stepSize: 0.1, grid: -2...2, spacing: 0.05)
    #expect(throws: (any Error).self) { try chain.moments(of: .independentBatches) }
  }
}
