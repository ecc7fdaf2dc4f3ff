import LangevinCore
import LangevinPlatform

/// A file that is being written: beside its place, under a temporary name, until ``close()`` renames it. So a reader
/// meets the old file or the whole new one, and a failure leaves nothing behind. A path that ends in `.gz` is
/// compressed.
package final class ByteSink {
  private let path: String
  private let file: OutputFile
  private var isInPlace = false
  private var buffer: [UInt8] = []
  private var compressor: GzipWriter?

  /// Starts a file; its temporary name is `path`.new, unless another is given.
  package init(path: String, through temporary: String? = nil) throws(FileFormatError) {
    self.path = path
    file = try OutputFile(temporary ?? path + ".new", keeping: 0)
    if path.hasSuffix(".gz") { compressor = try GzipWriter(path) }
  }

  deinit {
    if !isInPlace { unlink(file.path) }
  }

  /// Appends bytes.
  package func write(_ bytes: some Sequence<UInt8>) throws(FileFormatError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 16 { try flush(isLast: false) }
  }

  /// Puts the file in its place, once all of it is on the disk; the one that was there may stay under another name.
  package func close(keepingOldAs previous: String? = nil) throws(FileFormatError) {
    try flush(isLast: true)
    try file.flush()
    if let previous, rename(path, previous) != 0, errno != ENOENT {
      throw systemError(path, "renaming it to \(previous)")
    }
    guard rename(file.path, path) == 0 else { throw systemError(path, "putting it in its place") }
    isInPlace = true
    flushFolder(of: path)
  }

  private func flush(isLast: Bool) throws(FileFormatError) {
    var bytes = buffer
    if let compressor { bytes = try compressor.compress(buffer, isLast: isLast) }
    buffer.removeAll(keepingCapacity: true)
    try file.append(bytes)
  }
}

extension ByteSink {
  /// Appends the elements of a tensor as numbers of a type.
  ///
  /// - Throws: ``FileFormatError`` at the first element that the type cannot hold unchanged.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func write<Element: Scalar>(
    _ tensor: Tensor<Element>, as type: ElementType, bigEndian: Bool
  ) throws(FileFormatError) {
    var bytes: [UInt8] = []
    try tensor.withPointer { (base: UnsafePointer<Element>) throws(FileFormatError) in
      for index in 0..<tensor.count {
        guard type.append(Double(base[index]), to: &bytes, bigEndian: bigEndian) else {
          throw FileFormatError(
            .number, path, found: "\(base[index]) as element \(index)",
            expected: "numbers that \(type.rawValue) holds unchanged")
        }
        if bytes.count >= 1 << 16 {
          try write(bytes)
          bytes.removeAll(keepingCapacity: true)
        }
      }
    }
    try write(bytes)
  }
}

extension ElementType {
  /// Appends the bytes of a number; false, and nothing, where the type cannot hold it unchanged.
  func append(_ value: Double, to bytes: inout [UInt8], bigEndian: Bool) -> Bool {
    func append(_ stored: (some FixedWidthInteger)?) -> Bool {
      guard let stored else { return false }
      withUnsafeBytes(of: bigEndian ? stored.bigEndian : stored.littleEndian) { bytes.append(contentsOf: $0) }
      return true
    }
    switch self {
    case .bool: return append(value == 0 || value == 1 ? UInt8(value) : nil)
    case .int8: return append(Int8(exactly: value))
    case .uint8: return append(UInt8(exactly: value))
    case .int16: return append(Int16(exactly: value))
    case .uint16: return append(UInt16(exactly: value))
    case .int32: return append(Int32(exactly: value))
    case .uint32: return append(UInt32(exactly: value))
    case .int64: return append(Int64(exactly: value))
    case .uint64: return append(UInt64(exactly: value))
    case .float32: return append(value.isNaN || Double(Float(value)) == value ? Float(value).bitPattern : nil)
    case .float64: return append(value.bitPattern)
    }
  }
}

extension FixedWidthInteger {
  /// The bytes, the most significant first.
  var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
