/// The numbers that a setting allows.
package struct SettingRange: Hashable, Sendable {
  let lower, upper: Double
  let lowerIsAllowed, upperIsAllowed: Bool

  private init(_ lower: Double, _ upper: Double, _ lowerIsAllowed: Bool, _ upperIsAllowed: Bool) {
    (self.lower, self.upper) = (lower, upper)
    (self.lowerIsAllowed, self.upperIsAllowed) = (lowerIsAllowed, upperIsAllowed)
  }

  /// Every finite number.
  package static let any = SettingRange(-.infinity, .infinity, false, false)
  /// Above 0.
  package static let positive = SettingRange(0, .infinity, false, false)
  /// 0 or more.
  package static let notNegative = SettingRange(0, .infinity, true, false)
  /// At least a number.
  package static func atLeast(_ lower: Double) -> SettingRange { SettingRange(lower, .infinity, true, false) }
  /// From the first number to the second, both included.
  package static func from(_ lower: Double, to upper: Double) -> SettingRange { SettingRange(lower, upper, true, true) }
  /// From the first number, included, to the second, which is not.
  package static func from(_ lower: Double, below upper: Double) -> SettingRange {
    SettingRange(lower, upper, true, false)
  }
  /// Above the first number and up to the second.
  package static func above(_ lower: Double, to upper: Double) -> SettingRange {
    SettingRange(lower, upper, false, true)
  }
  /// Strictly between the two.
  package static func between(_ lower: Double, _ upper: Double) -> SettingRange {
    SettingRange(lower, upper, false, false)
  }

  /// Whether a number lies in the range; one that is not finite never does.
  package func contains(_ value: Double) -> Bool {
    value.isFinite && (lowerIsAllowed ? value >= lower : value > lower)
      && (upperIsAllowed ? value <= upper : value < upper)
  }

  /// The range in words, to stand behind "a number".
  var words: String {
    func text(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }
    if lowerIsAllowed, upperIsAllowed { return "from \(text(lower)) to \(text(upper))" }
    var parts: [String] = []
    if lower.isFinite { parts.append((lowerIsAllowed ? "of at least " : "above ") + text(lower)) }
    if upper.isFinite { parts.append((upperIsAllowed ? "at most " : "below ") + text(upper)) }
    return parts.joined(separator: " and ")
  }
}
