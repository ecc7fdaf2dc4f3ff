import LangevinPlatform

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
