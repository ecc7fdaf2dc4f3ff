import LangevinDiagnostics
import LangevinPlatform

/// The entropy production sigma over consecutive windows of a trajectory, and what the fluctuation theorems say of it.
///
/// The integral theorem is mean exp(-sigma) = 1; the detailed one is ln [P(sigma)/P(-sigma)] = sigma.
public struct EntropyWindow: Sendable, Equatable {
  /// The number of time units in a window.
  public let length: Int
  /// sigma
  public private(set) var production = RunningMoments()
  /// exp(-sigma) - 1
  public private(set) var excess = RunningMoments()
  /// sigma in 60 bins that are symmetric about 0.
  package private(set) var histogram: Histogram
  /// Windows with |sigma| above 700, which are in none of the averages.
  public private(set) var outliers = 0

  private var sum = 0.0
  private var steps = 0

  /// No window yet; `expected` is the mean entropy production of one time unit, which sets the width of the bins.
  init(length: Int, expected: Double) {
    self.length = length
    let width = 0.1 * (2 * Double(length) * expected).squareRoot()
    histogram = Histogram(from: -30 * width, to: 30 * width, bins: 60)
  }

  /// The entropy production of the next step.
  mutating func add(_ production: Double) {
    sum += production
    steps += 1
    guard steps == length else { return }
    close(sum)
    sum = 0
    steps = 0
  }

  private mutating func close(_ sigma: Double) {
    guard abs(sigma) <= 700 else {
      outliers += 1
      return
    }
    production.add(sigma)
    excess.add(expm1(-sigma))
    histogram.add(sigma)
  }

  /// Adds the windows of another stretch; a window in progress is given up for the other's.
  mutating func merge(_ other: EntropyWindow) {
    production.merge(other.production)
    excess.merge(other.excess)
    histogram.merge(other.histogram)
    outliers += other.outliers
    (sum, steps) = (other.sum, other.steps)
  }
}

extension EntropyWindow {
  /// The mean of sigma.
  public var mean: Estimate { Estimate(meanOfIndependent: production) }
  /// The mean of exp(-sigma), which is 1 by the integral theorem.
  public var integral: Estimate {
    let excess = Estimate(meanOfIndependent: excess)
    return Estimate(value: excess.value + 1, standardError: excess.standardError)
  }

  /// ln [P(sigma)/P(-sigma)] at sigma, from a pair of bins.
  public struct Ratio: Sendable {
    /// The centre of the bin.
    public let sigma: Double
    /// The counts of sigma and of -sigma.
    public let counts: (plus: Int, minus: Int)
    /// The logarithm of their ratio, which is sigma by the detailed theorem.
    public let logarithm: Estimate
  }

  /// The ratio for each pair of bins with at least 50 counts on both sides.
  public var ratios: [Ratio] {
    let counts = histogram.counts
    let half = counts.count / 2
    return (0..<half).compactMap { bin in
      let (plus, minus) = (counts[half + bin], counts[half - 1 - bin])
      guard min(plus, minus) >= 50 else { return nil }
      let (p, m) = (Double(plus), Double(minus))
      return Ratio(
        sigma: histogram.center(ofBin: half + bin), counts: (plus, minus),
        logarithm: Estimate(value: log(p / m), standardError: (1 / p + 1 / m).squareRoot()))
    }
  }

  /// The slope of ln [P(sigma)/P(-sigma)] against sigma, which is 1 by the detailed theorem: least squares through the
  /// origin over the ``ratios``. Nil for fewer than 3 of them.
  public var slope: (value: Estimate, pairs: Int)? {
    let ratios = ratios
    if ratios.count < 3 { return nil }
    var (top, bottom) = (0.0, 0.0)
    for ratio in ratios {
      let weight = 1 / (ratio.logarithm.standardError * ratio.logarithm.standardError)
      top += weight * ratio.sigma * ratio.logarithm.value
      bottom += weight * ratio.sigma * ratio.sigma
    }
    return (Estimate(value: top / bottom, standardError: 1 / bottom.squareRoot()), ratios.count)
  }
}
