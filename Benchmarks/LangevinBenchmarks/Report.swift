import Langevin

/// Runs what the filter lets through, and prints it as a table or as JSON.
struct Report {
  var filter = ""
  var asJSON = false
  /// What speeds are measured by.
  var clock = Clock.wall
  private(set) var measurements: [Measurement] = []
  private(set) var quantities: [Quantity] = []

  init(filter: String, asJSON: Bool, clock: Clock) {
    self.filter = filter
    self.asJSON = asJSON
    self.clock = clock
  }

  mutating func add(
    _ name: String, against yardstick: @autoclosure () throws -> Yardstick? = nil, _ make: () throws -> Workload
  ) throws {
    try add(name) { [clock] in try make().measure(against: yardstick(), by: clock) }
  }

  /// Whether the filter lets a measurement through.
  func wants(_ name: String) -> Bool { filter.isEmpty || name.contains(filter) }

  /// A measurement of another kind.
  mutating func add(_ name: String, _ measure: () throws -> Measurement) throws {
    guard wants(name) else { return }
    let measurement = try measure()
    measurements.append(measurement)
    if !asJSON { show(line(measurement)) }
  }

  /// Rows above what should bound them, in sentences: there the bound is none. A median may be off by some per cent.
  var impossible: [String] {
    measurements.compactMap { m in
      guard let limit = m.limit, limit.fraction > 1.03 else { return nil }
      return "\(m.name): \(number(limit.fraction * 100)) % of the \(limit.name), which therefore is no limit"
    }
  }

  /// An amount, such as memory.
  mutating func add(quantity name: String, _ make: () throws -> Quantity) throws {
    guard wants(name) else { return }
    let quantity = try make()
    quantities.append(quantity)
    if asJSON { return }
    show("\(quantity.name)\n  " + "\(number(quantity.value)) \(quantity.unit)".padded(76) + (quantity.goal ?? ""))
  }

  static let header = "speed (median, 10 % to 90 %)".padded(44) + "per run".padded(12) + "of limit".padded(20) + "goal"

  private func line(_ m: Measurement) -> String {
    let speed = "\(number(m.median)) \(m.unit) (\(number(m.low)) to \(number(m.high)))"
    let limit = m.limit.map { "\(number($0.fraction * 100)) % \($0.name)" } ?? ""
    return "\(m.name)\n  " + speed.padded(44) + (m.seconds.map(time) ?? "").padded(12) + limit.padded(20)
      + (m.goal ?? "")
  }

  func json() -> String {
    let rows =
      measurements.map { m in
        var fields = [
          "\"name\": \"\(m.name)\"", "\"unit\": \"\(m.unit)\"", "\"median\": \(m.median)", "\"low\": \(m.low)",
          "\"high\": \(m.high)",
        ]
        if let seconds = m.seconds { fields.append("\"seconds\": \(seconds)") }
        if let limit = m.limit { fields += ["\"limit\": \"\(limit.name)\"", "\"fraction\": \(limit.fraction)"] }
        return "  {" + fields.joined(separator: ", ") + "}"
      }
      + quantities.map { "  {\"name\": \"\($0.name)\", \"unit\": \"\($0.unit)\", \"value\": \($0.value)}" }
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
