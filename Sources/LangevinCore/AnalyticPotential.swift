/// A potential without data: it gives its energy and gradient from the position alone.
public protocol AnalyticPotential<Element>: Potential where Workspace == Void {
  /// The energy at `position`; writes the whole gradient.
  func energy(at position: Span<Element>, gradient: inout MutableSpan<Element>) -> Double
}

extension AnalyticPotential {
  /// There is one term: a minibatch changes nothing.
  public var exampleCount: Int { 1 }

  /// Energy and gradient.
  public func evaluate(
    at position: Tensor<Element>, over batch: Minibatch = .all, gradient: inout Tensor<Element>,
    workspace: inout Void
  ) throws(LangevinError) -> Energy {
    try check(position: position, gradient: gradient)
    var span = gradient.mutableSpan
    let energy = energy(at: position.span, gradient: &span)
    guard energy.isFinite else {
      throw .nonFinite("the energy", in: "the potential", hint: "the position has left the region where it is defined")
    }
    return Energy(cost: energy)
  }
}

/// A potential from a closure of your own.
///
///     let well = try ClosurePotential<Double>(count: 1) { x, gradient in
///       gradient[0] = x[0] * x[0] * x[0]
///       return x[0] * x[0] * x[0] * x[0] / 4
///     }
public struct ClosurePotential<Element: Scalar>: AnalyticPotential {
  /// One block, or the blocks it was made with.
  public let layout: ParameterLayout
  private let body: @Sendable (Span<Element>, inout MutableSpan<Element>) -> Double

  /// A potential of `count` parameters; the closure returns the energy and writes every element of the gradient.
  public init(
    count: Int,
    _ energy: @escaping @Sendable (_ position: Span<Element>, _ gradient: inout MutableSpan<Element>) -> Double
  ) throws(LangevinError) {
    try self.init(layout: ParameterLayout(count: count), energy)
  }

  /// A potential with named blocks.
  public init(
    layout: ParameterLayout,
    _ energy: @escaping @Sendable (_ position: Span<Element>, _ gradient: inout MutableSpan<Element>) -> Double
  ) throws(LangevinError) {
    self.layout = layout
    body = energy
  }

  /// The closure's energy and gradient.
  public func energy(at position: Span<Element>, gradient: inout MutableSpan<Element>) -> Double {
    body(position, &gradient)
  }
}
