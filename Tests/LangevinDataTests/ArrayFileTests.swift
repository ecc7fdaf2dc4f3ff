import LangevinCore
import LangevinData
import Testing

/// Arrays of IDX and NPY, in files made by hand, by NumPy and by Python's gzip.
@Suite struct ArrayFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// The numbers of each type were written by NumPy: 1 to 6, or their negatives where there is a sign.
  static let numbers: [(descr: String, values: [Double], bytes: String)] = {
    let up: [Double] = [1, 2, 3, 4, 5, 6]
    let down = up.map { -$0 }
    return [
      ("<f4", down, "000080bf000000c0000040c0000080c00000a0c00000c0c0"),
      (">f4", down, "bf800000c0000000c0400000c0800000c0a00000c0c00000"),
      ("<f8", down, "000000000000f0bf00000000000000c000000000000008c000000000000010c000000000000014c000000000000018c0"),
      (">f8", down, "bff0000000000000c000000000000000c008000000000000c010000000000000c014000000000000c018000000000000"),
      ("|i1", down, "fffefdfcfbfa"),
      ("|u1", up, "010203040506"),
      ("<i2", down, "fffffefffdfffcfffbfffaff"),
      (">i2", down, "fffffffefffdfffcfffbfffa"),
      ("<u2", up, "010002000300040005000600"),
      ("<i4", down, "fffffffffefffffffdfffffffcfffffffbfffffffaffffff"),
      (">i4", down, "fffffffffffffffefffffffdfffffffcfffffffbfffffffa"),
      ("<u4", up, "010000000200000003000000040000000500000006000000"),
      ("<i8", down, "fffffffffffffffffefffffffffffffffdfffffffffffffffcfffffffffffffffbfffffffffffffffaffffffffffffff"),
      (">i8", down, "fffffffffffffffffffffffffffffffefffffffffffffffdfffffffffffffffcfffffffffffffffbfffffffffffffffa"),
      ("<u8", up, "010000000000000002000000000000000300000000000000040000000000000005000000000000000600000000000000"),
      (">u8", up, "000000000000000100000000000000020000000000000003000000000000000400000000000000050000000000000006"),
      ("|b1", [1, 0, 1, 0, 1, 1], "010001000101"),
    ]
  }()

  @Test func everyTypeOfNumPyIsRead() throws {
    for (descr, values, bytes) in Self.numbers {
      let path = try folder.file("a.npy", npy(descr, "(2, 3)", hex(bytes)))
      #expect(try NPYFile.read(path) == Tensor<Double>(shape: [2, 3], values), "\(descr)")
      #expect(try NPYFile.read(path) == Tensor<Float>(shape: [2, 3], values.map(Float.init)), "\(descr)")
    }
  }

  @Test func everyTypeOfIDXIsRead() throws {
    let codes: [(UInt8, String)] = [(8, "|u1"), (9, "|i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")]
    for (code, descr) in codes {
      let (_, values, bytes) = try #require(Self.numbers.first { $0.descr == descr })
      let path = try folder.file("a-ubyte", idx(code, [2, 3], hex(bytes)))
      #expect(try IDXFile.read(path) == Tensor<Double>(shape: [2, 3], values), "\(descr)")
    }
  }

  @Test func ranksFromOneToEightAreRead() throws {
    for rank in 1...8 {
      let shape = [UInt32](repeating: 1, count: rank - 1) + [6]
      let tensor: Tensor<Float> = try IDXFile.read(folder.file("a", idx(8, shape, [1, 2, 3, 4, 5, 6])))
      #expect(tensor.shape == shape.map(Int.init) && tensor.elements == [1, 2, 3, 4, 5, 6])
    }
    let scalar: Tensor<Float> = try NPYFile.read(folder.file("a", npy("|u1", "()", [7])))
    #expect(scalar.shape == [] && scalar.elements == [7])
    let none: Tensor<Float> = try NPYFile.read(folder.file("a", npy("|u1", "(0, 3)", [])))
    #expect(none.shape == [0, 3] && none.count == 0)
  }

  /// NumPy's `asfortranarray(arange(24).reshape(2, 3, 4))` of type i2.
  @Test func columnMajorOrderIsTurned() throws {
    let bytes = hex(
      """
      00000c00040010000800140001000d00050011000900150002000e00060012000a00160003000f00070013000b001700
      """)
    let tensor: Tensor<Double> = try NPYFile.read(folder.file("a", npy("<i2", "(2, 3, 4)", bytes, fortran: true)))
    #expect(try tensor == Tensor(shape: [2, 3, 4], (0..<24).map(Double.init)))
  }

  @Test(arguments: [2, 3] as [UInt8]) func laterVersionsAreRead(version: UInt8) throws {
    let file = npy("<u2", "(2, 3)", hex("010002000300040005000600"), version: version)
    #expect(try NPYFile.read(folder.file("a", file), as: Float.self).elements == [1, 2, 3, 4, 5, 6])
  }

  @Test func headersInOtherOrdersAreRead() throws {
    for header in [
      "{\"shape\":(2,3),'fortran_order':False,'descr':'|u1'}",
      "{ 'descr' : '|u1' , 'shape' : (2 , 3 ,) , 'fortran_order' : False , }",
    ] {
      #expect(
        try NPYFile.read(folder.file("a", npy(header: header, [1, 2, 3, 4, 5, 6])), as: Float.self).shape == [2, 3])
    }
  }

  /// `gzip.compress(npy, mtime=0)` of Python, the content is the u1 array above.
  static let pythonGzip = hex(
    """
    1f8b08000000000002039bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a05e536aa8aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416\
    a402f91a463a0ac69a3a0ab50a64032e462666165636001026ca7e86000000
    """)

  @Test func pythonsGzipIsRead() throws {
    let path = try folder.file("a.npy.gz", Self.pythonGzip)
    #expect(try NPYFile.read(path, as: Float.self) == Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6]))
    // Told by the content, not by the name.
    let unnamed = try folder.file("a", Self.pythonGzip)
    #expect(try NPYFile.read(unnamed, as: Float.self).count == 6)
  }

  @Test func gzipFilesOfSeveralMembersAreRead() throws {
    let file = idx(8, [2, 3], [1, 2, 3, 4, 5, 6])
    var members: [UInt8] = []
    for (index, part) in [file[..<3], file[3..<9], file[9...]].enumerated() {
      let sink = try ByteSink(path: folder.path("part\(index).gz"))
      try sink.write(part)
      try sink.close()
      members += try contents(folder.path("part\(index).gz"))
    }
    #expect(try IDXFile.read(folder.file("all.gz", members), as: Float.self).elements == [1, 2, 3, 4, 5, 6])
  }

  @Test func whatIsWrittenIsWhatNumPyWrites() throws {
    let (_, values, bytes) = try #require(Self.numbers.first { $0.descr == "<f4" })
    try NPYFile.write(Tensor<Float>(shape: [2, 3], values.map(Float.init)), to: folder.path("a.npy"))
    #expect(try contents(folder.path("a.npy")) == npy("<f4", "(2, 3)", hex(bytes)))
    try NPYFile.write(Tensor<Double>([1, 2]), to: folder.path("b.npy"), as: .uint16)
    #expect(try contents(folder.path("b.npy")) == npy("<u2", "(2,)", [1, 0, 2, 0]))
  }

  @Test func writtenArraysComeBack() throws {
    let tensor = try Tensor<Double>(shape: [2, 1, 3], [0, 1, 0, 1, 1, 0])
    for type in ElementType.allCases {
      for ending in ["", ".gz"] {
        try NPYFile.write(tensor, to: folder.path("a.npy" + ending), as: type)
        #expect(try NPYFile.read(folder.path("a.npy" + ending)) == tensor, "\(type)")
        if [.uint8, .int8, .int16, .int32, .float32, .float64].contains(type) {
          try IDXFile.write(tensor, to: folder.path("a-ubyte" + ending), as: type)
          #expect(try IDXFile.read(folder.path("a-ubyte" + ending)) == tensor, "\(type)")
        } else {
          #expect(fileError { try IDXFile.write(tensor, to: folder.path("b"), as: type) }?.problem == .elementType)
        }
      }
    }
    let precise = Tensor<Double>([0.1, -1e300, .leastNonzeroMagnitude])
    try NPYFile.write(precise, to: folder.path("p.npy"))
    #expect(try NPYFile.read(folder.path("p.npy")) == precise)
  }

  @Test func numbersThatDoNotFitAreNotWritten() throws {
    for (value, type) in [
      (256, ElementType.uint8), (-1, .uint32), (0.5, .int64), (2, .bool), (0.1, .float32), (1e30, .uint64),
    ] {
      let error = fileError { try NPYFile.write(Tensor<Double>([0, value]), to: folder.path("a.npy"), as: type) }
      #expect(error?.problem == .number && error?.found.contains("element 1") == true)
    }
    #expect(folder.names == [])
  }
}
