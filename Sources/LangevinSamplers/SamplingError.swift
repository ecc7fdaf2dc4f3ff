import LangevinCore

/// Why a chain cannot start or go on.
public enum SamplingError: Error, Hashable {
  /// A setting outside its range, found before any step. `where` names the partition, if there is one.
  case setting(String, in: String, found: String, expected: String)
  /// A splitting word that is not one: which, at which letter, and why.
  case word(String, position: Int, reason: String)
  /// A setup whose draws would not follow the law that the method claims; the text says what to do instead.
  case refused(String)
  /// A chain that left every bound. The state is the last good one.
  case diverged(step: UInt64, quantity: String, in: String, hint: String)
  /// Energy or gradient could not be evaluated.
  case evaluation(LangevinError, step: UInt64)
}

extension SamplingError: CustomStringConvertible {
  /// One sentence for the user.
  public var description: String {
    switch self {
    case .setting(let name, let place, let found, let expected):
      "\(name)\(place.isEmpty ? "" : " of \(place)") is \(found); expected \(expected)"
    case .word(let word, let position, let reason):
      "the word '\(word)' fails at letter \(position + 1): \(reason)"
    case .refused(let reason):
      reason
    case .diverged(let step, let quantity, let place, let hint):
      "step \(step): \(quantity) diverged in \(place); \(hint)"
    case .evaluation(let error, let step):
      "step \(step): \(error)"
    }
  }
}

extension SamplingError {
  /// A setting that does not fit the parameters, as the core says it.
  package init(setting error: LangevinError) {
    if case .value(let what, let found, let expected) = error {
      self = .setting(what, in: "", found: found, expected: expected)
    } else {
      self = .evaluation(error, step: 0)
    }
  }
}

/// Checks one setting of a sampler.
package func check(
  _ condition: Bool, _ name: String, in place: String = "", is found: Double, expected: String
) throws(SamplingError) {
  if !condition { throw .setting(name, in: place, found: "\(found)", expected: expected) }
}
