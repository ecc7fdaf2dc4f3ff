import LangevinCore

/// A named method that is a ``Splitting`` with certain words and defaults.
public protocol SplittingMethod<Element>: Sampler where State == SplittingState<Element> {
  /// What it is made of.
  var splitting: Splitting<Element> { get }
}

extension SplittingMethod {
  /// The method's short name.
  public var name: String { splitting.name }
  /// The law of the draws.
  public var law: StationaryLaw { splitting.law }
  /// The passes and gradients of a step.
  public var plan: SplittingPlan { splitting.plan }

  /// The state that a chain starts from.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> SplittingState<Element> where P.Element == Element {
    try splitting.start(at: position, with: &evaluator)
  }

  /// One step.
  public func step<P: Potential>(
    _ state: inout SplittingState<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    try splitting.step(&state, with: &evaluator)
  }

  /// Settings that are legal and yet probably not meant.
  public func warnings(for layout: ParameterLayout) -> [String] { splitting.warnings(for: layout) }
}
