/// Positive numbers with names after a colon, as settings write them: `student-t:nu=4,sd=1`.
package struct NamedNumbers: Sendable, Hashable {
  /// By name.
  package private(set) var values: [String: Double]

  /// The numbers after the first colon of a text; those that are not there are `defaults`, which also says which may be.
  package init(
    _ text: String, in what: String, defaults: [String: Double]? = nil, _ isAllowed: (Double) -> Bool = { _ in true }
  ) throws(LangevinError) {
    values = defaults ?? [:]
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return }
    var seen: Set<String> = []
    for assignment in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      let sides = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let known = defaults?.keys.sorted() ?? []
      guard let name = sides.first, defaults == nil || known.contains(name), seen.insert(name).inserted else {
        throw .value(
          of: what, found: "'\(text)'",
          expected: known.isEmpty
            ? "'\(parts[0])' without parameters"
            : "each of its parameters once: \(parts[0]):" + known.map { "\($0)=..." }.joined(separator: ","))
      }
      guard sides.count == 2, let value = Double(sides[1]), value.isFinite, isAllowed(value) else {
        throw .value(of: what, found: "'\(text)'", expected: "\(name)= and a number above 0")
      }
      values[name] = value
    }
  }

  /// A number that has a default.
  package subscript(name: String) -> Double { values[name] ?? .nan }
}
