import LangevinData

/// All that decides the future of a run, as bytes with a name, a version and a checksum.
///
///     "LGVNCKPT"  version: u32  0: u32  fingerprint: u64  length: u64  payload  checksum: u64
///
/// all little-endian. The payload is a list of fields, each with its name, kind and length, so that a reader that expects
/// something else says what it found and where. The checksum covers everything before it; a change confined to one of
/// its 8-byte words always changes it, any other with all but a chance of 2^-64.
package struct Checkpoint: Sendable {
  /// Rises whenever the fields change.
  package static let version: UInt32 = 3

  /// The run that it belongs to: data, network, sampler and seed.
  package let fingerprint: UInt64
  let payload: [UInt8]

  init(fingerprint: UInt64, payload: [UInt8]) {
    self.fingerprint = fingerprint
    self.payload = payload
  }

  private static let magic = Array("LGVNCKPT".utf8)
  private static let headerLength = 32

  /// The file's bytes.
  package var bytes: [UInt8] {
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
  package init(_ bytes: [UInt8], path: String) throws(FileError) {
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
        path,
        "has version \(version) of the checkpoint format; this program reads version \(Self.version): go on with the program "
          + "that wrote it, whose version is in run.json")
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

  /// What a file begins with, without its checksum; nil if that is no checkpoint of this version.
  init?(beginning bytes: [UInt8]) {
    guard bytes.count > Self.headerLength, bytes.starts(with: Self.magic),
      bytes.littleEndian(UInt32.self, at: 8) == Self.version
    else { return nil }
    self.init(
      fingerprint: bytes.littleEndian(UInt64.self, at: 16), payload: Array(bytes[Self.headerLength...]))
  }

  /// Writes it beside `path`, flushes it and renames it into place; the one before stays as `path`.previous.
  package func write(to path: String) throws(FileFormatError) {
    try OutputFile.replace(path, with: bytes, previous: path + ".previous")
  }

  /// Reads a file.
  package init(readingFrom path: String) throws {
    try self.init(try OutputFile.read(path), path: path)
  }
}
