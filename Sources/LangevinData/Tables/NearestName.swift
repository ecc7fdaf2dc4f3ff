/// The known name that a mistyped or renamed one was meant to be.
package enum NearestName {
  /// The nearest of the names, capitals aside, if at most a third of its letters differ and some do not.
  package static func of(_ text: String, among names: [String]) -> String? {
    func letters(_ name: String) -> [UInt8] { Array(name.lowercased().utf8.prefix(64)) }
    let ranked = names.map { (name: $0, distance: distance(letters(text), letters($0))) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    let length = max(best.name.utf8.count, text.utf8.count)
    return best.distance <= max(1, best.name.utf8.count / 3) && best.distance < length ? best.name : nil
  }

  /// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
        row.append(cost)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
