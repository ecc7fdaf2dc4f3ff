import LangevinPlatform

/// Logarithm of the gamma function of a positive number.
///
/// The argument is raised by x Gamma(x) = Gamma(x + 1) until Stirling's series is exact to the last digits. The C library's
/// own writes the sign to a global variable, which chains that run side by side would share.
func logGamma(_ x: Double) -> Double {
  var x = x
  var product = 1.0
  while x < 15 {
    product *= x
    x += 1
  }
  let y = 1 / (x * x)
  // Bernoulli numbers: B_2k / (2k (2k - 1)).
  let tail = 1.0 / 1260 - y * (1.0 / 1680 - y * (1.0 / 1188 - y * 691 / 360360))
  let series = (1.0 / 12 - y * (1.0 / 360 - y * tail)) / x
  return (x - 0.5) * log(x) - x + log(2 * Double.pi) / 2 + series - log(product)
}

/// The regularised incomplete gamma function Q(a, x): the probability that a gamma variable of shape a exceeds x.
func upperIncompleteGamma(_ a: Double, _ x: Double) -> Double {
  if x <= 0 { return 1 }
  let weight = exp(a * log(x) - x - logGamma(a))
  if x < a + 1 {
    // P(a, x) as a power series, DLMF 8.11.4.
    var term = 1 / a
    var sum = term
    var k = a
    while term > 1e-17 * sum {
      k += 1
      term *= x / k
      sum += term
    }
    return 1 - weight * sum
  }
  // DLMF 8.9.2, contracted to its even part.
  return weight
    * continuedFraction { step in
      step == 0 ? 1 : Double(step) * (a - Double(step))
    } partialDenominator: { step in
      x + Double(2 * step + 1) - a
    }
}

/// The continued fraction a_0 / (b_0 + a_1 / (b_1 + a_2 / (b_2 + ...))), by the modified Lentz method
/// (Thompson and Barnett, 1986).
func continuedFraction(
  partialNumerator: (Int) -> Double, partialDenominator: (Int) -> Double
) -> Double {
  // Stands in for a zero, which would end the recurrence.
  let tiny = 1e-300
  var value = tiny
  var forward = tiny
  var backward = 0.0
  for step in 0..<1_000_000 {
    let numerator = partialNumerator(step)
    let denominator = partialDenominator(step)
    backward = denominator + numerator * backward
    if backward.magnitude < tiny { backward = tiny }
    backward = 1 / backward
    forward = denominator + numerator / forward
    if forward.magnitude < tiny { forward = tiny }
    let change = forward * backward
    value *= change
    if (change - 1).magnitude <= .ulpOfOne { break }
  }
  return value
}
