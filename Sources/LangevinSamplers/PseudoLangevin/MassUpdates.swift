/// When and how the masses of pseudo-Langevin follow the gradient noise (algorithm U).
///
/// **Bias of masses that follow for ever.** For masses that are kept the law of theta is that of exp(-U/T), whatever they are.
/// Masses that follow theta faster than it relaxes make eta_i = 4 r T/v_i(theta) a function of the place, and without the
/// drift that would belong to it the law becomes exp(-U/T) v_i(theta), for each component that matters by itself. The published
/// method has this bias (`settling: .max`). By default masses follow during the warm-up and are kept from then on.
public struct MassUpdates: Hashable, Sendable {
  /// r at the start.
  package var startRatio: Double
  /// r after a reset.
  package var resetRatio: Double
  /// The cap: a component whose ratio has grown beyond it gets a larger mass.
  package var largestRatio: Double
  /// The probability that an update is a reset of all components, which makes masses lighter again.
  package var resetProbability: Double
  /// Steps between updates while variances change.
  package var shortestInterval: UInt64
  /// Steps between updates once variances have long been calm.
  package var longestInterval: UInt64
  /// Calm: no standard deviation changes by more than this share.
  package var tolerance: Double
  /// The steps during which masses follow; nil: the warm-up of the chain. Then all are made anew and kept: updates still measure the noise and add what it
  /// leaves missing, but only components that minibatches alone would overheat get new masses.
  package var settling: UInt64?
  /// r of the masses that are kept.
  package var settledRatio: Double

  /// The rule; reset ratio, cap and settled ratio are the start ratio unless told otherwise.
  public init(
    ratio: Double = PseudoLangevinSettings().ratio, resetRatio: Double? = nil, largestRatio: Double? = nil,
    resetProbability: Double = 0.1,
    shortestInterval: UInt64 = 5000, longestInterval: UInt64 = 100_000, tolerance: Double = 0.1,
    settling: UInt64? = nil, settledRatio: Double? = nil
  ) throws(SamplingError) {
    let cap = largestRatio ?? ratio
    for (name, value) in [
      ("the start ratio", ratio), ("the reset ratio", resetRatio ?? ratio),
      ("the settled ratio", settledRatio ?? ratio),
    ] {
      try check(value > 0 && value <= cap, name, is: value, expected: "above 0, at most the largest ratio \(cap)")
    }
    try check(
      0...1 ~= resetProbability, "the reset probability", is: resetProbability, expected: "0 to 1")
    try check(
      shortestInterval >= 1, "the shortest update interval", is: Double(shortestInterval), expected: "1 or more")
    try check(
      longestInterval >= shortestInterval, "the longest update interval", is: Double(longestInterval),
      expected: "\(shortestInterval) or more, the shortest one")
    try check(tolerance >= 0, "the tolerance of updates", is: tolerance, expected: "0 or more")
    startRatio = ratio
    self.resetRatio = resetRatio ?? ratio
    self.largestRatio = cap
    self.resetProbability = resetProbability
    self.shortestInterval = shortestInterval
    self.longestInterval = longestInterval
    self.tolerance = tolerance
    self.settling = settling
    self.settledRatio = settledRatio ?? ratio
  }

  /// Masses measured at the start and then kept, as measurements along fixed directions need it.
  public static func frozen(ratio: Double = PseudoLangevinSettings().ratio) throws(SamplingError) -> MassUpdates {
    try MassUpdates(ratio: ratio, shortestInterval: .max, longestInterval: .max)
  }

  /// Whether masses never change after the start.
  package var areFrozen: Bool { shortestInterval == .max }

  /// The interval between updates after `streak` calm ones: shortest and longest rounded to whole segments, the longest
  /// to a multiple of the shortest.
  package func interval(streak: UInt64, segment: UInt64) -> UInt64 {
    if areFrozen { return .max }
    func rounded(_ value: UInt64, to unit: UInt64) -> UInt64 {
      let half = value.addingReportingOverflow(unit / 2)
      return max(1, (half.overflow ? value : half.partialValue) / unit) * unit
    }
    let shortest = rounded(shortestInterval, to: segment)
    let longest = rounded(longestInterval, to: shortest)
    let product = streak.multipliedReportingOverflow(by: shortest)
    return product.overflow ? longest : min(product.partialValue, longest)
  }
}
