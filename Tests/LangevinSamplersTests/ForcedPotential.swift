import LangevinCore

/// A potential whose gradient has something added at each evaluation: one given number per call, or white noise.
struct ForcedPotential<Element: Scalar>: Potential {
  /// What is added to every element of the gradient.
  enum Force: Sendable {
    /// Number by number, and from the front again at the end of the list.
    case list([Double])
    /// Independent normal numbers of this standard deviation.
    case noise(Double)
  }

  /// How many evaluations there have been.
  final class Workspace {
    var calls = 0
    var normals: Tensor<Element>
    init(count: Int) { normals = Tensor(zeros: count) }
  }

  let base: any AnalyticPotential<Element>
  let force: Force

  var layout: ParameterLayout { base.layout }
  var exampleCount: Int { 1 }

  func makeWorkspace(pool: ThreadPool) -> Workspace { Workspace(count: base.layout.count) }

  func evaluate(
    at position: Tensor<Element>, over batch: Minibatch, gradient: inout Tensor<Element>, workspace: inout Workspace
  ) throws(LangevinError) -> Energy {
    var void: Void = ()
    let energy = try base.evaluate(at: position, over: batch, gradient: &gradient, workspace: &void)
    defer { workspace.calls += 1 }
    switch force {
    case .list(let forces):
      let force = Element(forces[workspace.calls % forces.count])
      for index in 0..<gradient.count { gradient[index] += force }
    case .noise(let deviation):
      let stream = RandomStream(seed: 77, purpose: .user)
      stream.fillNormals(&workspace.normals, step: UInt64(workspace.calls))
      workspace.normals.withPointer { normals in
        gradient.withMutablePointer { Element.kernels.axpby(deviation, normals, 1, $0, position.count) }
      }
    }
    return energy
  }
}
