import LangevinCore
import LangevinData
import LangevinSamplers

/// All that decides the future of a run, as bytes with a name, a version and a checksum.
///
///     "LGVNCKPT"  version: u32  0: u32  fingerprint: u64  length: u64  payload  checksum: u64
///
/// all little-endian. The payload is a list of fields, each with its name, kind and length, so that a reader that expects
/// something else says what it found and where. The checksum covers everything before it; a change confined to one of
/// its 8-byte words always changes it, any other with all but a chance of 2^-64.
public struct Checkpoint: Sendable {
  /// Rises whenever the fields change.
  public static let version: UInt32 = 1

  /// The run that it belongs to: data, network, sampler and seed.
  public let fingerprint: UInt64
  let payload: [UInt8]

  init(fingerprint: UInt64, payload: [UInt8]) {
    self.fingerprint = fingerprint
    self.payload = payload
  }

  private static let magic = Array("LGVNCKPT".utf8)
  private static let headerLength = 32

  /// The file's bytes.
  public var bytes: [UInt8] {
    var bytes = Self.magic
    bytes.append(littleEndian: Self.version)
    bytes.append(littleEndian: UInt32(0))
    bytes.append(littleEndian: fingerprint)
    bytes.append(littleEndian: UInt64(payload.count))
    bytes += payload
    bytes.append(littleEndian: Digest(of: bytes).value)
    return bytes
  }

  /// Reads a file's bytes; `path` is for messages.
  public init(_ bytes: [UInt8], path: String) throws(FileError) {
    guard bytes.starts(with: Self.magic) else {
      throw FileError(path, "is not a checkpoint: it does not begin with LGVNCKPT")
    }
    let smallest = Self.headerLength + 8
    guard bytes.count >= smallest else {
      throw FileError(path, "is cut short: \(bytes.count) bytes, a checkpoint has at least \(smallest)")
    }
    let version = bytes.littleEndian(UInt32.self, at: 8)
    guard version == Self.version else {
      throw FileError(
        path, "has version \(version) of the checkpoint format; this program reads version \(Self.version)")
    }
    let length = bytes.littleEndian(UInt64.self, at: 24)
    guard length == UInt64(bytes.count - smallest) else {
      throw FileError(
        path, "announces a content of \(length) bytes and has \(bytes.count - smallest): cut short or damaged")
    }
    let end = bytes.count - 8
    guard Digest(of: bytes[..<end]).value == bytes.littleEndian(UInt64.self, at: end) else {
      throw FileError(path, "is damaged: its checksum does not fit its content")
    }
    self.init(
      fingerprint: bytes.littleEndian(UInt64.self, at: 16), payload: Array(bytes[Self.headerLength..<end]))
  }

  /// Writes it beside `path`, flushes it and renames it into place; the one before stays as `path`.previous.
  public func write(to path: String) throws(FileFormatError) {
    try OutputFile.replace(path, with: bytes, previous: path + ".previous")
  }

  /// Reads a file.
  public init(readingFrom path: String) throws {
    try self.init(try OutputFile.read(path), path: path)
  }
}

/// A 64-bit digest of bytes, the same on every machine: for each 8-byte word w, h <- rotate(h xor w, 27) * odd.
///
/// Each of these is a bijection of h, so two inputs that differ in one word never share a digest. It tells runs and damage
/// apart; it is no protection against forgery.
struct Digest: Hashable, Sendable {
  /// The digest.
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The digest of bytes.
  init(of bytes: some Collection<UInt8>) {
    let isContiguous: Void? = bytes.withContiguousStorageIfAvailable { add(UnsafeRawBufferPointer($0)) }
    if isContiguous == nil { Array(bytes).withUnsafeBytes { add($0) } }
  }

  /// The digest of text.
  init(of text: String) { self.init(of: Array(text.utf8)) }

  private mutating func add(_ bytes: UnsafeRawBufferPointer) {
    let whole = bytes.count & ~7
    for offset in stride(from: 0, to: whole, by: 8) {
      mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
    }
    var rest: UInt64 = 0
    for offset in whole..<bytes.count { rest |= UInt64(bytes[offset]) << (8 * UInt64(offset - whole)) }
    mix(rest)
    mix(UInt64(bytes.count))
  }

  private mutating func mix(_ word: UInt64) {
    let mixed = value ^ word
    value = (mixed << 27 | mixed >> 37) &* 0x9E37_79B9_7F4A_7C15
  }
}

/// An archive that also stores text, which samplers do not need and runs do.
protocol RunArchive: StateArchive {
  mutating func field(_ name: String, _ value: inout String) throws
}

extension RunArchive {
  /// Sentences; none of them holds a line feed.
  mutating func field(_ name: String, _ value: inout [String]) throws {
    var text = value.joined(separator: "\n")
    try field(name, &text)
    value = text.split(separator: "\n").map(String.init)
  }

  mutating func field(_ name: String, _ value: inout Int) throws {
    var word = UInt64(bitPattern: Int64(value))
    try field(name, &word)
    value = Int(Int64(bitPattern: word))
  }
}

/// The kinds of fields; an element type is its size in bytes.
private enum FieldKind: UInt8 {
  case integer = 1
  case real, reals, text
  case singles
  case doubles
}

/// Turns fields into the bytes of a checkpoint.
struct ArchiveWriter: RunArchive {
  private(set) var bytes: [UInt8] = []

  private mutating func begin(_ name: String, _ kind: FieldKind, length: Int) {
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
struct ArchiveReader: RunArchive {
  private let bytes: [UInt8]
  private let path: String
  private var place = 0

  init(_ checkpoint: Checkpoint, path: String) {
    bytes = checkpoint.payload
    self.path = path
  }

  /// Throws unless everything was read.
  func finish() throws(FileError) {
    guard place == bytes.count else {
      throw FileError(path, "holds \(bytes.count - place) bytes more than this run needs")
    }
  }

  private mutating func begin(_ name: String, _ kind: FieldKind) throws(FileError) -> Range<Int> {
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

extension [UInt8] {
  /// Appends the bytes of a number, the lowest first.
  mutating func append(littleEndian number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }

  /// The number whose lowest byte is at `offset`.
  func littleEndian<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Number {
    precondition(offset >= 0 && offset + MemoryLayout<Number>.size <= count)
    return withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
  }
}
