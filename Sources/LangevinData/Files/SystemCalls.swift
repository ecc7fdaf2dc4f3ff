import LangevinPlatform

// The C library's functions under names that the methods of a file type do not hide, repeated where a signal
// interrupts.

func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  repeated { read(descriptor, buffer.baseAddress, buffer.count) }
}

func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
  repeated { pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
}

func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
  repeated { pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset)) }
}

func closeFile(_ descriptor: Int32) { _ = close(descriptor) }

/// A rename is on the disk once the folder is; where folders cannot be flushed there is nothing to do.
func flushFolder(of path: String) {
  let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
  let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  _ = fsync(descriptor)
  closeFile(descriptor)
}

/// The names in a folder, sorted, or nil and the reason in `errno`.
package func namesInFolder(_ path: String) -> [String]? {
  guard let folder = opendir(path) else { return nil }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    names.append(
      withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
      })
  }
  return names.sorted()
}

/// Whether a path names a folder.
func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Makes a folder where there is none.
func makeFolder(_ path: String) throws(FileFormatError) {
  if mkdir(path, 0o777) != 0, !isFolder(path) { throw systemError(path, "making the folder") }
}

/// What the system says went wrong when `action` was tried; the number is that of `errno`.
package func systemError(_ path: String, _ action: String, _ code: Int32 = errno) -> FileFormatError {
  switch code {
  case ENOENT, ENOTDIR:
    return FileFormatError(.missing, path, found: "no such file or folder", expected: "one of that name")
  case EACCES, EPERM:
    return FileFormatError(
      .permission, path, found: "no permission when \(action)", expected: "a path that you may use")
  case ENOSPC, EDQUOT:
    return FileFormatError(.system, path, found: "no room left when \(action)", expected: "room on the disk")
  default:
    let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return FileFormatError(.system, path, found: "'\(reason)' when \(action)", expected: "no failure")
  }
}

private func repeated(_ call: () -> Int) -> Int {
  while true {
    let count = call()
    if count >= 0 || errno != EINTR { return count }
  }
}
