import Langevin

/// Runs what the filter lets through, and prints it as a table or as JSON.
struct Report {
  var filter = ""
  var asJSON = false
  private(set) var measurements: [Measurement] = []

  init(filter: String, asJSON: Bool) {
    self.filter = filter
    self.asJSON = asJSON
  }

  mutating func add(_ name: String, against yardstick: Yardstick? = nil, _ make: () throws -> Workload) throws {
    guard filter.isEmpty || name.contains(filter) else { return }
    let measurement = try make().measure(against: yardstick)
    measurements.append(measurement)
    if !asJSON { print(line(measurement)) }
  }

  static let header = "speed (median, 10 % to 90 %)".padded(44) + "per run".padded(12) + "of limit".padded(20) + "goal"

  private func line(_ m: Measurement) -> String {
    let speed = "\(number(m.median)) \(m.unit) (\(number(m.low)) to \(number(m.high)))"
    let limit = m.limit.map { "\(number($0.fraction * 100)) % \($0.name)" } ?? ""
    return "\(m.name)\n  " + speed.padded(44) + time(m.seconds).padded(12) + limit.padded(20) + (m.goal ?? "")
  }

  func json() -> String {
    let rows = measurements.map { m in
      var fields = [
        "\"name\": \"\(m.name)\"", "\"unit\": \"\(m.unit)\"", "\"median\": \(m.median)", "\"low\": \(m.low)",
        "\"high\": \(m.high)", "\"seconds\": \(m.seconds)",
      ]
      if let limit = m.limit { fields += ["\"limit\": \"\(limit.name)\"", "\"fraction\": \(limit.fraction)"] }
      return "  {" + fields.joined(separator: ", ") + "}"
    }
    return "[\n" + rows.joined(separator: ",\n") + "\n]"
  }

  private func time(_ seconds: Double) -> String {
    seconds < 1e-3 ? "\(number(seconds * 1e6)) us" : "\(number(seconds * 1e3)) ms"
  }
}

/// Three significant digits.
func number(_ x: Double) -> String {
  guard x.isFinite, x != 0 else { return "\(x)" }
  var scale = 1.0
  while abs(x) * scale < 100 { scale *= 10 }
  let rounded = (x * scale).rounded() / scale
  return rounded == rounded.rounded() && abs(rounded) >= 100 ? "\(Int(rounded))" : "\(rounded)"
}

extension String {
  func padded(_ width: Int) -> String {
    count >= width ? self + " " : self + String(repeating: " ", count: width - count)
  }
}
