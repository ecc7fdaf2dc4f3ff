import LangevinPlatform

/// The law on [0, 1] with density proportional to x^(a-1) (1-x)^(b-1), for a and b of at least 1.
package struct BetaDistribution {
  private let a: Double
  private let b: Double
  /// Logarithm of the integral of x^(a-1) (1-x)^(b-1).
  private let logNormalization: Double

  package init(_ a: Double, _ b: Double) {
    precondition(a >= 1 && b >= 1, "both exponents of a beta law are at least 1 here")
    self.a = a
    self.b = b
    logNormalization = logGamma(a) + logGamma(b) - logGamma(a + b)
  }

  /// The probability of a value of at most `x`: the regularised incomplete beta function I_x(a, b).
  package func cumulative(_ x: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    let weight = exp(a * log(x) + b * log1p(-x) - logNormalization)
    // The fraction converges fast below the mean; above it the law is looked at from the other end.
    return x < (a + 1) / (a + b + 2)
      ? weight * betaFraction(a, b, x) / a : 1 - weight * betaFraction(b, a, 1 - x) / b
  }

  /// The x with the given cumulative probability, by Newton steps that a shrinking bracket keeps in bounds.
  package func quantile(_ probability: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    var x = a / (a + b)
    for _ in 0..<200 {
      let excess = cumulative(x) - probability
      if excess > 0 { high = x } else { low = x }
      let density = exp((a - 1) * log(x) + (b - 1) * log1p(-x) - logNormalization)
      var next = x - excess / density
      if !(low < next && next < high) { next = (low + high) / 2 }
      let change = (next - x).magnitude
      x = next
      if change <= 1e-14 * x { break }
    }
    return x
  }
}

/// The regularised incomplete beta function I_x(a, b) for positive a and b; x comes with 1 - x, which may have more
/// digits than the difference.
func regularizedBeta(_ a: Double, _ b: Double, _ x: Double, _ rest: Double) -> Double {
  if x <= 0 { return 0 }
  if rest <= 0 { return 1 }
  let weight = exp(a * log(x) + b * log(rest) - (logGamma(a) + logGamma(b) - logGamma(a + b)))
  return x < (a + 1) / (a + b + 2) ? weight * betaFraction(a, b, x) / a : 1 - weight * betaFraction(b, a, rest) / b
}

/// The continued fraction of DLMF 8.17.22, evaluated from the front (Lentz's method).
private func betaFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
  continuedFraction { step in
    if step == 0 { return 1 }
    let m = Double(step / 2)
    return step.isMultiple(of: 2)
      ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
  } partialDenominator: { _ in
    1
  }
}
