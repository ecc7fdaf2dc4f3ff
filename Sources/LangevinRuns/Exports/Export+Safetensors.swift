import LangevinData

extension Export {
  /// The length of a header, the header as JSON (name, type, shape, place of each tensor), then the numbers.
  func writeSafetensors(to path: String) throws {
    // Texts about the tensors have a place of their own in the header.
    var members = [JSON.Member("__metadata__", .object([.init("run", .string(document))]))]
    var place = 0
    for variable in parameters {
      let shape = [variable.shape[0] * variable.shape[1]] + variable.shape.dropFirst(2)
      members.append(
        .init(
          variable.name,
          .object([
            .init("dtype", .string(variable.isSingle ? "F32" : "F64")), .init("shape", .array(shape.map { JSON($0) })),
            .init("data_offsets", .array([JSON(place), JSON(place + variable.byteCount)])),
          ])))
      place += variable.byteCount
    }
    var header = Array(JSON.object(members).description.utf8)
    header += repeatElement(0x20, count: (8 - header.count % 8) % 8)
    var start: [UInt8] = []
    start.append(littleEndian: UInt64(header.count))
    let file = try OutputFile(path)
    try file.append(start + header)
    for variable in parameters { try variable.forEachDraw { try file.append($0) } }
    try file.flush()
  }
}

extension Export.Variable {
  /// Draw by draw, chain by chain, in parts of at least a megabyte.
  func forEachDraw(_ body: ([UInt8]) throws -> Void) throws {
    var part: [UInt8] = []
    for chain in 0..<shape[0] {
      for draw in 0..<shape[1] {
        part += try bytes(chain, draw)
        if part.count >= 1 << 20 {
          try body(part)
          part.removeAll(keepingCapacity: true)
        }
      }
    }
    try body(part)
  }
}
