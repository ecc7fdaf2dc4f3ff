/// What stands in a table where a value is missing: nothing, NA, N/A, NaN, null, or a question mark.
enum MissingValue {
  @inline(__always)
  static func isOne(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
    switch field.count {
    case 0: true
    case 1: field[0] == UInt8(ascii: "?")
    case 2...4: isName(field)
    default: false
    }
  }

  static func isOne(_ field: String) -> Bool {
    var field = field
    return field.withUTF8 { isOne($0) }
  }

  private static let names = ["NA", "NaN", "nan", "N/A", "null", "NULL"].map { Array($0.utf8) }

  private static func isName(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
    names.contains { $0.count == field.count && $0.elementsEqual(field) }
  }
}
