#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

// The functions of the C library that this module uses, in one place.

func exponential(_ x: Double) -> Double { exp(x) }
func logarithm(_ x: Double) -> Double { log(x) }
func logarithmOfOnePlus(_ x: Double) -> Double { log1p(x) }
func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
func sine(_ x: Double) -> Double { sin(x) }
func cosine(_ x: Double) -> Double { cos(x) }
func arcCosine(_ x: Double) -> Double { acos(x) }
func complementaryErrorFunction(_ x: Double) -> Double { erfc(x) }
