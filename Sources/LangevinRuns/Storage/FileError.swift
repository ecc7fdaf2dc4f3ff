/// What can be wrong with a file of a run: which one, where in it, what was found, and what to do.
public struct FileError: Error, Equatable, CustomStringConvertible {
  /// The file or folder.
  public let path: String
  /// What is wrong, and what was expected.
  package let reason: String

  /// An error of a file.
  package init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = reason
  }

  /// One sentence for the user.
  public var description: String { "\(path): \(reason)" }
}
