#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

func logarithm2(_ x: Double) -> Double { log2(x) }
func power(_ x: Double, _ n: Int) -> Double { pow(x, Double(n)) }
