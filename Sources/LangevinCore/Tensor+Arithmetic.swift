/// Sums and products over whole vectors or ranges of them, by the kernels; sums are accumulated in double.
extension Tensor {
  /// self = a x + b self over a range, by default all.
  package mutating func assign(_ a: Double, _ x: Tensor, plus b: Double = 0, over range: Range<Int>? = nil) {
    precondition(x.count == count, "tensors of \(count) and \(x.count) elements")
    let range = range ?? 0..<count
    withMutablePointer { target in
      x.withPointer { Element.kernels.axpby(a, $0 + range.lowerBound, b, target + range.lowerBound, range.count) }
    }
  }

  /// self += a x over a range, by default all.
  package mutating func add(_ a: Double, _ x: Tensor, over range: Range<Int>? = nil) {
    assign(a, x, plus: 1, over: range)
  }

  /// The elements of x, in this tensor's own memory.
  package mutating func copy(_ x: Tensor) {
    let count = count
    precondition(x.count == count, "tensors of \(count) and \(x.count) elements")
    withMutablePointer { target in x.withPointer { target.update(from: $0, count: count) } }
  }

  /// self = a self
  package mutating func scale(by a: Double) {
    let count = count
    withMutablePointer { Element.kernels.axpby(0, $0, a, $0, count) }
  }

  /// sum x_i y_i over a range, by default all.
  package func dot(_ other: Tensor, over range: Range<Int>? = nil) -> Double {
    let range = range ?? 0..<count
    return withPointer { x in
      other.withPointer { y in Element.kernels.dot(x + range.lowerBound, y + range.lowerBound, range.count) }
    }
  }

  /// sum w_i x_i y_i over a range.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  package func dot(_ other: Tensor, weights: Tensor?, over range: Range<Int>) -> Double {
    guard let weights else { return dot(other, over: range) }
    var sum = 0.0
    for index in range { sum += Double(weights[index]) * Double(self[index]) * Double(other[index]) }
    return sum
  }

  /// sum w_i x_i^2 over a range, by default all and with weights 1.
  package func squaredNorm(weights: Tensor? = nil, over range: Range<Int>? = nil) -> Double {
    let range = range ?? 0..<count
    return withPointer { x in
      guard let weights else { return Element.kernels.weightedSquare(nil, x + range.lowerBound, range.count) }
      return weights.withPointer { w in
        Element.kernels.weightedSquare(w + range.lowerBound, x + range.lowerBound, range.count)
      }
    }
  }

  /// The tensor of the function's values.
  package func mapped(_ function: (Element) -> Element) -> Tensor {
    var result = self
    for index in 0..<count { result[index] = function(self[index]) }
    return result
  }
}
