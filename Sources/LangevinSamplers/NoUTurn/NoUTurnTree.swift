import LangevinCore

/// A stretch of a trajectory: the momenta at its ends, their sum, its weight, and one of its points, chosen by weight.
///
/// The momenta alone tell whether it turns back, and sums of products of a few of them whether two stretches do together.
struct NoUTurnStretch<Element: Scalar>: Sendable {
  /// The momenta where it begins and ends, in the order in which it was made, and the sum of all.
  var first, last, sum: Tensor<Element>
  /// The chosen point.
  var position, gradient: Tensor<Element>
  var energy = Energy(cost: 0)
  /// The logarithm of the sum of exp(H0 - H) over its points.
  var logWeight = 0.0

  init(count: Int) {
    let zeros = Tensor<Element>(zeros: count)
    (first, last, sum, position, gradient) = (zeros, zeros, zeros, zeros, zeros)
  }

  /// Takes the chosen point of another stretch, which is of no use afterwards.
  mutating func choose(_ other: inout Self) {
    swap(&position, &other.position)
    swap(&gradient, &other.gradient)
    energy = other.energy
  }

  /// Whether this stretch with the one behind it turns back: as a whole, or where they meet.
  ///
  ///     turning(rho, a, b) = not (rho.a/M > 0 and rho.b/M > 0),  rho a sum of momenta, a and b the outer ones
  func turns(with next: Self, inverse: Tensor<Element>?) -> Bool {
    func product(_ a: Tensor<Element>, _ b: Tensor<Element>) -> Double { a.product(b, weights: inverse) }
    let start = product(sum, first), end = product(next.sum, next.last)
    func turning(_ a: Double, _ b: Double) -> Bool { !(a > 0 && b > 0) }
    return turning(start + product(next.sum, first), product(sum, next.last) + end)
      || turning(
        start + product(next.first, first), product(sum, next.first) + product(next.first, next.first))
      || turning(product(next.sum, last) + product(last, last), end + product(last, next.last))
  }

  /// Adds the stretch behind it, whose memory is then of no use; the chosen point stays.
  mutating func join(_ next: inout Self) {
    swap(&last, &next.last)
    sum.add(1, next.sum)
    logWeight = sumOfLogarithms(logWeight, next.logWeight)
  }
}

/// log(e^a + e^b)
func sumOfLogarithms(_ a: Double, _ b: Double) -> Double {
  let (large, small) = a > b ? (a, b) : (b, a)
  return large == -.infinity ? large : large + Math.log1p(Math.exp(small - large))
}

extension Tensor {
  /// sum_i w_i x_i y_i, in order, in double.
  func product(_ other: Tensor, weights: Tensor?) -> Double {
    guard let weights else { return dot(other) }
    return withPointer { x in
      other.withPointer { y in
        weights.withPointer { w in Self.product(x, y, w, count) }
      }
    }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private static func product(
    _ x: UnsafePointer<Element>, _ y: UnsafePointer<Element>, _ w: UnsafePointer<Element>, _ count: Int
  ) -> Double {
    var sum = 0.0
    for i in 0..<count { sum += Double(w[i]) * Double(x[i]) * Double(y[i]) }
    return sum
  }
}

/// Where the uniforms of a trajectory come from: the chain's stream, in order of their use, or a list that was given.
package struct UniformSource: Sendable {
  private let stream: RandomStream?
  private let step: UInt64
  private let list: [Double]
  /// Uniforms used so far.
  package private(set) var used = 0

  /// Those of a step.
  package init(_ stream: RandomStream, step: UInt64) { (self.stream, self.step, list) = (stream, step, []) }
  /// Those of a list.
  package init(_ list: [Double]) { (stream, step, self.list) = (nil, 0, list) }

  package mutating func next() -> Double {
    defer { used += 1 }
    return stream?.uniform(step: step, element: used) ?? list[used]
  }
}
