import Langevin

extension MassUpdates {
  /// The rule of arXiv 2603.15367: r = 0.01, and masses that follow the noise for ever, which biases the law.
  package static func published() throws(SamplingError) -> MassUpdates {
    try MassUpdates(ratio: 0.01, settling: .max)
  }
}
