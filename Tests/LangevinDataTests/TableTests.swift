import LangevinCore
import Testing

@testable import LangevinData

@Suite struct TableTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func table(_ text: String, _ change: (inout ReadingOptions) -> Void = { _ in }) throws -> Table {
    var options = ReadingOptions()
    change(&options)
    return try Table(contentsOf: folder.file("t.csv", text: text), options)
  }

  @Test func columnsAreDescribed() throws {
    let rows = (1...30).map { row in
      "\(row),key\(row),2024-01-\(row < 10 ? "0" : "")\(row),\(row % 3 == 0 ? "Rome" : "Oslo"),\(row % 7 == 0 ? "NA" : String(row % 5)),4,\(1000 + row * row)"
    }
    let table = try table(([",name,when,city,score,fixed,order_id"] + rows).joined(separator: "\n"))
    #expect(table.rowCount == 30)
    #expect(table.columns.map(\.name) == ["column 1", "name", "when", "city", "score", "fixed", "order_id"])
    #expect(
      table.columns.map(\.kind) == [.identifier, .identifier, .date, .category, .number, .constant, .identifier])
    let score = table.columns[4]
    // Without the rows 7, 14, 21, 28, that is 2, 4, 1, 3: 26 numbers whose sum is 60 - 10.
    #expect(score.missing == 4 && score.minimum == 0 && score.maximum == 4 && score.distinct == 5)
    #expect(abs((score.mean ?? 0) - 50.0 / 26) < 1e-14)
    #expect(table.columns[3].distinct == 2 && table.columns[3].mean == nil)
    let texts = try table.texts(of: ["name", "city"])
    #expect(texts[2] == ["key3", "Rome"] && texts.count == 30)
    #expect(try table.numbers(of: "score")[6].isNaN)
    #expect(fileError { _ = try table.texts(of: ["citty"]) }?.expected.contains("did you mean 'city'?") == true)
  }

  @Test func everyMissingValueIsOne() throws {
    let table = try table("a,b\n1,2\n,2\nNA,2\nNaN,2\nnan,2\nnull,2\nNULL,2\n?,2\nN/A,2\n\"\",2\n na ,2\n")
    #expect(table.columns[0].missing == 9 && table.columns[0].kind == .mixed)
  }

  @Test func separatorsAndMarksAreGuessedAloud() throws {
    let comma = try table("1,5;2,5\n3,25;4\n")
    #expect(comma.notes == ["fields are separated by semicolons", "numbers have decimal commas"])
    #expect(comma.format == TableFormat(separator: ";", decimalMark: ",", hasHeader: false))
    #expect(try comma.numbers(of: "column 1") == [1.5, 3.25])
    #expect(try table("3\t4\n1,5\t2.5\n").columns[0].kind == .mixed)
    #expect(try table("a|b\n1|2\n").notes == ["fields are separated by bars"])
    #expect(try table("a,b\n1,2\n").notes.isEmpty)
    let given = try table("1,5;2\n2;3\n") { $0.format = TableFormat(separator: ";", decimalMark: ",") }
    #expect(given.notes.isEmpty && given.columns[0].mean == 1.75)
    #expect(fileError { _ = try table("1,5\n") { $0.format = TableFormat(decimalMark: ",") } }?.problem == .header)
  }

  @Test func distinctValuesAreCountedUpToALimit() throws {
    let rows = (0..<5000).map { "\($0 % 4096),\($0),\(0.5 * Double($0 % 100))" }
    let table = try table("a,b,c\n" + rows.joined(separator: "\n"))
    #expect(table.columns.map(\.distinct) == [4096, nil, 100])
  }

  /// A buffer's end may fall anywhere: within a field, a quote, a line end.
  @Test func recordsDoNotDependOnTheBuffer() throws {
    let text = "\u{FEFF}name,\"x\ny\",z\r\n\"a\"\"b\",1.25,3\r\n\r\n c ,\"2\",\"\"\n\"line\r\nend\",,4"
    func records(_ capacity: Int) throws -> [[String]] {
      var reader = CSVReader(
        try ByteSource(RawFile(bytes: Array(text.utf8), name: "m")), separator: UInt8(ascii: ","), capacity: capacity)
      var records: [[String]] = []
      while try reader.nextRecord() {
        records.append((0..<reader.fieldCount).map { reader.text($0) } + ["\(reader.line)"])
      }
      return records
    }
    let expected = [
      ["name", "x\ny", "z", "1"], ["a\"b", "1.25", "3", "3"], ["c", "2", "", "5"], ["line\r\nend", "", "4", "6"],
    ]
    for capacity in 1...70 { #expect(try records(capacity) == expected, "\(capacity)") }
  }

  @Test func everyFifthRowOrSoIsHeldOut() throws {
    let rule = HeldOut(seed: 7)
    for stratum in 0..<200 { #expect((5 * stratum..<5 * stratum + 5).count(where: rule.contains) == 1) }
    // Each place in five is as likely as another: chi-squared with four degrees of freedom, 99.9 %.
    var places = [0, 0, 0, 0, 0]
    for row in 0..<5000 where rule.contains(row) { places[row % 5] += 1 }
    #expect(places.reduce(0) { $0 + Double(($1 - 200) * ($1 - 200)) / 200 } < 18.5)
    #expect((0..<5000).filter(rule.contains) != (0..<5000).filter(HeldOut(seed: 8).contains))
    for fraction in [0.01, 0.1, 0.25, 0.3, 0.5, 0.75, 0.9] {
      let rule = HeldOut(fraction: fraction)
      var rows = HeldOutRows(rule)
      let chosen = (0..<1000).filter { rows.contains($0) }
      #expect(abs(Double(chosen.count) - 1000 * fraction) <= 1, "\(fraction)")
      #expect(chosen.allSatisfy(rule.contains))
    }
    #expect(fileError { _ = try table("1,2\n") { $0.heldOut = HeldOut(fraction: 1) } }?.problem == .mismatch)
  }

  /// A table that is too large to be kept is read twice, to the same examples.
  @Test(arguments: Preprocessing.MissingPolicy.allCases.filter { $0 != .error })
  func largeTablesAreReadTwice(missing: Preprocessing.MissingPolicy) throws {
    let rows = (0..<500).map { "\($0 % 11 == 3 ? "" : String($0)),\($0 % 3 == 0 ? "left" : "right"),\($0 % 2)" }
    let bytes = Array(("a,b,y\n" + rows.joined(separator: "\n")).utf8)
    var options = ReadingOptions()
    options.missing = missing
    func encoded(keptCells: Int) throws -> EncodedTable<Float> {
      let table = try Table(options, keptCells: keptCells) { () throws(FileFormatError) in
        try ByteSource(RawFile(bytes: bytes, name: "m"))
      }
      var notes: [String] = []
      return try Preprocessing(fittedTo: table, options, notes: &notes).encode(table)
    }
    let (kept, read) = (try encoded(keptCells: 1500), try encoded(keptCells: 1499))
    for (one, other) in [(kept.training, read.training), (kept.heldOut, read.heldOut)] {
      let (one, other) = (try #require(one?.examples), try #require(other?.examples))
      let data = try [one, other].map { try Dataset(name: "", train: $0) }
      #expect(one.count > 70 && data[0].fingerprint == data[1].fingerprint)
    }
    #expect(kept.heldOut?.rows == read.heldOut?.rows)
  }
}
