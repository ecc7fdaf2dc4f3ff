import Langevin

/// Runs what the filter lets through, and prints it as a table or as JSON.
struct Report {
  var filter = ""
  var asJSON = false
  /// The length of simulations relative to what the tables of the laws want.
  var effort = 1.0
  /// What speeds are measured by.
  var clock = Clock.wall
  private(set) var measurements: [Measurement] = []
  private(set) var quantities: [Quantity] = []
  private var laws: [LawRow] = []

  init(filter: String, asJSON: Bool, effort: Double, clock: Clock) {
    self.filter = filter
    self.asJSON = asJSON
    self.effort = effort
    self.clock = clock
  }

  /// A table of laws.
  mutating func add(_ name: String, laws rows: [LawRow]) {
    laws += rows
    if asJSON { return }
    print("\n\(name)\n" + "".padded(52) + "value".padded(14) + "expected".padded(14) + "error".padded(12) + "z")
    for row in rows { print(line(row)) }
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

  private func line(_ row: LawRow) -> String {
    let start = row.name.padded(52) + "\(significant(row.value))".padded(14)
    if let bounds = row.bounds {
      let range = "\(number(bounds.lowerBound)) to \(number(bounds.upperBound))"
      return start + range.padded(26) + (row.holds ? "within" : "OUTSIDE")
    }
    return start + "\(significant(row.expected))".padded(14) + "\(number(row.standardError))".padded(12)
      + "\((row.z * 10).rounded() / 10)"
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
      + laws.map { row in
        let law =
          row.bounds.map { "\"from\": \($0.lowerBound), \"to\": \($0.upperBound)" }
          ?? "\"expected\": \(row.expected), \"standardError\": \(row.standardError), \"z\": \(row.z)"
        return "  {\"name\": \"\(row.name)\", \"value\": \(row.value), \(law), \"holds\": \(row.holds)}"
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

/// Seven significant digits.
func significant(_ x: Double) -> Double {
  guard x.isFinite, x != 0 else { return x }
  var scale = 1.0
  while abs(x) * scale < 1e6 { scale *= 10 }
  return (x * scale).rounded() / scale
}

extension String {
  func padded(_ width: Int) -> String {
    count >= width ? self + " " : self + String(repeating: " ", count: width - count)
  }
}
