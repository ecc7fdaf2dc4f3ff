import LangevinPlatform
import _LangevinTestSupport

func logarithm2(_ x: Double) -> Double { log2(x) }
func power(_ x: Double, _ n: Int) -> Double { pow(x, Double(n)) }
