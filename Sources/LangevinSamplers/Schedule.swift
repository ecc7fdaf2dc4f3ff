import LangevinCore

/// A number that may change along a run, as a function of the step alone.
public enum Schedule: Hashable, Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// Always the same.
  case constant(Double)
  /// scale (offset + t)^(-power) (Welling and Teh, 2011).
  case polynomial(scale: Double, offset: Double, power: Double)
  /// In each cycle of `period` steps a half cosine from `high` to `low` (Zhang et al., 2020).
  case cosine(high: Double, low: Double, period: UInt64)
  /// Geometrically from `start` to `end` in `steps`, then constant: annealing.
  case geometric(start: Double, end: Double, steps: UInt64)
  /// Each value for as many steps as it says, the last one for ever: a ladder.
  case ladder([Rung])

  /// One value of a ladder.
  public struct Rung: Hashable, Sendable {
    /// The value.
    public let value: Double
    /// For how many steps.
    public let steps: UInt64
    /// A rung.
    public init(_ value: Double, steps: UInt64) {
      self.value = value
      self.steps = steps
    }
  }

  /// A constant.
  public init(floatLiteral value: Double) { self = .constant(value) }
  /// A constant.
  public init(integerLiteral value: Int) { self = .constant(Double(value)) }

  /// The value at step t, counted from 0.
  public func value(at step: UInt64) -> Double {
    switch self {
    case .constant(let value): return value
    case .polynomial(let scale, let offset, let power): return scale * Math.pow(offset + Double(step), -power)
    case .cosine(let high, let low, let period):
      let phase = Double(step % period) / Double(period)
      return low + (high - low) * (1 + Math.cos(.pi * phase)) / 2
    case .geometric(let start, let end, let steps):
      if step >= steps { return end }
      return start * Math.pow(end / start, Double(step) / Double(steps))
    case .ladder(let rungs):
      var left = step
      for rung in rungs {
        if left < rung.steps { return rung.value }
        left -= rung.steps
      }
      return rungs.last?.value ?? .nan
    }
  }

  /// Whether the value never changes.
  public var isConstant: Bool {
    switch self {
    case .constant: true
    case .ladder(let rungs): Set(rungs.map(\.value)).count == 1
    case .cosine(let high, let low, _): high == low
    case .geometric(let start, let end, _): start == end
    case .polynomial(_, _, let power): power == 0
    }
  }

  /// What the value never falls below.
  package var lowest: Double {
    switch self {
    case .constant(let value): value
    case .polynomial: 0
    case .cosine(let high, let low, _): min(high, low)
    case .geometric(let start, let end, _): min(start, end)
    case .ladder(let rungs): rungs.map(\.value).min() ?? .nan
    }
  }

  /// Throws unless every value is finite and above 0 (or at least 0 with `zeroAllowed`).
  package func check(_ name: String, zeroAllowed: Bool = false) throws(SamplingError) {
    let expected = zeroAllowed ? "0 or more, finite" : "above 0, finite"
    func check(_ value: Double) throws(SamplingError) {
      let isInRange = zeroAllowed ? value >= 0 : value > 0
      try LangevinSamplers.check(value.isFinite && isInRange, name, is: value, expected: expected)
    }
    switch self {
    case .constant(let value): try check(value)
    case .polynomial(let scale, let offset, let power):
      try check(scale)
      try LangevinSamplers.check(offset > 0, "the offset of \(name)", is: offset, expected: "above 0")
      try LangevinSamplers.check(power > 0.5 && power <= 1, "the power of \(name)", is: power, expected: "in (0.5, 1]")
    case .cosine(let high, let low, let period):
      try check(high)
      try check(low)
      try LangevinSamplers.check(period > 0, "the period of \(name)", is: Double(period), expected: "1 or more")
    case .geometric(let start, let end, let steps):
      for value in [start, end] where !(value > 0 && value.isFinite) {
        throw .setting(name, in: "", found: "\(value)", expected: "above 0, finite")
      }
      try LangevinSamplers.check(steps > 0, "the length of \(name)", is: Double(steps), expected: "1 or more")
    case .ladder(let rungs):
      guard !rungs.isEmpty else {
        throw .setting(name, in: "", found: "an empty ladder", expected: "at least one rung")
      }
      for rung in rungs { try check(rung.value) }
    }
  }
}
