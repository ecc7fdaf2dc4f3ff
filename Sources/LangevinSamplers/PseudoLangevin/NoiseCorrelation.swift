import LangevinCore

/// How the correlation of minibatch noise between parameters is measured, and whether it is corrected.
public struct NoiseCorrelation: Hashable, Sendable {
  /// How many leading directions are followed.
  package var directions: Int
  /// Minibatches for each sweep of the subspace iteration and for the measurement after it.
  package var draws: Int
  /// Sweeps at the start; later updates go on from the directions at hand with one.
  package var firstSweeps: Int
  /// Whether the noise that is added makes up for the correlation along these directions.
  package var isCorrected: Bool

  /// The rule.
  public init(directions: Int = 1, draws: Int = 100, firstSweeps: Int = 3, isCorrected: Bool = false)
    throws(SamplingError)
  {
    try check(directions >= 1, "the number of noise directions", is: Double(directions), expected: "1 or more")
    try check(draws >= 2, "the draws for noise directions", is: Double(draws), expected: "2 or more")
    try check(firstSweeps >= 1, "the sweeps for noise directions", is: Double(firstSweeps), expected: "1 or more")
    self.init(unchecked: directions, draws, firstSweeps, isCorrected)
  }

  private init(unchecked directions: Int, _ draws: Int, _ firstSweeps: Int, _ isCorrected: Bool) {
    self.directions = directions
    self.draws = draws
    self.firstSweeps = firstSweeps
    self.isCorrected = isCorrected
  }

  /// The one strongest direction, measured and reported.
  public static let standard = NoiseCorrelation(unchecked: 1, 100, 3, false)
}
