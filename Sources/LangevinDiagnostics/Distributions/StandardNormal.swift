import LangevinPlatform

/// The normal law of mean 0 and variance 1.
package enum StandardNormal {
  /// The probability Phi(x) of a value of at most `x`.
  package static func cumulative(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

  /// The value x with Phi(x) = `probability`, to a few units in the last place.
  ///
  /// A rough start is refined by Halley's method, whose error falls to its cube in each round, on the function that keeps
  /// its digits there: erf near the middle, erfc in the tails. Infinite at 0 and 1; not a number outside [0, 1].
  package static func quantile(_ probability: Double) -> Double {
    let fromMiddle = probability - 0.5
    if fromMiddle.magnitude < 0.25 { return centralQuantile(fromMiddle) }
    let tail = min(probability, 1 - probability)
    guard tail > 0 else { return tail == 0 ? (fromMiddle < 0 ? -.infinity : .infinity) : .nan }
    return fromMiddle < 0 ? -tailQuantile(tail) : tailQuantile(tail)
  }

  /// The x with erf(x / sqrt 2) = 2 d, from the first terms of its series.
  private static func centralQuantile(_ distance: Double) -> Double {
    let y = distance * (2 * Double.pi).squareRoot()
    let start = y * (1 + y * y * (1.0 / 6 + y * y * 7 / 120))
    return refined(start) { (erf($0 / 2.0.squareRoot()) / 2 - distance) / density($0) }
  }

  /// The x > 0 with Phi(-x) = `tail`, from a start by Abramowitz and Stegun, 26.2.22, off by less than 0.003.
  private static func tailQuantile(_ tail: Double) -> Double {
    let t = (-2 * log(tail)).squareRoot()
    let start = t - (2.30753 + 0.27061 * t) / (1 + t * (0.99229 + 0.04481 * t))
    return refined(start) { (tail - cumulative(-$0)) / density($0) }
  }

  /// Halley's rounds for a function whose second derivative is -x times the first; `step` is function over derivative.
  private static func refined(_ start: Double, step: (Double) -> Double) -> Double {
    var x = start
    for _ in 0..<3 {
      let newton = step(x)
      x -= newton / (1 + x * newton / 2)
    }
    return x
  }

  private static func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
}
