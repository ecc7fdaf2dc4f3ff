import LangevinPlatform

// The functions of the C library that this module uses, in one place.

func exponential(_ x: Double) -> Double { exp(x) }
func exponentialMinusOne(_ x: Double) -> Double { expm1(x) }
func logarithm(_ x: Double) -> Double { log(x) }
func logarithmOfOnePlus(_ x: Double) -> Double { log1p(x) }
func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
func sine(_ x: Double) -> Double { sin(x) }
func cosine(_ x: Double) -> Double { cos(x) }
func arcCosine(_ x: Double) -> Double { acos(x) }
func complementaryErrorFunction(_ x: Double) -> Double { erfc(x) }

/// ln Gamma of a positive multiple of 1/2, by Gamma(x + 1) = x Gamma(x) down to Gamma(1) or Gamma(1/2).
func logarithmOfGamma(_ x: Double) -> Double {
  var (x, sum) = (x, 0.0)
  while x > 1 {
    x -= 1
    sum += logarithm(x)
  }
  return x == 0.5 ? sum + logarithm(Double.pi) / 2 : sum
}
