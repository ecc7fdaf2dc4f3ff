import LangevinSamplers

/// The settings of one group, complete and checked, by name.
public struct SettingValues: Sendable {
  private let prefix: String
  private var values: [String: String]

  init(_ values: [String: String], under prefix: String = "") {
    self.values = values
    self.prefix = prefix.isEmpty ? "" : prefix + "."
  }

  /// The text of a setting.
  public func text(_ name: String) -> String {
    guard let text = values[prefix + name] else { preconditionFailure("no setting is called '\(prefix + name)'") }
    return text
  }

  /// The same with another value of a setting.
  func setting(_ name: String, to text: String) -> SettingValues {
    var changed = self
    changed.values[prefix + name] = text
    return changed
  }

  /// The text of a setting that may have none.
  public func optional(_ name: String) -> String? { values[prefix + name] }

  /// A real number.
  public func real(_ name: String) -> Double { parsed(name) { Double($0) } }
  /// A whole number.
  public func integer(_ name: String) -> Int { parsed(name) { Int($0) } }
  /// A 64-bit number.
  public func seed(_ name: String) -> UInt64 { parsed(name) { UInt64($0) } }
  /// A number that may change along the run.
  public func schedule(_ name: String) -> Schedule { parsed(name) { Schedule($0) } }
  /// Precisions by block; a number for all has the empty name.
  package func precisions(_ name: String) -> [String: Double] { parsed(name) { Setting.precisions($0) } }
  /// Names, or nil for `automatic`.
  func names(_ name: String) -> [String]? { Setting.names(text(name)) }
  /// true or false.
  public func flag(_ name: String) -> Bool { text(name) == "true" }

  private func parsed<Value>(_ name: String, _ parse: (String) -> Value?) -> Value {
    guard let value = parse(text(name)) else { preconditionFailure("'\(prefix + name)' was not checked") }
    return value
  }
}
