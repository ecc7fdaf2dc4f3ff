/// Decompresses a gzip file of one or more members. zlib checks header, CRC and length of each.
final class GzipReader {
  private let file: RawFile
  private let zlib: Zlib
  private let stream = UnsafeMutablePointer<Zlib.Stream>.allocate(capacity: 1)
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
  private var consumed = 0
  private var isBetweenMembers = false

  init(_ file: RawFile, _ zlib: Zlib) throws(FileFormatError) {
    self.file = file
    self.zlib = zlib
    stream.initialize(to: Zlib.Stream())
    guard zlib.startInflating(stream) else {
      throw FileFormatError(.zlibMissing, file.path, found: "a zlib that does not start", expected: "zlib 1.2 or later")
    }
  }

  deinit {
    _ = zlib.inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  /// The number of compressed bytes that were used so far.
  private var place: FileFormatError.Place { .compressedByte(consumed - Int(stream.pointee.availableIn)) }

  /// Decompresses up to as many bytes as fit; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFormatError) -> Int {
    stream.pointee.nextOut = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.availableOut = UInt32(clamping: buffer.count)
    while true {
      if stream.pointee.availableIn == 0 {
        let count = try file.read(into: input)
        consumed += count
        if count == 0 {
          if isBetweenMembers { return 0 }
          throw FileFormatError(
            .truncated, file.path, at: .compressedByte(consumed), found: "the end of the file within compressed data",
            expected: "a whole gzip file")
        }
        stream.pointee.nextIn = UnsafePointer(input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.availableIn = UInt32(count)
      }
      if isBetweenMembers {
        guard stream.pointee.nextIn?.pointee == 0x1F else {
          throw FileFormatError(
            .trailingBytes, file.path, at: place, found: "bytes after the compressed data",
            expected: "the end of the file or another gzip member")
        }
        _ = zlib.inflateReset(stream)
        isBetweenMembers = false
      }
      let outcome = zlib.inflate(stream, 0)
      let produced = buffer.count - Int(stream.pointee.availableOut)
      switch outcome {
      case Zlib.ok, Zlib.needsMore:
        if produced > 0 { return produced }
      case Zlib.streamEnd:
        isBetweenMembers = true
        if produced > 0 { return produced }
      default:
        let reason = stream.pointee.message.map { String(cString: $0) } ?? "zlib's error \(outcome)"
        throw FileFormatError(
          .compression, file.path, at: place, found: "damaged gzip data (\(reason))", expected: "an intact gzip file")
      }
    }
  }
}
