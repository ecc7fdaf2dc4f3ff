import LangevinCore

/// A state with momenta, which tell the temperature of any group of parameters.
public protocol MomentumState<Element>: SamplerState {
  /// sum p^2/m over ranges of the parameters; nil where some of them have no momentum, or none of the law just now.
  func kinetic(over ranges: [Range<Int>]) -> Double?
}

extension PseudoLangevin.State: MomentumState {
  /// At closed states; within a segment momenta are of another law.
  public func kinetic(over ranges: [Range<Int>]) -> Double? {
    guard isClosed else { return nil }
    return ranges.reduce(0) { $0 + weightedSquare(of: momentum, over: $1, weights: masses.inverse) }
  }
}

extension SplittingState: MomentumState {
  /// With the momenta as they are stored, like the kinetic temperature of a step's record.
  public func kinetic(over ranges: [Range<Int>]) -> Double? {
    var (sum, count) = (0.0, 0)
    for route in routes where route.hasMomentum {
      for own in route.ranges {
        for range in ranges {
          let common = range.clamped(to: own)
          sum += weightedSquare(of: momentum, over: common, weights: route.masses.inverse) / route.mass
          count += common.count
        }
      }
    }
    return count == ranges.reduce(0) { $0 + $1.count } ? sum : nil
  }
}

/// sum w x^2 over a range.
private func weightedSquare<Element: Scalar>(
  of tensor: Tensor<Element>, over range: Range<Int>, weights: Tensor<Element>?
) -> Double {
  tensor.withPointer { values in
    guard let weights else { return Element.kernels.weightedSquare(nil, values + range.lowerBound, range.count) }
    return weights.withPointer {
      Element.kernels.weightedSquare($0 + range.lowerBound, values + range.lowerBound, range.count)
    }
  }
}
