import LangevinPlatform

/// The outcome of a test of a hypothesis against data.
package struct TestOutcome: Sendable, Equatable {
  /// The distance between data and hypothesis.
  package let statistic: Double
  /// The probability of at least this distance if the hypothesis holds.
  package let pValue: Double
}

/// The total variation distance of two sets of weights, each scaled to sum 1: half the sum of absolute differences.
///
/// 0 for equal laws and 1 for laws without a common bin. Counts of a ``Histogram`` may be given as they are; its outliers
/// count only if they are appended.
package func totalVariation(_ left: [Double], _ right: [Double]) -> Double {
  precondition(left.count == right.count && !left.isEmpty, "two laws are compared on the same bins, at least one")
  let leftTotal = left.reduce(0, +)
  let rightTotal = right.reduce(0, +)
  precondition(leftTotal > 0 && rightTotal > 0, "weights must have a positive sum")
  return zip(left, right).reduce(0) { $0 + ($1.0 / leftTotal - $1.1 / rightTotal).magnitude } / 2
}

/// Tests whether independent draws have a given continuous law (Kolmogorov and Smirnov).
///
/// The statistic is the largest distance between the law's cumulative function and that of the draws. The p-value is
/// Kolmogorov's limit with the correction for finite samples of Stephens (1970), off by less than 0.02 from 5 draws on.
///
/// - Throws: ``DiagnosticsError`` for no draws or a draw that is not a number.
package func kolmogorovSmirnovTest(
  of sample: [Double], cumulative: (Double) -> Double
) throws(DiagnosticsError) -> TestOutcome {
  guard !sample.isEmpty else { throw .empty(what: "sample") }
  if let index = sample.firstIndex(where: \.isNaN) {
    throw .invalidEntry(what: "draw", index: index, value: sample[index], expected: "a number")
  }
  let count = Double(sample.count)
  var distance = 0.0
  for (index, draw) in sample.sorted().enumerated() {
    let expected = cumulative(draw)
    distance = max(distance, expected - Double(index) / count, Double(index + 1) / count - expected)
  }
  let root = count.squareRoot()
  return TestOutcome(statistic: distance, pValue: kolmogorovTail((root + 0.12 + 0.11 / root) * distance))
}

/// Tests whether counts come from bins of given expectation (Pearson).
///
/// The p-value is that of the chi-squared law, good from about 5 expected counts per bin on.
///
/// - Parameters:
///   - observed: Count of each bin.
///   - expected: Expected count of each bin; positive.
///   - constraints: How many sums of the expectations were matched to the data: 1 for the total, one more for each
///     fitted parameter.
/// - Returns: Pearson's statistic and its p-value.
/// - Throws: ``DiagnosticsError`` if the sizes differ, no degree of freedom is left, or an expectation is not positive.
package func chiSquaredTest(
  observed: [Int], expected: [Double], constraints: Int = 1
) throws(DiagnosticsError) -> TestOutcome {
  guard observed.count == expected.count else {
    throw .sizeMismatch(what: "bins with an observed count", found: observed.count, expected: expected.count)
  }
  let freedom = observed.count - constraints
  guard freedom > 0 else { throw .empty(what: "bins beyond the \(constraints) constraints") }
  var statistic = 0.0
  for (bin, expectation) in expected.enumerated() {
    guard expectation > 0, expectation.isFinite else {
      throw .invalidEntry(what: "expected count of bin", index: bin, value: expectation, expected: "a positive number")
    }
    let excess = Double(observed[bin]) - expectation
    statistic += excess * excess / expectation
  }
  return TestOutcome(statistic: statistic, pValue: chiSquaredTail(statistic, degreesOfFreedom: freedom))
}

/// The probability that a chi-squared variable exceeds `value`.
package func chiSquaredTail(_ value: Double, degreesOfFreedom: Int) -> Double {
  precondition(degreesOfFreedom > 0, "a chi-squared law has at least one degree of freedom")
  return upperIncompleteGamma(Double(degreesOfFreedom) / 2, value / 2)
}

/// The probability that the supremum of a Brownian bridge exceeds `x`, by whichever of its two series converges at once.
private func kolmogorovTail(_ x: Double) -> Double {
  if x <= 0 { return 1 }
  if x < 1 {
    let terms = (1...4).map { k in
      let odd = Double(2 * k - 1)
      return exp(-odd * odd * Double.pi * Double.pi / (8 * x * x))
    }
    return 1 - (2 * Double.pi).squareRoot() / x * terms.reduce(0, +)
  }
  return 2 * (1...5).reduce(0) { $0 + ($1.isMultiple(of: 2) ? -1 : 1) * exp(-2 * Double($1 * $1) * x * x) }
}
