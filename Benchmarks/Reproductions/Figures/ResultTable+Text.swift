import Langevin

extension ResultTable {
  /// The table as CSV, with the caption as a comment.
  var csv: String {
    func quoted(_ name: String) -> String {
      name.contains(where: { $0 == "," || $0 == "\"" }) ? "\"\(name.replacing("\"", with: "\"\""))\"" : name
    }
    func line(_ name: String, _ cells: [String]) -> String {
      ((namesOfRows == nil ? [] : [quoted(name)]) + cells).joined(separator: ",")
    }
    let head = line(namesOfRows ?? "", columns.map { quoted($0.title) })
    let lines = zip(names, rows).map { line($0, $1.map { $0.isNaN ? "" : "\($0)" }) }
    return (["# \(caption)", head] + lines).joined(separator: "\n") + "\n"
  }

  /// The rows of a CSV file, or none where its caption or its columns are not those of this table. Names with commas are not
  /// read back.
  func rows(fromCSV text: String) -> [(name: String, numbers: [Double])] {
    let (found, own) = (text.split(separator: "\n"), csv.split(separator: "\n"))
    guard found.prefix(2) == own.prefix(2) else { return [] }
    return found.dropFirst(2).compactMap { line in
      var cells = line.split(separator: ",", omittingEmptySubsequences: false)[...]
      let name = namesOfRows == nil ? "" : cells.popFirst().map(String.init) ?? ""
      return cells.count == columns.count ? (name, cells.map { Double($0) ?? .nan }) : nil
    }
  }

  /// The table, or some of its columns, for a terminal.
  func text(of names: [String]? = nil) -> TextTable {
    let chosen = columns.indices.filter { names?.contains(columns[$0].name) ?? true }
    var table = TextTable((namesOfRows.map { [$0] } ?? []) + chosen.map { columns[$0].title })
    table.rows = zip(self.names, rows).map { name, row in
      (namesOfRows == nil ? [] : [name])
        + chosen.map { index in
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
