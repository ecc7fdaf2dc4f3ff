import LangevinCore
import LangevinSamplers

/// Goes back to the state before a step that failed, bit for bit: copies kept now and then are enough for it.
///
/// A chain is a function of its seed: from a state kept now and then, the steps up to the failed one are done again. This
/// takes the memory of one more state and a copy every `interval` steps.
struct Rewinder<Method: Sampler, P: Potential> where P.Element == Method.Element {
  /// The steps from one kept state to the next: the most that are done again.
  let interval: UInt64
  private var kept: (state: Method.State, evaluator: Evaluator<P>)?

  /// A rewinder that keeps a state every `interval` steps.
  init(interval: UInt64 = 100) { self.interval = max(interval, 1) }

  /// One step. If it throws, state and evaluator are as they were before it.
  mutating func step(
    _ method: Method, _ state: inout Method.State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord {
    let done = state.step
    if let kept, kept.state.step <= done, done - kept.state.step < interval {
      // Near enough.
    } else {
      kept = (state, evaluator)
    }
    do throws(SamplingError) {
      return try method.step(&state, with: &evaluator)
    } catch {
      if let kept { (state, evaluator) = kept }
      while state.step < done { _ = try method.step(&state, with: &evaluator) }
      throw error
    }
  }
}
