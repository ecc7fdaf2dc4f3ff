import LangevinCore
import LangevinSamplers

/// The prior of a network run, as it is written: precisions of a normal law in units of the energy, or a law by name.
///
///     1e-3   layer1=1e-3,layer2.bias=0   normal:scale=2   laplace:scale=0.5   student-t:nu=3,scale=1   sampled:shape=2
///
/// Laws by name are densities of the parameters at the temperature of the run, whatever that is.
package struct PriorSetting: SettingValue {
  private enum Law: Equatable, Sendable {
    /// By layer or block; the one for all parameters has the empty name.
    case precisions([String: Double])
    case normal(scale: Double)
    case laplace(scale: Double)
    case studentT(degrees: Double, scale: Double)
    case sampled(shape: Double, rate: Double?, interval: Int)
  }
  private let law: Law
  /// In the order in which it was written.
  private let text: String

  /// A normal law with one precision for all parameters.
  package init(precision: Double) {
    law = .precisions(["": precision])
    text = "\(precision)"
  }

  /// A number, `layer1=1e-3,layer2.bias=0`, or a law such as `laplace:scale=0.5`.
  package init?(settingText text: String) {
    guard let law = Self.named(text) ?? Self.precisions(text) else { return nil }
    self.law = law
    self.text = text
  }
  /// As it was written.
  package var settingText: String? { text }
  /// A number, if it is one.
  package var settingForm: SettingForm {
    if case .precisions(let byName) = law, byName[""] != nil { .number } else { .text }
  }
  /// In words.
  package static func expectation(in range: SettingRange) -> String {
    "a number of at least 0, numbers for layers and blocks such as layer1=1e-3,layer2.bias=0, or normal:scale=1, "
      + "laplace:scale=1, student-t:nu=3,scale=1, sampled:shape=2,rate=1,interval=10 with numbers above 0"
  }

  private static func named(_ text: String) -> Law? {
    let usual: [String: [String: Double]] = [
      "normal": ["scale": 1], "laplace": ["scale": 1], "student-t": ["nu": 3, "scale": 1],
      // A rate of 0 stands for the one that fits the layer.
      "sampled": ["shape": 2, "rate": 0, "interval": 10],
    ]
    let name = String(text.prefix { $0 != ":" })
    guard let defaults = usual[name],
      let values = try? NamedNumbers(text, in: "the prior", defaults: defaults, { $0 > 0 })
    else { return nil }
    switch name {
    case "normal": return .normal(scale: values["scale"])
    case "laplace": return .laplace(scale: values["scale"])
    case "student-t": return .studentT(degrees: values["nu"], scale: values["scale"])
    default:
      guard let interval = Int(exactly: values["interval"]) else { return nil }
      let rate = values["rate"]
      return .sampled(shape: values["shape"], rate: rate > 0 ? rate : nil, interval: interval)
    }
  }

  private static func precisions(_ text: String) -> Law? {
    // A colon belongs to a law whose numbers are wrong.
    guard !text.contains(":") else { return nil }
    var precisions: [String: Double] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      let name = sides.count == 2 ? String(sides[0]) : ""
      guard sides.count == 2 ? !name.isEmpty : text == part, let value = sides.last.flatMap({ Double($0) }),
        value >= 0, value.isFinite, precisions.updateValue(value, forKey: name) == nil
      else { return nil }
    }
    return .precisions(precisions)
  }

  /// The precisions of a normal law by layer or block, the one for all parameters under the empty name; none for other laws.
  package var byName: [String: Double] { if case .precisions(let byName) = law { byName } else { [:] } }

  /// The prior at a temperature; flat for a precision of 0.
  func prior<Element: Scalar>(temperature: Double) -> Prior<Element> {
    switch law {
    case .precisions(let byName):
      guard let precision = byName[""] else { return .perBlock(byName) }
      return precision > 0 ? .gaussian(precision: precision) : .flat
    case .normal(let scale): return .gaussian(precision: temperature / (scale * scale))
    case .laplace(let scale): return .laplace(scale: scale, temperature: temperature)
    case .studentT(let degrees, let scale): return .studentT(degrees: degrees, scale: scale, temperature: temperature)
    case .sampled(let shape, let rate, let interval):
      return .sampledPrecisions(shape: shape, rate: rate, interval: interval, temperature: temperature)
    }
  }
}
