import LangevinCore
import LangevinData

/// The layers of a run that stay as they are, in a NumPy file beside its draws, which hold the others.
extension RunFolder {
  var frozen: String { path + "/frozen.npy" }

  func write<Element: Scalar>(_ layers: FrozenLayers<Element>) throws {
    try NPYFile.write(layers.parameters, to: frozen)
  }

  func readFrozenLayers<Element: Scalar>(_ settings: NetworkSettings) throws -> FrozenLayers<Element> {
    guard Self.exists(frozen) else {
      throw FileError(
        path, "has no frozen.npy, the layers that the run does not sample: it cannot be evaluated without")
    }
    return try FrozenLayers(settings.frozenLayers, of: settings.makeNetwork(), at: try NPYFile.read(frozen))
  }
}
