import LangevinCore

/// A synthetic set by name: what a run's settings hold, and what makes the set again.
///
///     let recipe = try Recipe(named: "spirals", parameters: ["turns": "2", "train": "1000"])
///     let data = try recipe.make()
///     recipe.parameters            // every parameter, resolved: ["exponent": "0.5", "turns": "2.0", ...]
///
/// The same as text: `try Recipe("spirals:turns=2,train=1000")`.
package struct Recipe: Sendable {
  /// The set with its parameters.
  package let set: any SyntheticSet

  /// Every set that can be made. The first is what runs if no data are named.
  package static let sets: [any SyntheticSet.Type] = [
    KSpin.self, Spirals.self, Checkerboard.self, Moons.self, Mixture.self, Digits.self,
    Parity.self, Walsh.self, Bump.self, Teacher.self, LinearRegression.self,
  ]

  /// A set as a recipe.
  package init(_ set: some SyntheticSet) { self.set = set }

  /// The set of that name, with some parameters other than the default.
  ///
  /// - Throws: ``LangevinError`` that lists the names, or the limits, where one is not known or not allowed.
  package init(named name: String, parameters: [String: String] = [:]) throws(LangevinError) {
    guard let type = Self.sets.first(where: { $0.name == name }) else {
      let known = Self.sets.map { $0.name }.joined(separator: ", ")
      throw .value(of: "the synthetic set", found: "'\(name)'", expected: "one of \(known)")
    }
    set = try Self.set(type, parameters)
  }

  /// A recipe from text: the name, and after a colon the parameters, `name:parameter=value,parameter=value`.
  package init(_ text: String) throws(LangevinError) {
    let parts = text.split(separator: ":", maxSplits: 1)
    var parameters: [String: String] = [:]
    for assignment in parts.count < 2 ? [] : parts[1].split(separator: ",") {
      let sides = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      try require(sides.count == 2, "a parameter of '\(text)'", is: "'\(assignment)'", expected: "name=value")
      let isNew = parameters.updateValue(sides[1], forKey: sides[0]) == nil
      try require(isNew, "'\(text)'", is: "\(sides[0]) twice", expected: "each parameter once")
    }
    try self.init(named: parts.first.map(String.init) ?? "", parameters: parameters)
  }

  private static func set<Made: SyntheticSet>(
    _ type: Made.Type, _ parameters: [String: String]
  ) throws(LangevinError) -> Made {
    var set = Made()
    for (name, text) in parameters.sorted(by: { $0.key < $1.key }) {
      guard let field = Made.fields.first(where: { $0.name == name }) else {
        let known = Made.fields.map(\.name).joined(separator: ", ")
        throw .value(of: "a parameter of \(Made.name)", found: "'\(name)'", expected: "one of \(known)")
      }
      try field.parse(&set, text)
    }
    for field in Made.fields { try field.check(set) }
    for part in DatasetPart.allCases { _ = try set.rows(of: part) }
    return set
  }

  /// The set's name.
  package var name: String { Swift.type(of: set).name }

  /// Every parameter as text; `Recipe(named: name, parameters: parameters)` gives the recipe back.
  package var parameters: [String: String] { Dictionary(uniqueKeysWithValues: assignments) }

  private var assignments: [(String, String)] { self.set.assignments }

  /// Makes the set.
  package func make<Element: Scalar>(
    as type: Element.Type = Float.self, on pool: ThreadPool = .single
  ) throws(LangevinError) -> Dataset<Element> {
    try self.set.make(as: type, on: pool)
  }

  /// One line for each parameter of each set: its name, default and meaning.
  package static var help: String { sets.map { help(for: $0) }.joined(separator: "\n") }

  /// The parameters of one set in words.
  package static func help<Made: SyntheticSet>(for type: Made.Type) -> String {
    let settings = Made.recommendedSettings.sorted { $0.key < $1.key }.map { "\($0) \($1)" }
    let lines =
      ["\(Made.name): \(Made.line)"] + Made.fields.map { "  \($0.name) = \($0.text(Made()))  \($0.meaning)" }
      + (settings.isEmpty ? [] : ["  a run has by default: \(settings.joined(separator: ", "))"])
    return lines.joined(separator: "\n")
  }
}

extension Recipe: Hashable, CustomStringConvertible {
  /// The name and all parameters, `name:parameter=value,...`.
  package var description: String { name + ":" + assignments.map { "\($0)=\($1)" }.joined(separator: ",") }

  /// Whether the recipes make the same set.
  package static func == (a: Self, b: Self) -> Bool { a.description == b.description }

  /// Hashes the description.
  package func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

extension SyntheticSet {
  fileprivate var assignments: [(String, String)] { Self.fields.map { ($0.name, $0.text(self)) } }
}
