import LangevinPlatform

/// The law that one network predicts for one number.
public enum PredictiveLaw: Sendable, Hashable {
  /// A normal law; a deviation of 0 is a point.
  case normal(mean: Double, deviation: Double)
  /// Student's t law with degrees of freedom, shifted and scaled.
  case student(degrees: Double, location: Double, scale: Double)
  /// A Poisson law of counts.
  case poisson(rate: Double)
  /// A negative binomial law of counts: a Poisson law whose rate has a gamma law of that shape.
  case negativeBinomial(shape: Double, mean: Double)
  /// A label that holds with a probability: 1 or 0.
  case bernoulli(probability: Double)

  /// The mean; not a number for a Student law without one.
  public var mean: Double {
    switch self {
    case .normal(let mean, _): mean
    case .student(let degrees, let location, _): degrees > 1 ? location : .nan
    case .poisson(let rate): rate
    case .negativeBinomial(_, let mean): mean
    case .bernoulli(let probability): probability
    }
  }

  /// The variance; infinite for a Student law of two degrees of freedom or fewer.
  public var variance: Double {
    switch self {
    case .normal(_, let deviation): deviation * deviation
    case .student(let degrees, _, let scale): degrees > 2 ? scale * scale * degrees / (degrees - 2) : .infinity
    case .poisson(let rate): rate
    case .negativeBinomial(let shape, let mean): mean + mean * mean / shape
    case .bernoulli(let probability): probability * (1 - probability)
    }
  }

  /// Whether the law is one of counts.
  public var isOfCounts: Bool {
    switch self {
    case .normal, .student: false
    case .poisson, .negativeBinomial, .bernoulli: true
    }
  }

  /// The logarithm of the density, or for counts of the probability, at a number.
  public func logDensity(at y: Double) -> Double {
    switch self {
    case .normal(let mean, let deviation):
      if deviation == 0 { return y == mean ? .infinity : -.infinity }
      let z = (y - mean) / deviation
      return -z * z / 2 - log(deviation) - log(2 * Double.pi) / 2
    case .student(let degrees, let location, let scale):
      return StudentT(degrees: degrees).logDensity((y - location) / scale) - log(scale)
    case .poisson(let rate):
      if y < 0 || y != y.rounded() { return -.infinity }
      return (y == 0 ? 0 : y * log(rate)) - rate - logGamma(y + 1)
    case .negativeBinomial(let shape, let mean):
      if y < 0 || y != y.rounded() { return -.infinity }
      return logGamma(shape + y) - logGamma(shape) - logGamma(y + 1) - shape * log1p(mean / shape)
        + (y == 0 ? 0 : y * (log(mean) - log(shape + mean)))
    case .bernoulli(let probability):
      // A share between 0 and 1 counts for both, as the loss has it.
      if y < 0 || y > 1 { return -.infinity }
      return (y == 0 ? 0 : y * log(probability)) + (y == 1 ? 0 : (1 - y) * log1p(-probability))
    }
  }

  /// The probability of a value of at most `y`.
  public func cumulative(_ y: Double) -> Double {
    switch self {
    case .normal(let mean, let deviation):
      return deviation == 0 ? (y < mean ? 0 : 1) : StandardNormal.cumulative((y - mean) / deviation)
    case .student(let degrees, let location, let scale):
      return StudentT(degrees: degrees).cumulative((y - location) / scale)
    case .poisson(let rate):
      return y < 0 ? 0 : rate == 0 ? 1 : upperIncompleteGamma(y.rounded(.down) + 1, rate)
    case .negativeBinomial(let shape, let mean):
      return y < 0 ? 0 : regularizedBeta(shape, y.rounded(.down) + 1, shape / (shape + mean), mean / (shape + mean))
    case .bernoulli(let probability):
      return y < 0 ? 0 : y < 1 ? 1 - probability : 1
    }
  }

  /// The smallest value whose cumulative probability reaches `probability`.
  public func quantile(_ probability: Double) -> Double {
    switch self {
    case .normal(let mean, let deviation):
      return deviation == 0 ? mean : mean + deviation * StandardNormal.quantile(probability)
    case .student(let degrees, let location, let scale):
      return location + scale * StudentT(degrees: degrees).quantile(probability)
    case .poisson, .negativeBinomial, .bernoulli:
      var high = 1.0
      while cumulative(high) < probability { high *= 2 }
      return smallestCount(upTo: high) { cumulative($0) >= probability }
    }
  }
}

/// The smallest count from 0 to a bound from which on something holds.
func smallestCount(from start: Double = 0, upTo end: Double, _ holds: (Double) -> Bool) -> Double {
  var (low, high) = (start, end)
  while low < high {
    let middle = ((low + high) / 2).rounded(.down)
    if holds(middle) { high = middle } else { low = middle + 1 }
  }
  return high
}
