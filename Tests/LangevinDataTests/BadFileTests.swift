import LangevinCore
import LangevinData
import LangevinPlatform
import Testing

/// Whatever a file holds, the reader says what is wrong, and where.
@Suite struct BadFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func expectArray(
    _ bytes: [UInt8], _ problem: FileFormatError.Problem, at place: FileFormatError.Place? = nil,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let path = try folder.file("bad", bytes)
    let isNPY = bytes.first == 0x93
    let error = fileError { _ = try isNPY ? NPYFile.read(path, as: Float.self) : IDXFile.read(path, as: Float.self) }
    #expect(error?.problem == problem, "\(String(describing: error))", sourceLocation: location)
    #expect(error?.path == path && error?.place == place, "\(String(describing: error))", sourceLocation: location)
    #expect(error.map { !$0.found.isEmpty && !$0.expected.isEmpty } == true, sourceLocation: location)
  }

  @Test func idxHeaders() throws {
    try expectArray([1, 0, 8, 1, 0, 0, 0, 0], .magic, at: .byte(0))
    try expectArray([0, 1, 8, 1, 0, 0, 0, 0], .magic, at: .byte(0))
    try expectArray(idx(10, [1], [1]), .elementType, at: .byte(2))
    try expectArray(idx(8, [], [1]), .shape, at: .byte(3))
    try expectArray(idx(8, [UInt32](repeating: 1, count: 9), [1]), .shape, at: .byte(3))
    try expectArray([0, 0, 8], .truncated, at: .byte(3))
    try expectArray([0, 0, 8, 2, 0, 0], .truncated, at: .byte(6))
  }

  /// No memory is taken for what a header merely claims, nor an attempt made.
  @Test func impossibleSizes() throws {
    try expectArray(idx(8, [.max, .max, .max], [1]), .shape, at: .byte(16))
    try expectArray(idx(14, [.max, 1 << 29], [1]), .shape, at: .byte(12))
    try expectArray(idx(14, [1 << 31, 1 << 10], [1]), .truncated, at: .byte(12))
    try expectArray(idx(8, [2, 3], [1, 2, 3, 4, 5]), .truncated, at: .byte(12))
    try expectArray(idx(8, [2, 3], [1, 2, 3, 4, 5, 6, 7]), .trailingBytes, at: .byte(12))
    try expectArray(npy("<f8", "(9223372036854775807, 2)", []), .shape, at: .byte(128))
    try expectArray(npy("<f8", "(4611686018427387904,)", []), .shape, at: .byte(128))
    try expectArray(npy("|u1", "(1000000000000,)", [1]), .truncated, at: .byte(128))
    // Zero elements, whatever the other dimensions claim.
    let empty = try folder.file("empty", npy("<f8", "(0, 4611686018427387904, 4611686018427387904)", [], fortran: true))
    #expect(try NPYFile.read(empty, as: Float.self).count == 0)
  }

  @Test func npyHeaders() throws {
    try expectArray([0x93] + "NUMPX".utf8 + [1, 0, 0, 0], .magic, at: .byte(0))
    try expectArray([0x93] + "NUMPY".utf8 + [4, 0, 0, 0], .header, at: .byte(6))
    try expectArray([0x93] + "NUMPY".utf8 + [0, 0, 0, 0], .header, at: .byte(6))
    try expectArray([0x93] + "NUMPY".utf8 + [2, 0, 255, 255, 255, 255], .header, at: .byte(8))
    try expectArray([0x93] + "NUMPY".utf8 + [1, 0, 100, 0, 123], .truncated, at: .byte(11))
    for type in ["|O", "<f2", "<c16", "|S5", "<U3", "<M8[ns]", "f4", "", "!f4"] {
      try expectArray(npy(type, "(1,)", [1]), .elementType, at: .byte(10))
    }
    // Offsets count from the start of the file; the dictionary begins at byte 10.
    let records = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"
    try expectArray(npy(header: records, [1]), .header, at: .byte(20))
    for header in [
      "", "{", "{}", "[]", "{'descr': '<f4'}", "{'descr': '<f4', 'descr': '<f4'}", "{'descr': '<f4', 'x': 1}",
      "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", "{'descr': '<f4', 'fortran_order': True, 'shape': 1}",
      "{'descr': '<f4', 'fortran_order': True, 'shape': (-1,)}",
      "{'descr': '<f4', 'fortran_order': True, 'shape': (1,)",
      "{'descr': '<f4', 'fortran_order': True, 'shape': (99999999999999999999,)}", "{'descr': '<f4",
      "{'descr': '<f4', 'fortran_order': True, 'shape': (1,)} __import__('os')",
    ] {
      let path = try folder.file("bad", npy(header: header, [0, 0, 0, 0]))
      #expect(fileError { _ = try NPYFile.read(path, as: Float.self) }?.problem == .header, "\(header)")
    }
    let dimensions = "(" + String(repeating: "1,", count: 33) + ")"
    #expect(
      fileError {
        _ = try NPYFile.read(folder.file("bad", npy("|u1", dimensions, [0])), as: Float.self)
      }?.problem == .header)
  }

  @Test func numbersThatAreNotFinite() throws {
    try expectArray(npy("<f4", "(2,)", [0, 0, 0, 0] + hex("0000c07f")), .nonFinite, at: .byte(132))
    try expectArray(idx(14, [2], hex("0000000000000000fff0000000000000")), .nonFinite, at: .byte(16))
    // 1e300, which is no number in single precision.
    let big = try folder.file("big", npy("<f8", "(1,)", hex("9c7500883ce4377e")))
    #expect(try NPYFile.read(big, as: Double.self).elements == [1e300])
    #expect(fileError { _ = try NPYFile.read(big, as: Float.self) }?.problem == .nonFinite)
  }

  @Test func gzip() throws {
    let good = ArrayFileTests.pythonGzip
    func error(_ bytes: [UInt8], limit: Int? = nil) throws -> FileFormatError? {
      let path = try folder.file("bad.gz", bytes)
      return fileError { _ = try NPYFile.read(path, as: Float.self, decompressingAtMost: limit) }
    }
    // Cut short anywhere: sometimes within the array, sometimes only the trailer is missing.
    for length in 2..<good.count {
      #expect(try error(Array(good[..<length]))?.problem == .truncated, "\(length)")
    }
    var wrongCRC = good
    wrongCRC[good.count - 6] ^= 1
    #expect(try error(wrongCRC)?.problem == .compression)
    #expect(try error(wrongCRC)?.description.contains("data check") == true)
    var wrongLength = good
    wrongLength[good.count - 2] ^= 1
    #expect(try error(wrongLength)?.problem == .compression)
    var damaged = good
    damaged[20] ^= 0x40
    #expect(try error(damaged) != nil)
    #expect(try error(good + [0])?.problem == .trailingBytes)
    #expect(try error(good + [0])?.place == .compressedByte(good.count))
    #expect(try error([0x1F, 0x8B, 9, 0] + good)?.problem == .compression)
    // The content has 134 bytes.
    #expect(try error(good, limit: 133)?.problem == .tooLarge)
    #expect(try error(good, limit: 134) == nil)
  }

  @Test func decompressionBombs() throws {
    let sink = try ByteSink(path: folder.path("bomb.gz"))
    let size = 4 << 20
    try sink.write([UInt8](repeating: 0, count: size))
    try sink.close()
    let path = folder.path("bomb.gz")
    #expect(try contents(path).count < 5000)

    func drain(_ limit: Int?) throws -> Int {
      let source = try ByteSource(path: path, decompressingAtMost: limit)
      var buffer = [UInt8](repeating: 0, count: size)
      try buffer.withUnsafeMutableBytes { try source.read(into: $0, "zeros") }
      try source.expectEnd("zeros")
      return source.offset
    }
    #expect(try drain(size) == size)
    #expect(try drain(nil) == size)
    let error = fileError { _ = try drain(size - 1) }
    #expect(error?.problem == .tooLarge && error?.place == .byte(size - 1))
    #expect(fileError { _ = try drain(1000) }?.problem == .tooLarge)
    // A header that claims more than the limit is refused at once.
    let claim = try ByteSink(path: folder.path("claim.gz"))
    try claim.write(idx(8, [1 << 31], [1]))
    try claim.close()
    #expect(fileError { _ = try IDXFile.read(folder.path("claim.gz"), as: Float.self) }?.problem == .tooLarge)
  }

  @Test func filesThatAreNone() throws {
    func problem(_ path: String) -> FileFormatError.Problem? {
      fileError { _ = try IDXFile.read(path, as: Float.self) }?.problem
    }
    #expect(try problem(folder.file("empty", [])) == .empty)
    #expect(problem(folder.path) == .notAFile)
    #expect(problem("/dev/null") == .notAFile)
    #expect(problem(folder.path("none")) == .missing)
    #expect(try problem(folder.file("file", [0]) + "/below") == .missing)
    #expect(fileError { try NPYFile.write(Tensor<Float>([1]), to: folder.path("none/a.npy")) }?.problem == .missing)
    #expect(fileError { _ = try Dataset<Float>(contentsOf: folder.path("none")) }?.problem == .missing)
    #expect(fileError { _ = try Dataset<Float>(contentsOf: folder.path) }?.problem == .missing)
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func filesThatOneMayNotRead() throws {
    let path = try folder.file("secret", idx(8, [1], [1]))
    chmod(path, 0)
    #expect(fileError { _ = try IDXFile.read(path, as: Float.self) }?.problem == .permission)
  }

  @Test func whereZlibIsAbsentTheErrorNamesGunzip() throws {
    #expect(Zlib(libraryNames: ["no-such-library"]) == nil)
    let path = try folder.file("a.gz", ArrayFileTests.pythonGzip)
    let error = fileError { _ = try ByteSource(path: path, zlib: nil) }
    #expect(error?.problem == .zlibMissing && error?.description.contains("gunzip \(path)") == true)
    let plain = try folder.file("a", [1, 2, 3])
    #expect(fileError { _ = try ByteSource(path: plain, zlib: nil) } == nil)
  }

  /// Every length and every flipped byte of small files: an error or an array, never a crash.
  @Test func everyTruncationAndEveryFlippedByte() throws {
    let files = [
      idx(13, [2, 2], hex("3f800000400000004040000040800000")),
      npy("<f4", "(2, 2)", hex("0000803f000000400000404000008040")),
    ]
    for file in files {
      for length in 0..<file.count {
        let path = try folder.file("cut", file[..<length])
        let error = fileError { _ = try Dataset<Float>(inputs: path, targets: path) }
        #expect(error?.problem == (length == 0 ? .empty : .truncated), "\(length): \(String(describing: error))")
      }
      for flip in 0..<3 * file.count {
        var flipped = file
        flipped[flip / 3] ^= [0x01, 0x80, 0xFF][flip % 3]
        let path = try folder.file("flipped", flipped)
        do {
          let data = try Dataset<Float>(inputs: path, targets: path)
          #expect(data.train.count == 2)
        } catch {
          #expect(error.path == path && !error.description.isEmpty)
        }
      }
    }
  }

  @Test func imagesAndLabelsThatDoNotFit() throws {
    let images = try folder.file("i", idx(8, [2, 1, 3], [1, 2, 3, 4, 5, 6]))
    func problem(_ labels: [UInt8], classes: Int? = nil) throws -> FileFormatError.Problem? {
      var options = ReadingOptions()
      options.classes = classes
      let path = try folder.file("l", labels)
      return fileError { _ = try Dataset<Float>(inputs: images, targets: path, options) }?.problem
    }
    #expect(try problem(idx(8, [2], [0, 1])) == nil)
    #expect(try problem(idx(8, [3], [0, 1, 2])) == .mismatch)
    #expect(try problem(idx(8, [2, 1, 1], [0, 1])) == .mismatch)
    #expect(try problem(idx(8, [2], [0, 10]), classes: 10) == .label)
    #expect(try problem(idx(9, [2], [0, 255])) == .label)
    #expect(try problem(idx(12, [2], hex("0000000000010000"))) == .label)
    #expect(try problem(idx(8, [2, 2], [0, 1, 1, 0])) == nil)  // two real targets each
    let flat = try folder.file("f", idx(8, [2], [1, 2]))
    #expect(fileError { _ = try Dataset<Float>(inputs: flat, targets: flat) }?.problem == .shape)
    let none = try folder.file("n", idx(8, [0, 3], []))
    #expect(fileError { _ = try Dataset<Float>(inputs: none, targets: none) }?.problem == .shape)
    let narrow = try folder.file("w", idx(8, [2, 0], []))
    #expect(
      fileError { _ = try Dataset<Float>(inputs: narrow, targets: folder.file("l", idx(8, [2], [0, 1]))) }?.problem
        == .mismatch)
  }
}
