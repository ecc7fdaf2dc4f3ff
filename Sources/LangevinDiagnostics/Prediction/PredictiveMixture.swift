import LangevinPlatform

/// What all draws of a network together predict for one number: the mixture of their laws, each with the same weight.
///
/// Densities, distribution functions and moments are averaged, never logarithms of densities and never deviations: so
/// the mixture is wider than its members by as much as they disagree.
///
///     let mixture = PredictiveMixture(draws.map { .normal(mean: $0.mean, deviation: noise) })
///     mixture.mean                        // the prediction
///     mixture.interval(0.9)               // where nine of ten targets are to be
///     mixture.negativeLogLikelihood(of: y)
///
/// Laws in the units of the data give every score in those units.
public struct PredictiveMixture: Sendable, Hashable {
  /// The laws of the draws.
  package let laws: [PredictiveLaw]

  /// A mixture of one law or more.
  public init(_ laws: [PredictiveLaw]) {
    precondition(!laws.isEmpty, "a mixture has at least one law")
    self.laws = laws
  }

  private var count: Double { Double(laws.count) }

  private func average(_ value: (PredictiveLaw) -> Double) -> Double { laws.reduce(0) { $0 + value($1) } / count }

  /// The mean.
  public var mean: Double { laws.lazy.map(\.mean).mean }

  /// The mean variance of the laws: scatter that is left when the network is known.
  public var aleatoricVariance: Double { average(\.variance) }

  /// The variance of the laws' means (divided by their number): the network that is not known.
  public var epistemicVariance: Double {
    let mean = mean
    return average { ($0.mean - mean) * ($0.mean - mean) }
  }

  /// The standard deviation of the mixture, from both variances: the spread of targets about the mean.
  public var deviation: Double { (aleatoricVariance + epistemicVariance).squareRoot() }

  /// The standard deviation of the laws' means, the error bar of the mean function alone.
  package var meanDeviation: Double { epistemicVariance.squareRoot() }

  /// -ln of the mixture's density at a target.
  package func negativeLogLikelihood(of target: Double) -> Double {
    log(count) - logSumExp(laws.map { $0.logDensity(at: target) })
  }

  /// The probability of a value of at most `y`.
  public func cumulative(_ y: Double) -> Double { average { $0.cumulative(y) } }

  /// A value whose cumulative probability is `probability`; for counts the smallest that reaches it.
  ///
  /// It lies between the smallest and the largest of the laws' own quantiles. Where laws far apart leave the cumulative
  /// function flat there, any point of the flat part is right and one of them is returned.
  public func quantile(_ probability: Double) -> Double {
    precondition(0 < probability && probability < 1, "the probability of a quantile lies between 0 and 1")
    let own = ownQuantiles(probability)
    guard let low = own.min(), let high = own.max() else { return .nan }
    let reaches = { (y: Double) in cumulative(y) >= probability }
    return laws.allSatisfy(\.isOfCounts)
      ? smallestCount(from: low, upTo: high, reaches) : halvedRoot(low, high, reaches)
  }

  /// The laws' own quantiles; those of Student laws by one standard quantile for each number of degrees.
  private func ownQuantiles(_ probability: Double) -> [Double] {
    var standard: [Double: Double] = [:]
    return laws.map { law in
      guard case .student(let degrees, let location, let scale) = law else { return law.quantile(probability) }
      let known = standard[degrees] ?? StudentT(degrees: degrees).quantile(probability)
      standard[degrees] = known
      return location + scale * known
    }
  }

  /// The central interval that holds a target with a probability: as much is missing on either side.
  public func interval(_ level: Double) -> ClosedRange<Double> {
    precondition(0 < level && level < 1, "the level of an interval lies between 0 and 1")
    let low = quantile((1 - level) / 2)
    return low...max(low, quantile((1 + level) / 2))
  }

  /// The probability integral transform, uniform on 0...1 where the mixture is the law of the target.
  ///
  /// For counts it is drawn between the two steps by a uniform number of the caller's.
  package func integralTransform(of target: Double, uniform: Double = 0.5) -> Double {
    let reached = cumulative(target)
    guard laws.allSatisfy(\.isOfCounts) else { return reached }
    let before = cumulative(target - 1)
    return before + uniform * (reached - before)
  }
}

/// ln of the sum of exponentials, without overflow; -infinity for none.
func logSumExp(_ logarithms: some Collection<Double>) -> Double {
  guard let largest = logarithms.max(), largest > -.infinity else { return -.infinity }
  if largest == .infinity { return .infinity }
  return largest + log(logarithms.reduce(0) { $0 + exp($1 - largest) })
}

/// The interval score (Gneiting and Raftery, J. Am. Stat. Assoc. 102, 359, 2007, equation 43): width, and 2/a times what
/// a target lies outside of an interval of level 1 - a. Small is good, for intervals that are narrow and right.
package func intervalScore(_ interval: ClosedRange<Double>, level: Double, target: Double) -> Double {
  let outside = max(0, interval.lowerBound - target) + max(0, target - interval.upperBound)
  return interval.upperBound - interval.lowerBound + 2 / (1 - level) * outside
}
