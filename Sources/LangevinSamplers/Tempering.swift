import LangevinCore

/// A sampler that visits other temperatures on its way: between draws its states do not follow the law that it draws from.
package protocol Tempering {}

extension ContinuousTempering: Tempering {}
extension ReplicaExchange: Tempering {}

extension SampledPrecisions {
  /// Throws unless precisions can be drawn between the steps of a sampler of that law: it has to be the one of their prior, in
  /// every state.
  package func check(_ law: StationaryLaw, isTempered: Bool) throws(LangevinError) {
    guard !isTempered, case .gibbs(let found) = law else {
      throw .value(
        of: "the sampler of a prior with sampled precisions", found: "one of no single law",
        expected: "one that stays at one temperature")
    }
    try require(
      abs(found - temperature) <= 1e-9 * temperature, "the temperature of the prior's precisions", is: temperature,
      expected: "\(found), that of the sampler")
  }
}
