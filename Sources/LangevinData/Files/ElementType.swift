/// A type of number as files store it.
package enum ElementType: String, CaseIterable, Sendable {
  /// One byte, 0 or 1.
  case bool
  /// Integers with a sign.
  case int8, int16, int32, int64
  /// Integers without a sign.
  case uint8, uint16, uint32, uint64
  /// Floating-point numbers.
  case float32, float64

  /// The bytes of one number.
  package var size: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// Whether every number of this type is a whole one.
  package var isInteger: Bool { self != .float32 && self != .float64 }
}
