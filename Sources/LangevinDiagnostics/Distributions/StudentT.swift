import LangevinPlatform

/// Student's t law of mean 0 and scale 1: normal in the middle, with tails that fall as a power.
struct StudentT {
  /// The degrees of freedom, above 0.
  let degrees: Double

  /// The logarithm of the density.
  func logDensity(_ t: Double) -> Double {
    logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - log(degrees * Double.pi) / 2
      - (degrees + 1) / 2 * log1p(t * t / degrees)
  }

  /// The probability of a value of at most `t`, looked at from the side on which digits are kept.
  func cumulative(_ t: Double) -> Double {
    let square = t * t
    if square < degrees {
      let centre = regularizedBeta(1 / 2, degrees / 2, square / (degrees + square), degrees / (degrees + square))
      return t < 0 ? (1 - centre) / 2 : (1 + centre) / 2
    }
    let tail = regularizedBeta(degrees / 2, 1 / 2, degrees / (degrees + square), square / (degrees + square)) / 2
    return t < 0 ? tail : 1 - tail
  }

  /// The value with a cumulative probability, by halving.
  func quantile(_ probability: Double) -> Double {
    if probability == 0.5 { return 0 }
    if probability > 0.5 { return -quantile(1 - probability) }
    var low = -1.0
    while cumulative(low) > probability { low *= 2 }
    return halvedRoot(low, 0) { cumulative($0) >= probability }
  }
}

/// The point of an interval from which on something holds, by halving it until it is as short as rounding allows.
///
/// At most 200 halvings, to 1e-12 of the interval's ends; where it holds at the lower end, that is the point.
func halvedRoot(_ low: Double, _ high: Double, _ holds: (Double) -> Bool) -> Double {
  var (low, high) = (low, high)
  if !(low < high) || holds(low) { return low }
  let accuracy = 1e-12 * (high - low)
  for _ in 0..<200 where high - low > accuracy {
    let middle = low + (high - low) / 2
    if middle <= low || middle >= high { break }
    if holds(middle) { high = middle } else { low = middle }
  }
  return low + (high - low) / 2
}
