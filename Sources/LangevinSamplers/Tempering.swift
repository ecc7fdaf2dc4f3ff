import LangevinCore

/// A sampler that visits other temperatures on its way: between draws its states do not follow the law that it draws from.
package protocol Tempering {}

extension ContinuousTempering: Tempering {}
extension ReplicaExchange: Tempering {}

extension SampledPrecisions {
  /// Throws unless precisions can be drawn between the steps of a sampler of that law: it has to be the one of their prior, in
  /// every state, and no part of a step may be left for the next one. A word that ends in a kick leaves it, to be done together
  /// with the next step's, by the force of the old prior.
  package func check<State: SamplerState>(
    _ law: StationaryLaw, isTempered: Bool, state: State
  ) throws(LangevinError) {
    if let word = state as? SplittingState<State.Element>, word.keepsGradient {
      throw .value(
        of: "the sampler of a prior with sampled precisions", found: "a word that ends in a kick",
        expected: "a method whose steps are whole, such as hmc, sgld, pl or the word aboba")
    }
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
