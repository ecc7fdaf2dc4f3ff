import Langevin

/// Tables of laws, printed as they are done, or as JSON at the end.
struct LawReport {
  private let asJSON: Bool
  private let talk: Talk
  private var rows: [LawRow] = []

  init(asJSON: Bool, talk: Talk) {
    self.asJSON = asJSON
    self.talk = talk
  }

  /// Adds a table.
  mutating func add(_ name: String, _ rows: [LawRow]) {
    self.rows += rows
    if asJSON { return }
    var table = TextTable([name, "value", "expected", "error", "z"])
    table.rows = rows.map { row in
      let value = Format.significant(row.value, 7)
      if let bounds = row.bounds {
        let range = "\(Format.significant(bounds.lowerBound, 3)) to \(Format.significant(bounds.upperBound, 3))"
        return [row.name, value, range, "", row.holds ? "within" : "OUTSIDE"]
      }
      return [
        row.name, value, Format.significant(row.expected, 7), Format.significant(row.standardError, 3),
        Format.fixed(row.z, 1),
      ]
    }
    talk.print(table.description + "\n")
  }

  /// Says what is left to say when all tables are done.
  func finish() {
    if asJSON { talk.print("[\n" + rows.map { "  " + Self.object($0) }.joined(separator: ",\n") + "\n]") }
    talk.note("\(rows.count { $0.holds }) of \(rows.count) rows hold")
  }

  private static func object(_ row: LawRow) -> String {
    let law =
      row.bounds.map { "\"from\": \($0.lowerBound), \"to\": \($0.upperBound)" }
      ?? "\"expected\": \(row.expected), \"standardError\": \(row.standardError), \"z\": \(row.z)"
    return "{\"name\": \"\(row.name)\", \"value\": \(row.value), \(law), \"holds\": \(row.holds)}"
  }
}
