import Langevin

extension ResultTable {
  /// The table as CSV, with the caption as a comment.
  var csv: String {
    let names = columns.map { column in
      let name = column.title
      return name.contains(where: { $0 == "," || $0 == "\"" }) ? "\"\(name.replacing("\"", with: "\"\""))\"" : name
    }
    let lines = rows.map { row in row.map { $0.isNaN ? "" : "\($0)" }.joined(separator: ",") }
    return (["# \(caption)", names.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
  }

  /// The rows of a CSV file, or none where its caption or its columns are not those of this table.
  func rows(fromCSV text: String) -> [[Double]] {
    let (found, own) = (text.split(separator: "\n"), csv.split(separator: "\n"))
    guard found.prefix(2) == own.prefix(2) else { return [] }
    let rows = found.dropFirst(2).map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
    }
    return rows.filter { $0.count == columns.count }
  }

  /// The table, or some of its columns, for a terminal.
  func text(of names: [String]? = nil) -> TextTable {
    let chosen = columns.indices.filter { names?.contains(columns[$0].name) ?? true }
    var table = TextTable(chosen.map { columns[$0].title })
    table.rows = rows.map { row in
      chosen.map { index in
        let value = row[index]
        if value.isNaN { return "-" }
        if let whole = Int(exactly: value), whole.magnitude < 1_000_000_000 { return "\(whole)" }
        return Format.significant(value, 5)
      }
    }
    return table
  }

  /// The largest distance of a measurement from theory, in standard errors.
  var largestDeviation: Double {
    let columns = ["theory", "measured", "standard error"].map { self[column: $0] ?? [] }
    return zip(zip(columns[0], columns[1]), columns[2]).map { abs($0.1 - $0.0) / $1 }.max() ?? .nan
  }
}

extension ResultTable.Column {
  /// The name, with the unit where there is one.
  fileprivate var title: String { unit.isEmpty ? name : "\(name) [\(unit)]" }
}
