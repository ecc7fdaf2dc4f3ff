import LangevinData

extension Export {
  /// A ZIP file of `.npy` files, stored without compression, as `numpy.savez` writes it.
  func writeNumPyArchive(to path: String) throws {
    let all = parameters + columns
    // Without the 64-bit extension of the format, places in the file have 32 bits.
    let total = all.reduce(0) { $0 + $1.byteCount + 1024 }
    guard total < Int(UInt32.max) else {
      throw FileError(
        path, "would have \(Format.count(total)) bytes, an .npz file holds \(Format.count(UInt32.max)); export as zarr")
    }
    let file = try OutputFile(path)
    var directory: [UInt8] = []
    for variable in all {
      let start = file.count
      let name = Array((variable.name + ".npy").utf8)
      let header = Self.header(variable)
      let length = UInt32(header.count + variable.byteCount)
      // The checksum is known at the end only, and then set right in place.
      var entry = ZIPEntry(name: name, length: length, checksum: 0)
      try file.append(entry.localHeader)
      var checksum = CRC32()
      checksum.add(header)
      try file.append(header)
      try variable.forEachDraw {
        checksum.add($0)
        try file.append($0)
      }
      entry.checksum = checksum.value
      try file.overwrite(entry.localHeader, at: start)
      directory += entry.directoryEntry(at: UInt32(start))
    }
    let start = file.count
    var end: [UInt8] = [0x50, 0x4B, 5, 6, 0, 0, 0, 0]
    end.append(littleEndian: UInt16(all.count))
    end.append(littleEndian: UInt16(all.count))
    end.append(littleEndian: UInt32(directory.count))
    end.append(littleEndian: UInt32(start))
    try file.append(directory + end + [0, 0])
    try file.flush()
  }

  private static func header(_ variable: Variable) -> [UInt8] {
    let shape = variable.shape.map(String.init).joined(separator: ", ")
    var text = "{'descr': '<\(variable.isSingle ? "f4" : "f8")', 'fortran_order': False, 'shape': (\(shape)), }"
    text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    bytes.append(littleEndian: UInt16(text.utf8.count))
    return bytes + text.utf8
  }
}

/// A file in a ZIP archive, stored as it is.
private struct ZIPEntry {
  let name: [UInt8]
  let length: UInt32
  var checksum: UInt32

  /// Version 2.0, no flags, stored, midnight of 1 January 1980, checksum, both lengths, the length of the name, no extra.
  private var common: [UInt8] {
    var bytes: [UInt8] = [20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]
    bytes.append(littleEndian: checksum)
    bytes.append(littleEndian: length)
    bytes.append(littleEndian: length)
    bytes.append(littleEndian: UInt16(name.count))
    return bytes + [0, 0]
  }

  var localHeader: [UInt8] { [0x50, 0x4B, 3, 4] + common + name }

  func directoryEntry(at place: UInt32) -> [UInt8] {
    var bytes: [UInt8] = [0x50, 0x4B, 1, 2, 20, 0] + common + [UInt8](repeating: 0, count: 10)
    bytes.append(littleEndian: place)
    return bytes + name
  }
}

/// The checksum of ZIP files: the polynomial 0x04C11DB7, bits reversed.
struct CRC32 {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
  }
  private var state: UInt32 = .max

  /// The checksum of all bytes added.
  var value: UInt32 { ~state }

  mutating func add(_ bytes: [UInt8]) {
    var state = state
    Self.table.withUnsafeBufferPointer { table in
      for byte in bytes { state = state >> 8 ^ table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] }
    }
    self.state = state
  }
}
