/// The settings of a sampler, as `run.json` shows them and as a resumed run compares them.
///
///     struct BarkerSettings: SettingRecord {
///       var stepSize = 0.1
///       var texts: [SettingText] { [SettingText(name: "step-size", text: "\(stepSize)")] }
///     }
public protocol SettingRecord: Sendable {
  /// Those that are not left open, in order.
  var texts: [SettingText] { get }
}

extension SettingRecord {
  /// What the table of the settings says, for those that have one.
  public var texts: [SettingText] { (self as? any SettingGroup)?.tableTexts ?? [] }
}

/// A setting as text.
public struct SettingText: Hashable, Sendable {
  /// Its name.
  public let name: String
  /// Its value.
  public let text: String
  /// How the value stands in a JSON document.
  package let form: SettingForm

  /// A setting whose value a JSON document shows as a string.
  public init(name: String, text: String) { self.init(name: name, text: text, form: .text) }

  /// A setting as text.
  package init(name: String, text: String, form: SettingForm) {
    self.name = name
    self.text = text
    self.form = form
  }
}

/// Settings that belong together, as a value with a property for each and one table that describes them.
package protocol SettingGroup: SettingRecord, Equatable {
  /// The defaults.
  init()
  /// Every setting once, in the order of the help.
  static var table: [Setting<Self>] { get }
}

extension SettingGroup {
  /// What the table says.
  package static var rows: [SettingRow] { table.map(\.row) }

  /// Those that are not left open, in the order of the table.
  fileprivate var tableTexts: [SettingText] { Self.table.compactMap { $0.text(self) } }

  /// Sets one from text. `place` is how the user named it, for the message.
  package mutating func set(_ name: String, to text: String, as place: String) throws(SettingError) {
    guard let setting = Self.table.first(where: { $0.row.name == name }) else {
      throw SettingError("\(place): there is no setting '\(name)'\(Nearest.hint(name, among: Self.rows.map(\.name)))")
    }
    guard setting.read(&self, text) else {
      throw SettingError(
        "\(place) is '\(text)'; expected \(setting.row.expected)\(Nearest.hint(text, among: setting.row.choices))")
    }
  }

  /// Throws if a value is outside its range.
  package func check() throws(SamplingError) {
    for setting in Self.table where !setting.isAllowed(self) {
      throw .setting(
        "the " + setting.row.name.replacing("-", with: " "), in: "", found: setting.text(self)?.text ?? "open",
        expected: setting.row.expected)
    }
  }
}

/// A group without settings.
public struct NoSettings: SettingGroup {
  /// The only one.
  public init() {}
  /// Empty.
  package static let table: [Setting<NoSettings>] = []
}

/// A setting that is not what it should be: one line that names it, what was found and what is expected.
public struct SettingError: Error, Equatable, CustomStringConvertible {
  /// One line for the user.
  public let description: String

  /// An error with its message.
  package init(_ description: String) { self.description = description }
}
