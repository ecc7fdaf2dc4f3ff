import LangevinCore
import LangevinSamplers
import Testing
import _LangevinTestSupport

/// Unit wells whose minibatches of one example have independent noise of a given size in the first half of the components.
private struct NoisyWells: Potential {
  let layout: ParameterLayout
  let exampleCount = 2048
  let noise: [Tensor<Double>]
  let deviation: Double

  init(count: Int, deviation: Double) throws {
    layout = try ParameterLayout([("x", [count])])
    self.deviation = deviation
    // Normals in pairs of opposite sign, scaled to a variance of exactly 1.
    let random = RandomStream(seed: 3, purpose: .initialisation)
    var rows: [Tensor<Double>] = []
    for pair in 0..<1024 {
      var row = Tensor<Double>(zeros: count)
      random.fillNormals(&row, step: UInt64(pair))
      rows += [row, row.mapped { -$0 }]
    }
    for index in 0..<count {
      let size = (rows.reduce(0) { $0 + $1[index] * $1[index] } / 2048).squareRoot()
      for row in rows.indices { rows[row][index] *= index < count / 2 ? deviation / size : 0 }
    }
    noise = rows
  }

  func evaluate(
    at position: Tensor<Double>, over batch: Minibatch, gradient: inout Tensor<Double>, workspace: inout Void
  ) throws(LangevinError) -> Energy {
    gradient.copy(position)
    if let rows = batch.rows {
      for row in rows { gradient.add(1 / Double(rows.count), noise[Int(row)]) }
    }
    return Energy(cost: position.squaredNorm() / 2)
  }

  func minibatchVariance(
    at position: Tensor<Double>, of scheme: BatchScheme, workspace: inout Void
  ) throws(LangevinError) -> Tensor<Double>? {
    var variances = Tensor<Double>(zeros: position.count)
    for index in 0..<position.count / 2 { variances[index] = deviation * deviation }
    return variances
  }
}

@Suite("Microcanonical Langevin on minibatches")
struct MinibatchMCLMCTests {
  /// <x^2> of the noisy and of the quiet half, with the standard error of the mean over chains.
  private func variances(
    deviation: Double, stepSize: Double, isCorrected: Bool, chains: Int = 40, steps: Int = 1500
  ) throws -> (values: [Double], errors: [Double]) {
    let wells = try NoisyWells(count: 20, deviation: deviation)
    let sampler = try MinibatchMCLMC<Double>(
      temperature: 1, stepSize: stepSize, decoherence: 3, isCorrected: isCorrected)
    var means: [[Double]] = [[], []]
    for chain in 0..<chains {
      var evaluator = try Evaluator(wells, batches: .withReplacement(1), seed: 8, chain: chain)
      var start = Tensor<Double>(zeros: 20)
      evaluator.stream(.initialisation).fillNormals(&start)
      var state = try sampler.start(at: start, with: &evaluator)
      var sums = [0.0, 0.0]
      for step in -50..<steps {
        _ = try sampler.step(&state, with: &evaluator)
        if step < 0 { continue }
        for index in 0..<20 { sums[index / 10] += state.position[index] * state.position[index] }
      }
      for half in 0..<2 { means[half].append(sums[half] / Double(10 * steps)) }
    }
    let count = Double(chains)
    let values = means.map { $0.reduce(0, +) / count }
    let errors = zip(means, values).map { all, mean in
      (all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count * (count - 1))).squareRoot()
    }
    return (values, errors)
  }

  /// Noise of deviation s in half of 20 unit modes, L = 3: an independent program found these <x^2> of both halves, with these
  /// standard errors in units of 1e-4.
  @Test(arguments: [
    (2.0, 1.0, false, [1.1428, 0.8864], [15.0, 11]), (2, 1, true, [1.0501, 0.9762], [10, 15]),
    (2, 0.5, true, [1.0153, 0.9924], [21, 20]), (4, 1, true, [1.1555, 0.9257], [16, 16]),
  ])
  func theCorrectionTakesTheFirstOrderOut(
    deviation: Double, stepSize: Double, isCorrected: Bool, expected: [Double], errors: [Double]
  ) throws {
    let found = try variances(deviation: deviation, stepSize: stepSize, isCorrected: isCorrected)
    for half in 0..<2 {
      let error = (found.errors[half] * found.errors[half] + errors[half] * errors[half] * 1e-8).squareRoot()
      #expect(abs(found.values[half] - expected[half]) < 4 * error, "\(found.values[half]) +- \(found.errors[half])")
      #expect(found.errors[half] < 0.01)
    }
  }

  /// The share of the refreshment that minibatches bring: s^2 eps^2/((d - 1)^2 nu^2), of the same program.
  @Test(arguments: [(2.0, 1.0, 0.234), (2, 0.5, 0.140), (4, 1, 0.935)])
  func shares(deviation: Double, stepSize: Double, expected: Double) throws {
    var evaluator = try Evaluator(
      try NoisyWells(count: 20, deviation: deviation), batches: .withReplacement(1), seed: 8)
    let sampler = try MinibatchMCLMC<Double>(temperature: 1, stepSize: stepSize, decoherence: 3)
    let state = try sampler.start(at: Tensor(zeros: 20), with: &evaluator)
    #expect(abs(state.share - expected) < 6e-4)
  }

  @Test func noiseThatCannotBeCorrectedIsRefused() throws {
    var evaluator = try Evaluator(try NoisyWells(count: 20, deviation: 5), batches: .withReplacement(1), seed: 8)
    let sampler = try MinibatchMCLMC<Double>(temperature: 1, stepSize: 1, decoherence: 3)
    #expect(throws: SamplingError.self) { try sampler.start(at: Tensor(zeros: 20), with: &evaluator) }
    let plain = try MinibatchMCLMC<Double>(temperature: 1, stepSize: 1, decoherence: 3, isCorrected: false)
    _ = try plain.start(at: Tensor(zeros: 20), with: &evaluator)
    #expect(plain.law != .gibbs(temperature: 1))
    #expect(throws: SamplingError.self) { try MinibatchMCLMC<Double>(temperature: 1, stepSize: 2, decoherence: 1) }
  }

  @Test(arguments: [0, 5, 25]) func restartIsBitForBit(first: Int) throws {
    let wells = try NoisyWells(count: 6, deviation: 0.5)
    let sampler = try MinibatchMCLMC<Double>(temperature: 1, stepSize: 0.3, decoherence: 2)
    #expect(
      try restartsBitForBit(
        sampler, on: wells, batches: .withReplacement(2), warmup: 20, from: Tensor([1, -1, 0.5, 0, 0, 1]), first: first,
        steps: 40))
  }
}
