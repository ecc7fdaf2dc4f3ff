import Langevin
import Testing
import _LangevinTestSupport

@Suite struct FileTests {
  @Test func tracesAreWrittenInTheDialectOfCmdStan() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let path = temporary.file("t.csv")
    let file = try TraceFile(path)
    try file.begin(comments: [("num_warmup", "2"), ("thin", "1")], columns: ["step__", "lp__", "energy"])
    try file.append([1, -2.5, 0.1])
    try file.append([2, 1e-300, -0.0])
    try file.append([3, 0.1 + 0.2, 123456789])
    let text = String(decoding: try bytes(path), as: UTF8.self)
    #expect(
      text
        == "# num_warmup = 2\n# thin = 1\nstep__,lp__,energy\n1,-2.5,0.1\n2,1e-300,-0.0\n3,0.30000000000000004,123456789\n"
    )
    let trace = try Trace(readingFrom: path)
    #expect(trace.warmupRows == 2 && trace.rowCount == 3)
    #expect(trace.kept("lp__") == [0.1 + 0.2])
    #expect(trace.observables == ["energy"])
  }

  /// Names of columns are the user's: quantities, partitions and thermostats.
  @Test func namesOfColumnsAreReadBack() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let path = temporary.file("t.csv")
    let names = ["step__", "a,b", "\"", "say \"hi\", twice", "two\nlines", "two\n# lines,", "", "\"\"", "a\"b"]
    let file = try TraceFile(path)
    try file.begin(comments: [("thin", "1")], columns: names)
    try file.append(names.indices.map(Double.init))
    try file.append(comment: "warning", "step 1: \"quoted, and with a comma")
    try file.append(names.indices.map { -Double($0) })
    let trace = try Trace(readingFrom: path)
    #expect(trace.columns == names && trace.rowCount == 2)
    for (index, name) in names.enumerated() { #expect(trace[name] == [Double(index), -Double(index)]) }
    #expect(trace.warnings == ["step 1: \"quoted, and with a comma"])
  }

  @Test func aTraceThatAKillCutShortIsReadToItsLastWholeLine() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let path = try temporary.write("a,b\n1,2\n3,4\n5", to: "t.csv")
    #expect(try Trace(readingFrom: path)["b"] == [2, 4])
    let bad = try temporary.write("a,b\n1,2\n3\n", to: "bad.csv")
    #expect(throws: FileError(bad, "line 3 has 1 numbers; expected 2")) { try Trace(readingFrom: bad) }
  }

  /// At every moment the header of a file of draws names the rows that are complete.
  @Test func drawsCanBeReadWhileTheyAreWritten() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let path = temporary.file("d.npy")
    let file = try DrawsFile(path, parameterCount: 3, single: true)
    for count in 0..<5 {
      let array: Tensor<Float> = count == 0 ? Tensor([]) : try NPYFile.read(path)
      #expect(array.count == 3 * count)
      if count > 0 { #expect(array.shape == [count, 3] && array[count - 1, 2] == Float(count - 1) + 0.5) }
      try file.append(.single(Tensor([0, 1, Float(count) + 0.5])))
    }
    let header = try bytes(path).prefix(128)
    #expect(header.prefix(10) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0] && header.last == 0x0A)

    let again = try DrawsFile(path, parameterCount: 3, single: true, keeping: 2)
    #expect(again.drawCount == 2)
    #expect(try NPYFile.read(path, as: Float.self).shape == [2, 3])
    #expect(throws: FileFormatError.self) { try DrawsFile(path, parameterCount: 3, single: true, keeping: 3) }
  }

  /// Rows stand at the multiples of `thin`, and every third one after the warm-up has its draw: the norms agree.
  @Test func rowsAndDrawsAreOfTheSameSteps() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = RunFolder(temporary.file("run"))
    _ = try NetworkRun.start(smallRun("sgld", ["draw-every": "3"]), in: folder).advance()
    for (chain, trace) in try folder.readTraces().enumerated() {
      #expect(trace["step__"] == stride(from: 5.0, through: 60, by: 5).map { $0 })
      #expect(trace.kept("step__")?.first == 25)
      let norms = try #require(trace.kept("norm2"))
      let draws: Tensor<Float> = try NPYFile.read(folder.path + "/draws-\(chain + 1).npy")
      #expect(draws.shape[0] == 3)
      for draw in 0..<draws.shape[0] {
        let norm = (0..<draws.shape[1]).reduce(0.0) { $0 + Double(draws[draw, $1]) * Double(draws[draw, $1]) }
        #expect(abs(norm / norms[3 * draw] - 1) < 1e-6)
      }
    }
  }

  @Test func archivesOfDrawsHoldEveryBlock() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = RunFolder(temporary.file("run"))
    _ = try NetworkRun.start(smallRun("sgld"), in: folder).advance()
    for format in ExportFormat.allCases {
      try Export(of: [folder]).write(as: format, to: temporary.file("draws.\(format)"))
    }
    let expected: Tensor<Float> = try NPYFile.read(folder.path + "/draws-2.npy")
    // Chunk 1.0 of layer2.bias in the Zarr folder: chain 2, all 8 draws of 3 numbers, the last of the parameters.
    let chunk = try bytes(temporary.file("draws.zarr/posterior/layer2.bias/1.0.0"))
    #expect(chunk.count == 8 * 3 * 4)
    let last = chunk.suffix(4).enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << (8 * UInt32($1.offset)) }
    #expect(Float(bitPattern: last) == expected[7, expected.shape[1] - 1])
    // In the safetensors file it is at the very end.
    #expect(try bytes(temporary.file("draws.safetensors")).suffix(4) == chunk.suffix(4))
    #expect(try bytes(temporary.file("draws.npz")).prefix(4) == [0x50, 0x4B, 3, 4])
    #expect(throws: FileError.self) { try Export(of: [folder]).write(as: .npz, to: temporary.file("draws.npz")) }
  }
}
