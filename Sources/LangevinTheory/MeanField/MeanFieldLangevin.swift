import LangevinCore
import LangevinPlatform
import LangevinSamplers

/// The posterior itself, sampled: what the theory is judged by.
///
///     p <- p - eta ((T/var_p) p + dL/dp) + sqrt(2 T eta) xi,     L = mean (y - f)^2,     T = 2 kappa^2
///
/// It is `SGLD` on all of the data with U = L/2 + prior, step size 2 eta and temperature kappa^2, since our squared error
/// has a factor 1/2.
public struct MeanFieldLangevin: Sendable {
  /// Where the chain starts.
  public enum Start: Hashable, Sendable {
    /// At a draw from the prior.
    case prior
    /// With weights +-sqrt(sw^2/k) on k coordinates and the sign of each output weight equal to the product of those signs.
    case aligned([Int])
  }

  /// The network.
  public let model: MeanFieldModel
  /// The activation of the hidden units.
  public var activation = Activation.relu
  /// eta
  public var stepSize = 0.1
  /// All steps; the first half is discarded.
  public var steps = 20_000
  /// Steps between two draws of the second half.
  public var stride = 20

  /// The posterior of a network.
  public init(_ model: MeanFieldModel) { self.model = model }

  /// The same settings for another network or noise.
  public func with(_ model: MeanFieldModel) -> MeanFieldLangevin {
    var other = MeanFieldLangevin(model)
    (other.activation, other.stepSize, other.steps, other.stride) = (activation, stepSize, steps, stride)
    return other
  }

  /// What a chain found, over its draws.
  public struct Solution: Sendable {
    /// The mean predictor at the test inputs: what the mean-field theory predicts.
    public let predictions: [Double]
    /// The mean of (f - target)^2 over draws and test inputs: larger by the posterior variance of f.
    public let sampleSquaredError: Double
    /// mean f target over the test inputs, for each draw.
    public let overlaps: [Double]
    /// E[w_ij^2] for each coordinate j.
    public let weightSquares: [Double]
    /// E[a_i^2]
    public let outputSquare: Double
  }

  /// The potential whose law at temperature kappa^2 is the posterior.
  public func potential(_ data: MeanFieldData) throws -> Posterior<Float> {
    try checkData(model, inputs: data.inputs, targets: data.targets)
    return try posterior(data.inputs, data.targets)
  }

  private func posterior(_ inputs: DenseMatrix, _ targets: [Double]) throws -> Posterior<Float> {
    let temperature = model.noise * model.noise
    return try Posterior(
      MLP(
        [model.inputs, model.width, 1], hidden: activation, biases: false,
        outputScale: pow(Double(model.width), -model.outputExponent)),
      examples: Examples(
        inputs: Tensor(shape: [inputs.rows, inputs.columns], inputs.elements.map(Float.init)),
        targets: .values(Tensor(shape: [targets.count, 1], targets.map(Float.init)))),
      loss: .squaredError,
      prior: .perBlock([
        "layer1.weight": temperature / model.weightVariance, "layer2.weight": temperature / model.outputVariance,
      ]))
  }

  /// Runs one chain; `testTargets` are what predictions at the test inputs should be.
  public func solve(
    _ data: MeanFieldData, testTargets: [Double], from start: Start = .prior, seed: UInt64 = 0, chain: Int = 0,
    pool: ThreadPool = .single
  ) throws -> Solution {
    try checkPositive(stepSize, "the step size eta")
    try require(stride >= 1, "the stride", is: stride, expected: "1 or more")
    try require(steps >= 2 * stride, "the number of steps", is: steps, expected: "at least two strides")
    let potential = try potential(data)
    let test = try posterior(data.testInputs, testTargets)
    var testWorkspace = test.makeWorkspace(pool: pool)
    let sampler = try SGLD<Float>(
      stepSize: .constant(2 * stepSize), temperature: .constant(model.noise * model.noise))
    var evaluator = try Evaluator(potential, seed: seed, chain: chain, pool: pool)
    var state = try sampler.start(at: startPosition(start, evaluator.stream(.initialisation)), with: &evaluator)

    let (n, d) = (model.width, model.inputs)
    var predictions = [Double](repeating: 0, count: testTargets.count)
    var weightSquares = [Double](repeating: 0, count: d)
    var (outputSquare, squaredError, overlaps) = (0.0, 0.0, [Double]())
    for step in 1...steps {
      _ = try sampler.step(&state, with: &evaluator)
      guard step > steps / 2, step % stride == 0 else { continue }
      let f = try test.predictions(at: state.position, workspace: &testWorkspace)
      var overlap = 0.0
      for (index, target) in testTargets.enumerated() {
        let value = Double(f[index])
        predictions[index] += value
        overlap += value * target
        squaredError += (value - target) * (value - target)
      }
      overlaps.append(overlap / Double(testTargets.count))
      for unit in 0..<n {
        for j in 0..<d {
          let w = Double(state.position[unit * d + j])
          weightSquares[j] += w * w
        }
        let a = Double(state.position[n * d + unit])
        outputSquare += a * a
      }
    }
    let draws = Double(overlaps.count)
    return Solution(
      predictions: predictions.map { $0 / draws },
      sampleSquaredError: squaredError / (draws * Double(testTargets.count)), overlaps: overlaps,
      weightSquares: weightSquares.map { $0 / (draws * Double(n)) }, outputSquare: outputSquare / (draws * Double(n)))
  }

  private func startPosition(_ start: Start, _ stream: RandomStream) throws -> Tensor<Float> {
    let (n, d) = (model.width, model.inputs)
    var position = Tensor([Float](repeating: 0, count: n * d + n))
    stream.fillNormals(&position)
    let (scale, outputScale) = (Float(model.weightVariance.squareRoot()), Float(model.outputVariance.squareRoot()))
    for index in 0..<position.count { position[index] *= index < n * d ? scale : outputScale }
    guard case .aligned(let relevant) = start else { return position }
    guard !relevant.isEmpty, relevant.allSatisfy({ 0..<d ~= $0 }), Set(relevant).count == relevant.count else {
      throw LangevinError.value(
        of: "the aligned coordinates", found: "\(relevant)", expected: "distinct, 0 to \(d - 1)")
    }
    let size = Float((model.inputVariance / Double(relevant.count)).squareRoot())
    for unit in 0..<n {
      var sign: Float = 1
      for j in relevant {
        let s: Float = position[unit * d + j] < 0 ? -1 : 1
        position[unit * d + j] = s * size
        sign *= s
      }
      position[n * d + unit] = sign * abs(position[n * d + unit])
    }
    return position
  }
}
