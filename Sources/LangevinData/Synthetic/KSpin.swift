import LangevinCore

/// Noisy copies of random spin patterns: the classification task of Zambon, Caruso, Zecchina and Tiana
/// (arXiv:2603.15367).
///
/// There are K reference vectors of d fair spins +-1. An example is one of them, chosen uniformly, with each spin
/// flipped with probability `flip`; its label is the reference. The best classifier is known, see
/// `bayesLimits(examples:on:)`.
public struct KSpin: SyntheticSet {
  /// What a recipe can say of it.
  public static let recipe = RecipeEntry<Self>(
    "kspin",
    "noisy copies of random spin patterns, the task of the published pL and hMC values; the best classifier is known",
    [
      .init("classes", \.classes, 1...65536, "reference vectors"),
      .init("spins", \.spins, 1...(1 << 24), "spins of a vector"),
      .init("flip", \.flipProbability, 0...1, "probability that a spin of an example is flipped"),
    ])

  /// The published run: pseudo-Langevin, whose r is larger there, at the highest of its temperatures, on a network with ReLU also
  /// after the last layer.
  public static let recommendedSettings = [
    "network": "*-50-100-*", "activation": "relu", "steps": "400000", "sampler": "pl", "sampler.temperature": "3e-05",
    "sampler.ratio": "0.01",
    "output-activation": "relu",
    "prior": "9.015e-04",
  ]

  /// The number K of reference vectors.
  public var classes = 10
  /// The number d of spins.
  public var spins = 100
  /// The probability that a spin is flipped, to 32 bits.
  public var flipProbability = 0.355
  /// The sizes of its parts, and the seed.
  public var sizes = SetSizes(train: 55_800, test: 10_000)

  /// The set with its default parameters.
  public init() {}

  /// The reference vectors, one after the other.
  var references: [Double] {
    var spins: [Double] = []
    spins.reserveCapacity(classes * self.spins)
    for reference in 0..<classes {
      var random = RandomRow(sharedStream, row: reference)
      for _ in 0..<self.spins { spins.append(random.sign()) }
    }
    return spins
  }

  /// How the rows of one part are made.
  public func rows(of part: DatasetPart) -> SyntheticRows {
    let (references, spins, classes) = (references, spins, classes)
    let threshold = UInt64((flipProbability * 0x1p32).rounded())
    return SyntheticRows(inputWidth: spins, targets: .classes(classes)) { row in
      let reference = row.random.integer(below: classes)
      row.targets[0] = Double(reference)
      for spin in 0..<spins {
        let value = references[reference * spins + spin]
        row.inputs[spin] = UInt64(row.random.word()) < threshold ? -value : value
      }
    }
  }
}

extension KSpin {
  /// `bayesLimits(examples:on:)` with as many examples as it takes by default.
  public func bestPossible() throws(LangevinError) -> BayesLimits? { try bayesLimits() }

  /// Error and cross-entropy of the best classifier for these reference vectors.
  ///
  /// Given x, class k has the probability p_k proportional to exp((b/2) <reference_k, x>) with b = log((1 -
  /// flip)/flip). The error is the mean of 1 - max_k p_k and the cross-entropy the mean of -sum_k p_k log p_k over
  /// fresh examples: as the label is averaged out, both vary less than what a classifier scores on a test set.
  package func bayesLimits(examples count: Int = 100_000, on pool: ThreadPool = .single) throws(LangevinError)
    -> BayesLimits
  {
    try require(count >= 2, "the number of examples", is: count, expected: "2 or more")
    for field in Self.fields { try field.check(self) }
    let rows = rows(of: .train)
    let references = references
    let stream = RandomStream(seed: seed, purpose: .data).substream(4)
    let halfLogOdds =
      (PortableMath.log(max(1 - flipProbability, 1e-300)) - PortableMath.log(max(flipProbability, 1e-300))) / 2

    var scores = try Tensor<Double>(shape: [count, 2])
    scores.withMutablePointer { scores in
      pool.run(items: count) { index in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: spins + 1 + classes) { numbers in
          let inputs = UnsafeMutableBufferPointer(rebasing: numbers[..<spins])
          let logits = UnsafeMutableBufferPointer(rebasing: numbers[(spins + 1)...])
          var row = SyntheticRow(
            index: index, inputs: inputs, targets: UnsafeMutableBufferPointer(rebasing: numbers[spins..<spins + 1]),
            random: RandomRow(stream, row: index))
          rows.fill(&row)
          for k in 0..<classes {
            var overlap = 0.0
            for spin in 0..<spins { overlap += references[k * spins + spin] * inputs[spin] }
            logits[k] = halfLogOdds * overlap
          }
          let largest = logits.max() ?? 0
          let sum = logits.reduce(0) { $0 + PortableMath.exp($1 - largest) }
          let meanLogit = logits.reduce(0) { $0 + PortableMath.exp($1 - largest) * ($1 - largest) } / sum
          scores[2 * index] = 1 - 1 / sum
          scores[2 * index + 1] = PortableMath.log(sum) - meanLogit
        }
      }
    }
    func estimate(_ column: Int) -> (mean: Double, uncertainty: Double) {
      let mean = (0..<count).reduce(0) { $0 + scores[$1, column] } / Double(count)
      let squares = (0..<count).reduce(0) { $0 + (scores[$1, column] - mean) * (scores[$1, column] - mean) }
      return (mean, (squares / Double(count - 1) / Double(count)).squareRoot())
    }
    let (error, entropy) = (estimate(0), estimate(1))
    return BayesLimits(
      error: error.mean, errorUncertainty: error.uncertainty, crossEntropy: entropy.mean,
      crossEntropyUncertainty: entropy.uncertainty)
  }
}
