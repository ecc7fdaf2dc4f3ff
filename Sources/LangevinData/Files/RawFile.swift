import LangevinPlatform

/// The bytes of a file as they lie on disk, or a list of bytes in memory, read from front to back or at any place.
package final class RawFile {
  package let path: String
  /// The size in bytes.
  package let size: Int
  private let descriptor: Int32
  private let bytes: [UInt8]
  private var position = 0

  /// Opens a regular file.
  package init(path: String) throws(FileFormatError) {
    // A pipe without a writer would block here for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw systemError(path, "opening it") }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      closeFile(descriptor)
      throw systemError(path, "asking for its size", code)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      closeFile(descriptor)
      let kind = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a device or a pipe"
      throw FileFormatError(.notAFile, path, found: kind, expected: "a file")
    }
    self.path = path
    self.descriptor = descriptor
    size = Int(status.st_size)
    bytes = []
  }

  /// Bytes in memory.
  init(bytes: [UInt8], name: String) {
    path = name
    self.bytes = bytes
    size = bytes.count
    descriptor = -1
  }

  deinit {
    if descriptor >= 0 { closeFile(descriptor) }
  }

  /// Whether the file begins with these bytes; the place of reading stays where it is.
  func starts(with magic: [UInt8]) -> Bool {
    if descriptor < 0 { return bytes.starts(with: magic) }
    var start = [UInt8](repeating: 0, count: magic.count)
    return pread(descriptor, &start, start.count, 0) == start.count && start == magic
  }

  /// Reads up to as many bytes as fit; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFormatError) -> Int {
    guard descriptor >= 0 else {
      let count = min(buffer.count, bytes.count - position)
      bytes[position..<position + count].withUnsafeBytes { buffer.copyMemory(from: $0) }
      position += count
      return count
    }
    let count = readBytes(descriptor, buffer)
    if count < 0 { throw systemError(path, "reading it") }
    return count
  }

  /// Reads bytes from a place on; the place of reading from front to back stays where it is.
  package func read(_ length: Int, at offset: Int) throws(FileFormatError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: length)
    var done = 0
    while done < length {
      let count = bytes.withUnsafeMutableBytes {
        readBytes(descriptor, UnsafeMutableRawBufferPointer(rebasing: $0[done...]), at: offset + done)
      }
      guard count >= 0 else { throw systemError(path, "reading byte \(offset + done)") }
      guard count > 0 else {
        throw FileFormatError(
          .truncated, path, at: .byte(offset + done), found: "the end", expected: "bytes up to \(offset + length)")
      }
      done += count
    }
    return bytes
  }
}
