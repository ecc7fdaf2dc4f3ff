import LangevinPlatform

/// A file that grows: opened, appended to, cut back, corrected in place, flushed to the disk.
///
/// Bytes reach the system with every call, so a killed process loses none of them.
package final class OutputFile {
  /// Where it is.
  package let path: String
  /// Its length in bytes.
  package private(set) var count: Int
  private let descriptor: Int32

  /// Opens a file to append to, new or with what it holds; `keeping` cuts it back to that many bytes.
  package init(_ path: String, keeping length: Int? = nil) throws(FileFormatError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw systemError(path, "opening it to write") }
    let found = Int(lseek(descriptor, 0, SEEK_END))
    count = found
    guard let length else { return }
    guard found >= length else {
      throw FileFormatError(
        .truncated, path, found: "\(found) bytes",
        expected: "the \(length) that it had before: it was cut or replaced since")
    }
    guard ftruncate(descriptor, off_t(length)) == 0 else { throw systemError(path, "cutting it to byte \(length)") }
    count = length
  }

  deinit { closeFile(descriptor) }

  /// Appends bytes.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(FileFormatError) {
    try write(bytes, at: count)
    count += bytes.count
  }

  /// Appends bytes.
  package func append(_ bytes: [UInt8]) throws(FileFormatError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(FileFormatError) in try append(UnsafeRawBufferPointer(buffer)) }
  }

  /// Appends text.
  package func append(_ text: String) throws(FileFormatError) { try append(Array(text.utf8)) }

  /// Overwrites bytes that are there already.
  package func overwrite(_ bytes: [UInt8], at offset: Int) throws(FileFormatError) {
    precondition(offset + bytes.count <= count, "only bytes that exist can be overwritten")
    try bytes.withUnsafeBufferPointer { (buffer) throws(FileFormatError) in
      try write(UnsafeRawBufferPointer(buffer), at: offset)
    }
  }

  /// Waits until all bytes are on the disk.
  package func flush() throws(FileFormatError) {
    guard fsync(descriptor) == 0 else { throw systemError(path, "flushing it to the disk") }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileFormatError) {
    var done = 0
    while done < bytes.count {
      let written = writeBytes(descriptor, UnsafeRawBufferPointer(rebasing: bytes[done...]), at: offset + done)
      guard written > 0 else { throw systemError(path, "writing byte \(offset + done)") }
      done += written
    }
  }
}

extension OutputFile {
  /// Replaces a file as a whole: the new one is written beside it, flushed and renamed into its place, so that at every
  /// moment one of the two is complete. With `previous`, the old one stays under that name. Processes that may replace one
  /// file at the same time write it `through` names of their own.
  package static func replace(
    _ path: String, with bytes: [UInt8], previous: String? = nil, through temporary: String? = nil
  ) throws(FileFormatError) {
    let sink = try ByteSink(path: path, through: temporary)
    try sink.write(bytes)
    try sink.close(keepingOldAs: previous)
  }

  /// All bytes of a file.
  package static func read(_ path: String) throws(FileFormatError) -> [UInt8] {
    let file = try RawFile(path: path)
    return try file.read(file.size, at: 0)
  }
}
