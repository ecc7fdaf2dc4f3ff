import LangevinCore

/// How the variance of the minibatch gradient is found, parameter by parameter.
///
/// A network's posterior knows it exactly, from one pass over all data. Otherwise, or where that pass would cost more, it
/// is estimated at a fixed point from fresh minibatches drawn as the run draws them.
public struct GradientVariance: Hashable, Sendable {
  /// Where the variance comes from.
  public enum Method: String, CaseIterable, Hashable, Sendable {
    /// Exact where the potential offers it and all data are no more examples than `mostDraws` minibatches.
    case automatic
    /// From one pass over all data; an error if the potential does not offer it.
    case exact
    /// From fresh minibatches, until two estimates agree.
    case drawn
  }

  /// Over what the variance is averaged: fewer masses, less noisy ones.
  package enum Pooling: String, CaseIterable, Hashable, Sendable {
    /// A mass for each parameter.
    case none
    /// A mass for each row of a weight matrix; biases keep their own.
    case rows
    /// A mass for each block.
    case blocks
  }

  /// Exact or drawn.
  public var method: Method
  /// Draws before the first estimate, and between one and the next.
  package var fewestDraws: Int
  /// Draws after which the estimate is kept, converged or not.
  package var mostDraws: Int
  /// Converged: no standard deviation changes by more than this share.
  package var tolerance: Double
  /// Which components share their variance.
  package var pooling: Pooling
  /// No mass is made for a smaller variance than this.
  public var absoluteFloor: Double
  /// No mass is made for a smaller variance than this share of the median of the block. A unit that is silent during the
  /// measurement would otherwise get a mass thousands of times too small, and blow the chain up when it wakes.
  package var relativeFloor: Double

  /// The rule; the defaults are those of the paper but for the method and the relative floor (0 there).
  package init(
    _ method: Method = .automatic, fewestDraws: Int = 100, mostDraws: Int = 1000, tolerance: Double = 0.1,
    pooling: Pooling = .none, absoluteFloor: Double = 1e-8, relativeFloor: Double = 0.02
  ) {
    self.method = method
    self.fewestDraws = fewestDraws
    self.mostDraws = mostDraws
    self.tolerance = tolerance
    self.pooling = pooling
    self.absoluteFloor = absoluteFloor
    self.relativeFloor = relativeFloor
  }

  func check() throws(SamplingError) {
    func check(_ isFine: Bool, _ name: String, _ value: Double, _ expected: String) throws(SamplingError) {
      try LangevinSamplers.check(isFine, "\(name) of the variance", is: value, expected: expected)
    }
    try check(fewestDraws >= 2, "the fewest draws", Double(fewestDraws), "2 or more")
    try check(mostDraws >= fewestDraws, "the most draws", Double(mostDraws), "\(fewestDraws) or more, the fewest draws")
    try check(tolerance >= 0, "the tolerance", tolerance, "0 or more")
    try check(absoluteFloor > 0 && absoluteFloor < 1, "the absolute floor", absoluteFloor, "above 0, below 1")
    try check(relativeFloor >= 0 && relativeFloor < 1, "the relative floor", relativeFloor, "0 or more, below 1")
  }

  /// What a measurement found.
  package struct Measurement<Element: Scalar> {
    package var variances: Tensor<Element>
    /// Minibatches drawn; 0 where the variance is exact.
    package var draws = 0
    /// The share of components that had not settled at the last draw.
    package var unconverged = 0.0
  }
}

extension GradientVariance {
  /// The variances at `position`; `gradient` is overwritten.
  package func measure<P: Potential>(
    at position: Tensor<P.Element>, with evaluator: inout Evaluator<P>, gradient: inout Tensor<P.Element>, step: UInt64
  ) throws(SamplingError) -> Measurement<P.Element> {
    var measurement: Measurement<P.Element>
    if let exact = try exactVariances(at: position, with: &evaluator, step: step) {
      measurement = Measurement(variances: exact)
    } else {
      measurement = try draw(at: position, with: &evaluator, gradient: &gradient, step: step)
    }
    pool(&measurement.variances, layout: evaluator.potential.layout)
    return measurement
  }

  private func exactVariances<P: Potential>(
    at position: Tensor<P.Element>, with evaluator: inout Evaluator<P>, step: UInt64
  ) throws(SamplingError) -> Tensor<P.Element>? {
    let scheme = evaluator.batches.scheme
    let drawn = (scheme.size ?? 0).multipliedReportingOverflow(by: mostDraws)
    let isCheap = drawn.overflow || evaluator.batches.exampleCount <= drawn.partialValue
    if method == .drawn || (method == .automatic && !isCheap) { return nil }
    if let exact = try evaluator.minibatchVariance(at: position, step: step) { return exact }
    if method == .automatic { return nil }
    throw .refused(
      "the potential does not know the variance of its minibatch gradients: choose drawn or automatic variances")
  }

  /// Draws minibatches at a fixed position until two estimates in a row agree.
  private func draw<P: Potential>(
    at position: Tensor<P.Element>, with evaluator: inout Evaluator<P>, gradient: inout Tensor<P.Element>, step: UInt64
  ) throws(SamplingError) -> Measurement<P.Element> {
    var sums = RunningVariance<P.Element>(count: position.count)
    var last: Tensor<P.Element>?
    while true {
      for _ in 0..<fewestDraws {
        _ = try evaluator.gradient(on: .next, at: position, into: &gradient, step: step, checked: false)
        sums.add(gradient)
      }
      let draws = Int(sums.count)
      let variances = sums.variances.converted(to: P.Element.self)
      let unconverged = last.map { changedShare(from: $0, to: variances, tolerance: tolerance) }
      if unconverged == 0 || draws >= mostDraws {
        return Measurement(variances: variances, draws: draws, unconverged: unconverged ?? 0)
      }
      last = variances
    }
  }

  /// The share of components whose standard deviation, floored, changed by more than `tolerance`.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func changedShare<Element: Scalar>(from old: Tensor<Element>, to new: Tensor<Element>, tolerance: Double)
    -> Double
  {
    var changed = 0
    for index in 0..<old.count {
      let ratio = max(Double(new[index]), absoluteFloor) / max(Double(old[index]), absoluteFloor)
      if (ratio.squareRoot() - 1).magnitude > tolerance { changed += 1 }
    }
    return Double(changed) / Double(old.count)
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func pool<Element: Scalar>(_ variances: inout Tensor<Element>, layout: ParameterLayout) {
    guard pooling != .none else { return }
    for block in layout.blocks where !block.range.isEmpty {
      let rows = pooling == .blocks ? 1 : block.shape.first ?? 1
      let width = block.range.count / rows
      for row in 0..<rows {
        let start = block.range.lowerBound + row * width
        let sum = (start..<start + width).reduce(0) { $0 + Double(variances[$1]) }
        for index in start..<start + width { variances[index] = Element(sum / Double(width)) }
      }
    }
  }
}
