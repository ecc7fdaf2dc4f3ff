import LangevinCore

/// What a recipe can say of a set: its name, a line about it, and its own parameters.
public struct RecipeEntry<Set>: Sendable {
  let name: String
  let line: String
  let fields: [RecipeField<Set>]

  init(_ name: String, _ line: String, _ fields: [RecipeField<Set>]) {
    self.name = name
    self.line = line
    self.fields = fields
  }
}

/// A named parameter of a synthetic set: how it is read from text and written, and what it may be.
struct RecipeField<Set>: Sendable {
  /// The name in a recipe.
  let name: String
  /// What the parameter means, in a few words.
  let meaning: String

  let text: @Sendable (Set) -> String
  let parse: @Sendable (inout Set, String) throws(LangevinError) -> Void
  let check: @Sendable (Set) throws(LangevinError) -> Void

  private typealias Path<Value> = any WritableKeyPath<Set, Value> & Sendable

  private init<Value: LosslessStringConvertible & SendableMetatype>(
    _ name: String, _ path: Path<Value>, expected: String, _ meaning: String,
    isAllowed: @escaping @Sendable (Value) -> Bool
  ) {
    self.name = name
    self.meaning = meaning
    text = { $0[keyPath: path].description }
    parse = { (set, text) throws(LangevinError) in
      guard let value = Value(text) else { throw .value(of: "'\(name)'", found: "'\(text)'", expected: expected) }
      set[keyPath: path] = value
    }
    check = { set throws(LangevinError) in
      let value = set[keyPath: path]
      try require(isAllowed(value), "'\(name)'", is: value, expected: expected)
    }
  }

  /// An integer within limits.
  init(_ name: String, _ path: any WritableKeyPath<Set, Int> & Sendable, _ range: ClosedRange<Int>, _ meaning: String) {
    self.init(
      name, path, expected: "an integer from \(range.lowerBound) to \(range.upperBound)", meaning,
      isAllowed: range.contains)
  }

  /// A real number within limits.
  init(
    _ name: String, _ path: any WritableKeyPath<Set, Double> & Sendable, _ range: ClosedRange<Double>, _ meaning: String
  ) {
    self.init(
      name, path, expected: "a number from \(range.lowerBound) to \(range.upperBound)", meaning,
      isAllowed: range.contains)
  }

  /// A seed.
  init(_ name: String, _ path: any WritableKeyPath<Set, UInt64> & Sendable, _ meaning: String) {
    self.init(name, path, expected: "an integer from 0 to \(UInt64.max)", meaning) { _ in true }
  }

  /// Text that the set itself understands.
  init(_ name: String, _ path: any WritableKeyPath<Set, String> & Sendable, _ meaning: String) {
    self.init(name, path, expected: "text", meaning) { _ in true }
  }

  /// One of a few names.
  init<Choice: RawRepresentable & CaseIterable & Sendable>(
    _ name: String, _ path: any WritableKeyPath<Set, Choice> & Sendable, _ meaning: String
  ) where Choice.RawValue == String {
    self.name = name
    self.meaning = meaning
    text = { $0[keyPath: path].rawValue }
    parse = { (set, text) throws(LangevinError) in set[keyPath: path] = try LangevinError.named(text, as: "'\(name)'") }
    check = { _ in }
  }
}
