import LangevinCore

/// A type that settings can have: how a user writes a value, and how it is written back.
///
/// An optional is a setting that may be left open, which is also what the text `automatic` says; what it is then follows from
/// others or from the run (``SamplerSettings/complete(for:)``).
package protocol SettingValue: Sendable, Equatable {
  /// The value that a text means; nil if it means none.
  init?(settingText text: String)
  /// The text that reads back as the same value; nil where it is left open.
  var settingText: String? { get }
  /// How the text stands in a JSON document.
  var settingForm: SettingForm { get }
  /// Whether it lies in a range; types that are no numbers lie in any.
  func isAllowed(in range: SettingRange) -> Bool
  /// What is allowed, in words.
  static func expectation(in range: SettingRange) -> String
  /// The names to choose from, if it is a choice.
  static var choices: [String] { get }
}

/// How the text of a setting stands in a JSON document.
package enum SettingForm: Sendable {
  /// As a number.
  case number
  /// As `true` or `false`.
  case flag
  /// As a string.
  case text
  /// As a list of strings, of which the text is the JSON.
  case list
}

extension SettingValue {
  /// A string.
  package var settingForm: SettingForm { .text }
  /// Yes.
  package func isAllowed(in range: SettingRange) -> Bool { true }
  /// None.
  package static var choices: [String] { [] }
}

extension Optional: SettingValue where Wrapped: SettingValue {
  /// A value, or `automatic`.
  package init?(settingText text: String) {
    if text == "automatic" {
      self = nil
      return
    }
    guard let value = Wrapped(settingText: text) else { return nil }
    self = value
  }
  /// Nil for one that is left open.
  package var settingText: String? { flatMap(\.settingText) }
  /// That of the value.
  package var settingForm: SettingForm { map(\.settingForm) ?? .text }
  /// What is left open is allowed.
  package func isAllowed(in range: SettingRange) -> Bool { map { $0.isAllowed(in: range) } ?? true }
  /// That of the value.
  package static func expectation(in range: SettingRange) -> String { Wrapped.expectation(in: range) }
  /// Those of the value.
  package static var choices: [String] { Wrapped.choices }
}

extension Double: SettingValue {
  /// A finite number.
  package init?(settingText text: String) {
    guard let value = Double(text), value.isFinite else { return nil }
    self = value
  }
  /// The fewest digits that read back to the same bits.
  package var settingText: String? { "\(self)" }
  /// A number.
  package var settingForm: SettingForm { .number }
  /// Whether it lies there.
  package func isAllowed(in range: SettingRange) -> Bool { range.contains(self) }
  /// A number in the range.
  package static func expectation(in range: SettingRange) -> String { described("a number", range.words) }
}

extension SettingValue where Self: FixedWidthInteger {
  /// A whole number, also as `1e6`, `10k`, `2M` or `1_000_000`.
  package init?(settingText text: String) {
    let plain = text.filter { $0 != "_" }
    if text.first != "_", text.last != "_", let value = Self(plain) {
      self = value
      return
    }
    let factor: Double = plain.last == "k" ? 1e3 : plain.last == "M" ? 1e6 : 1
    guard let value = Double(factor == 1 ? plain : String(plain.dropLast())), value.magnitude * factor < 0x1p53,
      let whole = Self(exactly: value * factor)
    else { return nil }
    self = whole
  }
  /// Its digits.
  package var settingText: String? { "\(self)" }
  /// A number.
  package var settingForm: SettingForm { .number }
  /// Whether it lies there.
  package func isAllowed(in range: SettingRange) -> Bool { range == .any || range.contains(Double(self)) }
  /// A whole number in the range.
  package static func expectation(in range: SettingRange) -> String {
    range == .any ? "a whole number from \(Self.min) to \(Self.max)" : described("a whole number", range.words)
  }
}

extension Int: SettingValue {}
extension UInt64: SettingValue {}

extension Bool: SettingValue {
  /// `true` or `false`.
  package init?(settingText text: String) { self.init(text) }
  /// `true` or `false`.
  package var settingText: String? { "\(self)" }
  /// true or false.
  package var settingForm: SettingForm { .flag }
  /// Both.
  package static func expectation(in range: SettingRange) -> String { "true or false" }
  /// Both.
  package static var choices: [String] { ["true", "false"] }
}

extension String: SettingValue {
  /// Any text but the empty one.
  package init?(settingText text: String) {
    if text.isEmpty { return nil }
    self = text
  }
  /// Itself.
  package var settingText: String? { self }
  /// Text.
  package static func expectation(in range: SettingRange) -> String { "text" }
}

extension SettingValue where Self: RawRepresentable & CaseIterable, RawValue == String {
  /// A case by name.
  package init?(settingText text: String) { self.init(rawValue: text) }
  /// The name.
  package var settingText: String? { rawValue }
  /// The names.
  package static func expectation(in range: SettingRange) -> String {
    "one of " + choices.joined(separator: ", ")
  }
  /// The names.
  package static var choices: [String] { allCases.map(\.rawValue) }
}

private func described(_ noun: String, _ range: String) -> String { range.isEmpty ? noun : "\(noun) \(range)" }
