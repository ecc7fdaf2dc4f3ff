/// Compresses what a file is given, as one gzip member.
final class GzipWriter {
  private let path: String
  private let zlib: Zlib
  private let stream = UnsafeMutablePointer<Zlib.Stream>.allocate(capacity: 1)

  init(_ path: String, zlib: Zlib? = .system) throws(FileFormatError) {
    stream.initialize(to: Zlib.Stream())
    guard let zlib, zlib.startDeflating(stream) else {
      throw Zlib.missing(path, advice: "zlib, or a name without '.gz': write the plain file and run 'gzip' on it")
    }
    self.path = path
    self.zlib = zlib
  }

  deinit {
    _ = zlib.deflateEnd(stream)
    stream.deallocate()
  }

  /// What comes out for these bytes; all that is left, after the last ones.
  func compress(_ bytes: [UInt8], isLast: Bool) throws(FileFormatError) -> [UInt8] {
    var compressed: [UInt8] = []
    var outcome = Zlib.ok
    bytes.withUnsafeBufferPointer { input in
      stream.pointee.nextIn = input.baseAddress
      stream.pointee.availableIn = UInt32(input.count)
      let size = 1 << 15
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: size) { output in
        repeat {
          stream.pointee.nextOut = output.baseAddress
          stream.pointee.availableOut = UInt32(size)
          outcome = zlib.deflate(stream, isLast ? Zlib.finish : 0)
          compressed += output[..<(size - Int(stream.pointee.availableOut))]
        } while stream.pointee.availableOut == 0
      }
    }
    guard outcome == Zlib.ok || outcome == Zlib.streamEnd || outcome == Zlib.needsMore else {
      throw FileFormatError(.compression, path, found: "zlib's error \(outcome)", expected: "compressed content")
    }
    return compressed
  }
}
