import Langevin

extension ResultTable {
  /// The table as CSV, with the caption as a comment.
  var csv: String {
    let names = columns.map { column in
      let name = column.unit.isEmpty ? column.name : "\(column.name) [\(column.unit)]"
      return name.contains(where: { $0 == "," || $0 == "\"" }) ? "\"\(name.replacing("\"", with: "\"\""))\"" : name
    }
    let lines = rows.map { row in row.map { $0.isNaN ? "" : "\($0)" }.joined(separator: ",") }
    return (["# \(caption)", names.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
  }

  /// The table for a terminal.
  var text: TextTable {
    var table = TextTable(columns.map { $0.unit.isEmpty ? $0.name : "\($0.name) [\($0.unit)]" })
    table.rows = rows.map { row in
      row.map { value in
        if value.isNaN { return "-" }
        if let whole = Int(exactly: value), whole.magnitude < 1_000_000_000 { return "\(whole)" }
        return Format.significant(value, 5)
      }
    }
    return table
  }
}
