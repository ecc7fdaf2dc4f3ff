/// The known name that a mistyped one was meant to be.
package enum Nearest {
  /// The nearest of the names, if it is near: at most a third of its letters are wrong.
  package static func name(to text: String, among names: [String]) -> String? {
    let ranked = names.map { (name: $0, distance: distance(Array(text.lowercased().utf8.prefix(64)), Array($0.utf8))) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, best.name.utf8.count / 3) ? best.name : nil
  }

  /// `; did you mean 'NAME'?`, or nothing.
  package static func hint(_ text: String, among names: [String]) -> String {
    name(to: text, among: names).map { "; did you mean '\($0)'?" } ?? ""
  }

  /// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
        row.append(cost)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
