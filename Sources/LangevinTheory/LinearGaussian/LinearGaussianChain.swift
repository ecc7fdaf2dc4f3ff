import LangevinCore

/// The exact stationary moments of overdamped minibatch samplers on a linear regression.
///
/// On second moments of (w, 1) a step with batch t acts as a matrix K_t. Independent batches give the mean of the K_t. An
/// epoch without replacement gives the mean over all orders of the product, which a recursion over sets S of examples finds
/// without listing the orders, since the last batch of a random order is uniform:
///
///     f(S) = mean over batches t in S of K_t f(S - t),    f(nothing) = 1,    epoch = f(all)
///
/// Cost and memory grow as 2^N; N is at most 16. The levels of SGWORLD are a reconstruction, not the authors' own algorithm.
public struct LinearGaussianChain: Sendable {
  /// Which sampler: where its batches come from, what a step is, and when the chain is read.
  public enum Scheme: Hashable, Sendable {
    /// Every step on all of the data.
    case fullGradient(OverdampedStep)
    /// A fresh random subset at every step: with `.euler` this is SGLD.
    case independentBatches(OverdampedStep)
    /// A random order for each epoch, read at its end: SGWORLD levels 1 (`.euler`), lm (`.sharedNoise`) and 2-all (`.midpoint`).
    case reshuffled(OverdampedStep)
    /// SGWORLD level 2: in one step of each epoch, chosen at random, n times the midpoint correction.
    case oneCorrection
    /// SGWORLD level 2lm: shared noise, and in one step the correction against another batch of the epoch.
    case oneCorrectionSharedNoise
    /// A random order there and back, read at the end.
    case thereAndBack(OverdampedStep)
    /// Noise only once per epoch, with steps that have none.
    case noisePerEpoch(NoisePlace, OverdampedStep)
    /// The natural order in every epoch: what not to do.
    case fixedOrder(OverdampedStep)
    /// Reshuffled, but read after every step: what not to do.
    case readEveryStep(OverdampedStep)
  }

  /// When the noise of an epoch comes, relative to its steps and to the reading at its end.
  public enum NoisePlace: Hashable, Sendable {
    /// After the steps; read after the noise.
    case end
    /// The same chain, read before the noise.
    case before
    /// Half before and half after the steps; read after.
    case split
  }

  /// The regression.
  public let problem: LinearGaussianProblem
  /// B. What is left of N makes a short last batch with a step size in proportion.
  public let batchSize: Int
  /// h, for the sum over the data: `w - h grad L_k + sqrt(2 h T) xi`.
  public let stepSize: Double
  /// T
  public let temperature: Double

  /// A chain on a small regression.
  public init(
    _ problem: LinearGaussianProblem, batchSize: Int, stepSize: Double, temperature: Double = 1
  ) throws(LangevinError) {
    try require(1...16 ~= problem.count, "the number of examples", is: problem.count, expected: "1 to 16")
    try require(1...problem.count ~= batchSize, "the batch size", is: batchSize, expected: "1 to \(problem.count)")
    try require(stepSize > 0 && stepSize.isFinite, "the step size", is: stepSize, expected: "above 0, finite")
    try require(
      temperature >= 0 && temperature.isFinite, "the temperature", is: temperature, expected: "0 or more, finite")
    self.problem = problem
    self.batchSize = batchSize
    self.stepSize = stepSize
    self.temperature = temperature
  }

  /// KL of the chain's Gaussian from the posterior at the chain's temperature.
  public func divergence(of scheme: Scheme) throws(LangevinError) -> Double {
    try problem.divergence(of: try moments(of: scheme), temperature: temperature)
  }

  /// Mean and covariance of what is read from the chain in its stationary state.
  ///
  /// - Throws: `LangevinError` where there is no stationary state, since the second moments grow, and for
  ///   ``Scheme/oneCorrectionSharedNoise`` with a short last batch, for which that level is not defined.
  public func moments(of scheme: Scheme) throws(LangevinError) -> Moments {
    let dimension = problem.dimension
    if scheme == .oneCorrectionSharedNoise {
      try require(
        problem.count % batchSize == 0, "the batch size", is: batchSize,
        expected:
          "a divisor of \(problem.count), the number of examples: the correction with shared noise is not defined "
          + "for a short last batch")
    }
    var list = try stationary(epochOperator(of: scheme), scheme: scheme)
    if case .readEveryStep(let step) = scheme { list = meanOverEpoch(step) * list }
    var moments = SecondMoments.moments(list, dimension: dimension)
    if scheme.sharesNoise {
      for index in 0..<dimension { moments.covariance[index][index] += stepSize * temperature / 2 }
    }
    return moments
  }

  /// The second moments that the operator leaves as they are.
  private func stationary(_ epoch: DenseMatrix, scheme: Scheme) throws(LangevinError) -> [Double] {
    let last = epoch.rows - 1
    var contraction = DenseMatrix(zeros: last, last)
    var balance = epoch - .identity(epoch.rows)
    for row in 0..<last { for column in 0..<last { contraction[row, column] = epoch[row, column] } }
    balance[last, last] = 1
    let right = (0...last).map { $0 == last ? 1.0 : 0 }
    guard contraction.isContraction, let list = try? balance.solve(right) else {
      throw .value(
        of: "the step size", found: "\(stepSize)",
        expected: "small enough for a stationary state: second moments grow here")
    }
    return list
  }
}

extension LinearGaussianChain.Scheme {
  /// Whether the chain is read with half of the next noise, of variance h T/2, added.
  var sharesNoise: Bool {
    switch self {
    case .fullGradient(.sharedNoise), .independentBatches(.sharedNoise), .reshuffled(.sharedNoise),
      .thereAndBack(.sharedNoise), .fixedOrder(.sharedNoise), .readEveryStep(.sharedNoise), .oneCorrectionSharedNoise:
      true
    default: false
    }
  }
}

extension DenseMatrix {
  /// Whether powers vanish: the matrix is squared until it is clearly small or clearly large.
  fileprivate var isContraction: Bool {
    var power = self
    for _ in 0..<60 {
      if power.magnitude < 1e-3 { return true }
      if power.magnitude > 1e30 || !power.magnitude.isFinite { return false }
      power = power * power
    }
    return false
  }
}
