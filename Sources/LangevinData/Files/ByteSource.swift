/// The content of a file from front to back, decompressed where it is gzip (told by its first bytes, not by its name).
///
/// Content is read through a buffer of fixed size. What a header claims is to be checked against ``remainingBound``
/// before memory is reserved for it.
package final class ByteSource {
  let path: String
  /// The next byte's place in the content.
  package private(set) var offset = 0
  /// Whether the file is compressed.
  var isCompressed: Bool { reader != nil }

  private let file: RawFile
  private var reader: GzipReader?
  private let limit: Int
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
  private var start = 0
  private var end = 0

  /// Opens a file.
  ///
  /// A compressed file may give at most `limit` bytes; nil stands for 64 MiB and 128 times its size, which no honest
  /// data set comes near and a decompression bomb exceeds.
  package convenience init(
    path: String, decompressingAtMost limit: Int? = nil, zlib: Zlib? = .system
  ) throws(FileFormatError) {
    try self.init(RawFile(path: path), decompressingAtMost: limit, zlib: zlib)
  }

  init(_ file: RawFile, decompressingAtMost limit: Int? = nil, zlib: Zlib? = .system) throws(FileFormatError) {
    self.file = file
    path = file.path
    self.limit = limit ?? (64 << 20) + 128 * file.size
    guard file.size > 0 else { throw FileFormatError(.empty, path, found: "an empty file", expected: "some content") }
    guard file.starts(with: [0x1F, 0x8B]) else { return }
    guard let zlib else {
      throw Zlib.missing(path, advice: "zlib, or the plain file: run 'gunzip \(path)' and read the result")
    }
    reader = try GzipReader(file, zlib)
  }

  deinit { buffer.deallocate() }

  /// At most this many bytes of content are left: exactly so many, where the file is plain.
  var remainingBound: Int { isCompressed ? limit - offset : file.size - offset }

  private func fill() throws(FileFormatError) {
    start = 0
    end = try readContent(into: buffer)
  }

  /// Content from the file, past this object's buffer.
  private func readContent(into bytes: UnsafeMutableRawBufferPointer) throws(FileFormatError) -> Int {
    if let reader {
      let count = try reader.read(into: bytes)
      if offset + count > limit {
        throw FileFormatError(
          .tooLarge, path, at: .byte(limit), found: "more content than the \(file.size) compressed bytes may hold",
          expected: "at most \(limit) bytes; where the file is trusted, raise the limit on decompression")
      }
      return count
    }
    return try file.read(into: bytes)
  }

  /// Reads up to as many bytes as fit; 0 at the end.
  func readSome(into bytes: UnsafeMutableRawBufferPointer) throws(FileFormatError) -> Int {
    var count = min(end - start, bytes.count)
    if count > 0 {
      bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<start + count]))
      start += count
    } else {
      count = try readContent(into: bytes)
    }
    offset += count
    return count
  }

  /// The next byte, or nil at the end.
  @inline(__always)
  func next() throws(FileFormatError) -> UInt8? {
    if start == end {
      try fill()
      if end == 0 { return nil }
    }
    defer {
      start += 1
      offset += 1
    }
    return buffer[start]
  }

  /// Fills a buffer; `what` says in an error what the bytes were to be.
  package func read(into bytes: UnsafeMutableRawBufferPointer, _ what: @autoclosure () -> String)
    throws(FileFormatError)
  {
    var filled = 0
    while filled < bytes.count {
      if start == end {
        try fill()
        guard end > 0 else {
          throw FileFormatError(
            .truncated, path, at: .byte(offset), found: "the end of the file",
            expected: "\(bytes.count - filled) more bytes of \(what())")
        }
      }
      let count = min(end - start, bytes.count - filled)
      UnsafeMutableRawBufferPointer(rebasing: bytes[filled..<filled + count])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<start + count]))
      filled += count
      start += count
      offset += count
    }
  }

  /// The next bytes of a header, a few at a time.
  func take(_ count: Int, _ what: String) throws(FileFormatError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      guard let byte = try next() else {
        throw FileFormatError(
          .truncated, path, at: .byte(offset), found: "the end of the file",
          expected: "\(count - bytes.count) more bytes of \(what)")
      }
      bytes.append(byte)
    }
    return bytes
  }

  /// Throws unless all content has been read.
  package func expectEnd(_ what: String) throws(FileFormatError) {
    let end = offset
    if try next() != nil {
      throw FileFormatError(
        .trailingBytes, path, at: .byte(end), found: "more bytes after \(what)", expected: "the end of the file")
    }
  }
}
