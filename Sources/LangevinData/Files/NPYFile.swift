import LangevinCore

/// NumPy's file format for one array: a magic string, a header in Python's notation, then the numbers.
///
///     let draws: Tensor<Double> = try NPYFile.read("draws.npy")
///     try NPYFile.write(draws, to: "copy.npy")
///
/// Versions 1 to 3 are read, in both byte orders and both index orders; booleans, integers and floating-point numbers
/// of 32 and 64 bits. Version 1, little-endian and with the last index fastest, is written. Files may be compressed by
/// gzip.
package enum NPYFile {
  private static let types: [(code: String, type: ElementType)] = [
    ("b1", .bool), ("i1", .int8), ("u1", .uint8), ("i2", .int16), ("u2", .uint16), ("i4", .int32), ("u4", .uint32),
    ("i8", .int64), ("u8", .uint64), ("f4", .float32), ("f8", .float64),
  ]
  private static let magic: [UInt8] = [0x93] + "NUMPY".utf8

  /// Reads all numbers of a file, in row-major order.
  ///
  /// A compressed file may give at most `limit` bytes; nil stands for 64 MiB and 128 times its size.
  package static func read<Element: Scalar>(
    _ path: String, as type: Element.Type = Element.self, decompressingAtMost limit: Int? = nil
  ) throws(FileFormatError) -> Tensor<Element> {
    let source = try ByteSource(path: path, decompressingAtMost: limit)
    return try ArrayFile(source, layout(source, try source.take(4, "the magic string of an NPY file"))).tensor()
  }

  /// Writes a tensor, by default as the floating-point numbers it has; a path that ends in `.gz` is compressed.
  ///
  /// - Throws: ``FileFormatError`` where a number cannot be stored as that type unchanged; no file is made then.
  package static func write<Element: Scalar>(
    _ tensor: Tensor<Element>, to path: String, as type: ElementType? = nil
  ) throws(FileFormatError) {
    let type = type ?? (MemoryLayout<Element>.size == 4 ? .float32 : .float64)
    let code = types.first { $0.type == type }?.code ?? ""
    let sink = try ByteSink(path: path)
    try sink.write(header("\(type.size == 1 ? "|" : "<")\(code)", tensor.shape))
    try sink.write(tensor, as: type, bigEndian: false)
    try sink.close()
  }

  /// Magic string, version, length and dictionary, padded so that the numbers start at a multiple of 64.
  private static func header(_ descr: String, _ shape: [Int]) -> [UInt8] {
    let lengths = shape.count == 1 ? "\(shape[0])," : shape.map(String.init).joined(separator: ", ")
    var text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(lengths)), }"
    text += String(repeating: " ", count: 63 - (magic.count + 4 + text.utf8.count) % 64) + "\n"
    return magic + [1, 0, UInt8(text.utf8.count & 255), UInt8(text.utf8.count >> 8)] + text.utf8
  }

  /// Reads the rest of the header, after its first four bytes.
  static func layout(_ source: ByteSource, _ start: [UInt8]) throws(FileFormatError) -> ArrayFile.Layout {
    func error(_ problem: FileFormatError.Problem, at byte: Int, _ found: String, _ expected: String) -> FileFormatError
    {
      FileFormatError(problem, source.path, at: .byte(byte), found: found, expected: expected)
    }
    guard try start + source.take(2, "the magic string of an NPY file") == magic else {
      throw error(
        .magic, at: 0, "bytes that begin with \(start[0]) \(start[1])", "an NPY file, which begins with \\x93NUMPY")
    }
    let version = try source.take(2, "the version")
    guard 1...3 ~= version[0] else {
      throw error(.header, at: 6, "version \(version[0]).\(version[1])", "version 1, 2 or 3")
    }
    let length = try source.take(version[0] == 1 ? 2 : 4, "the length of the header")
      .reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= 1 << 16 else { throw error(.header, at: 8, "a header of \(length) bytes", "at most 65536") }
    let first = source.offset
    let text = try source.take(length, "the header")
    let entries: NPYHeader
    do throws(NPYHeader.Failure) {
      entries = try NPYHeader(parsing: text)
    } catch {
      throw FileFormatError(
        .header, source.path, at: .byte(first + error.offset), found: error.found, expected: error.expected)
    }

    let order = entries.descr.first
    guard let order, "<>|=".contains(order),
      let type = types.first(where: { $0.code == entries.descr.dropFirst() })?.type
    else {
      throw error(
        .elementType, at: first, "'descr' '\(entries.descr)'",
        "a number type: b1, i1, i2, i4, i8, u1, u2, u4, u8, f4 or f8, after <, > or |")
    }
    return ArrayFile.Layout(
      type: type, isBigEndian: order == ">", shape: entries.shape, isColumnMajor: entries.isFortranOrder)
  }
}

/// The dictionary in the header of an NPY file: exactly the keys `descr`, `fortran_order` and `shape`, in any order.
struct NPYHeader {
  struct Failure: Error {
    let offset: Int
    let found: String
    let expected: String
  }

  private(set) var descr = ""
  private(set) var isFortranOrder = false
  private(set) var shape: [Int] = []

  private let text: [UInt8]
  private var place = 0

  init(parsing text: [UInt8]) throws(Failure) {
    self.text = text
    var seen: Set<String> = []
    try expect("{")
    while !skip("}") {
      let key = try string()
      guard seen.insert(key).inserted else { throw failure("'\(key)' twice", "each key once") }
      try expect(":")
      switch key {
      case "descr": descr = try string()
      case "fortran_order": isFortranOrder = try boolean()
      case "shape": shape = try tuple()
      default: throw failure("the key '\(key)'", "'descr', 'fortran_order' or 'shape'")
      }
      if !skip(",") {
        try expect("}")
        break
      }
    }
    guard seen.count == 3 else { throw failure("the keys \(seen.sorted())", "'descr', 'fortran_order' and 'shape'") }
    skipSpaces()
    guard place == text.count else { throw failure("'\(character)' after the dictionary", "the end of the header") }
  }

  private var character: String { place < text.count ? String(UnicodeScalar(text[place])) : "the end" }

  private func failure(_ found: String, _ expected: String) -> Failure {
    Failure(offset: place, found: found, expected: expected)
  }

  private mutating func skipSpaces() {
    while place < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[place]) { place += 1 }
  }

  private mutating func skip(_ sign: UnicodeScalar) -> Bool {
    skipSpaces()
    guard place < text.count, text[place] == UInt8(ascii: sign) else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ sign: UnicodeScalar) throws(Failure) {
    if !skip(sign) { throw failure("'\(character)' in the header", "'\(sign)'") }
  }

  private mutating func string() throws(Failure) -> String {
    guard skip("'") || skip("\"") else {
      throw failure("'\(character)' in the header", "a quoted string (object and record types are not read)")
    }
    let quote = text[place - 1]
    guard let end = text[place...].firstIndex(of: quote) else { throw failure("an open quote", "its end") }
    defer { place = end + 1 }
    return String(decoding: text[place..<end], as: UTF8.self)
  }

  private mutating func boolean() throws(Failure) -> Bool {
    skipSpaces()
    for (word, value) in [("True", true), ("False", false)] where text[place...].starts(with: word.utf8) {
      place += word.utf8.count
      return value
    }
    throw failure("'\(character)' in the header", "True or False")
  }

  private mutating func tuple() throws(Failure) -> [Int] {
    try expect("(")
    var lengths: [Int] = []
    while !skip(")") {
      skipSpaces()
      let digits = text[place...].prefix { 0x30...0x39 ~= $0 }
      guard let length = Int(String(decoding: digits, as: UTF8.self)) else {
        throw failure("'\(character)' in the shape", "a length from 0 to \(Int.max)")
      }
      place += digits.count
      lengths.append(length)
      guard lengths.count <= 32 else { throw failure("more than 32 dimensions", "32 or fewer") }
      if !skip(",") {
        try expect(")")
        break
      }
    }
    return lengths
  }
}
