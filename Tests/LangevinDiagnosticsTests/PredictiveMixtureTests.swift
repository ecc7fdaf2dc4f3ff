import Foundation
import Testing

@testable import LangevinDiagnostics

/// Mixtures of normal laws against tables computed by an independent program (SciPy, and the integral of the squared
/// difference of distribution functions), and other laws against closed forms.
@Suite("Predictive laws and their mixtures")
struct PredictiveMixtureTests {
  /// Weights are tenths: as many equal laws.
  struct Case: Sendable {
    let name: String
    let laws: [(tenths: Int, mean: Double, deviation: Double)]
    let moments: [Double]
    let quantiles: [Double]

    var mixture: PredictiveMixture {
      PredictiveMixture(
        laws.flatMap { [PredictiveLaw](repeating: .normal(mean: $0.mean, deviation: $0.deviation), count: $0.tenths) })
    }
  }

  static let one = Case(
    name: "one", laws: [(10, 0.5, 2)], moments: [0.5, 4, 0],
    quantiles: [-2.7897072539, -0.848979500392, 0.5, 1.84897950039, 3.7897072539])
  static let two = Case(
    name: "two", laws: [(7, 0, 1), (3, 3, 0.5)], moments: [0.9, 0.775, 1.89],
    quantiles: [-1.46523379269, -0.36610635681, 0.565948111604, 2.54145145354, 3.48486166351])
  static let five = Case(
    name: "five", laws: [(2, -1, 0.3), (2, 0, 0.5), (2, 0.5, 0.2), (2, 1, 1), (2, 4, 2)], moments: [0.9, 1.076, 2.84],
    quantiles: [-1.22620610778, -0.436354228907, 0.433647812635, 1.40071584021, 5.34902253272])

  @Test("Mean, both variances and quantiles", arguments: [one, two, five])
  func moments(example: Case) {
    let mixture = example.mixture
    let found = [mixture.mean, mixture.aleatoricVariance, mixture.epistemicVariance]
    for (value, expected) in zip(found, example.moments) { #expect((value - expected).magnitude < 1e-14) }
    #expect(
      (mixture.deviation - (example.moments[1] + example.moments[2]).squareRoot()).magnitude < 1e-14
        && (mixture.meanDeviation - example.moments[2].squareRoot()).magnitude < 1e-14)
    for (probability, expected) in zip([0.05, 0.25, 0.5, 0.75, 0.95], example.quantiles) {
      #expect((mixture.quantile(probability) - expected).magnitude < 1e-11, "\(example.name) \(probability)")
    }
    let interval = mixture.interval(0.9)
    #expect((interval.lowerBound - example.quantiles[0]).magnitude < 1e-11)
    #expect((interval.upperBound - example.quantiles[4]).magnitude < 1e-11)
  }

  private static let scored: [(Case, Double, [Double])] = [
    (one, 1, [1.64333571376, 0.516999625799, 0.598706325683, 6.57941450781]),
    (two, 0, [1.27561346409, 0.526152055232, 0.350000000296, 4.95009545619]),
    (two, 1, [1.77513951716, 0.484276665023, 0.588950823621, 4.95009545619]),
    (two, 7.5, [29.4006098576, 5.66763286262, 1, 85.252862186]),
    (five, 0, [1.46133416332, 0.406437851574, 0.337437198174, 6.5752286405]),
    (five, 7.5, [4.75277362001, 5.5992959003, 0.991988168619, 49.5947779861]),
  ]

  @Test(
    "Log score, ranked probability score, transform and interval score",
    arguments: scored)
  func scores(example: Case, target: Double, expected: [Double]) throws {
    let mixture = example.mixture
    let ranked = try #require(mixture.rankedProbabilityScore(of: target))
    let found = [
      mixture.negativeLogLikelihood(of: target), ranked, mixture.integralTransform(of: target),
      intervalScore(mixture.interval(0.9), level: 0.9, target: target),
    ]
    for (value, expected) in zip(found, expected) { #expect(relativeError(value, expected) < 1e-11) }
  }

  @Test("A standard normal at 0, and the score's mean under the truth")
  func knownScores() throws {
    let normal = PredictiveMixture([.normal(mean: 0, deviation: 1)])
    #expect(try (#require(normal.rankedProbabilityScore(of: 0)) - 0.2336949773).magnitude < 1e-10)
    // Midpoints of equal probability: the mean over the truth is 1/sqrt(pi).
    let mean = (0..<2000).reduce(0.0) { sum, step in
      let y = StandardNormal.quantile((Double(step) + 0.5) / 2000)
      return sum + (normal.rankedProbabilityScore(of: y) ?? .nan) / 2000
    }
    #expect((mean - 1 / Double.pi.squareRoot()).magnitude < 1e-4)
  }

  @Test("Laws far apart leave the median free and the other quantiles sharp")
  func flat() {
    let mixture = PredictiveMixture([.normal(mean: 0, deviation: 1e-3), .normal(mean: 1000, deviation: 1)])
    #expect((mixture.quantile(0.05) + 0.00128155156554).magnitude < 2e-9)
    #expect((mixture.quantile(0.95) - 1001.28155157).magnitude < 2e-8)
    // From 8.3 deviations on, Phi is 1 to the last bit.
    #expect(0.008...990 ~= mixture.quantile(0.5))
  }

  @Test("Points are scored as the ensemble that they are")
  func points() throws {
    let points = [0.3, -1, 4, 2.5, 0.3]
    let mixture = PredictiveMixture(points.map { .normal(mean: $0, deviation: 0) })
    let pairs = points.flatMap { a in points.map { (a - $0).magnitude } }
    let expected = points.map { ($0 - 1).magnitude }.reduce(0, +) / 5 - pairs.reduce(0, +) / 50
    #expect(try (#require(mixture.rankedProbabilityScore(of: 1)) - expected).magnitude < 1e-15)
    let single = PredictiveMixture([.normal(mean: 2, deviation: 0)])
    #expect(single.rankedProbabilityScore(of: -1) == 3 && single.quantile(0.3) == 2)
  }

  @Test("More than two hundred laws are thinned evenly for the ranked probability score alone")
  func thinned() throws {
    // Each law four times in a row: every fourth of 800 is each once.
    let laws = (0..<200).map { PredictiveLaw.normal(mean: Double($0 % 17), deviation: 1 + Double($0 % 3)) }
    let all = PredictiveMixture(laws.flatMap { [$0, $0, $0, $0] })
    let scores = try [all, PredictiveMixture(laws)].map { try #require($0.rankedProbabilityScore(of: 3)) }
    #expect(scores[0] == scores[1])
  }

  @Test("Student's law: closed forms for one, two and four degrees of freedom")
  func student() {
    func law(_ degrees: Double) -> PredictiveLaw { .student(degrees: degrees, location: 0, scale: 1) }
    for t in [-40, -3, -1, -1e-9, 0, 0.2, 2, 1e4] {
      // The logarithms of gamma functions inside cost a few units in the last place.
      #expect((law(1).cumulative(t) - (0.5 + atan(t) / Double.pi)).magnitude < 1e-14)
      #expect((law(2).cumulative(t) - (1 + t / (2 + t * t).squareRoot()) / 2).magnitude < 1e-14)
      let x = t / (4 + t * t).squareRoot()
      #expect((law(4).cumulative(t) - (0.5 + 0.75 * (x - x * x * x / 3))).magnitude < 1e-14)
    }
    // The far tail keeps its digits: 3/(pi t^3...) of one degree is 1/(pi t).
    #expect(relativeError(law(1).cumulative(-1e12), 1e-12 / Double.pi) < 1e-12)
    for probability in [1e-6, 0.05, 0.3, 0.5, 0.975] {
      #expect(relativeError(law(1).quantile(probability) + 1, 1 + tan(Double.pi * (probability - 0.5))) < 1e-10)
      let shifted = PredictiveLaw.student(degrees: 4, location: 2, scale: 3)
      #expect((shifted.cumulative(shifted.quantile(probability)) - probability).magnitude < 1e-11)
      let mixture = PredictiveMixture([shifted, shifted])
      #expect((mixture.quantile(probability) - shifted.quantile(probability)).magnitude < 1e-9)
    }
    #expect(law(4).variance == 2 && law(2).variance == .infinity && law(4).mean == 0 && law(1).mean.isNaN)
    #expect(PredictiveMixture([law(4)]).rankedProbabilityScore(of: 0) == nil)
  }

  /// Losses and their dropped constants as PyTorch has them.
  @Test("Densities are those of the losses, constants in")
  func densities() {
    let student = PredictiveLaw.student(degrees: 4, location: 0.3, scale: 1)
    #expect(relativeError(-student.logDensity(at: 1.1), 0.371050012796 + 0.980829253012) < 1e-11)
    let far = PredictiveLaw.student(degrees: 4, location: 0, scale: 1)
    #expect(relativeError(-far.logDensity(at: 25), 12.644592239 + 0.980829253012) < 1e-11)
    #expect(
      relativeError(-PredictiveLaw.poisson(rate: exp(0.7)).logDensity(at: 3), 1.79175946923 - 0.0862472925295) < 1e-11)
    let negative = PredictiveLaw.negativeBinomial(shape: 3, mean: exp(0.7))
    #expect(relativeError(-negative.logDensity(at: 3), 0.981434336658 + 0.99325177301) < 1e-11)
    let rare = PredictiveLaw.negativeBinomial(shape: 3, mean: exp(2.5))
    #expect(relativeError(-rare.logDensity(at: 0), 4.86459228702) < 1e-11)
    // A scaled law has a density per unit of the scale.
    let wide = PredictiveLaw.student(degrees: 4, location: 0.6, scale: 2)
    #expect((wide.logDensity(at: 2.2) - student.logDensity(at: 1.1) + log(2.0)).magnitude < 1e-14)
    #expect(PredictiveLaw.poisson(rate: 2).logDensity(at: 1.5) == -.infinity)
  }

  @Test(
    "Counts: sums of probabilities give distribution, quantiles, moments and score",
    arguments: [
      [PredictiveLaw.poisson(rate: 2.5)], [.poisson(rate: 0.4), .poisson(rate: 9), .poisson(rate: 3)],
      [.negativeBinomial(shape: 1.5, mean: 4), .negativeBinomial(shape: 20, mean: 1)],
    ])
  func counts(laws: [PredictiveLaw]) throws {
    let mixture = PredictiveMixture(laws)
    let probabilities = (0..<400).map { count in exp(-mixture.negativeLogLikelihood(of: Double(count))) }
    #expect((probabilities.reduce(0, +) - 1).magnitude < 1e-12)
    var total = 0.0
    var mean = 0.0
    for (count, probability) in probabilities.enumerated() {
      total += probability
      mean += Double(count) * probability
      if count < 40 { #expect((mixture.cumulative(Double(count)) - total).magnitude < 1e-13) }
    }
    #expect((mixture.mean - mean).magnitude < 1e-10)
    let second = probabilities.enumerated().reduce(0) { $0 + (Double($1.0) - mean) * (Double($1.0) - mean) * $1.1 }
    #expect(relativeError(mixture.aleatoricVariance + mixture.epistemicVariance, second) < 1e-10)
    for probability in [0.05, 0.5, 0.95] {
      let quantile = mixture.quantile(probability)
      #expect(mixture.cumulative(quantile) >= probability && mixture.cumulative(quantile - 1) < probability)
    }
    // E|X - y| - E|X - X'|/2.
    for target in [0.0, 3, 12] {
      var expected = 0.0
      for (i, p) in probabilities.enumerated() {
        expected += p * (Double(i) - target).magnitude
        for (j, q) in probabilities.enumerated().prefix(120) { expected -= p * q * Double(i - j).magnitude / 2 }
      }
      #expect(try (#require(mixture.rankedProbabilityScore(of: target)) - expected).magnitude < 1e-9)
    }
    #expect(mixture.integralTransform(of: 2, uniform: 0) == mixture.cumulative(1))
    #expect(mixture.integralTransform(of: 2, uniform: 1) == mixture.cumulative(2))
  }

  @Test("Scores of a sample: by hand for two targets, and honest for targets of the law itself")
  func forecasts() throws {
    var hand = ForecastScores(levels: [0.5])
    let normal = PredictiveMixture([.normal(mean: 1, deviation: 2)])
    hand.add(normal, target: 1)
    hand.add(normal, target: 4)
    // Half of all lies within 0.6744897501960817 deviations.
    let half = 2 * 0.6744897501960817
    #expect(relativeError(hand.rootMeanSquareError.value, 4.5.squareRoot()) < 1e-15)
    // The squares 0 and 9 have the standard error 4.5, a half over the root carries it over.
    #expect(relativeError(hand.rootMeanSquareError.standardError, 4.5 / (2 * 4.5.squareRoot())) < 1e-15)
    #expect(hand.meanAbsoluteError == Estimate(value: 1.5, standardError: 1.5))
    #expect(hand.coverage(of: 0.5)?.value == 0.5 && hand.coverage(of: 0.9) == nil)
    let interval = try #require(hand.intervals.first)
    #expect(relativeError(interval.score.value, 2 * half + 2 / 0.5 * (3 - half) / 2) < 1e-12)
    #expect(relativeError(interval.width.value, 2 * half) < 1e-12)
    #expect(relativeError(hand.logScore.value, log(2 * (2 * Double.pi).squareRoot()) + 9.0 / 16) < 1e-14)
    #expect(relativeError(hand.normalLogScore.value, hand.logScore.value) < 1e-14)

    var random = SplitMix(seed: 5)
    var honest = ForecastScores()
    var narrow = ForecastScores()
    let count = 2000
    for _ in 0..<count {
      let (first, chosen, place) = (random.uniform(), random.uniform() < 0.5, random.uniform())
      let means = [first, first + 3]
      let target = means[chosen ? 0 : 1] + StandardNormal.quantile(place + 0x1p-54)
      honest.add(PredictiveMixture(means.map { .normal(mean: $0, deviation: 1) }), target: target)
      narrow.add(PredictiveMixture([.normal(mean: first + 1.5, deviation: 1)]), target: target)
    }
    for interval in honest.intervals {
      let z = interval.coverage.deviation(from: interval.level)
      #expect(z.magnitude < 4.9 && interval.coverage.standardError < 0.0112)
    }
    #expect(try honest.transformTest().pValue > 1e-6 && narrow.transformTest().pValue < 1e-12)
    #expect(try #require(narrow.coverage(of: 0.9)).deviation(from: 0.9) < -20)
    #expect(honest.logScore.value < narrow.logScore.value && !honest.thinsLaws)
    #expect(honest.transformCounts.reduce(0, +) == count)
    let ranked = try #require(honest.rankedProbabilityScore)
    #expect(ranked.value < (try #require(narrow.rankedProbabilityScore)).value)
  }
}
