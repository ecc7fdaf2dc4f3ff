import LangevinCore

/// The format of MNIST: two zero bytes, a type, a rank, big-endian dimensions, then the numbers, the last index
/// fastest.
///
///     let images: Tensor<Float> = try IDXFile.read("train-images-idx3-ubyte.gz")
///     try IDXFile.write(images, to: "copy-idx3-ubyte", as: .uint8)
///
/// Files may be compressed by gzip. All six types of the format are known, and ranks up to 8.
package enum IDXFile {
  private static let types: [(code: UInt8, type: ElementType)] = [
    (0x08, .uint8), (0x09, .int8), (0x0B, .int16), (0x0C, .int32), (0x0D, .float32), (0x0E, .float64),
  ]

  /// Reads all numbers of a file, unscaled.
  ///
  /// A compressed file may give at most `limit` bytes; nil stands for 64 MiB and 128 times its size.
  package static func read<Element: Scalar>(
    _ path: String, as type: Element.Type = Element.self, decompressingAtMost limit: Int? = nil
  ) throws(FileFormatError) -> Tensor<Element> {
    let source = try ByteSource(path: path, decompressingAtMost: limit)
    return try ArrayFile(source, layout(source, try source.take(4, "the magic number of an IDX file"))).tensor()
  }

  /// Writes a tensor; a path that ends in `.gz` is compressed.
  ///
  /// - Throws: ``FileFormatError`` where a number cannot be stored as that type unchanged; no file is made then.
  package static func write<Element: Scalar>(
    _ tensor: Tensor<Element>, to path: String, as type: ElementType
  ) throws(FileFormatError) {
    guard let code = types.first(where: { $0.type == type })?.code else {
      let known = types.map(\.type.rawValue).joined(separator: ", ")
      throw FileFormatError(.elementType, path, found: "type \(type.rawValue)", expected: "a type of IDX: \(known)")
    }
    guard 1...8 ~= tensor.shape.count, tensor.shape.allSatisfy({ $0 <= UInt32.max }) else {
      throw FileFormatError(.shape, path, found: "shape \(tensor.shape)", expected: "1 to 8 dimensions below 2^32")
    }
    let sink = try ByteSink(path: path)
    try sink.write([0, 0, code, UInt8(tensor.shape.count)])
    for length in tensor.shape { try sink.write(UInt32(length).bigEndianBytes) }
    try sink.write(tensor, as: type, bigEndian: true)
    try sink.close()
  }

  /// Reads the rest of the header, after its first four bytes.
  static func layout(_ source: ByteSource, _ magic: [UInt8]) throws(FileFormatError) -> ArrayFile.Layout {
    func error(_ problem: FileFormatError.Problem, at byte: Int, _ found: String, _ expected: String) -> FileFormatError
    {
      FileFormatError(problem, source.path, at: .byte(byte), found: found, expected: expected)
    }
    guard magic[0] == 0, magic[1] == 0 else {
      throw error(.magic, at: 0, "bytes \(magic[0]) \(magic[1])", "an IDX file, which begins with two zero bytes")
    }
    guard let type = types.first(where: { $0.code == magic[2] })?.type else {
      throw error(.elementType, at: 2, "type code \(magic[2])", "8, 9, 11, 12, 13 or 14")
    }
    guard 1...8 ~= magic[3] else { throw error(.shape, at: 3, "rank \(magic[3])", "1 to 8 dimensions") }
    let bytes = try source.take(4 * Int(magic[3]), "the dimensions")
    let shape = stride(from: 0, to: bytes.count, by: 4).map { start in
      bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    return ArrayFile.Layout(type: type, isBigEndian: true, shape: shape)
  }
}
