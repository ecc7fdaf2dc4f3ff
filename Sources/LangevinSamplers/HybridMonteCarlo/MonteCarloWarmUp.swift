/// What becomes of the first moves of a Monte Carlo chain.
public struct MonteCarloWarmUp: Hashable, Sendable {
  /// How many moves; 0 for none.
  public var moves: UInt64
  /// The acceptance that the step is adapted to.
  public var targetAcceptance: Double
  /// Whether masses become inversely proportional to the variances that the positions show in the middle half.
  public var adaptsMass: Bool

  /// Moves that adapt the step, and the masses where wanted.
  public init(moves: UInt64, targetAcceptance: Double = 0.8, adaptsMass: Bool = false) {
    self.moves = moves
    self.targetAcceptance = targetAcceptance
    self.adaptsMass = adaptsMass
  }

  /// No warm-up: the step stays as given.
  public static let none = MonteCarloWarmUp(moves: 0)

  /// The moves whose positions make the masses.
  var massWindow: Range<UInt64> { adaptsMass ? moves / 4..<moves * 3 / 4 : 0..<0 }
}
