import LangevinCore
import LangevinSamplers

extension Loss: SettingValue {
  /// A loss by name, with its parameters after a colon: `student-t:nu=3`.
  package init?(settingText text: String) {
    guard let loss = try? Loss(named: text) else { return nil }
    self = loss
  }
  /// The name and the parameters.
  package var settingText: String? { name }
  /// The names.
  package static func expectation(in range: SettingRange) -> String {
    "one of \(names.joined(separator: ", ")), parameters above 0 after a colon: student-t:nu=4,sd=1, "
      + "student-t-scale:nu=4, negative-binomial:r=1"
  }
  /// The names.
  package static var choices: [String] { names }
}

extension Loss {
  /// The targets that may have been meant, where they are not of the kind that the loss compares.
  static func names(forClasses: Bool) -> String {
    let fitting = all.filter { $0.isForClasses == forClasses }.map { String($0.name.prefix { $0 != ":" }) }
    return fitting.dropLast().joined(separator: ", ") + " or " + (fitting.last ?? "")
  }
}

/// What the scale of a loss depends on.
package enum NoiseKind: String, CaseIterable, SettingValue {
  /// On the input: the network has an output for it.
  case byInput = "by-input"
  /// On nothing: one learnt number for each target.
  case common
}

/// Names of layers, with commas between them.
package struct LayerNames: SettingValue {
  /// The names.
  package let names: [String]

  /// Names with commas between them.
  package init?(settingText text: String) {
    names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if names.contains("") || Set(names).count < names.count { return nil }
  }
  /// The same.
  package var settingText: String? { names.joined(separator: ",") }
  /// In words.
  package static func expectation(in range: SettingRange) -> String { "the first layers, such as layer1,layer2" }
}
