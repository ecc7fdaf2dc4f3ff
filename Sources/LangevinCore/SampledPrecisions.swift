/// A precision for each block of the parameters, sampled along with them: the scale of each layer is learnt.
///
/// The prior of block B is normal with precision l_B, that of l_B a Gamma law of some shape a and rate r. Given the parameters,
/// l_B has a Gamma law again, and is drawn from it between steps:
///
///     l_B | theta ~ Gamma(a + n_B/2, rate r + |theta_B|^2/2)
///
/// This leaves the joint law of parameters and precisions as it is if the steps leave that of the parameters at given
/// precisions (Gibbs sampling). Marginally the parameters of a block have Student's t law of 2a degrees and scale
/// sqrt(r/a), jointly. By default a = 2 and r = 2/inputs of the layer, so that the mean precision is the number of inputs:
/// our choice.
package struct SampledPrecisions: Sendable {
  private struct Block: Sendable {
    let name: String
    let range: Range<Int>
    let shape, rate: Double
  }
  private let blocks: [Block]
  /// T of the law of the parameters.
  package let temperature: Double
  /// Steps from one draw to the next.
  package let interval: UInt64
  /// l of each block.
  package var values: [Double]
  /// The names of the blocks.
  package var names: [String] { blocks.map(\.name) }

  /// Those that a prior begins with, their means; nil for a prior of another kind.
  init?<Element>(_ prior: Prior<Element>, _ layout: ParameterLayout) throws(LangevinError) {
    guard case .sampledPrecisions(let shape, let rate, let interval, let temperature) = prior else { return nil }
    try require(shape > 0 && shape.isFinite, "the shape of the precisions", is: shape, expected: "above 0, finite")
    if let rate {
      try require(rate > 0 && rate.isFinite, "the rate of the precisions", is: rate, expected: "above 0, finite")
    }
    try require(interval >= 1, "the interval of the precisions", is: interval, expected: "1 or more")
    try require(
      temperature >= 0 && temperature.isFinite, "the prior's temperature", is: temperature,
      expected: "0 or more, finite")
    self.interval = UInt64(interval)
    self.temperature = temperature
    blocks = layout.blocks.map { block in
      let layer = block.name.prefix { $0 != "." }
      let inputs = layout["\(layer).weight"].map { $0.shape.last ?? 1 } ?? 1
      return Block(name: block.name, range: block.range, shape: shape, rate: rate ?? shape / Double(inputs))
    }
    values = blocks.map { $0.shape / $0.rate }
  }

  /// The energy T l |x|^2/2 of all blocks; its gradient is added.
  func add<Element: Scalar>(
    at position: UnsafePointer<Element>, to gradient: UnsafeMutablePointer<Element>, _ kernels: Kernels<Element>
  ) -> Double {
    zip(blocks, values).reduce(0) { sum, entry in
      let (start, count) = (entry.0.range.lowerBound, entry.0.range.count)
      return sum
        + kernels.harmonic(
          precision: temperature * entry.1, precisions: nil, center: nil, at: position + start,
          addingTo: gradient + start, count: count)
    }
  }

  /// Draws all precisions anew, given the parameters.
  ///
  /// - Returns: By how much the energy of the prior and its gradient have changed there.
  package mutating func renew<Element: Scalar>(
    at position: Tensor<Element>, step: UInt64, random: RandomStream
  ) -> (energy: Double, gradient: Tensor<Element>) {
    var gradient = Tensor<Element>(zeros: position.count)
    var energy = 0.0
    for (index, block) in blocks.enumerated() {
      let square = block.range.reduce(0.0) { $0 + Double(position[$1]) * Double(position[$1]) }
      let shape = block.shape + Double(block.range.count) / 2
      let new = random.gamma(shape: shape, step: step, lane: UInt32(index)) / (block.rate + square / 2)
      let change = temperature * (new - values[index])
      energy += change * square / 2
      for place in block.range { gradient[place] = Element(change * Double(position[place])) }
      values[index] = new
    }
    return (energy, gradient)
  }
}

/// Memory of a chain whose prior has precisions that are sampled.
package protocol PrecisionSampling: AnyObject {
  /// The precisions now; nil where none are sampled.
  var precisions: SampledPrecisions? { get set }
}

extension PosteriorWorkspace: PrecisionSampling {}

extension RandomStream {
  /// A Gamma variable of rate 1 and a shape above 0 (Marsaglia and Tsang, ACM Trans. Math. Softw. 26, 363, 2000; a shape below
  /// 1 by a power of a uniform number, as in their section 6).
  package func gamma(shape: Double, step: UInt64, lane: UInt32 = 0) -> Double {
    let raised = shape < 1 ? shape + 1 : shape
    let d = raised - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    var (value, attempt) = (d, 0)
    while true {
      let x = normal(step: step, lane: 2 * lane, element: attempt)
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      let u = uniform(step: step, lane: 2 * lane + 1, element: attempt)
      attempt += 1
      if v > 0, Math.log(u) < x * x / 2 + d - d * v + d * Math.log(v) {
        value = d * v
        break
      }
    }
    guard shape < 1 else { return value }
    return value * Math.pow(uniform(step: step, lane: 2 * lane + 1, element: attempt), 1 / shape)
  }
}
