import Langevin

/// Hybrid Monte Carlo whose leapfrog steps use minibatches and whose acceptance uses all of the data: a control.
///
///     L times, each with a fresh minibatch B:  p -= (dt/2) g_B;  theta += dt p/M;  p -= (dt/2) g_B
///     accept with probability min(1, exp(-dE/T)), dE on all data
///
/// **Law** exp(-U(theta)/T) exactly: each step is reversible and keeps volume for its own minibatch, and the reversed
/// sequence of minibatches is as likely. But dE does not cancel along the path, so the acceptance collapses as parameters
/// grow in number. 2 L minibatches and one pass over the data a move.
package struct MinibatchHybridMonteCarlo<Element: Scalar>: Sampler {
  /// Temperature, step, length, mass, and how much momentum is kept.
  package let hybrid: HybridMonteCarlo<Element>

  /// The sampler with the settings of ``HybridMonteCarlo``.
  package init(_ hybrid: HybridMonteCarlo<Element>) { self.hybrid = hybrid }

  /// `minibatch-hmc`
  package var name: String { "minibatch-hmc" }
  /// The Gibbs law.
  package var law: StationaryLaw { hybrid.law }

  /// Energy at the starting point. Minibatches must be drawn independently, or reversed sequences are not as likely.
  package func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> HybridMonteCarlo<Element>.State where P.Element == Element {
    switch evaluator.batches.scheme {
    case .withReplacement, .distinct, .subset, .all: break
    case .epochs, .fixedPartition, .sweeps:
      throw .refused(
        "minibatch hybrid Monte Carlo needs minibatches that are independent of one another: draw them distinct, with "
          + "replacement or as subsets")
    }
    return try hybrid.start(at: position, with: &evaluator)
  }

  /// One move.
  package func step<P: Potential>(
    _ state: inout HybridMonteCarlo<Element>.State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    try hybrid.move(&state, with: &evaluator, along: path)
  }

  private func path<P: Potential>(
    _ state: inout HybridMonteCarlo<Element>.State, stepSize: Double, masses: Masses<Element>,
    with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> Energy where P.Element == Element {
    for _ in 0..<(hybrid.settings.leapfrogSteps ?? 30) {
      _ = try evaluator.gradient(
        on: .next, at: state.proposal.position, into: &state.proposal.gradient, step: state.step, checked: false)
      hybrid.move(&state.proposal, by: Pass().kick(stepSize / 2).drift(stepSize), masses, &evaluator.noise)
      _ = try evaluator.gradient(
        on: .same, at: state.proposal.position, into: &state.proposal.gradient, step: state.step, checked: false)
      hybrid.move(&state.proposal, by: Pass().kick(stepSize / 2), masses, &evaluator.noise)
    }
    return try evaluator.gradient(
      on: .all, at: state.proposal.position, into: &state.proposal.gradient, step: state.step, checked: false)
  }
}
