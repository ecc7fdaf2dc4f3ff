import LangevinCore

/// How the bias V(alpha) that makes all temperatures equally likely is learned. It never changes the cold law, only how
/// often the chain gets there.
public enum BiasAdaptation: Hashable, Sendable {
  /// Not at all: the bias stays as it is given.
  case none
  /// Stochastic approximation: V grows where alpha is, by a_t = gain min(1, delay/t) in step t, and sinks elsewhere.
  /// Convergence needs `gain delay` well above the number of intervals (Liang, Liu and Carroll, 2007).
  case stochasticApproximation(gain: Double = 0.01, delay: Double = 1e5)
  /// Well-tempered metadynamics: V grows by gain exp(-V/depth); it tends to depth/(depth + 1) of the flat bias
  /// (Barducci, Bussi and Parrinello, arXiv 0803.3861).
  case wellTempered(gain: Double = 0.01, depth: Double = 10)
  /// Adaptive biasing force: V' is minus the mean force on alpha in each interval, faded in over `patience` visits. It has
  /// no gain to choose and the least noise (Darve and Pohorille, 2001).
  case adaptiveForce(patience: Double = 200)

  /// Whether slopes are learned, not values.
  var isByForce: Bool { if case .adaptiveForce = self { true } else { false } }

  func check() throws(SamplingError) {
    func positive(_ value: Double, _ name: String) throws(SamplingError) {
      try LangevinSamplers.check(
        value > 0 && value.isFinite, name, in: "the bias", is: value, expected: "above 0, finite")
    }
    switch self {
    case .none: return
    case .stochasticApproximation(let gain, let delay):
      try positive(gain, "the gain")
      try LangevinSamplers.check(
        delay >= 1 && delay.isFinite, "the delay", in: "the bias", is: delay, expected: "1 or more, finite")
    case .wellTempered(let gain, let depth):
      try positive(gain, "the gain")
      try positive(depth, "the depth")
    case .adaptiveForce(let patience):
      try LangevinSamplers.check(
        patience >= 1 && patience.isFinite, "the patience", in: "the bias", is: patience, expected: "1 or more, finite")
    }
  }
}

/// V(alpha) = V(|alpha|): linear in each of K equal intervals of [0, L].
struct TemperingBias: Sendable {
  let adaptation: BiasAdaptation
  let width: Double
  /// V at the K + 1 nodes. With adaptive force: the bias that it started from.
  private(set) var nodes: [Double]
  /// Adaptive force: the sum of the forces in each interval, and how many they are.
  private var sums: [Double]
  private var counts: [Double]
  /// Steps that have adapted.
  private(set) var steps: UInt64 = 0

  init(_ adaptation: BiasAdaptation, limit: Double, nodes: [Double]) {
    self.adaptation = adaptation
    self.nodes = nodes
    width = limit / Double(nodes.count - 1)
    let isForce = if case .adaptiveForce = adaptation { true } else { false }
    sums = Array(repeating: 0, count: isForce ? nodes.count - 1 : 0)
    counts = sums
  }

  var intervals: Int { nodes.count - 1 }
  func position(ofNode index: Int) -> Double { Double(index) * width }

  /// The interval of b and the place in it; nil beyond the last, to which its end belongs.
  func interval(of b: Double) -> (index: Int, fraction: Double)? {
    let place = b / width
    guard place <= Double(intervals) else { return nil }
    let index = min(Int(place), intervals - 1)
    return (index, place - Double(index))
  }

  /// dV/db
  func slope(at b: Double) -> Double { interval(of: b).map { slope(inInterval: $0.index) } ?? 0 }

  private func slope(inInterval index: Int) -> Double {
    let slope = (nodes[index + 1] - nodes[index]) / width
    guard case .adaptiveForce(let patience) = adaptation else { return slope }
    let count = max(counts[index], patience)
    return -sums[index] / count + (1 - counts[index] / count) * slope
  }

  /// V at the nodes; the sum of the slopes where forces are learned.
  var values: [Double] {
    guard case .adaptiveForce = adaptation else { return nodes }
    var values = [0.0]
    for index in 0..<intervals { values.append(values[index] + width * slope(inInterval: index)) }
    return values
  }

  /// Learns from one step that ended at b, where the force on b was `-force`.
  mutating func adapt(at b: Double, force: Double) {
    guard let (k, f) = interval(of: b) else { return }
    steps += 1
    switch adaptation {
    case .none: return
    case .stochasticApproximation(let gain, let delay):
      let a = gain * min(1, delay / Double(steps))
      deposit(a, k, f)
      for index in nodes.indices { nodes[index] -= a / Double(intervals) }
    case .wellTempered(let gain, let depth):
      let value = (1 - f) * nodes[k] + f * nodes[k + 1]
      deposit(gain * Math.exp(-value / depth), k, f)
    case .adaptiveForce:
      sums[k] += force
      counts[k] += 1
    }
  }

  /// Adds a hat around the place; the end nodes own half a cell and get twice their share.
  private mutating func deposit(_ amount: Double, _ k: Int, _ f: Double) {
    nodes[k] += amount * (1 - f) * (k == 0 ? 2 : 1)
    nodes[k + 1] += amount * f * (k + 1 == intervals ? 2 : 1)
  }

  /// V += s(b) amount, where the energy that s multiplies has lost `amount`.
  mutating func compensate(_ amount: Double, _ coupling: TemperingCoupling) {
    for index in nodes.indices { nodes[index] += coupling.factor(at: position(ofNode: index)) * amount }
  }

  mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("bias.nodes", &nodes)
    try archive.field("bias.sums", &sums)
    try archive.field("bias.counts", &counts)
    try archive.field("bias.steps", &steps)
  }
}
