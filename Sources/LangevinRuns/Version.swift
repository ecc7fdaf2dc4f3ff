/// The version of the package.
package enum Version {
  /// As in a tag.
  package static let current = "0.1.0"
}
