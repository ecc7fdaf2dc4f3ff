/// One setting of a sampler or of a run: its name, unit, range and meaning. Its type and its default are those of the
/// property that it stands for.
///
///     public struct SGLDSettings: SamplerSettings {
///       public var stepSize: Schedule = 0.01
///       public static let table: [Setting<Self>] = [
///         Setting("step-size", \.stepSize, in: .positive, unit: "time", "h, the length of a step")
///       ]
///     }
///
/// From this one place come the check of the initialiser, the option of the command, the key of the JSON document, the help,
/// and the table on the method's page.
package struct Setting<Owner: SettingGroup>: Sendable {
  /// Everything about it but the property.
  package let row: SettingRow
  let read: @Sendable (inout Owner, String) -> Bool
  let text: @Sendable (Owner) -> SettingText?
  let isAllowed: @Sendable (Owner) -> Bool

  /// A setting.
  ///
  /// - Parameters:
  ///   - name: Its words with hyphens between them.
  ///   - property: Where its value is.
  ///   - range: The numbers that are allowed.
  ///   - unit: Its unit; empty for a pure number.
  ///   - initial: The default in words, where it is not the value of the property.
  ///   - meaning: What it is, in a few words.
  package init<Value: SettingValue>(
    _ name: String, _ property: WritableKeyPath<Owner, Value> & Sendable, in range: SettingRange = .any,
    unit: String = "", default initial: String? = nil, _ meaning: String
  ) {
    row = SettingRow(
      name: name, unit: unit, meaning: meaning, expected: Value.expectation(in: range),
      initial: initial ?? Owner()[keyPath: property].settingText ?? "none", choices: Value.choices)
    read = { owner, text in
      guard let value = Value(settingText: text), value.isAllowed(in: range) else { return false }
      owner[keyPath: property] = value
      return true
    }
    text = { owner in
      let value = owner[keyPath: property]
      return value.settingText.map { SettingText(name: name, text: $0, form: value.settingForm) }
    }
    isAllowed = { $0[keyPath: property].isAllowed(in: range) }
  }
}

/// What a table of settings says about one of them.
package struct SettingRow: Hashable, Sendable {
  /// Its name, in the JSON document and, after two dashes, as an option.
  package let name: String
  /// Its unit; empty for a pure number.
  package let unit: String
  /// What it means, in a few words.
  package let meaning: String
  /// What is allowed, in words.
  package let expected: String
  /// The default, in words where it depends on something.
  package let initial: String
  /// The names to choose from, if it is a choice.
  package let choices: [String]
}
