import LangevinCore
import LangevinPlatform
import _LangevinTestSupport

/// Portable random numbers and the two-spirals problem, written a second time and apart from the library: SplitMix64 for the
/// numbers, so that a program in any language makes the same traces.
struct SplitMix {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  /// In [0, 1).
  mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return Double(z >> 11) * 0x1p-53
  }

  mutating func normal() -> Double {
    let radius = sqrt(-2 * log(1 - uniform()))
    return radius * cos(2 * .pi * uniform())
  }
}

/// The experiment number s.
struct PortableSpirals {
  let s: UInt64

  /// Points [n, 2] and their classes: the first half 0, the second half 1.
  func points(seed: UInt64, count n: Int) -> (points: [Double], labels: [Int32]) {
    var random = SplitMix(seed: seed)
    let t = (0..<n / 2).map { _ in random.uniform() }
    let arm = t.flatMap { t in
      let (radius, angle) = (2 * t.squareRoot(), 2 * Double.pi * 4 * t.squareRoot())
      return [radius * cos(angle), radius * sin(angle)]
    }
    let points = (arm + arm.map { -$0 }).map { $0 + 0.02 * random.normal() }
    return (points, (0..<n).map { $0 < n / 2 ? 0 : 1 })
  }

  func posterior<Element: Scalar>() throws -> Posterior<Element> {
    let (points, labels) = points(seed: 1000 + s, count: 500)
    let examples = try Examples<Element>(
      inputs: Tensor(shape: [500, 2], points.map { Element($0) }), targets: .classes(labels, count: 2))
    return try Posterior(MLP([2, 100, 1]), examples: examples, loss: .binaryCrossEntropy)
  }

  func initial<Element: Scalar>() -> Tensor<Element> {
    var random = SplitMix(seed: 3000 + s)
    let bounds = Array(repeating: 0.5.squareRoot(), count: 300) + Array(repeating: 0.1, count: 101)
    return Tensor(bounds.map { Element($0 * (2 * random.uniform() - 1)) })
  }

  /// The batches of 25 of the given number of epochs, one after the other.
  func batches(epochs: Int) -> [[Int32]] {
    var random = SplitMix(seed: 4000 + s)
    return (0..<epochs).flatMap { _ in
      var order = (0..<Int32(500)).map { $0 }
      for i in stride(from: 499, through: 1, by: -1) { order.swapAt(i, Int(random.uniform() * Double(i + 1))) }
      return stride(from: 0, to: 500, by: 25).map { Array(order[$0..<$0 + 25]) }
    }
  }

  func normals(count: Int) -> [Double] {
    var random = SplitMix(seed: 5000 + s)
    return (0..<count).map { _ in random.normal() }
  }
}

/// A posterior that is asked for one batch after the other of a given list, whatever the evaluator draws.
struct GivenBatches<Element: Scalar>: Potential {
  final class Workspace {
    var posterior: PosteriorWorkspace<Element>
    var next = 0
    init(_ posterior: PosteriorWorkspace<Element>) { self.posterior = posterior }
  }

  let posterior: Posterior<Element>
  let batches: [[Int32]]

  var layout: ParameterLayout { posterior.layout }
  var exampleCount: Int { posterior.exampleCount }

  func makeWorkspace(pool: ThreadPool) -> Workspace { Workspace(posterior.makeWorkspace(pool: pool)) }

  func evaluate(
    at position: Tensor<Element>, over batch: Minibatch, gradient: inout Tensor<Element>, workspace: inout Workspace
  ) throws(LangevinError) -> Energy {
    defer { workspace.next += 1 }
    return try posterior.evaluate(
      at: position, over: Minibatch(rows: batches[workspace.next]), gradient: &gradient,
      workspace: &workspace.posterior)
  }
}
