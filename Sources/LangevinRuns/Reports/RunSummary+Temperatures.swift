import LangevinDiagnostics

extension RunSummary {
  /// The temperatures of the kept rows, in the order of the run, where it changes along the run.
  static func temperatures(of traces: [Trace]) -> [Double] {
    var temperatures: [Double] = []
    for temperature in traces.first?.kept(Row.temperature) ?? [] where temperature != temperatures.last {
      if !temperatures.contains(temperature) { temperatures.append(temperature) }
      // Hardly any two rows are of one temperature: the schedule is no ladder.
      if temperatures.count > 100 { break }
    }
    return temperatures
  }

  /// The rows of a run whose temperature changes, by temperature: averages over several of them would be of no law.
  ///
  /// Temperatures with fewer than four rows in some chain are left out; a run of one temperature has none.
  static func byTemperature(_ traces: [Trace], labels: [String]) throws -> [RunSummary] {
    let temperatures = temperatures(of: traces)
    guard 2...100 ~= temperatures.count else { return [] }
    return try temperatures.compactMap { temperature in
      let parts = traces.map { $0.rows(at: temperature) }
      guard parts.allSatisfy({ $0.rowCount >= 4 }) else { return nil }
      return try RunSummary(of: parts, temperature: temperature, labels: labels)
    }
  }
}

extension Trace {
  /// The kept rows of one temperature.
  fileprivate func rows(at temperature: Double) -> Trace {
    var part = Trace(columns: columns)
    guard let temperatures = self[Row.temperature] else { return part }
    for row in warmupRows..<rowCount where temperatures[row] == temperature {
      part.append(values.map { $0[row] }, isWarmup: false)
    }
    return part
  }
}
