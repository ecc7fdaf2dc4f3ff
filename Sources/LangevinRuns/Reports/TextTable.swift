/// A table for a terminal: columns as wide as they need, numbers to the right, the first column to the left.
package struct TextTable {
  /// The names of the columns.
  package var header: [String]
  /// The rows.
  package var rows: [[String]] = []

  /// A table without rows.
  package init(_ header: [String]) { self.header = header }

  /// The width of a terminal that a table should fit.
  private static let lineWidth = 80

  /// The table as lines of text. Where they would be too long the names in front are cut.
  package var description: String {
    var all = [header] + rows
    let others = header.indices.dropFirst().map { column in
      (all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0) + 2
    }
    let room = max(12, Self.lineWidth - others.reduce(0, +))
    for row in all.indices where !all[row].isEmpty && all[row][0].count > room {
      all[row][0] = all[row][0].prefix(room - 1) + "…"
    }
    let widths = header.indices.map { column in all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return all.map { row in
      let cells = row.enumerated().map { index, cell in
        let space = String(repeating: " ", count: max(0, widths[index] - cell.count))
        return index == 0 ? cell + space : space + cell
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}

extension RunSummary {
  /// The table of observables.
  package var table: TextTable {
    var table = TextTable(["", "mean", "mcse", "sd", "ess_bulk", "ess_tail", "rhat"])
    for observable in observables {
      let summary = observable.summary
      table.rows.append([
        observable.name, Format.value(summary.mean, error: summary.standardError), Format.error(summary.standardError),
        Format.significant(summary.standardDeviation, 3), Format.fixed(summary.bulkEffectiveSampleSize, 0),
        Format.fixed(summary.tailEffectiveSampleSize, 0), summary.rHat.map { Format.fixed($0, 3) } ?? "-",
      ])
    }
    return table
  }
}

extension RunSummary: CustomStringConvertible {
  /// The table of the observables, and what to be wary of.
  public var description: String {
    ([table.description] + warnings.map { "note: \($0)" }).joined(separator: "\n")
  }
}
