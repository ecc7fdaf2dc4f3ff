#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that grows: opened, appended to, cut back, corrected in place, flushed to the disk.
///
/// Bytes reach the system with every call, so a killed process loses none of them.
public final class OutputFile {
  /// Where it is.
  public let path: String
  /// Its length in bytes.
  public private(set) var count: Int
  private let descriptor: Int32

  /// Opens a file to append to, new or with what it holds; `keeping` cuts it back to that many bytes.
  public init(_ path: String, keeping length: Int? = nil) throws(FileError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(path, "cannot be written: \(Self.reason)") }
    let found = Int(lseek(descriptor, 0, SEEK_END))
    count = found
    guard let length else { return }
    guard found >= length else {
      throw FileError(path, "has \(found) bytes, but the checkpoint saw \(length): the file was cut or replaced since")
    }
    guard ftruncate(descriptor, off_t(length)) == 0 else { throw FileError(path, "cannot be cut: \(Self.reason)") }
    count = length
  }

  deinit { close(descriptor) }

  /// Appends bytes.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try write(bytes, at: count)
    count += bytes.count
  }

  /// Appends text.
  public func append(_ text: String) throws(FileError) {
    try append(Array(text.utf8))
  }

  /// Appends bytes.
  public func append(_ bytes: [UInt8]) throws(FileError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(FileError) in try append(UnsafeRawBufferPointer(buffer)) }
  }

  /// Overwrites bytes that are there already.
  public func overwrite(_ bytes: [UInt8], at offset: Int) throws(FileError) {
    precondition(offset + bytes.count <= count, "only bytes that exist can be overwritten")
    try bytes.withUnsafeBufferPointer { (buffer) throws(FileError) in
      try write(UnsafeRawBufferPointer(buffer), at: offset)
    }
  }

  /// Waits until all bytes are on the disk.
  public func flush() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError(path, "cannot be flushed to the disk: \(Self.reason)") }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let written = pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw FileError(path, "cannot be written at byte \(offset + done): \(Self.reason)") }
      done += written
    }
  }

  static var reason: String { String(cString: strerror(errno)) }
}

extension OutputFile {
  /// Replaces a file as a whole: a new one is written beside it, flushed and renamed into its place, so that at every
  /// moment one of the two is complete. With `previous`, the old one stays under that name.
  public static func replace(_ path: String, with bytes: [UInt8], previous: String? = nil) throws(FileError) {
    let fresh = path + ".new"
    unlink(fresh)
    do throws(FileError) {
      let file = try OutputFile(fresh)
      try file.append(bytes)
      try file.flush()
    } catch {
      unlink(fresh)
      throw error
    }
    if let previous, access(path, F_OK) == 0, rename(path, previous) != 0 {
      throw FileError(path, "cannot be renamed to \(previous): \(reason)")
    }
    guard rename(fresh, path) == 0 else { throw FileError(fresh, "cannot be renamed to \(path): \(reason)") }
    flushFolder(of: path)
  }

  /// A rename is on the disk once the folder is; where folders cannot be flushed there is nothing to do.
  private static func flushFolder(of path: String) {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
  }

  /// All bytes of a file.
  public static func read(_ path: String) throws(FileError) -> [UInt8] {
    let file = try InputFile(path)
    return try file.read(file.count, at: 0)
  }
}

/// A file that is read at any place.
final class InputFile {
  let path: String
  let count: Int
  private let descriptor: Int32

  init(_ path: String) throws(FileError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path, "cannot be read: \(OutputFile.reason)") }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path, "cannot be read: \(OutputFile.reason)") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(path, "is not a plain file") }
    count = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Bytes from a place on; fewer only if the file has become shorter.
  func read(_ length: Int, at offset: Int) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: length)
    var done = 0
    while done < length {
      let count = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress.map { $0 + done }, length - done, off_t(offset + done))
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileError(path, "cannot be read at byte \(offset + done): \(OutputFile.reason)") }
      guard count > 0 else { throw FileError(path, "ends at byte \(offset + done), expected \(offset + length)") }
      done += count
    }
    return bytes
  }
}
