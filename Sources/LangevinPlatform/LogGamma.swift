/// Logarithm of the gamma function of a positive number.
///
/// The argument is raised by x Gamma(x) = Gamma(x + 1) until Stirling's series is exact to the last digits. The C library's
/// own writes the sign to a global variable, which chains that run side by side would share.
package func logGamma(_ x: Double) -> Double {
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
