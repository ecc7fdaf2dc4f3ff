import Langevin

/// The numbers of an earlier run, as its `--json` printed them.
struct Baseline {
  /// What an earlier number may be worse by without being called slower.
  static let tolerance = 0.1

  private var speeds: [String: Double] = [:]
  private var amounts: [String: Double] = [:]

  /// Reads a file of `--json`.
  init(file: String) throws {
    guard let bytes = readFile(file) else { throw BaselineError("\(file): cannot be read") }
    guard case .array(let rows) = try JSON(parsing: bytes) else {
      throw BaselineError("\(file): expected the array that --json prints")
    }
    for row in rows {
      guard let name = row["name"]?.text else { continue }
      // Laws have values too, but no unit.
      if let speed = row["median"]?.double { speeds[name] = speed }
      if row["unit"] != nil, let amount = row["value"]?.double { amounts[name] = amount }
    }
  }

  /// The measurements that are worse than before by more than the tolerance, in sentences.
  func regressions(in report: Report) -> [String] {
    let slower = report.measurements.compactMap { now -> String? in
      guard let before = speeds[now.name], now.median < (1 - Self.tolerance) * before else { return nil }
      return "\(now.name): \(number(now.median)) \(now.unit), \(number(before)) before, "
        + "slower by \(number((1 - now.median / before) * 100)) %"
    }
    let larger = report.quantities.compactMap { now -> String? in
      guard let before = amounts[now.name], now.value > (1 + Self.tolerance) * before else { return nil }
      return "\(now.name): \(number(now.value)) \(now.unit), \(number(before)) before, "
        + "more by \(number((now.value / before - 1) * 100)) %"
    }
    return slower + larger
  }

  /// How many of the report's rows the baseline knows.
  func shared(with report: Report) -> Int {
    report.measurements.count { speeds[$0.name] != nil } + report.quantities.count { amounts[$0.name] != nil }
  }
}

struct BaselineError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
