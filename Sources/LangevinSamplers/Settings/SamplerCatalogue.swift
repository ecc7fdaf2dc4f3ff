/// The methods that a run can be made with, by name. A new one is a file of its own and a line here.
package enum SamplerCatalogue {
  /// Every method, in the order of the help.
  package static let methods: [any SamplerSettings.Type] = [
    PseudoLangevinSettings.self, HybridMonteCarloSettings.self, MALASettings.self, NUTSSettings.self, MAMSSettings.self,
    MCLMCSettings.self, MinibatchMCLMCSettings.self, SGLDSettings.self, PreconditionedSGLDSettings.self,
    CyclicalSGLDSettings.self, SGWORLDSettings.self, LeimkuhlerMatthewsSettings.self, UnderdampedLangevinSettings.self,
    SGHMCSettings.self, SGNHTSettings.self, BADODABSettings.self, AdLaSettings.self, LaLaSettings.self,
    AdLaLaSettings.self, LOLSettings.self, ContinuousTemperingSettings.self, StochasticGradientDescentSettings.self,
    AdamSettings.self,
  ]

  /// The method of that name.
  package static func method(named name: String) throws(SettingError) -> any SamplerSettings.Type {
    if let method = methods.first(where: { $0.names.contains(name) }) { return method }
    throw SettingError(
      "the sampler is '\(name)'; expected one of \(methods.map { $0.name }.joined(separator: ", "))"
        + Nearest.hint(name, among: methods.flatMap { $0.names }))
  }
}
