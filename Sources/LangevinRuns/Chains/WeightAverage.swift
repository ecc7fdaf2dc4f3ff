import LangevinCore
import LangevinSamplers

/// The running average of the parameters over the kept steps of each chain, warm-up left out.
///
///     let average = WeightAverage()
///     let run = try SamplingRun(posterior, sampler: sampler, plan: plan, in: folder, observers: [average]) { ... }
///     try run.advance()
///     let weights: Tensor<Float>? = average.parameters(ofChain: 0)?.tensor()
///
/// With m_0 = 0 each kept step moves it by m_k = m_(k-1) + (theta_k - m_(k-1))/k, in double precision whatever that of the
/// run. It is a single point, the centre of the region that a chain wanders in, and costs one evaluation where an average of
/// predictions costs as many as there are draws. It means something only while the chain stays in one region: the average of two
/// networks that compute the same thing with their units exchanged computes something else.
///
/// As a member of a run it is stored in the checkpoints: a run that was killed and resumed has the same average, bit for bit.
///
/// Boris Polyak and Anatoli Juditsky, "Acceleration of stochastic approximation by averaging", 1992; for networks Izmailov
/// et al., "Averaging weights leads to wider optima and better generalization", arXiv 1803.05407.
public final class WeightAverage: Observer {
  private struct Average {
    var count: UInt64 = 0
    var mean = Tensor<Double>(zeros: 0)
  }
  private var averages: [Int: Average] = [:]
  private let start: UInt64

  /// An average of nothing yet; kept steps up to `start` are left out, as those of the warm-up are.
  public init(after start: UInt64 = 0) { self.start = start }

  /// The average of a chain, from 0; nil before its first kept step.
  public func parameters(ofChain chain: Int) -> Parameters? {
    averages[chain].flatMap { $0.count > 0 ? .double($0.mean) : nil }
  }

  /// How many kept steps it is the average of.
  public func count(ofChain chain: Int) -> UInt64 { averages[chain]?.count ?? 0 }

  /// Takes the step in.
  public func observe(_ kept: KeptStep) {
    guard !kept.isWarmup, kept.step > start else { return }
    let draw = kept.draw.tensor(of: Double.self)
    var average = averages.removeValue(forKey: kept.chain) ?? Average()
    if average.count == 0 { average.mean = Tensor(zeros: draw.count) }
    average.count += 1
    let share = 1 / Double(average.count)
    for index in 0..<draw.count { average.mean[index] += (draw[index] - average.mean[index]) * share }
    averages[kept.chain] = average
  }

  /// The number of steps and their mean.
  public func archive(chain: Int, in archive: inout some StateArchive) throws {
    var average = averages[chain] ?? Average()
    try archive.field("count", &average.count)
    try archive.field("mean", &average.mean)
    averages[chain] = average
  }
}
