import LangevinCore
import LangevinSamplers

/// A state's fields in memory, in order, to write and to read back; two lists are equal where all bits are.
public struct FieldList: StateArchive, Equatable {
  /// What a field holds.
  public enum Value: Hashable, Sendable {
    case count(UInt64)
    case text(String)
    /// The bits of numbers; NaN is equal to itself here.
    case numbers([UInt64])
  }

  /// The fields that were written.
  public private(set) var fields: [(name: String, value: Value)] = []
  /// Whether fields are read.
  public var isReading = false { didSet { place = 0 } }
  /// Put in front of names.
  public var prefix = ""
  private var place = 0

  /// No field yet.
  public init() {}

  /// A field that is not the one that was written.
  public struct Mismatch: Error, CustomStringConvertible {
    /// One sentence.
    public let description: String
  }

  /// Names and bits.
  public static func == (a: FieldList, b: FieldList) -> Bool {
    a.fields.count == b.fields.count && zip(a.fields, b.fields).allSatisfy { $0 == $1 }
  }

  /// The first field that differs from another list's, for messages.
  public func difference(from other: FieldList) -> String? {
    if let (mine, its) = zip(fields, other.fields).first(where: { $0 != $1 }) { return "\(mine) is not \(its)" }
    return fields.count == other.fields.count ? nil : "\(fields.count) fields are not \(other.fields.count)"
  }

  /// The value that was written under a name.
  public subscript(name: String) -> Value? { fields.first { $0.name == name }?.value }

  private mutating func exchange(_ name: String, _ value: Value) throws -> Value {
    let name = prefix + name
    guard isReading else {
      if self[name] != nil { throw Mismatch(description: "field '\(name)' is written twice") }
      fields.append((name, value))
      return value
    }
    guard place < fields.count, fields[place].name == name else {
      let found = place < fields.count ? "'\(fields[place].name)'" : "the end"
      throw Mismatch(description: "field '\(name)' is read where \(found) was written")
    }
    place += 1
    return fields[place - 1].value
  }

  /// Writes or reads a field.
  public mutating func field(_ name: String, _ value: inout UInt64) throws {
    if case .count(let stored) = try exchange(name, .count(value)) { value = stored }
  }
  /// Writes or reads a field.
  public mutating func field(_ name: String, _ value: inout String) throws {
    if case .text(let stored) = try exchange(name, .text(value)) { value = stored }
  }
  /// Writes or reads a field.
  public mutating func field(_ name: String, _ value: inout Double) throws {
    if case .numbers(let stored) = try exchange(name, .numbers([value.bitPattern])) {
      value = Double(bitPattern: stored[0])
    }
  }
  /// Writes or reads a field.
  public mutating func field(_ name: String, _ value: inout [Double]) throws {
    if case .numbers(let stored) = try exchange(name, .numbers(value.map(\.bitPattern))) {
      value = stored.map { Double(bitPattern: $0) }
    }
  }
  /// Writes or reads a field.
  public mutating func field<Element: Scalar>(_ name: String, _ value: inout Tensor<Element>) throws {
    let bits = value.elements.map { Double($0).bitPattern }
    if case .numbers(let stored) = try exchange(name, .numbers(bits)) {
      value = Tensor(stored.map { Element(Double(bitPattern: $0)) })
    }
  }
}
