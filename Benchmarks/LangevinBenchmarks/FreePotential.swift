import Langevin

/// A potential without forces, for the cost of a step beyond its gradient: evaluating it does nothing at all.
///
/// Only its first evaluations write a gradient, a random one, for samplers that make their masses from its noise.
struct FreePotential: Potential {
  let layout: ParameterLayout
  let exampleCount = 10_000
  var noisyEvaluations = 0

  /// The number of evaluations so far.
  struct Workspace { var evaluations = 0 }

  init(parameters: Int, noisyEvaluations: Int = 0) throws {
    layout = try ParameterLayout(count: parameters)
    self.noisyEvaluations = noisyEvaluations
  }

  func makeWorkspace(pool: ThreadPool) -> Workspace { Workspace() }

  func evaluate(
    at position: Tensor<Float>, over batch: Minibatch, gradient: inout Tensor<Float>, workspace: inout Workspace
  ) throws(LangevinError) -> Energy {
    if workspace.evaluations < noisyEvaluations {
      workspace.evaluations += 1
      RandomStream(seed: 1, purpose: .user).fillNormals(&gradient, step: UInt64(workspace.evaluations))
    }
    return Energy(cost: 0)
  }
}
