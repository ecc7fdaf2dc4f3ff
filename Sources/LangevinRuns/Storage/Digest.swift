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
