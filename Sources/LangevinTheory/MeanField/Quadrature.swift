import LangevinPlatform

/// Gauss-Legendre quadrature: nodes and weights that integrate polynomials of degree 2 n - 1 exactly over 0...end.
struct Quadrature: Sendable {
  let nodes: [Double]
  let weights: [Double]

  /// One node at 0 with weight 1: no integral at all.
  static let none = Quadrature(nodes: [0], weights: [1])

  private init(nodes: [Double], weights: [Double]) {
    self.nodes = nodes
    self.weights = weights
  }

  /// The roots of the Legendre polynomial P_n by Newton's method, with weights 2/((1 - x^2) P_n'(x)^2).
  init(count n: Int, from start: Double = 0, to end: Double) {
    var (nodes, weights) = ([Double](), [Double]())
    for index in 0..<n {
      var x = -cos(.pi * (Double(index) + 0.75) / (Double(n) + 0.5))
      var slope = 1.0
      for _ in 0..<100 {
        var (before, value) = (1.0, x)
        for degree in 1..<max(n, 1) {
          let j = Double(degree)
          (before, value) = (value, ((2 * j + 1) * x * value - j * before) / (j + 1))
        }
        slope = Double(n) * (x * value - before) / (x * x - 1)
        let step = value / slope
        x -= step
        if abs(step) < 1e-15 { break }
      }
      nodes.append(start + (end - start) * (x + 1) / 2)
      weights.append((end - start) / ((1 - x * x) * slope * slope))
    }
    self.init(nodes: nodes, weights: weights)
  }
}

/// The zero of a function that is above 0 at `low` and below it at `high`, by Ridders' method (1979): the bracket at least
/// halves in each round, and near the end the number of digits doubles.
func root(
  from low: Double, to high: Double, tolerance: Double, of function: (Double) throws -> Double
) rethrows -> Double {
  var (a, b) = (low, high)
  var (fa, fb) = (try function(a), try function(b))
  if fa <= 0 { return a }
  if fb >= 0 { return b }
  var last = Double.infinity
  for _ in 0..<200 {
    let middle = (a + b) / 2
    let fm = try function(middle)
    let x = middle + (middle - a) * fm / (fm * fm - fa * fb).squareRoot()
    if abs(x - last) < tolerance { return x }
    last = x
    let fx = try function(x)
    if fx == 0 { return x }
    // The zero lies between two neighbours of a, middle, x, b.
    if fm > 0 { (a, fa) = (middle, fm) } else { (b, fb) = (middle, fm) }
    if fx > 0, x > a { (a, fa) = (x, fx) }
    if fx < 0, x < b { (b, fb) = (x, fx) }
  }
  return last
}
