import LangevinCore

extension PseudoLangevin {
  /// Pseudo-Langevin without merged updates: two minibatches for each drift, one before and one after.
  ///
  ///     w += (dt/M) [c1 p - (dt/2) g1 + k R1]
  ///     p <- c1^2 p - c1 (dt/2) (g1 + g2) + c1 k R1 + sqrt(k^2 + m1^2 q) R2,   q = v dt^2/4,  k^2 = c2^2 - q
  ///
  /// That is a segment of one step. Minibatches bring half as much of the noise as in the merged form, and ratios up to 1
  /// are possible, at twice the price: as good as the merged form at half the ratio, and no better.
  package static func extended(
    temperature: Schedule, updates: MassUpdates? = nil, variance: GradientVariance = .standard,
    momentumLoss: Double = 0.1
  ) throws(SamplingError) -> PseudoLangevin {
    try PseudoLangevin(
      temperature: temperature, updates: updates, variance: variance, momentumLoss: momentumLoss, segment: 1,
      guardsUnits: false, correlation: nil)
  }
}
