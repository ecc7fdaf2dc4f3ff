import LangevinPlatform

/// Potentials whose Gibbs laws are known in closed form, for tests, teaching and calibration.
///
/// Each ignores the minibatch. They run in either precision; moments are those of exp(-U/T).

/// U = sum_i k_i (x_i - c_i)^2 / 2: independent, variance T/k_i.
public struct HarmonicPotential<Element: Scalar>: AnalyticPotential {
  /// The stiffness k_i of each coordinate.
  package let stiffness: [Double]
  /// The place c_i of the minimum.
  package let center: [Double]
  /// One block of as many parameters.
  public let layout: ParameterLayout

  /// A well with the given stiffnesses, at the origin unless told otherwise.
  public init(stiffness: [Double], center: [Double]? = nil) throws(LangevinError) {
    let center = center ?? Array(repeating: 0, count: stiffness.count)
    guard center.count == stiffness.count else {
      throw .shape(of: "the center", found: [center.count], expected: [stiffness.count])
    }
    for k in stiffness { try require(k >= 0 && k.isFinite, "the stiffness", is: k, expected: "0 or more, finite") }
    self.stiffness = stiffness
    self.center = center
    layout = try ParameterLayout(count: stiffness.count)
  }

  /// The energy; the gradient is k (x - c).
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func energy(at x: Span<Element>, gradient: inout MutableSpan<Element>) -> Double {
    var energy = 0.0
    for index in stiffness.indices {
      let offset = Double(x[index]) - center[index]
      energy += stiffness[index] * offset * offset / 2
      gradient[index] = Element(stiffness[index] * offset)
    }
    return energy
  }
}

/// U = (x - mean)' P (x - mean) / 2 with a full precision matrix P: covariance T P^-1.
public struct GaussianPotential<Element: Scalar>: AnalyticPotential {
  /// P, symmetric and positive semidefinite, row by row.
  package let precision: [Double]
  /// The mean.
  package let mean: [Double]
  /// One block of as many parameters.
  public let layout: ParameterLayout

  /// A Gaussian from its precision matrix.
  public init(precision: [[Double]], mean: [Double]? = nil) throws(LangevinError) {
    let count = precision.count
    for (i, row) in precision.enumerated() {
      guard row.count == count else {
        throw .shape(of: "row \(i) of the precision matrix", found: [row.count], expected: [count])
      }
      for (j, value) in row.enumerated() {
        guard value.isFinite else { throw .nonFinite("the precision matrix", in: "row \(i), column \(j)", hint: "") }
        let asymmetry = abs(value - precision[j][i])
        try require(
          asymmetry <= 1e-10 * (abs(value) + abs(precision[j][i])), "the precision matrix",
          is: "asymmetric in row \(i), column \(j)", expected: "a symmetric matrix")
      }
    }
    let mean = mean ?? Array(repeating: 0, count: count)
    guard mean.count == count else { throw .shape(of: "the mean", found: [mean.count], expected: [count]) }
    self.precision = precision.flatMap(\.self)
    self.mean = mean
    layout = try ParameterLayout(count: count)
  }

  /// The energy; the gradient is P (x - mean).
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func energy(at x: Span<Element>, gradient: inout MutableSpan<Element>) -> Double {
    var energy = 0.0
    let count = mean.count
    for i in 0..<count {
      var force = 0.0
      for j in 0..<count { force += precision[i * count + j] * (Double(x[j]) - mean[j]) }
      gradient[i] = Element(force)
      energy += force * (Double(x[i]) - mean[i]) / 2
    }
    return energy
  }
}

/// U = sum_i a (x_i^2 - 1)^2 + b x_i: two wells per coordinate at about -1 and +1, tilted by b.
public struct DoubleWellPotential<Element: Scalar>: AnalyticPotential {
  /// The height a of the barrier.
  package let height: Double
  /// The tilt b.
  package let tilt: Double
  /// One block of as many parameters.
  public let layout: ParameterLayout

  /// Double wells in `count` coordinates.
  public init(height: Double = 1, tilt: Double = 0, count: Int = 1) throws(LangevinError) {
    try require(height > 0 && height.isFinite, "the height", is: height, expected: "above 0, finite")
    try require(tilt.isFinite, "the tilt", is: tilt, expected: "a finite number")
    self.height = height
    self.tilt = tilt
    layout = try ParameterLayout(count: count)
  }

  /// The energy; the gradient is 4 a x (x^2 - 1) + b.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func energy(at x: Span<Element>, gradient: inout MutableSpan<Element>) -> Double {
    var energy = 0.0
    for index in x.indices {
      let q = Double(x[index])
      energy += height * (q * q - 1) * (q * q - 1) + tilt * q
      gradient[index] = Element(4 * height * q * (q * q - 1) + tilt)
    }
    return energy
  }
}

/// U = -log sum_k w_k exp(-|x - mu_k|^2 / (2 s^2)): separate Gaussian modes, at T = 1 with weights w_k.
package struct MixturePotential<Element: Scalar>: AnalyticPotential {
  /// The weights w_k.
  package let weights: [Double]
  /// The centres mu_k.
  package let centers: [[Double]]
  /// The standard deviation s of every mode.
  package let deviation: Double
  /// One block of as many parameters.
  package let layout: ParameterLayout

  /// A mixture of equally wide modes.
  package init(weights: [Double], centers: [[Double]], deviation: Double) throws(LangevinError) {
    guard let dimension = centers.first?.count, weights.count == centers.count else {
      throw .shape(of: "the weights", found: [weights.count], expected: [centers.count])
    }
    for center in centers where center.count != dimension {
      throw .shape(of: "a center", found: [center.count], expected: [dimension])
    }
    for weight in weights {
      try require(weight > 0 && weight.isFinite, "a weight", is: weight, expected: "above 0, finite")
    }
    try require(deviation > 0 && deviation.isFinite, "the deviation", is: deviation, expected: "above 0, finite")
    self.weights = weights
    self.centers = centers
    self.deviation = deviation
    layout = try ParameterLayout(count: dimension)
  }

  /// The energy, by the log-sum-exp of the modes; the gradient is the mean of (x - mu_k)/s^2 over their shares.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  package func energy(at x: Span<Element>, gradient: inout MutableSpan<Element>) -> Double {
    func exponent(_ mode: Int) -> Double {
      var square = 0.0
      for index in x.indices {
        let offset = Double(x[index]) - centers[mode][index]
        square += offset * offset
      }
      return log(weights[mode]) - square / (2 * deviation * deviation)
    }
    var largest = -Double.infinity
    for mode in weights.indices { largest = max(largest, exponent(mode)) }
    var total = 0.0
    for index in x.indices { gradient[index] = 0 }
    for mode in weights.indices {
      let share = exp(exponent(mode) - largest)
      total += share
      for index in x.indices { gradient[index] += Element(share * (Double(x[index]) - centers[mode][index])) }
    }
    for index in x.indices { gradient[index] /= Element(total * deviation * deviation) }
    return -largest - log(total)
  }
}

/// U = (1 - x)^2 / 20 + 5 (y - x^2)^2 (a = 1, b = 100, divided by 20): a bent, narrow valley.
package struct RosenbrockPotential<Element: Scalar>: AnalyticPotential {
  /// x and y.
  package let layout: ParameterLayout

  /// The valley.
  package init() throws(LangevinError) { layout = try ParameterLayout(count: 2) }

  /// The energy and its gradient.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  package func energy(at x: Span<Element>, gradient: inout MutableSpan<Element>) -> Double {
    let (a, b) = (Double(x[0]), Double(x[1]))
    let bend = b - a * a
    gradient[0] = Element(-(1 - a) / 10 - 20 * a * bend)
    gradient[1] = Element(10 * bend)
    return (1 - a) * (1 - a) / 20 + 5 * bend * bend
  }
}
