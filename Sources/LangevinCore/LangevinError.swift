/// What can be wrong with what a caller hands in: what was found, where, and what was expected instead.
///
/// Errors of this type come before any computation, except ``nonFinite(_:in:hint:)``, which a diverging chain throws.
public enum LangevinError: Error, Hashable {
  /// A matrix, vector or list has another shape than its use requires.
  case shape(of: String, found: [Int], expected: [Int])
  /// A number, name or choice lies outside what is allowed.
  case value(of: String, found: String, expected: String)
  /// NaN or infinity, and where.
  case nonFinite(String, in: String, hint: String)
  /// Sizes whose product is more than a machine can address.
  case tooLarge(String, sizes: [Int])
}

extension LangevinError: CustomStringConvertible {
  /// One sentence for the user.
  public var description: String {
    switch self {
    case .shape(let what, let found, let expected):
      "\(what) has shape \(Self.text(found)); expected \(Self.text(expected))"
    case .value(let what, let found, let expected):
      "\(what) is \(found); expected \(expected)"
    case .nonFinite(let what, let place, let hint):
      hint.isEmpty ? "\(what) is not finite in \(place)" : "\(what) is not finite in \(place): \(hint)"
    case .tooLarge(let what, let sizes):
      "\(what) would need \(sizes.map(String.init).joined(separator: " x ")) elements, more than can be addressed"
    }
  }

  private static func text(_ shape: [Int]) -> String {
    "[" + shape.map(String.init).joined(separator: ", ") + "]"
  }
}

/// Checks one setting of a public initialiser.
package func require(
  _ condition: Bool, _ what: @autoclosure () -> String, is found: @autoclosure () -> Any,
  expected: @autoclosure () -> String
) throws(LangevinError) {
  if !condition { throw .value(of: what(), found: "\(found())", expected: expected()) }
}

extension LangevinError {
  /// The named case of an enumeration, or an error that lists the names.
  package static func named<Choice: RawRepresentable & CaseIterable>(
    _ name: String, as kind: String
  ) throws(LangevinError) -> Choice where Choice.RawValue == String {
    if let choice = Choice(rawValue: name) { return choice }
    let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    throw .value(of: kind, found: "'\(name)'", expected: "one of \(known)")
  }
}
