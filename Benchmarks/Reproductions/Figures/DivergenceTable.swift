import Langevin
import LangevinTheory

extension LinearGaussianChain.Scheme {
  /// The schemes of the comparison, by name.
  package static let named: [(name: String, scheme: LinearGaussianChain.Scheme)] = [
    ("full gradient", .fullGradient(.euler)), ("sgld", .independentBatches(.euler)),
    ("sgld, shared noise", .independentBatches(.sharedNoise)), ("sgld, midpoint", .independentBatches(.midpoint)),
    ("sgworld-1", .reshuffled(.euler)), ("sgworld-lm", .reshuffled(.sharedNoise)), ("sgworld-2", .oneCorrection),
    ("sgworld-2, all steps", .reshuffled(.midpoint)), ("sgworld-2lm", .oneCorrectionSharedNoise),
    ("noise at the end of an epoch", .noisePerEpoch(.end, .euler)),
    ("noise around an epoch", .noisePerEpoch(.split, .euler)), ("sgworld-1, one fixed order", .fixedOrder(.euler)),
  ]
}

extension LinearGaussianProblem {
  /// KL of each scheme's stationary law from the posterior against the step size; NaN where there is no stationary law.
  package func divergences(batchSize: Int, stepSizes: [Double]) throws -> ResultTable {
    let schemes = LinearGaussianChain.Scheme.named
    var table = ResultTable(
      "KL of the stationary law from the posterior, \(count) examples in batches of \(batchSize); the step size is that of the "
        + "energy summed over the data",
      columns: [.init("step size")] + schemes.map { .init($0.name, unit: "nat") })
    for stepSize in stepSizes {
      let chain = try LinearGaussianChain(self, batchSize: batchSize, stepSize: stepSize)
      table.add([stepSize] + schemes.map { (try? chain.divergence(of: $0.scheme)) ?? .nan })
    }
    return table
  }
}
