/// How far the parameters have moved after a lag: one row of ``meanSquaredDisplacement(of:steps:seconds:upToLag:)``.
package struct Displacement: Sendable, Equatable {
  /// The lag in sampler steps.
  package let steps: Int
  /// The lag in seconds of wall time, averaged over the pairs.
  package let seconds: Double
  /// Mean over the pairs of |theta(t + lag) - theta(t)|^2.
  package let mean: Double
  /// Standard deviation over the pairs, which overlap: a measure of scatter and not the error of the mean; 0 for one pair.
  package let standardDeviation: Double
  /// How many pairs of configurations are this far apart.
  package let pairs: Int

  /// A row measured elsewhere.
  package init(steps: Int, seconds: Double, mean: Double, standardDeviation: Double, pairs: Int) {
    self.steps = steps
    self.seconds = seconds
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.pairs = pairs
  }
}

/// The mean squared displacement of the parameters against lag, from saved configurations: computational diffusion.
///
/// A sampler that explores keeps moving away, and the speed per second of wall time compares samplers whose steps cost and
/// mean different things. The curve flattens at twice the variance of theta once the run has seen all there is to see
/// (Zambon, Caruso, Zecchina, Tiana, arXiv:2603.15367). The first row is lag zero; the longest lag has a single pair.
///
/// - Parameters:
///   - configurations: Parameter vectors of one chain in the order in which they were saved.
///   - steps: Step number of each configuration; equally spaced.
///   - seconds: Wall time of each configuration.
///   - largestLag: Largest lag in saved configurations; all lags if `nil`.
/// - Returns: One row per lag, from zero.
/// - Throws: ``DiagnosticsError`` if there is no configuration, sizes differ, or the steps are not equally spaced.
/// - Complexity: O(configurations x lags x parameters).
package func meanSquaredDisplacement<Scalar: BinaryFloatingPoint>(
  of configurations: [[Scalar]], steps: [Int], seconds: [Double], upToLag largestLag: Int? = nil
) throws(DiagnosticsError) -> [Displacement] {
  try checkConfigurations(configurations, steps: steps, seconds: seconds)
  let last = min(largestLag ?? .max, configurations.count - 1)
  return (0...last).map { lag in
    var displacement = RunningMoments()
    var time = RunningMoments()
    for (start, end) in zip(configurations.indices, configurations.indices.dropFirst(lag)) {
      displacement.add(squaredDistance(configurations[start], configurations[end]))
      time.add(seconds[end] - seconds[start])
    }
    return Displacement(
      steps: steps[lag] - steps[0], seconds: time.mean, mean: displacement.mean,
      standardDeviation: displacement.standardDeviation ?? 0, pairs: displacement.count)
  }
}

func checkConfigurations<Scalar>(
  _ configurations: [[Scalar]], steps: [Int], seconds: [Double]
) throws(DiagnosticsError) {
  guard let first = configurations.first else { throw .empty(what: "saved configurations") }
  for (index, configuration) in configurations.enumerated() where configuration.count != first.count {
    throw .sizeMismatch(what: "parameters of configuration \(index)", found: configuration.count, expected: first.count)
  }
  for (name, count) in [("step numbers", steps.count), ("wall times", seconds.count)] {
    guard count == configurations.count else {
      throw .sizeMismatch(what: name, found: count, expected: configurations.count)
    }
  }
  for index in steps.indices.dropFirst() {
    let spacing = steps[index] - steps[index - 1]
    guard spacing == steps[1] - steps[0] else {
      throw .sizeMismatch(what: "steps before configuration \(index)", found: spacing, expected: steps[1] - steps[0])
    }
  }
}

/// |a - b|^2, summed in double precision.
func squaredDistance<Scalar: BinaryFloatingPoint>(_ a: [Scalar], _ b: [Scalar]) -> Double {
  var sum = 0.0
  for index in a.indices {
    let difference = Double(a[index]) - Double(b[index])
    sum += difference * difference
  }
  return sum
}
