import LangevinCore

extension Evaluator {
  /// Throws unless a chain can start at `position`: one finite number for each parameter.
  package func check(start position: Tensor<P.Element>) throws(SamplingError) {
    do throws(LangevinError) {
      try potential.check(position: position, gradient: position)
      if let place = position.firstNonFinite {
        throw .nonFinite("the starting point", in: potential.layout.blockName(at: place), hint: "")
      }
    } catch {
      throw .evaluation(error, step: 0)
    }
  }

  /// Energy and gradient on the next minibatch, for a step that moves by it: throws if the gradient is not finite.
  package mutating func evaluateNextFinite(
    at position: Tensor<P.Element>, gradient: inout Tensor<P.Element>, step: UInt64
  ) throws(SamplingError) -> Energy {
    let energy = try evaluateNext(at: position, gradient: &gradient, step: step)
    try check(gradient: gradient, step: step)
    return energy
  }

  /// Throws if a gradient is not finite, before it has moved anything.
  package func check(gradient: Tensor<P.Element>, step: UInt64) throws(SamplingError) {
    guard let place = gradient.firstNonFinite else { return }
    throw .diverged(
      step: step, quantity: "the gradient", in: potential.layout.blockName(at: place),
      hint: "the step size is likely too large")
  }
}
