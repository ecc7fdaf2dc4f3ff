/// Elementary functions that give the same bits on every machine.
///
/// The C library's `log`, `cos` and `exp` differ in the last place between systems, so a data set made with them would
/// have another fingerprint elsewhere. These use only operations that IEEE 754 rounds exactly (Swift does not contract
/// a product and a sum into one). They are right to about 1e-16 relative, 2e-16 absolute for sine and cosine.
package enum PortableMath {
  // ln 2 in two parts: the first has 32 trailing zero bits, so that its product with an exponent is exact.
  private static let ln2High = 0x1.62E42FEEp-1
  private static let ln2Low = 0x1.A39EF35793C76p-33

  /// The natural logarithm of a normal positive number.
  package static func log(_ x: Double) -> Double {
    var (exponent, m) = (Double(x.exponent), x.significand)
    if m > 2.0.squareRoot() { (exponent, m) = (exponent + 1, m / 2) }
    // log m = 2 artanh s with |s| < 0.172, so the terms fall by 0.03.
    let s = (m - 1) / (m + 1)
    let square = s * s
    var series = 0.0
    for power in stride(from: 21, through: 3, by: -2) { series = square * (series + 1 / Double(power)) }
    return exponent * ln2High + (2 * s + (2 * s * series + exponent * ln2Low))
  }

  /// e to the x.
  package static func exp(_ x: Double) -> Double {
    if x > 709.7 { return .infinity }
    if x < -708 { return 0 }
    let exponent = (x / (ln2High + ln2Low)).rounded()
    let r = (x - exponent * ln2High) - exponent * ln2Low
    var series = 1.0
    for n in stride(from: 14.0, through: 1, by: -1) { series = 1 + series * r / n }
    return Double(sign: .plus, exponent: Int(exponent), significand: series)
  }

  /// x to the power p, for x >= 0.
  package static func power(_ x: Double, _ p: Double) -> Double {
    if p == 0.5 { return x.squareRoot() }
    if p == 1 { return x }
    return x < .leastNormalMagnitude ? (p == 0 ? 1 : 0) : exp(p * log(x))
  }

  /// The hyperbolic tangent.
  package static func tanh(_ x: Double) -> Double {
    if abs(x) < 0.05 {
      // exp(2x) - 1 would lose digits here.
      let square = x * x
      let terms = [-1.0 / 3, 2.0 / 15, -17.0 / 315, 62.0 / 2835, -1382.0 / 155_925, 21844.0 / 6_081_075]
      return x * (1 + square * terms.reversed().reduce(0) { $0 * square + $1 })
    }
    return 1 - 2 / (exp(2 * x) + 1)
  }

  /// Cosine and sine of an angle measured in whole turns.
  package static func cosineAndSine(turns: Double) -> (cosine: Double, sine: Double) {
    // The reduction to an eighth of a turn about a multiple of a quarter is exact.
    let quarters = (4 * turns).rounded()
    let angle = (turns - quarters / 4) * (2 * Double.pi)
    let square = angle * angle
    var (cosine, sine) = (1.0, 1.0)
    for n in stride(from: 16.0, through: 2, by: -2) {
      cosine = 1 - cosine * square / (n * (n - 1))
      sine = 1 - sine * square / (n * (n + 1))
    }
    sine *= angle
    switch Int(quarters) & 3 {
    case 0: return (cosine, sine)
    case 1: return (-sine, cosine)
    case 2: return (-cosine, -sine)
    default: return (sine, -cosine)
    }
  }
}
