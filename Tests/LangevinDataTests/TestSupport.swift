import LangevinCore
import LangevinData
import LangevinPlatform

/// A folder that is gone when the test ends.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/langevin-data-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(what: "no temporary folder") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  /// The path of a file in the folder.
  func path(_ name: String) -> String { path + "/" + name }

  /// Writes a file and returns its path.
  func file(_ name: String, _ bytes: some Collection<UInt8>) throws -> String {
    guard let file = fopen(path(name), "w") else { throw Failure(what: "no file \(name)") }
    defer { fclose(file) }
    let bytes = Array(bytes)
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Failure(what: "cannot write \(name)") }
    return path(name)
  }

  func file(_ name: String, text: String) throws -> String { try file(name, Array(text.utf8)) }

  /// The names of what is in it.
  var names: [String] { Self.names(path) }

  private static func names(_ path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
        })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  private static func remove(_ path: String) {
    for name in names(path) where unlink(path + "/" + name) != 0 { remove(path + "/" + name) }
    rmdir(path)
  }
}

struct Failure: Error {
  let what: String
}

/// The bytes of a file.
func contents(_ path: String) throws -> [UInt8] {
  guard let file = fopen(path, "r") else { throw Failure(what: "no file \(path)") }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
  return bytes
}

/// Bytes from hexadecimal digits.
func hex(_ digits: String) -> [UInt8] {
  let nibbles = digits.compactMap { $0.hexDigitValue }
  return stride(from: 0, to: nibbles.count, by: 2).map { UInt8(16 * nibbles[$0] + nibbles[$0 + 1]) }
}

/// The error of a body that must fail with one.
func fileError(_ body: () throws -> Void) -> FileFormatError? {
  do {
    try body()
    return nil
  } catch {
    return error as? FileFormatError
  }
}

/// An IDX file by hand.
func idx(_ type: UInt8, _ shape: [UInt32], _ numbers: [UInt8]) -> [UInt8] {
  [0, 0, type, UInt8(shape.count)]
    + shape.flatMap { length in (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } }
    + numbers
}

/// An NPY file with NumPy's own header for it.
func npy(_ descr: String, _ shape: String, _ numbers: [UInt8], fortran: Bool = false, version: UInt8 = 1) -> [UInt8] {
  npy(
    header: "{'descr': '\(descr)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }", numbers,
    version: version)
}

func npy(header: String, _ numbers: [UInt8], version: UInt8 = 1) -> [UInt8] {
  let prefix = version == 1 ? 10 : 12
  let padded = header.utf8 + [UInt8](repeating: 0x20, count: max(0, 127 - prefix - header.utf8.count)) + [0x0A]
  let length = [UInt8(padded.count & 255), UInt8(padded.count >> 8)] + (version == 1 ? [] : [0, 0])
  return [0x93] + "NUMPY".utf8 + [version, 0] + length + padded + numbers
}

extension ReadingOptions {
  /// Tables as they stand: nothing scaled, nothing held out.
  static var plain: ReadingOptions {
    var options = ReadingOptions()
    options.scalesInputs = false
    options.scalesTargets = false
    options.heldOut = nil
    return options
  }
}
