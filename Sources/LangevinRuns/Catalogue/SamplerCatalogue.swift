extension SamplerCatalogue {
  /// Every entry, in the order of the help.
  public static let entries: [any SamplerEntry.Type] = [
    SGLDEntry.self,
  ]
}
