import LangevinCore
import LangevinData
import Testing

@Suite struct CSVTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func table(_ text: String, _ format: TableFormat = TableFormat()) throws -> Table {
    var options = ReadingOptions.plain
    options.format = format
    return try Table(contentsOf: folder.file("t.csv", text: text), options)
  }

  private func columns(_ text: String, _ format: TableFormat = TableFormat()) throws -> [[Double]] {
    let table = try table(text, format)
    return try table.columns.map { try table.numbers(of: $0.name) }
  }

  private func error(_ text: String, _ format: TableFormat = TableFormat()) -> FileFormatError? {
    fileError { _ = try columns(text, format) }
  }

  @Test(arguments: [
    "a,b,c\n1,2,3\n4,5,6\n", "1,2,3\n4,5,6", "1;2;3\n4;5;6\n", "1\t2\t3\r\n4\t5\t6\r\n",
    "\u{FEFF}a,b,c\r\n1,2,3\r\n4,5,6\r\n",
    "\"a\",\"b,b\",\"c\"\"c\"\n\"1\",2,\"3\"\n4,5,6\n", "\n\r\n1, 2 ,3\n\n4,5,6\n\n", "1,2.0,3e0\n+4,.5e1,6000E-3\r\n",
    "a;b,b;c\n1;2;3\n4;5;6", "\r\n\n1;2;3\n4;5;6", "\"a\nb\",b,c\n1,2,3\n4,5,6",
  ]) func manyStylesGiveTheSameTable(text: String) throws {
    #expect(try columns(text) == [[1, 4], [2, 5], [3, 6]])
  }

  @Test func headersAreFoundOrGiven() throws {
    func names(_ text: String, _ format: TableFormat = TableFormat()) throws -> [String] {
      try table(text, format).columns.map(\.name)
    }
    #expect(try names("a,b\n1,2\n") == ["a", "b"])
    #expect(try names("\"x \"\"y\"\"\",\"b,c\"\n1,2\n") == ["x \"y\"", "b,c"])
    #expect(try names("1,2\n3,4\n") == ["column 1", "column 2"])
    #expect(try names("1,2\n3,4\n", TableFormat(hasHeader: true)) == ["1", "2"])
    // Headings are trimmed, as class labels are.
    #expect(try names(" a ,\tb\n1,2\n") == ["a", "b"])
    #expect(error("a,b\n1,2\n", TableFormat(hasHeader: false))?.place == .line(1, column: 1))
    #expect(try columns("1|2\n", TableFormat(separator: "|")) == [[1], [2]])
    #expect(try columns("5\n6\n") == [[5, 6]])
    // Text alone: what comes again is no heading.
    #expect(try names("colour,size\nred,big\nred,small\nblue,big\n") == ["colour", "size"])
    #expect(try table("red,big\nred,small\nblue,big\n").rowCount == 3)
  }

  /// The parser's short way must round as correctly as the library's long one.
  @Test func numbersAreRoundedCorrectly() throws {
    let texts = [
      "0.1", "-0.3", "123456789012345", "1234567890123456789", "0.000001", "1e22", "1e23", "1.7976931348623157e308",
      "9007199254740993",
      "2.2250738585072014e-308", "3.14159265358979", "3.141592653589793238", "1e-22", "1e-23", "-0", "00012", "5.",
      ".5",
    ]
    let values = try columns(texts.joined(separator: "\n"))[0]
    for (text, value) in zip(texts, values) { #expect(value == Double(text), "\(text)") }
    #expect(values[14].sign == .minus)
  }

  @Test func whatIsWrongIsNamedByLineAndColumn() {
    func expect(
      _ text: String, _ problem: FileFormatError.Problem, line: Int?, column: Int? = nil,
      _ location: SourceLocation = #_sourceLocation
    ) {
      let error = error(text)
      #expect(error?.problem == problem, "\(String(describing: error))", sourceLocation: location)
      #expect(
        error?.place == line.map { .line($0, column: column) }, "\(String(describing: error))", sourceLocation: location
      )
    }
    expect("1,2\n3\n", .rowLength, line: 2)
    expect("1,2\n3,4,5\n", .rowLength, line: 2)
    expect("a,b\n1,2\n\n3,x\n", .number, line: 4, column: 2)
    expect("1,2\n0x10,1\n", .number, line: 2, column: 1)
    expect("1,2\n1.2.3,1\n", .number, line: 2, column: 1)
    expect("1,2\n1 2,1\n", .number, line: 2, column: 1)
    expect("1,2\n--1,1\n", .number, line: 2, column: 1)
    expect("1,2\n1e+,1\n", .number, line: 2, column: 1)
    expect("1,2\n1,-inf\n", .nonFinite, line: 2, column: 2)
    expect("1,2\n1,1e999\n", .nonFinite, line: 2, column: 2)
    expect("1,2\n\"3,4\n", .quotes, line: 2, column: 1)
    expect("1,2\n\"3\"x,4\n", .quotes, line: 2, column: 1)
    expect("1,2\n3,4\r5,6\n", .number, line: 2, column: 3)
    expect("\"a\n\nb\",c\n1,2\n3,x\n", .number, line: 5, column: 2)
    expect("\n\n", .empty, line: nil)
    expect("a,b\n", .empty, line: nil)
    expect(String(repeating: ",", count: 1 << 20) + "\n", .rowLength, line: 1, column: (1 << 20) + 1)
    #expect(error("1\u{E9}2\n", TableFormat(separator: "\u{E9}"))?.problem == .header)
  }

  @Test func datasetsComeFromTables() throws {
    func dataset(_ text: String, target: String? = nil, as kind: TargetKind = .automatic) throws -> Dataset<Float> {
      var options = ReadingOptions.plain
      options.targetColumn = target
      options.targets = kind
      return try Dataset(contentsOf: folder.file("d.csv", text: text), options)
    }
    let text = "y,a,b\n1,0.5,0\n0,1.5,2\n"
    let last = try dataset(text)
    #expect(last.train.input(0) == [1, 0.5] && last.classCount == nil)
    for target in ["y", "0", "-3"] {
      let first = try dataset(text, target: target)
      #expect(first.train.input(1) == [1.5, 2] && first.classCount == 2 && first.train.classCounts == [1, 1])
    }
    #expect(try dataset(text, target: "a").classCount == nil)
    #expect(try dataset(text, as: .values).classCount == nil)
    #expect(try dataset("1,-1\n2,1\n").classCount == nil && dataset("1,1\n2,2\n").classCount == 2)
    #expect(fileError { _ = try dataset(text, target: "c") }?.problem == .column)
    #expect(fileError { _ = try dataset(text, target: "3") }?.problem == .column)
    #expect(fileError { _ = try dataset(text, target: "a", as: .classes) }?.problem == .label)
    #expect(fileError { _ = try dataset("1\n2\n") }?.problem == .column)
    #expect(fileError { _ = try dataset("1e39,1\n") }?.problem == .nonFinite)
  }
}
