/// Priors with heavier tails than normal ones: many parameters near 0, and a few that are large.
struct HeavyTails: Sendable {
  private enum Law: Sendable {
    case laplace
    case student(degrees: Double)
  }
  private let law: Law
  private let scale: Double
  private let temperature: Double

  /// Those of a prior; nil where it has none.
  init?<Element>(_ prior: Prior<Element>) throws(LangevinError) {
    switch prior {
    case .laplace(let scale, let temperature): (law, self.scale, self.temperature) = (.laplace, scale, temperature)
    case .studentT(let degrees, let scale, let temperature):
      (law, self.scale, self.temperature) = (.student(degrees: degrees), scale, temperature)
      try require(
        degrees > 0 && degrees.isFinite, "the prior's degrees of freedom", is: degrees, expected: "above 0, finite")
    default: return nil
    }
    try require(scale > 0 && scale.isFinite, "the prior's scale", is: scale, expected: "above 0, finite")
    try require(
      temperature >= 0 && temperature.isFinite, "the prior's temperature", is: temperature,
      expected: "0 or more, finite")
  }

  /// The energy; its gradient is added.
  func add<Element: Scalar>(
    at position: UnsafePointer<Element>, to gradient: UnsafeMutablePointer<Element>, count: Int
  ) -> Double {
    switch law {
    case .laplace:
      let slope = Element(temperature / scale)
      var sum = 0.0
      for index in 0..<count {
        let x = position[index]
        sum += Double(x.magnitude)
        // At the kink the force is 0.
        if x != 0 { gradient[index] += x > 0 ? slope : -slope }
      }
      return temperature / scale * sum
    case .student(let degrees):
      let width = degrees * scale * scale
      let (factor, narrow) = (Element(temperature * (degrees + 1)), Element(width))
      // A logarithm for a few parameters at a time: that of their product.
      var (sum, product) = (0.0, 1.0)
      for index in 0..<count {
        let x = position[index]
        let square = x * x
        gradient[index] += factor * x / (narrow + square)
        product *= 1 + Double(square) / width
        if product > 1e100 {
          sum += Math.log(product)
          product = 1
        }
      }
      return temperature * (degrees + 1) / 2 * (sum + Math.log(product))
    }
  }

  /// The Hessian, which is 0 for Laplace's law outside of its kink, times a vector, is added.
  func addHessianProduct<Element: Scalar>(
    with vector: UnsafePointer<Element>, at position: UnsafePointer<Element>,
    to product: UnsafeMutablePointer<Element>, count: Int
  ) {
    guard case .student(let degrees) = law else { return }
    let width = Element(degrees * scale * scale)
    let factor = Element(temperature * (degrees + 1))
    for index in 0..<count {
      let square = position[index] * position[index]
      product[index] += factor * (width - square) / ((width + square) * (width + square)) * vector[index]
    }
  }
}
