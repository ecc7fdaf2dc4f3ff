import LangevinData
import LangevinPlatform

extension Export {
  /// A Zarr hierarchy of version 2, which all versions of the libraries read: folders for groups and arrays, uncompressed
  /// chunks of up to 16 MB, and all metadata once more in one place so that a reader opens one file.
  func writeZarr(to path: String) throws {
    var metadata: [JSON.Member] = []
    func add(_ file: String, _ document: JSON) throws {
      metadata.append(.init(file, document))
      try OutputFile(path + "/" + file).append(document.description + "\n")
    }
    let group = JSON.object([.init("zarr_format", JSON(2))])
    try makeFolder(path)
    try add(".zgroup", group)
    try add(
      ".zattrs",
      .object([
        .init("creation_library", .string("langevin")), .init("creation_library_version", .string(Version.current)),
      ]))
    for (name, variables) in [("posterior", parameters), ("sample_stats", columns)] {
      try makeFolder("\(path)/\(name)")
      try add("\(name)/.zgroup", group)
      try add("\(name)/.zattrs", .object([]))
      for variable in variables {
        // ArviZ knows lp__ as lp, and so on.
        let short = variable.name.hasSuffix("__") ? String(variable.name.dropLast(2)) : variable.name
        let folder = "\(name)/\(short)"
        try makeFolder("\(path)/\(folder)")
        let chunk = [1, max(1, min(variable.shape[1], (16 << 20) / max(1, variable.drawLength * variable.itemSize)))]
        try add(
          "\(folder)/.zarray",
          Self.array(variable.shape, chunk + variable.shape.dropFirst(2), variable.isSingle ? "<f4" : "<f8"))
        let dimensions = ["chain", "draw"] + variable.shape.indices.dropFirst(2).map { "\(short)_dim_\($0 - 2)" }
        try add("\(folder)/.zattrs", Self.attributes(dimensions))
        try variable.writeChunks(of: chunk[1], to: "\(path)/\(folder)")
      }
      for (place, dimension) in ["chain", "draw"].enumerated() {
        let folder = "\(name)/\(dimension)"
        try makeFolder("\(path)/\(folder)")
        let count = variables.first?.shape[place] ?? 0
        try add("\(folder)/.zarray", Self.array([count], [max(1, count)], "<i8"))
        try add("\(folder)/.zattrs", Self.attributes([dimension]))
        var bytes: [UInt8] = []
        for index in 0..<count { bytes.append(littleEndian: Int64(index)) }
        try OutputFile("\(path)/\(folder)/0").append(bytes)
      }
    }
    let all = JSON.object([.init("zarr_consolidated_format", JSON(1)), .init("metadata", .object(metadata))])
    try OutputFile(path + "/.zmetadata").append(all.description + "\n")
  }

  private static func array(_ shape: [Int], _ chunks: [Int], _ type: String) -> JSON {
    .object([
      .init("zarr_format", JSON(2)), .init("shape", .array(shape.map { JSON($0) })),
      .init("chunks", .array(chunks.map { JSON($0) })), .init("dtype", .string(type)), .init("compressor", .null),
      .init("fill_value", .null), .init("order", .string("C")), .init("filters", .null),
    ])
  }

  private static func attributes(_ dimensions: [String]) -> JSON {
    .object([.init("_ARRAY_DIMENSIONS", .array(dimensions.map(JSON.string)))])
  }

  private func makeFolder(_ path: String) throws(FileFormatError) {
    guard mkdir(path, 0o777) == 0 else { throw systemError(path, "making the folder") }
  }
}

extension Export.Variable {
  /// One file for each chain and `length` draws; the last is filled up with zeros.
  fileprivate func writeChunks(of length: Int, to folder: String) throws {
    let ending = String(repeating: ".0", count: shape.count - 2)
    for chain in 0..<shape[0] {
      for (number, start) in stride(from: 0, to: shape[1], by: length).enumerated() {
        var chunk: [UInt8] = []
        for draw in start..<min(start + length, shape[1]) { chunk += try bytes(chain, draw) }
        chunk += repeatElement(0, count: length * drawLength * itemSize - chunk.count)
        try OutputFile("\(folder)/\(chain).\(number)\(ending)").append(chunk)
      }
    }
  }
}
