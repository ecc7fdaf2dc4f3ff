import LangevinCore
import LangevinDiagnostics
import LangevinSamplers

extension LinearGaussianProblem {
  /// KL of the law that a sampler draws from, from the posterior at temperature 1, measured over so many draws after a hundredth
  /// of them: the moments' divergence, freed of its leading bias and with its error by the jackknife over blocks.
  ///
  /// The sampler is for the energy summed over the data.
  public func measuredDivergence(
    of sampler: some Sampler<Double>, batches scheme: BatchScheme, draws: Int, seed: UInt64 = 0
  ) throws -> Estimate {
    var evaluator = try Evaluator(LinearGaussianPotential<Double>(self), batches: scheme, seed: seed)
    var state = try sampler.start(at: Tensor(mean), with: &evaluator)
    let d = dimension
    var sums = BlockedSums(width: d + d * d)
    var count = -draws / 100
    while count < draws {
      guard try sampler.step(&state, with: &evaluator).isDraw else { continue }
      count += 1
      guard count > 0 else { continue }
      let draw = sampler.draw(from: state)
      sums.add { sums in
        for i in 0..<d {
          let u = draw[i] - mean[i]
          sums[i] += u
          for j in 0..<d { sums[d + i * d + j] += u * (draw[j] - mean[j]) }
        }
      }
    }
    let blocks = sums.blockTotals
    guard blocks.count >= 2 else {
      throw TheoryError.tooFew("draws", found: draws, needed: 2 * BlockedSums.chunk)
    }
    let n = Double(blocks.count)
    let total = (0..<sums.width).map { index in blocks.reduce(0) { $0 + $1[index] } }
    let whole = try divergence(ofSums: total, count: n * Double(sums.blockSteps))
    let parts = try blocks.map { block in
      try divergence(ofSums: zip(total, block).map { $0 - $1 }, count: (n - 1) * Double(sums.blockSteps))
    }
    let centre = parts.reduce(0, +) / n
    let spread = parts.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    return Estimate(value: n * whole - (n - 1) * centre, standardError: ((n - 1) / n * spread).squareRoot())
  }

  /// KL of the moments that sums of u and u u' over so many draws make, u the distance from the posterior's mean.
  private func divergence(ofSums sums: [Double], count: Double) throws(LangevinError) -> Double {
    let d = dimension
    let shift = sums[..<d].map { $0 / count }
    let covariance = (0..<d).map { i in (0..<d).map { j in sums[d + i * d + j] / count - shift[i] * shift[j] } }
    return try divergence(of: Moments(mean: zip(mean, shift).map { $0 + $1 }, covariance: covariance))
  }
}
