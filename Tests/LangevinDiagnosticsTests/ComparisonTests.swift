import Foundation
import LangevinDiagnostics
import Testing

/// Four chains of 250 draws on eight points, the last far out: values of ArviZ 0.23.4.
@Suite("Examples left out")
struct ComparisonTests {
  private static let means: [Double] = {
    var random = SplitMix(seed: 7)
    return (0..<1000).map { _ in 0.3 * ((0..<12).reduce(0.0) { sum, _ in sum + random.uniform() } - 6) }
  }()

  private static func logLikelihoods(of point: Int) -> [Double] {
    let y = point == 7 ? 6 : -1 + 0.4 * Double(point)
    return means.map { -(y - $0) * (y - $0) / 2 - log(2 * Double.pi) / 2 }
  }

  private func score(efficiency: Double, _ change: (Int, Double) -> Double = { $1 }) throws -> ModelScore {
    let points = try (0..<8).map { point in
      try PointwiseLikelihood(
        logLikelihoods: Self.logLikelihoods(of: point).map { change(point, $0) }, efficiency: efficiency)
    }
    return try ModelScore(points: points, drawCount: 1000)
  }

  private static let efficiency = 0.9500849787439544

  @Test("Pointwise densities, variances, leave-one-out values and shapes")
  func points() throws {
    #expect((Self.means[0] + 0.30028623078950750).magnitude < 1e-15)
    #expect((Self.means.reduce(0, +) + 7.54748312565177).magnitude < 1e-12)
    let expected = [
      [-1.41362291607, 0.0911417017366, -1.50554741412, 0.05992889274],
      [-1.12246274447, 0.0349688133905, -1.15779587393, 0.04100456682],
      [-0.978327110357, 0.00708465890072, -0.98549135106, 0.05368400883],
      [-0.981179314494, 0.00748923826721, -0.988765485946, 0.1820422147],
      [-1.13098827956, 0.03618255149, -1.16763025002, 0.1465476932],
      [-1.42773375123, 0.093164598569, -1.52192599773, 0.1684940835],
      [-1.87141256002, 0.178435379504, -2.0515650354, 0.2011982503],
      [-17.5750952562, 3.19230210618, -20.6754510256, 0.7264312123],
    ]
    let score = try score(efficiency: Self.efficiency)
    for (point, expected) in zip(score.points, expected) {
      #expect(relativeError(point.logPredictiveDensity, expected[0]) < 1e-11)
      #expect(relativeError(point.variance, expected[1]) < 1e-11)
      #expect(relativeError(point.leaveOneOut, expected[2]) < 1e-10)
      #expect((point.shape - expected[3]).magnitude < 1e-9)
    }
  }

  @Test("Sums, errors and what to doubt")
  func sums() throws {
    let score = try score(efficiency: Self.efficiency)
    #expect(relativeError(score.logPredictiveDensity, -26.5008219324) < 1e-11)
    #expect(relativeError(score.widelyApplicable.value, -30.1415909804) < 1e-11)
    #expect(relativeError(score.widelyApplicable.standardError, 18.1975305246) < 1e-11)
    #expect(relativeError(score.leaveOneOut.value, -30.0541724338) < 1e-11)
    #expect(relativeError(score.leaveOneOut.standardError, 18.1111062046) < 1e-11)
    #expect(relativeError(score.effectiveParameters, 3.55335050143) < 1e-10)
    #expect((score.shapeLimit - 2.0 / 3).magnitude < 1e-15)
    #expect(score.doubtfulExamples == [7] && !score.trustsWidelyApplicable)
    let whole = try self.score(efficiency: 1)
    #expect(relativeError(whole.leaveOneOut.value, -30.0545830127) < 1e-11)
    #expect((whole.points[7].shape - 0.72859491).magnitude < 1e-8)
  }

  @Test("Two models compared on the same examples")
  func comparison() throws {
    let first = try score(efficiency: Self.efficiency)
    let second = try score(efficiency: Self.efficiency) { $1 - 0.02 * Double($0) + 0.05 * sin(Double($0)) }
    #expect(relativeError(second.leaveOneOut.value, -30.5864858) < 1e-8)
    let difference = try first.difference(to: second)
    #expect(relativeError(difference.value, 0.5323133625) < 1e-9)
    #expect(relativeError(difference.standardError, 0.1819458595) < 1e-9)
    let weights = try stackingWeights(of: [first, second])
    #expect(weights[0] > 0.999 && (weights[0] + weights[1] - 1).magnitude < 1e-14)
    let short = try ModelScore(points: Array(first.points.prefix(3)), drawCount: 1000)
    #expect(throws: DiagnosticsError.self) { try first.difference(to: short) }
    #expect(throws: DiagnosticsError.self) { try stackingWeights(of: [first, short]) }
  }

  /// Models that are right on half of the examples each share the weight; no weights score higher.
  @Test("Stacking weights raise the log score as far as it goes")
  func stacking() throws {
    var random = SplitMix(seed: 12)
    let models = try (0..<3).map { _ in
      try ModelScore(
        points: (0..<30).map { _ in try PointwiseLikelihood(logLikelihoods: [-2 * random.uniform()]) }, drawCount: 1)
    }
    func score(_ weights: [Double]) -> Double {
      (0..<30).reduce(0) { sum, point in
        sum + log(zip(weights, models).reduce(0) { $0 + $1.0 * exp($1.1.points[point].leaveOneOut) })
      }
    }
    let weights = try stackingWeights(of: models)
    let best = score(weights)
    for from in 0..<3 where weights[from] > 1e-3 {
      for to in 0..<3 where to != from {
        var moved = weights
        moved[from] -= 1e-3
        moved[to] += 1e-3
        #expect(score(moved) < best + 1e-9)
      }
    }
  }

  /// At another power of the likelihood the ratios are e^(-b l): doubled, l and b halved give the same weights.
  @Test("The power of the likelihood weighs ratios and variance")
  func power() throws {
    let logs = Self.logLikelihoods(of: 6)
    let cold = try PointwiseLikelihood(logLikelihoods: logs, power: 2)
    let plain = try PointwiseLikelihood(logLikelihoods: logs.map { 2 * $0 })
    #expect(cold.shape == plain.shape && relativeError(cold.variance, plain.variance / 2) < 1e-13)
    #expect(throws: DiagnosticsError.self) { try PointwiseLikelihood(logLikelihoods: [0, -.infinity]) }
    #expect(throws: DiagnosticsError.self) { try PointwiseLikelihood(logLikelihoods: []) }
    #expect(try PointwiseLikelihood(logLikelihoods: [-1, -2, -1]).shape == .infinity)
  }

  /// Draws that are forgotten enter through sums: nothing changes but the rounding.
  @Test("A tail that is kept in passing gives what all draws give", arguments: [0.5, 1, 2])
  func streamed(power: Double) throws {
    for point in 0..<8 {
      let logs = Self.logLikelihoods(of: point)
      let whole = try PointwiseLikelihood(logLikelihoods: logs, power: power, efficiency: Self.efficiency)
      // Every draw is kept.
      var all = LikelihoodDraws(plannedDraws: 10_000_000, power: power)
      var passing = LikelihoodDraws(plannedDraws: 1000, power: power)
      for log in logs {
        try all.add(log)
        try passing.add(log)
      }
      for draws in [all, passing] {
        let found = try draws.pointwise(efficiency: Self.efficiency)
        #expect(relativeError(found.leaveOneOut, whole.leaveOneOut) < 1e-11)
        #expect((found.shape - whole.shape).magnitude < 1e-11)
        #expect(relativeError(found.logPredictiveDensity, whole.logPredictiveDensity) < 1e-13)
        #expect(relativeError(found.variance, whole.variance) < 1e-13)
      }
      #expect(passing != all && passing.count == 1000)
    }
    var broken = LikelihoodDraws(plannedDraws: 10)
    #expect(throws: DiagnosticsError.empty(what: "draws of a log likelihood")) { try broken.pointwise() }
    #expect(throws: DiagnosticsError.self) { try broken.add(.nan) }
  }
}
