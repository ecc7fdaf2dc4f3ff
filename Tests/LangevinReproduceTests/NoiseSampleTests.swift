import Langevin
import LangevinReproduce
import Testing

/// What `langevin reproduce kspin-noise` measures, on noise whose statistics are known.
@Suite struct NoiseSampleTests {
  /// Standardised normals: nearly all pass, correlations are 1/sqrt(n - 1), and there is no memory.
  @Test func normalsLookLikeNormals() throws {
    let (draws, components) = (101, 200)
    let sample = NoiseSample(normals: draws, of: components, seed: 3).standardised()
    // A component passes with probability 0.9997 once it is standardised.
    #expect(try sample.normalShare() > 0.98)
    // The mean of C^2 over 19 900 pairs: 0.01 within 1 % (one standard error) times 4.9.
    let rms = sample.rootMeanSquareCorrelation()
    #expect((rms * rms / 0.01 - 1).magnitude < 4.9 * 0.01)
    var histogram = Histogram(from: -1.01, to: 1.01, bins: 101)
    sample.correlations(every: 1, in: &histogram)
    #expect(histogram.total == components * (components - 1) / 2)
    // Lag 0 is (n - 1)/n; at lag l standardising leaves -1/n, and a mean over components has the error 0.1/sqrt(200).
    #expect((sample.autocorrelation(lag: 0).mean - 100.0 / 101).magnitude < 1e-5)
    for lag in [1, 10] {
      #expect((sample.autocorrelation(lag: lag).mean + 1 / 101).magnitude < 4.9 * 0.1 / 200.0.squareRoot())
    }
  }

  /// Minibatches bring the share r that masses were made for, and what is added makes up the rest.
  @Test func noiseOfAStepHasTheVarianceThatItNeeds() throws {
    let task = KSpin.small
    let data = try task.make(as: Float.self)
    let network = try MLP([6, 5, 3], hidden: .relu)
    let posterior = try Posterior(
      network, examples: data.train, loss: .crossEntropy, prior: .gaussian(precision: 0.01))
    let sampler = try PseudoLangevin<Float>(temperature: 1e-2) {
      $0.followLikeThePaper()
      $0.variance = GradientVariance(.exact, relativeFloor: 0)
      $0.directions = 0
    }
    var evaluator = try Evaluator(posterior, batches: .withReplacement(8), seed: 1)
    let state = try sampler.start(
      at: network.initialParameters(from: RandomStream(seed: 1, purpose: .initialisation)), with: &evaluator)
    let draws = 2000
    let minibatch = try NoiseSample(
      at: state, of: sampler, posterior, batches: .withReplacement(8), draws: draws, seed: 2)
    let white = NoiseSample(normals: draws, of: posterior.parameterCount, seed: 4)
    let total = minibatch.total(with: white, momentumLoss: 0.1)
    func meanSquare(_ sample: NoiseSample) -> Double {
      sample.values.reduce(0) { $0 + Double($1) * Double($1) } / Double(sample.values.count)
    }
    // Masses were made so that minibatches bring r = 0.01. Components are correlated, so as one of them alone: z = 4.9,
    // kurtosis up to 6.
    #expect((meanSquare(minibatch) / 0.01 - 1).magnitude < 4.9 * (6 / Double(draws)).squareRoot())
    #expect(
      (meanSquare(total) - 1).magnitude < 4.9 * (2 / Double(draws * posterior.parameterCount)).squareRoot() * 2)
  }
}

extension KSpin {
  /// 60 examples of 6 spins in 3 classes.
  fileprivate static var small: KSpin {
    var set = KSpin()
    (set.classes, set.spins, set.train, set.test) = (3, 6, 60, 0)
    return set
  }
}
