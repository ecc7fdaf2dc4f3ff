import LangevinPlatform

/// Numbers for people: short, and never with digits that mean nothing.
package enum Format {
  /// A number with so many digits after the point.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    let scale = pow(10, Double(digits))
    guard value.magnitude * scale < 1e18 else { return "\(value)" }
    let units = Int64((value.magnitude * scale).rounded())
    var text = "\(units)"
    if digits > 0 {
      text = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
      text.insert(".", at: text.index(text.endIndex, offsetBy: -digits))
    }
    return value < 0 && units != 0 ? "-" + text : text
  }

  /// A number with so many significant digits, in powers of ten where it is very large or small.
  package static func significant(_ value: Double, _ digits: Int = 3) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    var exponent = Int(log10(value.magnitude).rounded(.down))
    // Rounding may carry to the next power: 9.99 with two digits is 10.
    if (value.magnitude / pow(10, Double(exponent - digits + 1))).rounded() >= pow(10, Double(digits)) { exponent += 1 }
    if exponent < -4 || exponent >= max(digits, 6) {
      var mantissa = fixed(value / pow(10, Double(exponent)), digits - 1)
      while mantissa.contains("."), mantissa.last == "0" || mantissa.last == "." { mantissa.removeLast() }
      return "\(mantissa)e\(exponent)"
    }
    return fixed(value, max(0, digits - 1 - exponent))
  }

  /// A value with digits down to the second one of its error.
  package static func value(_ value: Double, error: Double) -> String {
    guard error > 0, error.isFinite, value.isFinite else { return significant(value, 6) }
    let digits = 1 - Int(log10(error).rounded(.down))
    if value != 0, value.magnitude < 1e-3 {
      let places = digits + Int(log10(value.magnitude).rounded(.down)) + 1
      return significant(value, min(max(places, 1), 12))
    }
    return digits > 12 || digits < 0 ? significant(value, 6) : fixed(value, digits)
  }

  /// An error with two significant digits.
  package static func error(_ error: Double) -> String { significant(error, 2) }

  /// A time such as 1:05:20, 3:20 or 12.3 s.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "?" }
    if seconds < 60 { return fixed(seconds, seconds < 10 ? 1 : 0) + " s" }
    let whole = Int(min(seconds, 1e9).rounded())
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
  }

  /// A count such as 12 345 678.
  package static func count(_ value: some BinaryInteger) -> String {
    var text = ""
    for (index, digit) in String(value.magnitude).reversed().enumerated() {
      if index > 0 && index % 3 == 0 { text.append(" ") }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + String(text.reversed())
  }
}

extension Format {
  /// Text in lines of at most so many characters, broken between words; lines after the first are indented.
  package static func folded(_ text: String, to width: Int = 80, indent: Int = 0) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines = [""]
    for word in text.split(separator: " ") {
      if let last = lines.last, !last.isEmpty, last.count + word.count + 1 > width { lines.append("") }
      let last = lines.removeLast()
      lines.append(last.isEmpty ? (lines.isEmpty ? "" : margin) + word : last + " " + word)
    }
    return lines
  }

  /// A bound or a default as a person would write it: 0 and 1e-4, not 0.0 and 0.0001.
  static func plain(_ value: Double) -> String {
    if let whole = Int(exactly: value), whole.magnitude < 1_000_000 { return "\(whole)" }
    return "\(value)"
  }
}
