/// Whether every group of parameters has the temperature it should have, by its momenta and by its positions.
///
/// Each row holds the means of temperatures recorded along a run, with standard errors from their own effective sample
/// sizes. A group is flagged where the target lies more than 3 standard errors away: of honest estimates about 3 in 1000.
public struct EquipartitionTable: Sendable, Equatable {
  /// One group of parameters, usually a layer.
  public struct Row: Sendable, Equatable {
    /// Name of the group.
    public let name: String
    /// Mean kinetic temperature; `nil` for a sampler without momenta.
    public let kinetic: Estimate?
    /// Mean configurational temperature; `nil` where no full gradients were recorded.
    public let configurational: Estimate?

    /// Averages the temperatures recorded for a group; either may be missing.
    public init(name: String, kinetic: Draws? = nil, configurational: Draws? = nil) {
      self.name = name
      self.kinetic = kinetic.map(Estimate.init(meanOf:))
      self.configurational = configurational.map(Estimate.init(meanOf:))
    }
  }

  /// The temperature of the law that is sampled.
  public let target: Double
  /// One row per group.
  public let rows: [Row]

  /// Puts measured rows beside the temperature they should show.
  public init(target: Double, rows: [Row]) {
    self.target = target
    self.rows = rows
  }

  /// Whether the target lies outside 3 standard errors of an estimate of this table.
  public func isOff(_ estimate: Estimate) -> Bool {
    estimate.deviation(from: target).magnitude > 3
  }

  /// The rows of which either temperature is off.
  public var flaggedRows: [Row] {
    rows.filter { row in [row.kinetic, row.configurational].contains { $0.map(isOff) ?? false } }
  }
}
