import LangevinDiagnostics

/// The generator of the reference draws (SplitMix64), and uniform numbers in [0, 1) from its upper 53 bits.
struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return Double(z >> 11) * 0x1p-53
  }
}

/// The autoregressive series x_t = rho x_{t-1} + (u_t - 1/2), x_{-1} = 0, of the specification.
///
/// In the long run its variance is 1 / (12 (1 - rho^2)), its autocorrelation rho^t and its integrated time
/// (1 + rho) / (1 - rho).
func autoregressive(_ rho: Double, count: Int, seed: UInt64) -> [Double] {
  var random = SplitMix(seed: seed)
  var x = 0.0
  return (0..<count).map { _ in
    x = rho * x + (random.uniform() - 0.5)
    return x
  }
}

/// The exact variance of the mean of n stationary autoregressive draws, times n, over the variance of one:
/// sum over |t| < n of (1 - |t|/n) rho^|t|.
func exactTime(_ rho: Double, length: Int) -> Double {
  let n = Double(length)
  var power = 1.0
  for _ in 0..<length { power *= rho }
  return (1 + rho) / (1 - rho) - 2 * rho * (1 - power) / (n * (1 - rho) * (1 - rho))
}

func relativeError(_ value: Double, _ expected: Double) -> Double {
  (value / expected - 1).magnitude
}
