import LangevinCore

/// Which rows of a table are kept for testing: of every five in succession one, by default, chosen at random by a seed.
///
/// The rule asks for a row's number alone, so that the same rows are chosen whatever the others hold, and every part of
/// a sorted table is tested in proportion.
public struct HeldOut: Hashable, Sendable, Codable {
  /// The share of rows, above 0 and below 1.
  package var fraction: Double
  /// What the choice is derived from.
  package var seed: UInt64

  /// A rule.
  public init(fraction: Double = 0.2, seed: UInt64 = 0) {
    self.fraction = fraction
    self.seed = seed
  }

  /// Whether a row is held out; rows count from 0 below the header.
  package func contains(_ row: Int) -> Bool {
    var rows = HeldOutRows(self)
    return rows.contains(row)
  }

  func check() throws(LangevinError) {
    try require(
      fraction > 0 && fraction < 1, "the share of rows to test with", is: fraction, expected: "above 0 and below 1")
  }
}

/// The rule asked for one row after the other.
struct HeldOutRows {
  private let rule: HeldOut
  private let stream: RandomStream
  /// The rows from which one is chosen, and the chosen one.
  private var stratum = -1
  private var end = 0
  private var chosen = -1

  init(_ rule: HeldOut) {
    self.rule = rule
    stream = RandomStream(seed: rule.seed, purpose: .data).substream(5)
  }

  private func start(of stratum: Int) -> Int { Int((Double(stratum) / rule.fraction).rounded(.up)) }

  mutating func contains(_ row: Int) -> Bool {
    if row >= end || stratum < 0 { choose(for: row) }
    return row == chosen
  }

  private mutating func choose(for row: Int) {
    stratum = max(stratum, Int(Double(row) * rule.fraction) - 2)
    repeat {
      stratum += 1
      end = start(of: stratum + 1)
    } while end <= row
    let first = start(of: stratum)
    let uniform = stream.uniform(element: stratum)
    chosen = min(first + Int(uniform * Double(end - first)), end - 1)
  }
}
