import LangevinCore

/// Where a state is written to or read from, field by field.
///
///     mutating func archive(in archive: inout some StateArchive) throws {
///       try archive.field("position", &position)
///       try archive.field("isOpen", &isOpen)
///       try archive.nested("bath") { archive in try bath.archive(in: &archive) }
///     }
///
/// The one list serves both ways: a writing archive reads the values, a reading one sets them.
public protocol StateArchive {
  /// Put in front of the names of fields, with a point between.
  var prefix: String { get set }
  /// A whole number.
  mutating func field(_ name: String, _ value: inout UInt64) throws
  /// A real number.
  mutating func field(_ name: String, _ value: inout Double) throws
  /// A text.
  mutating func field(_ name: String, _ value: inout String) throws
  /// A list of real numbers.
  mutating func field(_ name: String, _ value: inout [Double]) throws
  /// A tensor.
  mutating func field<Element: Scalar>(_ name: String, _ value: inout Tensor<Element>) throws
}

extension StateArchive {
  /// true or false.
  public mutating func field(_ name: String, _ value: inout Bool) throws {
    var word: UInt64 = value ? 1 : 0
    try field(name, &word)
    value = word == 1
  }

  /// A whole number that may be negative.
  public mutating func field(_ name: String, _ value: inout Int) throws {
    var word = UInt64(bitPattern: Int64(value))
    try field(name, &word)
    value = Int(Int64(bitPattern: word))
  }

  /// A list of whole numbers.
  public mutating func field(_ name: String, _ value: inout [Int]) throws {
    var count = value.count
    try field("\(name).count", &count)
    value = Array(value.prefix(count)) + Array(repeating: 0, count: max(0, count - value.count))
    for index in value.indices { try field("\(name).\(index)", &value[index]) }
  }

  /// A list of texts.
  public mutating func field(_ name: String, _ value: inout [String]) throws {
    var count = value.count
    try field("\(name).count", &count)
    value = Array(value.prefix(count)) + Array(repeating: "", count: max(0, count - value.count))
    for index in value.indices { try field("\(name).\(index)", &value[index]) }
  }

  /// One of the cases of an enumeration. A case that this program does not know leaves the value as it is.
  public mutating func field<Value: RawRepresentable<String>>(_ name: String, _ value: inout Value) throws {
    var text = value.rawValue
    try field(name, &text)
    value = Value(rawValue: text) ?? value
  }

  /// Fields of a part of the state; their names begin with the part's.
  public mutating func nested(_ name: String, _ body: (inout Self) throws -> Void) throws {
    let outer = prefix
    prefix = outer + name + "."
    try body(&self)
    prefix = outer
  }
}
