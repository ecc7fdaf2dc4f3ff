import LangevinPlatform

/// ln Gamma of a positive multiple of 1/2, by Gamma(x + 1) = x Gamma(x) down to Gamma(1) or Gamma(1/2).
func logarithmOfGamma(_ x: Double) -> Double {
  var (x, sum) = (x, 0.0)
  while x > 1 {
    x -= 1
    sum += log(x)
  }
  return x == 0.5 ? sum + log(Double.pi) / 2 : sum
}
