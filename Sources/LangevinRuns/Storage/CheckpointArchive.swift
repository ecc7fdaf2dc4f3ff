import LangevinCore
import LangevinSamplers

/// The kinds of fields; an element type is its size in bytes.
private enum FieldKind: UInt8 {
  case integer = 1
  case real, reals, text
  case singles
  case doubles
}

/// Turns fields into the bytes of a checkpoint.
struct ArchiveWriter: StateArchive {
  private(set) var bytes: [UInt8] = []
  var prefix = ""

  private mutating func begin(_ field: String, _ kind: FieldKind, length: Int) {
    let name = prefix + field
    bytes.append(littleEndian: UInt16(name.utf8.count))
    bytes += name.utf8
    bytes.append(kind.rawValue)
    bytes.append(littleEndian: UInt64(length))
  }

  mutating func field(_ name: String, _ value: inout UInt64) {
    begin(name, .integer, length: 8)
    bytes.append(littleEndian: value)
  }

  mutating func field(_ name: String, _ value: inout Double) {
    begin(name, .real, length: 8)
    bytes.append(littleEndian: value.bitPattern)
  }

  mutating func field(_ name: String, _ value: inout [Double]) {
    begin(name, .reals, length: 8 * value.count)
    for number in value { bytes.append(littleEndian: number.bitPattern) }
  }

  mutating func field(_ name: String, _ value: inout String) {
    begin(name, .text, length: value.utf8.count)
    bytes += value.utf8
  }

  mutating func field<Element: Scalar>(_ name: String, _ value: inout Tensor<Element>) {
    begin(name, Element.self == Float.self ? .singles : .doubles, length: value.count * MemoryLayout<Element>.stride)
    value.withPointer { bytes += UnsafeRawBufferPointer(start: $0, count: value.count * MemoryLayout<Element>.stride) }
  }
}

/// Reads the fields of a checkpoint back in the same order.
struct ArchiveReader: StateArchive {
  private let bytes: [UInt8]
  private let path: String
  private var place = 0
  var prefix = ""

  init(_ checkpoint: Checkpoint, path: String) { self.init(checkpoint.payload, path: path) }

  /// Fields that come from somewhere else than a file.
  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  /// Throws unless everything was read.
  func finish() throws(FileError) {
    guard place == bytes.count else {
      throw FileError(path, "holds \(bytes.count - place) bytes more than this run needs")
    }
  }

  private mutating func begin(_ field: String, _ kind: FieldKind) throws(FileError) -> Range<Int> {
    let name = prefix + field
    let start = place
    let count = Int(bytes.littleEndian(UInt16.self, at: try take(2)))
    let nameStart = try take(count)
    let found = String(decoding: bytes[nameStart..<nameStart + count], as: UTF8.self)
    let foundKind = bytes[try take(1)]
    guard found == name, foundKind == kind.rawValue else {
      throw FileError(
        path, "holds '\(found)' at byte \(start) where '\(name)' is expected: it belongs to another kind of run")
    }
    let length = bytes.littleEndian(UInt64.self, at: try take(8))
    guard length <= UInt64(bytes.count - place) else {
      throw FileError(path, "'\(name)' at byte \(start) is cut short")
    }
    let first = try take(Int(length))
    return first..<first + Int(length)
  }

  private mutating func take(_ count: Int) throws(FileError) -> Int {
    guard bytes.count - place >= count else {
      throw FileError(path, "ends at byte \(bytes.count) in the middle of a field")
    }
    defer { place += count }
    return place
  }

  mutating func field(_ name: String, _ value: inout UInt64) throws {
    let range = try begin(name, .integer)
    try expect(range, 8, name)
    value = bytes.littleEndian(UInt64.self, at: range.lowerBound)
  }

  mutating func field(_ name: String, _ value: inout Double) throws {
    let range = try begin(name, .real)
    try expect(range, 8, name)
    value = Double(bitPattern: bytes.littleEndian(UInt64.self, at: range.lowerBound))
  }

  mutating func field(_ name: String, _ value: inout [Double]) throws {
    let range = try begin(name, .reals)
    value = stride(from: range.lowerBound, to: range.upperBound, by: 8).map {
      Double(bitPattern: bytes.littleEndian(UInt64.self, at: $0))
    }
  }

  mutating func field(_ name: String, _ value: inout String) throws {
    value = String(decoding: bytes[try begin(name, .text)], as: UTF8.self)
  }

  mutating func field<Element: Scalar>(_ name: String, _ value: inout Tensor<Element>) throws {
    let range = try begin(name, Element.self == Float.self ? .singles : .doubles)
    let size = MemoryLayout<Element>.stride
    if range.count != value.count * size {
      // A state may hold a tensor that it fills only later.
      guard value.count == 0 || range.count == 0 else { return try expect(range, value.count * size, name) }
      value = try Tensor(shape: [range.count / size])
    }
    bytes.withUnsafeBytes { bytes in
      value.withMutablePointer {
        UnsafeMutableRawBufferPointer(start: $0, count: range.count).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[range]))
      }
    }
  }

  private func expect(_ range: Range<Int>, _ length: Int, _ name: String) throws(FileError) {
    guard range.count == length else {
      throw FileError(
        path, "'\(name)' has \(range.count) bytes, this run needs \(length): another network or precision")
    }
  }
}
