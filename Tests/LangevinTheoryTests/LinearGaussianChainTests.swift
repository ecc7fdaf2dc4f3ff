import LangevinCore
import LangevinTheory
import Testing

typealias Scheme = LinearGaussianChain.Scheme

/// A row of the table for LINE with 6 examples in batches of 2, h = 0.002, T = 1.
struct SmallLineRow: Sendable {
  var scheme: Scheme
  var mean: [Double]
  var covariance: [Double]
  var divergence: Double
}

@Suite struct LinearGaussianChainTests {
  static let smallLine: [SmallLineRow] = [
    .init(
      scheme: .independentBatches(.euler), mean: [0.4712648677, -0.7579062841],
      covariance: [0.0420705627, 0.0013593808, 0.0762689135], divergence: 8.429728e-04),
    .init(
      scheme: .reshuffled(.euler), mean: [0.4713547248, -0.7580692739],
      covariance: [0.0408721540, 0.0011982527, 0.0743572355], divergence: 1.153222e-04),
    .init(
      scheme: .reshuffled(.sharedNoise), mean: [0.4713547248, -0.7580692739],
      covariance: [0.0398413338, 0.0011983690, 0.0733318121], divergence: 3.290017e-05),
    .init(
      scheme: .noisePerEpoch(.end, .euler), mean: [0.4713547248, -0.7580692739],
      covariance: [0.0451188065, 0.0011920586, 0.0784447457], divergence: 4.575785e-03),
    .init(
      scheme: .noisePerEpoch(.before, .euler), mean: [0.4713547248, -0.7580692739],
      covariance: [0.0331188065, 0.0011920586, 0.0664447457], divergence: 1.130475e-02),
    .init(
      scheme: .noisePerEpoch(.split, .euler), mean: [0.4713547248, -0.7580692739],
      covariance: [0.0391188065, 0.0011920586, 0.0724447457], divergence: 2.568355e-04),
    .init(
      scheme: .noisePerEpoch(.split, .midpoint), mean: [0.4712623066, -0.7578878560],
      covariance: [0.0403431536, 0.0012200054, 0.0743242904], divergence: 1.836871e-05),
    .init(
      scheme: .reshuffled(.midpoint), mean: [0.4712623066, -0.7578878560],
      covariance: [0.0401034741, 0.0012260120, 0.0742373752], divergence: 1.846362e-06),
    .init(
      scheme: .oneCorrection, mean: [0.4712624231, -0.7578879479],
      covariance: [0.0401057974, 0.0012263192, 0.0742410133], divergence: 1.950639e-06),
    .init(
      scheme: .thereAndBack(.euler), mean: [0.4713547565, -0.7580684988],
      covariance: [0.0408695725, 0.0011981549, 0.0743587030], divergence: 1.146834e-04),
    .init(
      scheme: .thereAndBack(.sharedNoise), mean: [0.4713547565, -0.7580684988],
      covariance: [0.0398387545, 0.0011982714, 0.0733332841], divergence: 3.293924e-05),
    .init(
      scheme: .thereAndBack(.midpoint), mean: [0.4712623706, -0.7578873259],
      covariance: [0.0401010192, 0.0012259081, 0.0742383969], divergence: 1.795906e-06),
    .init(
      scheme: .oneCorrectionSharedNoise, mean: [0.4712636697, -0.7578962626],
      covariance: [0.0400432888, 0.0012261276, 0.0741717081], divergence: 2.692515e-07),
  ]

  @Test(arguments: smallLine)
  func smallLineAgrees(row: SmallLineRow) throws {
    let chain = try LinearGaussianChain(.line(count: 6), batchSize: 2, stepSize: 0.002)
    let moments = try chain.moments(of: row.scheme)
    let found = moments.mean + [moments.covariance[0][0], moments.covariance[0][1], moments.covariance[1][1]]
    for (found, expected) in zip(found, row.mean + row.covariance) {
      #expect(abs(found - expected) <= 1e-9, "\(row.scheme): \(found) instead of \(expected)")
    }
    let divergence = try chain.divergence(of: row.scheme)
    #expect(abs(divergence / row.divergence - 1) < 1e-6, "\(row.scheme): KL \(divergence) instead of \(row.divergence)")
  }

  @Test func thePosteriorAgrees() throws {
    let problem = try LinearGaussianProblem.line(count: 6)
    let moments = problem.posteriorMoments()
    let found = moments.mean + [moments.covariance[0][0], moments.covariance[0][1], moments.covariance[1][1]]
    let expected = [0.4712648677, -0.7579062841, 0.0400202263, 0.0012243068, 0.0741078218]
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-10) }
    #expect(abs(problem.precisionRows[0][1] + 0.4130153939) < 1e-10)
  }
}

// MARK: One example per batch

/// KL at h = 8e-4, 4e-4, 2e-4, 1e-4, 5e-5 for 12 examples one by one.
struct DivergenceRow: Sendable {
  var scheme: Scheme
  var divergences: [Double]

  init(_ scheme: Scheme, _ divergences: [Double]) {
    self.scheme = scheme
    self.divergences = divergences
  }

  static let stepSizes = [8e-4, 4e-4, 2e-4, 1e-4, 5e-5]

  static let line: [DivergenceRow] = [
    .init(.fullGradient(.euler), [1.2638e-04, 3.1222e-05, 7.7597e-06, 1.9342e-06, 4.8285e-07]),
    .init(.independentBatches(.euler), [1.8606e-03, 4.6087e-04, 1.1471e-04, 2.8614e-05, 7.1458e-06]),
    .init(.independentBatches(.sharedNoise), [1.0376e-03, 2.5559e-04, 6.3434e-05, 1.5801e-05, 3.9432e-06]),
    .init(.independentBatches(.midpoint), [1.8318e-03, 4.5410e-04, 1.1302e-04, 2.8191e-05, 7.0396e-06]),
    .init(.reshuffled(.euler), [6.1511e-05, 1.4406e-05, 3.6911e-06, 9.4581e-07, 2.4003e-07]),
    .init(.reshuffled(.sharedNoise), [9.3180e-05, 3.0690e-05, 8.6393e-06, 2.2821e-06, 5.8586e-07]),
    .init(.noisePerEpoch(.end, .euler), [6.2411e-02, 1.5398e-02, 3.8174e-03, 9.4998e-04, 2.3693e-04]),
    .init(.noisePerEpoch(.before, .euler), [8.5119e-02, 2.1036e-02, 5.2162e-03, 1.2981e-03, 3.2373e-04]),
    .init(.noisePerEpoch(.split, .euler), [5.2482e-04, 3.4253e-05, 1.3960e-05, 5.2456e-06, 1.5960e-06]),
    .init(.noisePerEpoch(.split, .midpoint), [1.4156e-03, 9.2418e-05, 5.8265e-06, 3.6449e-07, 2.2772e-08]),
    .init(.reshuffled(.midpoint), [1.5233e-05, 9.0074e-07, 5.4750e-08, 3.3757e-09, 2.0957e-10]),
    .init(.oneCorrection, [1.8330e-05, 9.8256e-07, 5.7089e-08, 3.4455e-09, 2.1170e-10]),
    .init(.thereAndBack(.euler), [5.4779e-05, 1.3974e-05, 3.6639e-06, 9.4410e-07, 2.3993e-07]),
    .init(.thereAndBack(.sharedNoise), [9.5537e-05, 3.0864e-05, 8.6500e-06, 2.2827e-06, 5.8590e-07]),
    .init(.thereAndBack(.midpoint), [1.3641e-05, 8.5340e-07, 5.3379e-08, 3.3351e-09, 2.0835e-10]),
    .init(.readEveryStep(.euler), [1.2401e-04, 2.0095e-05, 4.2280e-06, 1.0006e-06, 2.4607e-07]),
    .init(.oneCorrectionSharedNoise, [1.2697e-05, 6.4579e-07, 3.6495e-08, 2.1724e-09, 1.3258e-10]),
  ]

  static let mean: [DivergenceRow] = [
    .init(.fullGradient(.euler), [9.8606e-05, 2.4327e-05, 6.0419e-06, 1.5055e-06, 3.7577e-07]),
    .init(.independentBatches(.euler), [2.8986e-02, 7.8817e-03, 2.0645e-03, 5.2900e-04, 1.3394e-04]),
    .init(.reshuffled(.euler), [1.8315e-04, 2.8953e-05, 6.3187e-06, 1.5226e-06, 3.7683e-07]),
    .init(.reshuffled(.sharedNoise), [1.3329e-05, 2.0383e-07, 3.1195e-09, 4.8132e-11, 7.4693e-13]),
    .init(.noisePerEpoch(.end, .euler), [5.2731e-02, 1.2915e-02, 3.1994e-03, 7.9664e-04, 1.9880e-04]),
    .init(.noisePerEpoch(.split, .euler), [9.1436e-04, 2.3008e-05, 7.0554e-09, 4.1193e-07, 2.1884e-07]),
    .init(.noisePerEpoch(.split, .midpoint), [1.5133e-03, 9.2061e-05, 5.5799e-06, 3.4196e-07, 2.1141e-08]),
    .init(.reshuffled(.midpoint), [1.4637e-05, 2.8591e-07, 6.2567e-09, 1.6632e-10, 5.5820e-12]),
    .init(.oneCorrection, [2.1726e-05, 4.0402e-07, 8.3637e-09, 2.0803e-10, 6.5146e-12]),
    .init(.thereAndBack(.sharedNoise), [1.6692e-07, 1.7555e-10, 1.7048e-13, 1.6422e-16]),
    .init(.oneCorrectionSharedNoise, [2.5217e-05, 3.9801e-07, 6.1993e-09, 9.6541e-11, 1.5053e-12]),
  ]
}

extension LinearGaussianChainTests {
  /// Two step sizes keep the table short in a debug build; the benchmark suite `laws` prints all five.
  @Test(arguments: DivergenceRow.line, [1, 2])
  func lineOneByOneAgrees(row: DivergenceRow, column: Int) throws {
    let chain = try LinearGaussianChain(.line(count: 12), batchSize: 1, stepSize: DivergenceRow.stepSizes[column])
    let divergence = try chain.divergence(of: row.scheme)
    #expect(abs(divergence / row.divergences[column] - 1) < 1e-3, "\(row.scheme): KL \(divergence)")
  }

  @Test(arguments: DivergenceRow.mean)
  func meanOneByOneAgrees(row: DivergenceRow) throws {
    for (stepSize, expected) in zip(DivergenceRow.stepSizes, row.divergences) {
      let chain = try LinearGaussianChain(.mean(count: 12), batchSize: 1, stepSize: stepSize)
      let divergence = try chain.divergence(of: row.scheme)
      #expect(abs(divergence / expected - 1) < 1e-3, "\(row.scheme) at \(stepSize): KL \(divergence)")
    }
  }

  @Test func momentsOneByOneAgree() throws {
    let chain = try LinearGaussianChain(.line(count: 12), batchSize: 1, stepSize: 4e-4)
    let rows: [(Scheme, [Double])] = [
      (.independentBatches(.euler), [0.4753156972, -0.7811635084, 0.0211721155, 0.0004859769, 0.0390807093]),
      (.reshuffled(.euler), [0.4754460011, -0.7811167217, 0.0205288602, 0.0003833024, 0.0380542497]),
      (.reshuffled(.sharedNoise), [0.4754460011, -0.7811167217, 0.0203258653, 0.0003832829, 0.0378508811]),
      (.reshuffled(.midpoint), [0.4753129669, -0.7811581269, 0.0204341617, 0.0003923571, 0.0382975447]),
      (.oneCorrection, [0.4753131262, -0.7811582728, 0.0204356025, 0.0003927368, 0.0382995968]),
      (.oneCorrectionSharedNoise, [0.4753137414, -0.7811591436, 0.0204297632, 0.0003927037, 0.0382896478]),
    ]
    for (scheme, expected) in rows {
      let moments = try chain.moments(of: scheme)
      let found = moments.mean + [moments.covariance[0][0], moments.covariance[0][1], moments.covariance[1][1]]
      for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-9, "\(scheme)") }
    }
  }

  /// The divergence of level 2 falls with the fourth power of the step size, that of plain sampling with the second.
  @Test func ordersOnTheLine() throws {
    func order(_ scheme: Scheme) throws -> Double {
      let coarse = try LinearGaussianChain(.line(count: 6), batchSize: 1, stepSize: 2e-4).divergence(of: scheme)
      let fine = try LinearGaussianChain(.line(count: 6), batchSize: 1, stepSize: 1e-4).divergence(of: scheme)
      return logarithm2(coarse / fine)
    }
    for scheme: Scheme in [.independentBatches(.euler), .reshuffled(.euler), .reshuffled(.sharedNoise)] {
      let found = try order(scheme)
      #expect(abs(found - 2) < 0.15, "\(scheme): order \(found)")
    }
    for scheme: Scheme in [.reshuffled(.midpoint), .oneCorrection, .oneCorrectionSharedNoise] {
      let found = try order(scheme)
      #expect(abs(found - 4) < 0.15, "\(scheme): order \(found)")
    }
  }

  /// The leading orders of the reference page of the overdamped schemes, to their digits.
  @Test func leadingOrdersAgree() throws {
    let problem = try LinearGaussianProblem.line(count: 200)
    let rows: [(Int, Double, [Double])] = [
      (10, 6.24220e-6, [4.0188e-5, 1.6452e-6, 2.568e-8]), (1, 6.24220e-7, [2.8317e-5, 1.2536e-8, 2.817e-8]),
    ]
    for (batchSize, stepSize, divergences) in rows {
      let schemes: [Scheme] = [.independentBatches(.euler), .reshuffled(.euler), .reshuffled(.sharedNoise)]
      for (scheme, expected) in zip(schemes, divergences) {
        let moments = try problem.leadingMoments(of: scheme, batchSize: batchSize, stepSize: stepSize)
        let found = try problem.divergence(of: moments)
        #expect(abs(found / expected - 1) < 1e-3, "\(scheme): KL \(found) instead of \(expected)")
      }
    }
  }

  /// Closed forms where all curvatures are equal: MEAN.
  @Test func closedFormsOfTheMean() throws {
    let (h, n) = (4e-4, 12.0)
    let problem = try LinearGaussianProblem.mean(count: 12)
    let chain = try LinearGaussianChain(problem, batchSize: 1, stepSize: h)
    let curvature = problem.precisionRows[0][0]
    #expect(abs(curvature - 49) < 1e-12 && abs(problem.mean[0] - 0.4833106508) < 1e-10)
    let average = problem.targets.reduce(0, +) / n
    let spread = problem.targets.reduce(0) { $0 + ($1 - average) * ($1 - average) } / n
    let batchVariance = (n / 0.25) * (n / 0.25) * spread  // B = 1
    let r = 1 - h * curvature
    let powers = (0..<12).map { power(r, $0) }
    let sum = powers.reduce(0, +)
    let squares = powers.reduce(0) { $0 + $1 * $1 }
    let minibatch = h * h * batchVariance * (n * squares - sum * sum) / ((n - 1) * (1 - power(r, 24)))
    let expected: [(Scheme, Double)] = [
      (.independentBatches(.euler), (2 * h + h * h * batchVariance) / (1 - r * r)),
      (.reshuffled(.euler), 1 / (curvature * (1 - h * curvature / 2)) + minibatch),
      (.reshuffled(.sharedNoise), 1 / curvature + minibatch),
    ]
    for (scheme, variance) in expected {
      let found = try chain.moments(of: scheme).covariance[0][0]
      #expect(abs(found / variance - 1) < 1e-11, "\(scheme): \(found) instead of \(variance)")
    }
  }
}

// MARK: Short last batches, controls, refusals

extension LinearGaussianChainTests {
  @Test func shortLastBatch() throws {
    let problem = try LinearGaussianProblem.line(count: 7)
    let one = try LinearGaussianChain(problem, batchSize: 2, stepSize: 2e-3)
    let moments = try one.moments(of: .reshuffled(.euler))
    let found = moments.mean + [moments.covariance[0][0], moments.covariance[0][1], moments.covariance[1][1]]
    let expected = [0.4508354089, -0.7832539414, 0.0356313175, -0.0049785045, 0.0665206176]
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-9) }
    #expect(abs(try one.divergence(of: .reshuffled(.euler)) / 1.282441e-4 - 1) < 1e-6)
    for (stepSize, divergence) in [(4e-3, 7.1296e-5), (2e-3, 3.76619e-6), (1e-3, 2.17509e-7)] {
      let found = try LinearGaussianChain(problem, batchSize: 2, stepSize: stepSize).divergence(of: .oneCorrection)
      #expect(abs(found / divergence - 1) < 2e-5, "\(stepSize): \(found)")
    }
    for (stepSize, divergence) in [(1e-3, 3.55137e-7), (5e-4, 7.49749e-8)] {
      let chain = try LinearGaussianChain(.mean(count: 7), batchSize: 2, stepSize: stepSize)
      let found = try chain.divergence(of: .reshuffled(.sharedNoise))
      #expect(abs(found / divergence - 1) < 1e-5, "\(stepSize): \(found)")
    }
  }

  /// One fixed order for all epochs brings the error of second order back.
  @Test func aFixedOrderIsWorse() throws {
    let rows: [(Scheme, Double, Double)] = [
      (.fixedOrder(.euler), 2e-4, 2.3953e-4), (.fixedOrder(.midpoint), 2e-4, 2.3815e-4),
      (.fixedOrder(.midpoint), 1e-4, 5.9657e-5), (.fixedOrder(.midpoint), 5e-5, 1.4929e-5),
    ]
    for (scheme, stepSize, expected) in rows {
      let found = try LinearGaussianChain(.line(count: 12), batchSize: 1, stepSize: stepSize).divergence(of: scheme)
      #expect(abs(found / expected - 1) < 1e-3, "\(scheme) at \(stepSize): \(found)")
    }
  }

  /// Read without the half of the next noise, the chain of shared noise is too narrow by h T/2.
  @Test func theBareChainOfSharedNoiseIsTooNarrow() throws {
    let problem = try LinearGaussianProblem.line(count: 12)
    let chain = try LinearGaussianChain(problem, batchSize: 1, stepSize: 4e-4)
    var moments = try chain.moments(of: .reshuffled(.sharedNoise))
    for index in 0..<2 { moments.covariance[index][index] -= 4e-4 / 2 }
    #expect(abs(moments.covariance[0][0] - 0.02012587) < 1e-8 && abs(moments.covariance[1][1] - 0.03765088) < 1e-8)
    #expect(abs(try problem.divergence(of: moments) / 1.0958e-4 - 1) < 1e-4)
  }

  @Test func anUnstableStepHasNoStationaryState() throws {
    let chain = try LinearGaussianChain(.line(count: 6), batchSize: 2, stepSize: 0.09)
    #expect(throws: LangevinError.self) { try chain.moments(of: .fullGradient(.euler)) }
    #expect(throws: LangevinError.self) { try LinearGaussianChain(.line(count: 17), batchSize: 1, stepSize: 1e-3) }
    #expect(throws: LangevinError.self) { try LinearGaussianChain(.line(count: 6), batchSize: 7, stepSize: 1e-3) }
    #expect(throws: LangevinError.self) { try LinearGaussianChain(.line(count: 6), batchSize: 2, stepSize: 0) }
  }

  /// Level 2lm is not defined for a short last batch, which the sampler refuses, too.
  @Test(arguments: [4, 5])
  func sharedNoiseWithAShortBatchIsRefused(batchSize: Int) throws {
    let chain = try LinearGaussianChain(.line(count: 6), batchSize: batchSize, stepSize: 1e-3)
    let error = #expect(throws: LangevinError.self) { try chain.moments(of: .oneCorrectionSharedNoise) }
    #expect("\(error as Error?)".contains("short last batch"))
  }

  /// With all data in one batch every scheme is the full gradient.
  @Test func oneBatchIsTheFullGradient() throws {
    let chain = try LinearGaussianChain(.line(count: 6), batchSize: 6, stepSize: 0.002)
    let pairs: [(Scheme, Scheme)] = [
      (.reshuffled(.euler), .fullGradient(.euler)), (.independentBatches(.euler), .fullGradient(.euler)),
      (.oneCorrection, .fullGradient(.midpoint)), (.oneCorrectionSharedNoise, .fullGradient(.sharedNoise)),
    ]
    for (one, other) in pairs {
      let (a, b) = (try chain.moments(of: one), try chain.moments(of: other))
      for row in 0..<2 {
        #expect(abs(a.mean[row] - b.mean[row]) < 1e-13)
        for column in 0..<2 { #expect(abs(a.covariance[row][column] - b.covariance[row][column]) < 1e-13) }
      }
    }
  }
}
