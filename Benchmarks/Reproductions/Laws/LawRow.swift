import Langevin
import LangevinPlatform

/// One number of a law: as measured, as it should be, and how sure the measurement is.
struct LawRow {
  var name: String
  var value: Double
  var expected: Double
  var standardError: Double
  /// How many independent numbers the standard error was estimated from, less one; nil for as good as known.
  var degreesOfFreedom: Int?
  /// Where the value must lie, for laws that only bound it; there is no standard error then.
  var bounds: ClosedRange<Double>?
}

extension LawRow {
  /// A value that must lie within bounds.
  init(name: String, value: Double, within bounds: ClosedRange<Double>) {
    self.init(name: name, value: value, expected: .nan, standardError: .nan, bounds: bounds)
  }

  /// The mean over independent chains, which are so few that their spread is itself uncertain.
  init(name: String, chains values: [Double], expected: Double) {
    let (mean, error) = meanAndError(values)
    self.init(
      name: name, value: mean, expected: expected, standardError: error, degreesOfFreedom: values.count - 1)
  }

  /// How many standard errors lie between value and expectation; 0 where both are exact and equal. Where the standard error
  /// is itself an estimate, the normal deviate that is as rare as their ratio.
  var z: Double {
    let difference = value - expected
    guard difference != 0 else { return 0 }
    let ratio = difference / standardError
    guard let degreesOfFreedom, ratio.isFinite else { return ratio }
    let tail = studentTail(ratio.magnitude, degreesOfFreedom: degreesOfFreedom)
    return ratio.sign == .minus ? StandardNormal.quantile(tail) : -StandardNormal.quantile(tail)
  }

  /// Whether the value is where it must be: within the bounds, or a z below 4.9.
  var holds: Bool { bounds?.contains(value) ?? (z.magnitude < 4.9) }
}

/// P(t > x) of Student's t: with t = sqrt(n) tan(angle) the law of the angle is cos^(n-1), whose integral is taken by parts
/// down to n = 1 or 2 (Abramowitz and Stegun, 26.7.3 and 26.7.4).
func studentTail(_ x: Double, degreesOfFreedom n: Int) -> Double {
  let angle = atan(x / Double(n).squareRoot())
  let (sine, square) = (sin(angle), cos(angle) * cos(angle))
  var (term, sum) = (n.isMultiple(of: 2) ? sine : sine * cos(angle), 0.0)
  var power = n.isMultiple(of: 2) ? 2 : 3
  while power <= n {
    sum += term
    term *= square * Double(power - 1) / Double(power)
    power += 2
  }
  return n.isMultiple(of: 2) ? (1 - sum) / 2 : 0.5 - (angle + sum) / .pi
}
