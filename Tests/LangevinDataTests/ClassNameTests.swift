import LangevinCore
import LangevinData
import Testing

/// Tables whose last column holds the names of classes.
@Suite struct ClassNameTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func dataset(_ text: String, _ change: (inout ReadingOptions) -> Void = { _ in }) throws -> Dataset<Float> {
    var options = ReadingOptions.plain
    change(&options)
    return try Dataset(contentsOf: folder.file("d.csv", text: text), options)
  }

  private func labels(_ examples: Examples<Float>?) -> [Int32]? {
    guard case .classes(let labels, _) = examples?.targets else { return nil }
    return labels
  }

  private static let plain = "a,b,kind\n1,2,no way\n3,4,yes\n5,6,no way\n7,8,Maybe\n"

  /// A header or none, quotes, spaces, line ends and separators change nothing; capitals come before small letters.
  @Test(arguments: [
    plain, "1,2,no way\n3,4,yes\n5,6,no way\n7,8,Maybe", "0,1,kind\n1,2,no way\n3,4,yes\n5,6,no way\n7,8,Maybe",
    "a,b,kind\r\n1,2,\"no way\"\r\n3,4,\"yes\"\r\n5,6,no way\r\n7,8,Maybe\r\n",
    "1;2;no way\r\n3;4; yes\r\n5;6;no way \r\n7;8;\"Maybe\"\r\n",
    "\u{FEFF}1\t2\t\"no way\"\n\n3\t4\tyes\n5\t6\tno way\n7\t8\tMaybe\n",
  ]) func manyStylesGiveTheSameClasses(text: String) throws {
    let data = try dataset(text)
    #expect(data.classNames == ["Maybe", "no way", "yes"])
    #expect(labels(data.train) == [1, 2, 1, 0] && data.classCount == 3)
    #expect(data.train.input(3) == [7, 8])
    // The same content with numbers has the same fingerprint.
    #expect(try dataset("1,2,1\n3,4,2\n5,6,1\n7,8,0\n").fingerprint == data.fingerprint)
    #expect(data.summary.contains("3 classes (Maybe, no way, yes)"))
  }

  @Test func namesAreSortedByTheirBytes() throws {
    // Z is 5A, a is 61, e with an accent C3 A9 where composed and 65 CC 81 where not: other bytes, another class.
    let names = ["\u{E9}", "a", "Z", "e\u{301}"]
    let rows = (names + names).enumerated().map { "\($0),\($1)\n" }
    for rows in [rows, rows.reversed()] {
      let found = try #require(try dataset(rows.joined()).classNames)
      #expect(found.map { Array($0.utf8) } == ["Z", "a", "e\u{301}", "\u{E9}"].map { Array($0.utf8) })
    }
    let latin = try folder.file("l.csv", Array("x,y\n1,rot\n1,rot\n1,gr".utf8) + [0xFC] + Array("n\n".utf8))
    let error = fileError { _ = try Dataset<Float>(contentsOf: latin, .plain) }
    #expect(error?.problem == .label && error?.place == .line(4, column: 2) && error?.columnName == "y")
    #expect(error?.expected == "a class name in UTF-8")
  }

  /// The first row says what the others must be.
  @Test(arguments: [
    ("1,2\n1,two\n", 2, "'two'", "a number"), ("x,y\n1,2\n1,3.5\n1,-\n", 4, "'-'", "a number"),
    ("x,y\n1,two\n1,2\n", 3, "the number '2' below the class name 'two'", "names only, or numbers only"),
    ("x,y\n1,two\n1,\n", 3, "no target", "the target of the row"),
    ("x,y\n1,\n1,two\n", 2, "no target", "row"),
    ("x,y\n1,two\n1,nan\n", 3, "no target", "the target of the row"),
    ("1,two\n1,two\n1,3\n", 3, "the number '3'", "names only"),
  ]) func numbersAndNamesDoNotMix(text: String, line: Int, found: String, expected: String) {
    let error = fileError { _ = try dataset(text) }
    #expect(error?.place == .line(line, column: 2))
    #expect(error?.found.contains(found) == true && error?.expected.contains(expected) == true, "\(error as Any)")
  }

  @Test func textAmongTheInputsStaysAnError() {
    let error = fileError { _ = try dataset("a,b,kind\n1,2,no\n1,oops,yes\n1,2,no\n") }
    #expect(error?.problem == .number && error?.place == .line(3, column: 2))
  }

  @Test func textThatCannotNameClassesIsRefused() throws {
    #expect(fileError { _ = try dataset("x,id\n1,a\n2,b\n3,c\n") }?.found.contains("3 different texts") == true)
    #expect(try dataset("x,id\n1,a\n2,b\n3,c\n") { $0.targets = .classes }.classCount == 3)
    #expect(fileError { _ = try dataset("x,y\n1,a\n2,a\n") }?.found.contains("one class name, 'a'") == true)
    #expect(fileError { _ = try dataset(Self.plain) { $0.targets = .values } }?.place == .line(2, column: 3))
  }

  /// A first line whose only text is its target is a row where that is a class.
  @Test func aLoneTextInTheFirstLineIsAHeadingOrAClass() throws {
    #expect(try dataset("1,a\n2,b\n3,a\n").train.count == 3)
    #expect(try dataset("1,kind\n1,a\n2,b\n3,a\n").train.count == 3)
    #expect(try dataset("1,kind\n1,0\n2,1\n").train.count == 2)
    #expect(try dataset("1,a\n2,b\n3,b\n4,c\n") { $0.classNames = ["c", "b", "a"] }.train.count == 4)
    // Headings that are numbers rise.
    #expect(try dataset("2,1,a\n2,3,b\n3,4,b\n").classNames == ["a", "b"])
    #expect(try dataset("400,410,b\n2,3,a\n3,4,c\n1,2,a\n").classNames == ["a", "c"])
    let first = fileError { _ = try dataset("2,1,oops\n2,3,1\n3,4,0\n") }
    #expect(first?.place == .line(2, column: 3) && first?.found == "the number '1' below the class name 'oops'")
    let unknown = fileError { _ = try dataset("2,1,oops\n2,3,a\n") { $0.classNames = ["a", "b"] } }
    #expect(unknown?.place == .line(1, column: 3) && unknown?.found == "'oops'")
    #expect(try dataset("0,1,oops\n2,3,a\n") { $0.classNames = ["a", "b"] }.train.count == 1)
    #expect(try dataset("a,1\nb,2\na,3\n") { $0.targetColumn = "0" }.train.count == 3)
    #expect(try dataset("a,1\nb,2\nc,3\nb,4\n") { $0.targetColumn = "a" }.train.count == 3)
    #expect(try dataset("1,a\n2,b\n3,a\n4,b\n") { $0.format.hasHeader = true }.train.count == 3)
  }

  @Test func trainingSettlesTheNamesOfTheOtherParts() throws {
    _ = try folder.file("train.csv", text: Self.plain)
    _ = try folder.file("test.csv", text: "1,2,yes\n")
    let data = try Dataset<Float>(contentsOf: folder.path, .plain)
    #expect(labels(data.test) == [2] && data.classCount == 3 && data.test?.targets.width == 3)
    _ = try folder.file("test.csv", text: "a,b,kind\n1,2,yes\n1,2,Yes\n")
    let error = fileError { _ = try Dataset<Float>(contentsOf: folder.path, .plain) }
    #expect(error?.problem == .label && error?.place == .line(3, column: 3))
    #expect(error?.found == "'Yes'" && error?.expected == "one of the known classes 'Maybe', 'no way', 'yes'")
  }

  @Test func theOrderOfNamesCanBeGiven() throws {
    let data = try dataset(Self.plain) { $0.classNames = ["yes", "no way", "never", "Maybe"] }
    #expect(labels(data.train) == [1, 0, 1, 3] && data.classCount == 4)
    // So numbers can be names, too.
    let numbers = try dataset("0.5,1\n0.1,-1\n0.2,1\n") { $0.classNames = ["-1", "1"] }
    #expect(labels(numbers.train) == [1, 0, 1] && numbers.classNames == ["-1", "1"])
  }

  @Test func namesStayWithTheSet() throws {
    let data = try dataset(Self.plain)
    let names = data.classNames
    #expect(try data.splitting(test: 0.25, seed: 1).classNames == names)
    #expect(try data.selecting(train: [0]).classNames == names)
    #expect(try data.standardized(.columns).classNames == names)
    #expect(try data.converted(to: Double.self).classNames == names)
    #expect(try Dataset(name: "d", train: data.train, classNames: names).classNames == names)
    #expect(throws: LangevinError.self) { try Dataset(name: "d", train: data.train, classNames: ["one"]) }
    for compressed in [false, true] {
      let other = try TemporaryFolder()
      let odd = try dataset("x,y\n1,\"a,\"\"b\"\"\"\n2,\"c\nd\"\n3,\"c\nd\"\n4, e \n5,e\n")
      #expect(odd.classNames == ["a,\"b\"", "c\nd", "e"])
      for set in [data, odd] {
        try set.write(to: other.path, as: .csv, compressed: compressed)
        let read = try Dataset<Float>(contentsOf: other.path, .plain)
        #expect(read.classNames == set.classNames && read.fingerprint == set.fingerprint)
      }
    }
  }
}
