import Foundation

/// A folder of its own for a test.
public struct TemporaryFolder {
  /// Where it is.
  public let path: String

  /// A new folder.
  public init() throws {
    path = NSTemporaryDirectory() + "langevin-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// The end of it.
  public func remove() { try? FileManager.default.removeItem(atPath: path) }

  /// A path within it.
  public func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file; returns its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  /// The text of a file.
  public func text(of name: String) throws -> String {
    try String(contentsOf: URL(fileURLWithPath: file(name)), encoding: .utf8)
  }
}

/// The bytes of a file.
public func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
