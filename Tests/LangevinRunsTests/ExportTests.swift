import Foundation
import Langevin
import Testing
import _LangevinTestSupport

/// Every export is read back, by readers written here from the formats, and compared with the draws and traces it was made of.
@Suite struct ExportTests {
  /// The draws of a run, block by block `[chain][draw][number]`, and its traces after the warm-up.
  private struct Expected {
    var layout: ParameterLayout
    var draws: [[[Double]]] = []
    var traces: [Trace] = []
    var isSingle: Bool

    func block(_ name: String) throws -> [[[Double]]] {
      let block = try #require(layout.blocks.first { $0.name == name })
      return draws.map { $0.map { Array($0[block.range]) } }
    }
  }

  private func run(_ precision: String, in temporary: TemporaryFolder) throws -> (RunFolder, Expected) {
    let folder = RunFolder(temporary.file("run"))
    let run = try NetworkRun.start(smallRun("baoab", ["precision": precision, "chains": "3"]), in: folder)
    var draws: [[[Double]]] = [[], [], []]
    let listener = ClosureObserver { kept in
      if kept.isWarmup { return }
      switch kept.draw {
      case .single(let tensor): draws[kept.chain].append(tensor.elements.map(Double.init))
      case .double(let tensor): draws[kept.chain].append(tensor.elements)
      }
    }
    _ = try run.advance(observers: [listener])
    let layout = try MLP([6, 5, 3]).layout
    return (
      folder, Expected(layout: layout, draws: draws, traces: run.chains.traces, isSingle: precision == "single")
    )
  }

  @Test(arguments: ["single", "double"])
  func aNumPyArchiveIsReadBack(precision: String) throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (folder, expected) = try run(precision, in: temporary)
    let path = temporary.file("draws.npz")
    try Export(of: [folder]).write(as: .npz, to: path)
    let entries = try readZIP(bytes(path))
    let columns = try #require(expected.traces.first?.columns)
    #expect(Set(entries.keys) == Set((expected.layout.blocks.map(\.name) + columns).map { $0 + ".npy" }))
    for block in expected.layout.blocks {
      let file = temporary.file("part.npy")
      try Data(try #require(entries[block.name + ".npy"])).write(to: URL(fileURLWithPath: file))
      let array: Tensor<Double> = try NPYFile.read(file)
      #expect(array.shape == [3, 8] + block.shape)
      #expect(array.elements == (try expected.block(block.name)).joined().joined().map { $0 })
    }
    for column in columns {
      let file = temporary.file("part.npy")
      try Data(try #require(entries[column + ".npy"])).write(to: URL(fileURLWithPath: file))
      let array: Tensor<Double> = try NPYFile.read(file)
      #expect(array.shape == [3, 8])
      let kept = expected.traces.flatMap { $0.kept(column) ?? [] }
      #expect(array.elements.map(\.bitPattern) == kept.map(\.bitPattern), "\(column)")
    }
  }

  @Test(arguments: ["single", "double"])
  func safetensorsAreReadBack(precision: String) throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (folder, expected) = try run(precision, in: temporary)
    let path = temporary.file("draws.safetensors")
    try Export(of: [folder]).write(as: .safetensors, to: path)
    let file = try bytes(path)
    let length = Int(integer(file[..<8]))
    #expect(length % 8 == 0)
    let header = try JSON(parsing: Array(file[8..<8 + length]))
    let data = Array(file[(8 + length)...])
    guard case .object(let members) = header else {
      Issue.record("the header is no object")
      return
    }
    #expect(header["__metadata__"]?["run"]?.text?.contains("\"layer1.weight\"") == true)
    #expect(members.map(\.key).filter { $0 != "__metadata__" }.sorted() == expected.layout.blocks.map(\.name).sorted())
    var places: [Range<Int>] = []
    for block in expected.layout.blocks {
      let entry = try #require(header[block.name])
      #expect(entry["dtype"] == .string(expected.isSingle ? "F32" : "F64"))
      let shape = try #require(entry["shape"]?.elements).compactMap(\.double).map { Int($0) }
      #expect(shape == [24] + block.shape)
      let offsets = try #require(entry["data_offsets"]?.elements).compactMap(\.double).map { Int($0) }
      places.append(offsets[0]..<offsets[1])
      let numbers = numbers(data[offsets[0]..<offsets[1]], isSingle: expected.isSingle)
      #expect(numbers == (try expected.block(block.name)).joined().joined().map { $0 })
    }
    // Tensors cover the data without gaps or overlaps.
    let sorted = places.sorted { $0.lowerBound < $1.lowerBound }
    #expect(sorted.first?.lowerBound == 0 && sorted.last?.upperBound == data.count)
    for (one, next) in zip(sorted, sorted.dropFirst()) { #expect(one.upperBound == next.lowerBound) }
  }

  @Test(arguments: ["single", "double"])
  func aZarrFolderIsReadBack(precision: String) throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (folder, expected) = try run(precision, in: temporary)
    let path = temporary.file("draws.zarr")
    try Export(of: [folder]).write(as: .zarr, to: path)
    let consolidated = try JSON(parsing: bytes(path + "/.zmetadata"))["metadata"]

    func read(_ name: String) throws -> (shape: [Int], numbers: [Double]) {
      let document = try JSON(parsing: bytes("\(path)/\(name)/.zarray"))
      #expect(consolidated?["\(name)/.zarray"] == document)
      func list(_ key: String) throws -> [Int] {
        try #require(document[key]?.elements).compactMap(\.double).map { Int($0) }
      }
      let (shape, chunks) = (try list("shape"), try list("chunks"))
      let type = try #require(document["dtype"]?.text)
      let width = try #require(Int(type.suffix(1)))
      let attributes = try JSON(parsing: bytes("\(path)/\(name)/.zattrs"))
      #expect(attributes["_ARRAY_DIMENSIONS"]?.elements?.count == shape.count)
      // A chunk has one chain and some draws, whole blocks of the rest.
      #expect(chunks.dropFirst(2) == shape.dropFirst(2) && (shape.count == 1 || chunks[0] == 1))
      if shape.count == 1 {
        let raw = try bytes("\(path)/\(name)/0")
        return (shape, stride(from: 0, to: raw.count, by: 8).map { Double(integer(raw[$0..<$0 + 8])) })
      }
      let draw = shape.dropFirst(2).reduce(1, *)
      var result: [Double] = []
      for chain in 0..<shape[0] {
        var ofChain: [Double] = []
        for number in 0..<(shape[1] + chunks[1] - 1) / chunks[1] {
          let ending = String(repeating: ".0", count: shape.count - 2)
          let raw = try bytes("\(path)/\(name)/\(chain).\(number)\(ending)")
          #expect(raw.count == chunks[1] * draw * width)
          ofChain += numbers(raw[...], isSingle: width == 4)
        }
        result += ofChain.prefix(shape[1] * draw)
      }
      return (shape, result)
    }

    for block in expected.layout.blocks {
      let array = try read("posterior/" + block.name)
      #expect(array.shape == [3, 8] + block.shape)
      #expect(array.numbers == (try expected.block(block.name)).joined().joined().map { $0 })
    }
    let arviZ = ["energy": "potential_energy", "hamiltonian__": "energy", "acceptance": "acceptance_rate"]
    for column in try #require(expected.traces.first?.columns) {
      let array = try read(
        "sample_stats/" + (arviZ[column] ?? (column.hasSuffix("__") ? String(column.dropLast(2)) : column)))
      #expect(array.shape == [3, 8])
      #expect(array.numbers.map(\.bitPattern) == expected.traces.flatMap { $0.kept(column) ?? [] }.map(\.bitPattern))
    }
    #expect(try read("posterior/chain").numbers == [0, 1, 2])
    #expect(try read("posterior/draw").numbers == (0..<8).map(Double.init))
  }

  /// Arrays in Fortran's order, first index fastest, are turned into rows when they are read.
  @Test(arguments: ["<f8", ">f8"])
  func arraysInFortransOrderAreTurned(type: String) throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    for shape in [[2, 3], [2, 3, 4], [5]] {
      let strides = shape.indices.map { shape[..<$0].reduce(1, *) }
      let count = shape.reduce(1, *)
      var data = [UInt8](repeating: 0, count: 8 * count)
      // The value of an element is its place in C's order.
      for number in 0..<count {
        var (rest, place) = (number, 0)
        for axis in shape.indices.reversed() {
          place += rest % shape[axis] * strides[axis]
          rest /= shape[axis]
        }
        let bits = Double(number).bitPattern
        for byte in 0..<8 {
          data[8 * place + (type.hasPrefix("<") ? byte : 7 - byte)] = UInt8(
            truncatingIfNeeded: bits >> (8 * UInt64(byte)))
        }
      }
      let text = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
      var header = "{'descr': '\(type)', 'fortran_order': True, 'shape': (\(text)), }"
      header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
      let file = temporary.file("fortran.npy")
      let start: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0]
      try Data(start + header.utf8 + data).write(to: URL(fileURLWithPath: file))
      let array: Tensor<Double> = try NPYFile.read(file)
      #expect(array.shape == shape)
      #expect(array.elements == (0..<count).map(Double.init))
    }
  }

  // MARK: Readers

  private func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func numbers(_ bytes: ArraySlice<UInt8>, isSingle: Bool) -> [Double] {
    let width = isSingle ? 4 : 8
    return stride(from: bytes.startIndex, to: bytes.endIndex, by: width).map { start in
      let bits = integer(bytes[start..<start + width])
      return isSingle ? Double(Float(bitPattern: UInt32(bits))) : Double(bitPattern: bits)
    }
  }

  /// The files of an archive by way of its directory; local headers must say the same, and checksums be right.
  private func readZIP(_ file: [UInt8]) throws -> [String: [UInt8]] {
    func field(_ place: Int, _ width: Int) -> Int { Int(integer(file[place..<place + width])) }
    let end = file.count - 22
    #expect(field(end, 4) == 0x0605_4B50)
    let (count, size, start) = (field(end + 10, 2), field(end + 12, 4), field(end + 16, 4))
    #expect(field(end + 8, 2) == count && start + size == end)
    var entries: [String: [UInt8]] = [:]
    var place = start
    var expectedLocal = 0
    for _ in 0..<count {
      #expect(field(place, 4) == 0x0201_4B50)
      let (checksum, packed, length) = (field(place + 16, 4), field(place + 20, 4), field(place + 24, 4))
      let (nameLength, local) = (field(place + 28, 2), field(place + 42, 4))
      let name = String(decoding: file[place + 46..<place + 46 + nameLength], as: UTF8.self)
      #expect(packed == length && field(place + 10, 2) == 0, "stored as it is")
      #expect(local == expectedLocal && field(local, 4) == 0x0403_4B50)
      #expect(field(local + 14, 4) == checksum && field(local + 18, 4) == length && field(local + 22, 4) == length)
      let data = Array(file[local + 30 + nameLength..<local + 30 + nameLength + length])
      #expect(crc(data) == UInt32(checksum), "checksum of \(name)")
      entries[name] = data
      expectedLocal = local + 30 + nameLength + length
      place += 46 + nameLength
    }
    #expect(place == end && expectedLocal == start)
    return entries
  }

  /// Bit by bit, from the definition: the remainder by the polynomial 0x04C11DB7, low bits first.
  private func crc(_ bytes: [UInt8]) -> UInt32 {
    var remainder = UInt32.max
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<8 { remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1 }
    }
    return ~remainder
  }
}
