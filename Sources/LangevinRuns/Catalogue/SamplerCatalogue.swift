extension SamplerCatalogue {
  /// Every entry, in the order of the help.
  public static let entries: [any SamplerEntry.Type] = [
    PseudoLangevinEntry.self, HybridMonteCarloEntry.self, SGLDEntry.self, SGWORLDEntry.self,
    LeimkuhlerMatthewsEntry.self, LangevinEntry.self, SGHMCEntry.self, SGNHTEntry.self, BADODABEntry.self,
    AdLaEntry.self, LaLaEntry.self, AdLaLaEntry.self, LOLEntry.self, ContinuousTemperingEntry.self,
    StochasticGradientDescentEntry.self,
    AdamEntry.self,
  ]
}
