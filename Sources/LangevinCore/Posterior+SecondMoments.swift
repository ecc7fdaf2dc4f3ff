/// The first two moments of the per-example gradients of the loss, parameter by parameter.
package struct GradientMoments<Element: Scalar>: Sendable {
  /// The mean over examples, g. The prior has no part in it: it has no variance.
  package let mean: Tensor<Element>
  /// The mean of the squares over examples, m2.
  package let second: Tensor<Element>
  /// The number P of examples.
  package let exampleCount: Int

  /// The variance of a minibatch gradient for a normalisation per example: exact for the given draw, without drawing.
  ///
  /// With replacement it is (m2 - g^2)/B; for a uniform subset of B that times (P - B)/(P - 1); for the distinct ones of
  /// B draws (m2 - g^2)/(P - 1) sum_{j<P} (j/P)^(B-1), because the number n of distinct ones has
  /// E[1/n] = (1/P) sum_{j<=P} (j/P)^(B-1).
  package func minibatchVariance(of scheme: BatchScheme) -> Tensor<Element> {
    let factor = Self.varianceFactor(of: scheme, exampleCount: exampleCount)
    var variance = mean
    for index in 0..<variance.count {
      let g = Double(mean[index])
      variance[index] = Element(max(0, Double(second[index]) - g * g) * factor)
    }
    return variance
  }

  /// The variance of a minibatch mean over the variance of one example.
  package static func varianceFactor(of scheme: BatchScheme, exampleCount: Int) -> Double {
    let total = Double(exampleCount)
    switch scheme {
    case .all: return 0
    case .withReplacement(let size): return 1 / Double(size)
    case .distinct(let size):
      if exampleCount == 1 { return 0 }
      // Summed from the largest term down; terms below the rounding error of the sum end it.
      var sum = 0.0
      for j in stride(from: exampleCount - 1, to: 0, by: -1) {
        let term = power(Double(j) / total, size - 1)
        sum += term
        if term < 1e-18 * sum { break }
      }
      return sum / (total - 1)
    case .subset(let size), .epochs(let size, _), .fixedPartition(let size, _), .sweeps(let size, _, _):
      return exampleCount == 1 ? 0 : (total - Double(size)) / (Double(size) * (total - 1))
    }
  }

  /// Repeated squaring.
  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}

extension Posterior {
  /// Mean and mean square of the per-example gradients, by one pass over the data.
  ///
  /// For a linear layer the sum over examples of squared gradients is (delta^2)^T (h^2): one more product per layer, and
  /// no per-example gradient is ever stored.
  package func gradientMoments(
    at position: Tensor<Element>, over batch: Minibatch = .all, workspace: inout PosteriorWorkspace<Element>
  ) throws(LangevinError) -> GradientMoments<Element> {
    try check(position: position, gradient: position)
    try batch.check(exampleCount: exampleCount)
    let length = parameterCount
    let mean = Element(1 / Double(batch.count(of: exampleCount)))
    var both = Tensor<Element>(zeros: 2 * length)
    let sums = both.withMutablePointer { both in
      position.withPointer { theta in
        workspace.addUp(batch, of: examples, length: 2 * length, into: both) { pass, tile, total, accumulate in
          pass.forward(theta, tile.inputs)
          let loss = pass.loss(lossTerms, tile, examples.targets, scale: 1)
          pass.backward(
            theta, tile.inputs, scale: mean, accumulate: accumulate, gradient: total, moments: total + length)
          return .init(loss: loss)
        }
      }
    }
    try check(Energy(cost: sums.loss), at: position)
    return both.withPointer { both in
      GradientMoments(
        mean: Tensor(UnsafeBufferPointer(start: both, count: length)),
        second: Tensor(UnsafeBufferPointer(start: both + length, count: length)),
        exampleCount: batch.count(of: exampleCount))
    }
  }

  /// The exact variance of a minibatch gradient, by one pass over the data.
  public func minibatchVariance(
    at position: Tensor<Element>, of scheme: BatchScheme, workspace: inout PosteriorWorkspace<Element>
  ) throws(LangevinError) -> Tensor<Element>? {
    var variance = try gradientMoments(at: position, workspace: &workspace).minibatchVariance(of: scheme)
    if normalisation == .sum {
      let factor = Element(exampleCount) * Element(exampleCount)
      for index in 0..<variance.count { variance[index] *= factor }
    }
    return variance
  }
}
