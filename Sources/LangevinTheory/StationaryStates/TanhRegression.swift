import LangevinCore
import LangevinPlatform

/// The regression on which the currents of gradient descent were first shown: one input, m tanh units, one output.
///
///     f(w, x) = sum_u v_u tanh(a_u x + b_u) + c,     w = (a, b, v, c)
///     L = (1/(2 s^2)) [sum_i (y_i - f(w, x_i))^2 + N lambda |w|^2]
///
/// It is the posterior of a small network, spelled out so that a step on a minibatch of 10 takes about a microsecond: the
/// statistics of currents need tens of millions of them. ``posterior()`` is the same energy as a network's.
///
/// Adhikari, Kabakcioglu, Strang, Yuret and Hinczewski, "Machine learning in and out of equilibrium", arXiv 2306.03521.
public struct TanhRegression: Potential {
  /// x_i
  public let inputs: [Double]
  /// y_i
  public let targets: [Double]
  /// m
  public let units: Int
  /// s^2
  public let noiseVariance: Double
  /// lambda
  public let ridge: Double
  /// The blocks of w.
  public let layout: ParameterLayout

  /// A regression.
  public init(
    inputs: [Double], targets: [Double], units: Int = 2, noiseVariance: Double = 0.01, ridge: Double = 0.001
  ) throws(LangevinError) {
    guard inputs.count == targets.count, !inputs.isEmpty else {
      throw .shape(of: "the targets", found: [targets.count], expected: [max(1, inputs.count)])
    }
    guard inputs.allSatisfy(\.isFinite), targets.allSatisfy(\.isFinite) else {
      throw .nonFinite("a number", in: "the inputs or targets", hint: "")
    }
    try require(units >= 1, "the number of units", is: units, expected: "1 or more")
    try checkPositive(noiseVariance, "the noise variance")
    try require(ridge >= 0 && ridge.isFinite, "the ridge lambda", is: ridge, expected: "0 or more, finite")
    self.inputs = inputs
    self.targets = targets
    self.units = units
    self.noiseVariance = noiseVariance
    self.ridge = ridge
    layout = try MLP([1, units, 1]).layout
  }

  /// x = -3, -2.97, ..., 2.97 and y = exp(-x^2) with normal noise of deviation 0.1 from the given seed: a set of the published kind.
  public static func bump(count: Int = 200, seed: UInt64 = 0) throws(LangevinError) -> TanhRegression {
    let inputs = (0..<count).map { -3 + 6 * Double($0) / Double(count) }
    let noise = RandomStream(seed: seed, purpose: .data)
    return try TanhRegression(
      inputs: inputs,
      targets: inputs.indices.map { exp(-inputs[$0] * inputs[$0]) + 0.1 * noise.normal(element: $0) })
  }

  /// N
  public var exampleCount: Int { targets.count }

  /// The posterior of a network with the energy s^2 L.
  public func posterior() throws(LangevinError) -> Posterior<Double> {
    try Posterior(
      MLP([1, units, 1], hidden: .tanh),
      examples: Examples(
        inputs: Tensor(shape: [inputs.count, 1], inputs), targets: .values(Tensor(shape: [inputs.count, 1], targets))),
      loss: .squaredError, prior: .gaussian(precision: Double(inputs.count) * ridge), normalisation: .sum)
  }

  /// L and its gradient, the examples of the batch weighted by N/B.
  public func evaluate(
    at position: Tensor<Double>, over batch: Minibatch, gradient: inout Tensor<Double>, workspace: inout Void
  ) throws(LangevinError) -> Energy {
    try check(position: position, gradient: gradient)
    try batch.check(exampleCount: exampleCount)
    let energy = position.withPointer { w in
      gradient.withMutablePointer { add(w, over: batch, to: $0) }
    }
    guard energy.total.isFinite else { throw .nonFinite("the energy", in: "a regression of \(units) units", hint: "") }
    return energy
  }

  /// w <- w - h g on the next minibatch.
  public func descend(_ position: inout Tensor<Double>, stepSize h: Double, batches: inout BatchStream) {
    let count = position.count
    batches.advance()
    position.withMutablePointer { w in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { gradient in
        guard let g = gradient.baseAddress else { return }
        _ = add(w, over: batches.current, to: g)
        for index in 0..<count { w[index] -= h * g[index] }
      }
    }
  }

  private func add(
    _ w: UnsafePointer<Double>, over batch: Minibatch, to gradient: UnsafeMutablePointer<Double>
  ) -> Energy {
    let size = batch.count(of: exampleCount)
    let weight = Double(exampleCount) / (Double(size) * noiseVariance)
    let precision = Double(exampleCount) * ridge / noiseVariance
    let count = 3 * units + 1
    let (a, b, v, c) = (w, w + units, w + 2 * units, w[3 * units])
    var energy = Energy(cost: 0)
    for index in 0..<count {
      gradient[index] = precision * w[index]
      energy.prior += precision * w[index] * w[index] / 2
    }
    inputs.withUnsafeBufferPointer { inputs in
      targets.withUnsafeBufferPointer { targets in
        // The batch's inputs, its residuals, and the units' values, unit by unit.
        withUnsafeTemporaryAllocation(of: Double.self, capacity: (units + 2) * size) { memory in
          guard let x = memory.baseAddress else { return }
          let (residuals, h) = (x + size, x + 2 * size)
          func gather(_ place: Int, _ row: Int) {
            x[place] = inputs[row]
            residuals[place] = c - targets[row]
          }
          if let rows = batch.rows {
            rows.withUnsafeBufferPointer { rows in for place in 0..<size { gather(place, Int(rows[place])) } }
          } else {
            for place in 0..<size { gather(place, place) }
          }
          for unit in 0..<units {
            for place in 0..<size { h[unit * size + place] = a[unit] * x[place] + b[unit] }
          }
          Double.kernels.activate(.tanh, h, into: h, count: units * size)
          for unit in 0..<units {
            for place in 0..<size { residuals[place] += v[unit] * h[unit * size + place] }
          }
          for place in 0..<size {
            energy.cost += weight * residuals[place] * residuals[place] / 2
            gradient[3 * units] += weight * residuals[place]
          }
          for unit in 0..<units {
            var (slope, bias, output) = (0.0, 0.0, 0.0)
            for place in 0..<size {
              let value = h[unit * size + place]
              let delta = residuals[place] * (1 - value * value)
              output += residuals[place] * value
              bias += delta
              slope += delta * x[place]
            }
            gradient[unit] += weight * v[unit] * slope
            gradient[units + unit] += weight * v[unit] * bias
            gradient[2 * units + unit] += weight * output
          }
        }
      }
    }
    return energy
  }
}
