import LangevinData
import LangevinPlatform

extension Export {
  /// A Zarr hierarchy of version 2, which all versions of the libraries read: folders for groups and arrays, uncompressed
  /// chunks of up to 16 MB, and all metadata once more in one place so that a reader opens one file.
  func writeZarr(to path: String) throws {
    var store = try ZarrStore(path)
    try store.addAttributes(to: "", [.init("run", .string(document))])
    try store.addGroup("posterior", parameters)
    try store.addGroup("sample_stats", statistics)
    if let likelihoods {
      for group in groups { try store.addGroup(group, likelihoods, coordinates: coordinates) }
    }
    try store.finish()
  }

  /// Draws of each chain.
  private var coordinates: (chains: Int, draws: Int) {
    (parameters.first?.shape[0] ?? 0, parameters.first?.shape[1] ?? 0)
  }
}

/// A Zarr hierarchy that is being written.
private struct ZarrStore {
  private let path: String
  private var metadata: [JSON.Member] = []
  private var isCoordinateThere: Set<String> = []

  init(_ path: String) throws {
    self.path = path
    try Self.makeFolder(path)
    try add(".zgroup", Self.group)
  }

  private static let group = JSON.object([.init("zarr_format", JSON(2))])

  private mutating func add(_ file: String, _ document: JSON) throws {
    metadata.append(.init(file, document))
    try OutputFile(path + "/" + file).append(document.description + "\n")
  }

  mutating func addAttributes(to group: String, _ attributes: [JSON.Member]) throws {
    let all = [
      JSON.Member("creation_library", .string("langevin")), .init("creation_library_version", .string(Version.current)),
    ]
    try add(group.isEmpty ? ".zattrs" : group + "/.zattrs", .object(all + attributes))
  }

  private mutating func makeGroup(_ name: String, _ attributes: [JSON.Member] = []) throws {
    try Self.makeFolder("\(path)/\(name)")
    try add("\(name)/.zgroup", Self.group)
    try addAttributes(to: name, attributes)
  }

  /// All metadata in one place.
  mutating func finish() throws {
    let all = JSON.object([.init("zarr_consolidated_format", JSON(1)), .init("metadata", .object(metadata))])
    try OutputFile(path + "/.zmetadata").append(all.description + "\n")
  }

  // MARK: Arrays

  /// A group of arrays by chain and draw.
  mutating func addGroup(_ name: String, _ variables: [Export.Variable], _ attributes: [JSON.Member] = []) throws {
    try makeGroup(name, attributes)
    for variable in variables { try add(variable, to: name) }
  }

  private mutating func add(_ variable: Export.Variable, to group: String) throws {
    let folder = "\(group)/\(variable.name)"
    let chunk = [1, max(1, min(variable.shape[1], (16 << 20) / max(1, variable.drawLength * variable.itemSize)))]
    let type = variable.isFlag ? "|b1" : variable.isSingle ? "<f4" : "<f8"
    let own =
      variable.dimensions ?? variable.shape.indices.dropFirst(2).map { "\(variable.name)_dim_\($0 - 2)" }
    let dimensions = ["chain", "draw"] + own
    try begin(folder, variable.shape, chunk + variable.shape.dropFirst(2), type, dimensions)
    try variable.writeChunks(of: chunk[1], to: "\(path)/\(folder)")
    for (dimension, count) in zip(dimensions, variable.shape) where !(variable.dimensions ?? []).contains(dimension) {
      try addCoordinate(dimension, (0..<count).map { Int64($0) }, to: group)
    }
  }

  private mutating func begin(
    _ folder: String, _ shape: [Int], _ chunks: [Int], _ type: String, _ dimensions: [String]
  ) throws {
    try Self.makeFolder("\(path)/\(folder)")
    try add(
      "\(folder)/.zarray",
      .object([
        .init("zarr_format", JSON(2)), .init("shape", .array(shape.map { JSON($0) })),
        .init("chunks", .array(chunks.map { JSON(max(1, $0)) })), .init("dtype", .string(type)),
        .init("compressor", .null), .init("fill_value", .null), .init("order", .string("C")), .init("filters", .null),
      ]))
    try add(
      "\(folder)/.zattrs", .object([.init("_ARRAY_DIMENSIONS", .array(dimensions.map(JSON.string)))]))
  }

  /// An array in one chunk.
  private mutating func add(
    _ name: String, _ shape: [Int], _ type: String, _ dimensions: [String], _ bytes: [UInt8], to group: String
  ) throws {
    try begin("\(group)/\(name)", shape, shape, type, dimensions)
    try OutputFile(
      "\(path)/\(group)/\(name)/" + Array(repeating: "0", count: max(1, shape.count)).joined(separator: ".")
    )
    .append(bytes)
  }

  private mutating func addCoordinate(_ name: String, _ values: [Int64], to group: String) throws {
    guard isCoordinateThere.insert("\(group)/\(name)").inserted else { return }
    try add(name, [values.count], "<i8", [name], values.flatMap(Self.bytes), to: group)
  }

  /// Texts as NumPy has them: each character in four bytes, as many as the longest has.
  private mutating func addCoordinate(_ name: String, _ texts: [String], to group: String) throws {
    let width = max(1, texts.map(\.unicodeScalars.count).max() ?? 1)
    let bytes = texts.flatMap { text in
      let scalars = text.unicodeScalars.map(\.value)
      return (scalars + Array(repeating: 0, count: width - scalars.count)).flatMap(Self.bytes)
    }
    try add(name, [texts.count], "<U\(width)", [name], bytes, to: group)
  }

  private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: number)
    return bytes
  }

  private static func makeFolder(_ path: String) throws(FileFormatError) {
    guard mkdir(path, 0o777) == 0 else { throw systemError(path, "making the folder") }
  }

  // MARK: Groups of the data

  mutating func addGroup(
    _ group: ExportGroup, _ draws: DrawLikelihoods, coordinates: (chains: Int, draws: Int)
  ) throws {
    let width = draws.targets.first?.count ?? 1
    let examples = draws.targets.count
    let name = group.rawValue
    let perTarget = width == 1 ? ["y_dim_0"] : ["y_dim_0", "y_dim_1"]
    let shape = [coordinates.chains, coordinates.draws]
    let isOfClasses = draws.classNames != nil
    var attributes: [JSON.Member] = []
    if let names = draws.classNames { attributes.append(.init("class_names", .array(names.map(JSON.string)))) }
    switch group {
    case .logLikelihood:
      attributes = [.init("power", JSON(draws.power))]
      if abs(draws.power - 1) > 1e-9 {
        attributes.append(
          .init(
            "warning",
            .string(
              "the draws follow the prior times the likelihood to the power \(draws.power), not to the power 1, which loo "
                + "and waic of ArviZ take for granted; langevin loo takes it into account")))
      }
      try addGroup(
        name,
        [
          Export.Variable(name: "y", isSingle: false, shape: shape + [examples], dimensions: ["y_dim_0"]) {
            chain, draw in
            try draws.logLikelihoods(draws.chains[chain].lowerBound + draw).flatMap { Self.bytes($0.bitPattern) }
          }
        ], attributes)
    case .posteriorPredictive:
      try addGroup(
        name,
        [
          Export.Variable(
            name: "y", isSingle: false, shape: shape + (width == 1 ? [examples] : [examples, width]),
            dimensions: perTarget
          ) { chain, draw in
            try draws.randomTargets(draws.chains[chain].lowerBound + draw).flatMap { $0 }
              .flatMap { Self.bytes($0.bitPattern) }
          }
        ], attributes)
    case .observedData:
      try makeGroup(name, attributes)
      let values = draws.targets.flatMap { $0 }
      try add(
        "y", width == 1 ? [examples] : [examples, width], isOfClasses ? "<i8" : "<f8", perTarget,
        values.flatMap { isOfClasses ? Self.bytes(Int64($0)) : Self.bytes($0.bitPattern) }, to: name)
    case .constantData:
      try makeGroup(name, attributes)
      try add(
        "x", [examples, draws.inputNames.count], "<f8", ["y_dim_0", "feature"],
        draws.inputs.flatMap { $0.flatMap { Self.bytes($0.bitPattern) } }, to: name)
      try addCoordinate("feature", draws.inputNames, to: name)
    }
    // Examples are known by the row of the file that they are.
    try addCoordinate("y_dim_0", draws.rows.map { Int64($0) }, to: name)
    if width > 1, group == .observedData || group == .posteriorPredictive {
      try addCoordinate("y_dim_1", (0..<width).map { Int64($0) }, to: name)
    }
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
