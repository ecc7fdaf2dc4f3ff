import LangevinDiagnostics

/// What came out of a run: every observable with its error and whether to believe it.
public struct RunSummary: Sendable {
  /// One observable of the traces.
  public struct Observable: Sendable {
    /// The name of its column.
    public let name: String
    /// Its mean, spread, error and convergence.
    public let summary: ObservableSummary
    /// The mean of the last third less that of the first, in standard errors; nil for short chains and constants.
    public let drift: Double?
  }

  /// The temperatures of one layer.
  public struct Layer: Sendable {
    /// Such as `layer1`.
    public let name: String
    /// Mean of theta . grad U per parameter.
    public let configurational: Estimate?
    /// Mean of p^2/m per parameter.
    public let kinetic: Estimate?
  }

  /// The observables in the order of the columns.
  public let observables: [Observable]
  /// The layers' temperatures, where they were recorded.
  public let layers: [Layer]
  /// The temperature of the law; nil where there is none.
  public let temperature: Double?
  /// Rows per chain that the numbers rest on.
  package let rowsPerChain: Int
  /// The number of chains.
  package let chainCount: Int
  /// What the samplers have warned of, and whether chains were cut.
  public let warnings: [String]

  /// Summarises the kept rows of chains. Longer chains are cut to the shortest, and a warning says so.
  ///
  /// - Throws: `DiagnosticsError` if there are fewer than four kept rows or a value is not finite.
  public init(of traces: [Trace], temperature: Double? = nil) throws {
    try self.init(of: traces, temperature: temperature, labels: traces.indices.map { "\($0 + 1)" })
  }

  /// The same with names for the chains.
  init(of traces: [Trace], temperature: Double?, labels: [String]) throws {
    guard let first = traces.first else { throw DiagnosticsError.noChains }
    var observables: [Observable] = []
    var layers: [Int: (Estimate?, Estimate?)] = [:]
    for name in first.observables {
      guard let draws = try Self.draws(name, of: traces) else { continue }
      let parts = name.split(separator: ".", maxSplits: 1)
      if parts.count == 2, let layer = Int(parts[1]), parts[0] == "virial" || parts[0] == "kinetic" {
        let estimate = Estimate(meanOf: draws)
        let found = layers[layer] ?? (nil, nil)
        layers[layer] = parts[0] == "virial" ? (estimate, found.1) : (found.0, estimate)
        continue
      }
      // A change within rounding of a constant observable is no drift.
      let change = (try? LangevinDiagnostics.drift(of: draws)).flatMap {
        $0.standardError > 0 ? $0.deviation(from: 0) : nil
      }
      observables.append(Observable(name: name, summary: ObservableSummary(of: draws), drift: change))
    }
    self.observables = observables
    self.layers = layers.sorted { $0.key < $1.key }.map {
      Layer(name: "layer\($0.key)", configurational: $0.value.0, kinetic: $0.value.1)
    }
    let kept = Self.temperatures(of: traces)
    self.temperature = kept.count == 1 ? kept[0] : temperature
    chainCount = traces.count
    rowsPerChain = traces.map { $0.rowCount - $0.warmupRows }.min() ?? 0
    warnings = Self.warnings(of: traces, labels)
  }

  /// An observable by name.
  public subscript(name: String) -> Observable? { observables.first { $0.name == name } }

  /// The kept rows of a column as a table of equally long chains; nil if some chain lacks the column.
  static func draws(_ name: String, of traces: [Trace]) throws -> Draws? {
    try chains(name, of: traces).map { try Draws(chains: $0) }
  }

  /// The same without checks.
  static func chains(_ name: String, of traces: [Trace]) -> [[Double]]? {
    let chains = traces.compactMap { $0.kept(name) }
    guard chains.count == traces.count, let shortest = chains.map(\.count).min() else { return nil }
    return chains.map { Array($0.prefix(shortest)) }
  }

  /// What the samplers have warned of, each thing once, with the chains that it came up in.
  private static func warnings(of traces: [Trace], _ labels: [String]) -> [String] {
    var found: [(text: String, chains: [String])] = []
    for (label, trace) in zip(labels, traces) {
      for text in trace.warnings {
        if let index = found.firstIndex(where: { Trace.withoutNumbers($0.text) == Trace.withoutNumbers(text) }) {
          found[index].chains.append(label)
        } else {
          found.append((text, [label]))
        }
      }
    }
    return found.map { text, chains in
      "chain\(chains.count == 1 ? "" : "s") \(chains.joined(separator: ", ")), \(text)"
    }
  }
}

extension RunSummary {
  /// The document `summary.json`.
  package func json(steps: UInt64, seconds: Double) -> JSON {
    func number(_ value: Double?) -> JSON { value.map { JSON($0) } ?? .null }
    let observables = observables.map { observable in
      let summary = observable.summary
      return JSON.Member(
        observable.name,
        .object([
          .init("mean", JSON(summary.mean)), .init("sd", JSON(summary.standardDeviation)),
          .init("mcse", JSON(summary.standardError)), .init("ess_bulk", JSON(summary.bulkEffectiveSampleSize)),
          .init("ess_tail", JSON(summary.tailEffectiveSampleSize)), .init("rhat", number(summary.rHat)),
        ]))
    }
    func temperatures(_ layer: Layer) -> JSON {
      var members = [JSON.Member("name", .string(layer.name)), .init("target", number(temperature))]
      for (name, estimate) in [("configurational", layer.configurational), ("kinetic", layer.kinetic)] {
        guard let estimate else { continue }
        members.append(
          .init(name, .object([.init("mean", JSON(estimate.value)), .init("mcse", JSON(estimate.standardError))])))
      }
      return .object(members)
    }
    return .object([
      .init("observables", .object(observables)), .init("layers", .array(layers.map(temperatures))),
      .init("chains", JSON(chainCount)), .init("rows_per_chain", JSON(rowsPerChain)), .init("steps", JSON(steps)),
      .init("seconds", JSON(seconds)), .init("steps_per_second", JSON(seconds > 0 ? Double(steps) / seconds : 0)),
      .init("warnings", .array(warnings.map(JSON.string))),
    ])
  }
}

extension ChainGroup {
  /// The summary of the rows kept so far, without those of the warm-up.
  public func summary() throws -> RunSummary { try RunSummary(of: traces, temperature: temperature) }
}
