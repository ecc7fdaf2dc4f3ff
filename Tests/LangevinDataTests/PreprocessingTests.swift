import LangevinCore
import LangevinData
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite struct PreprocessingTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func data(
    _ text: String, _ change: (inout ReadingOptions) -> Void = { _ in }
  ) throws -> Dataset<Double> {
    var options = ReadingOptions()
    options.heldOut = nil
    change(&options)
    return try Dataset(contentsOf: folder.file("t.csv", text: text), options)
  }

  private func rule(_ text: String, _ change: (inout ReadingOptions) -> Void = { _ in }) throws -> Preprocessing {
    try #require(try data(text, change).origin?.preprocessing)
  }

  private func inputs(_ examples: Examples<Double>) -> [[Double]] { (0..<examples.count).map { examples.input($0) } }

  private func values(_ examples: Examples<Double>) -> [Double] {
    if case .values(let values) = examples.targets { values.elements } else { [] }
  }

  /// A table with holes as scikit-learn 1.9.1 encodes it: SimpleImputer, OneHotEncoder, StandardScaler, and indicators.
  @Test func holesTextsAndScalesAreScikitLearns() throws {
    let set = try data("age,city,score,y\n30,Rome,1.5,1\n,Oslo,2.5,2\n50,Rome,,4\n40,Milan,3.5,5\n") {
      $0.missing = .indicator
    }
    let expected: [[Double]] = [
      [-1.4142135624, 0, 0, 1, -1.4142135624, 0, 0], [0, 0, 1, 0, 0, 1, 0], [1.4142135624, 0, 0, 1, 0, 0, 1],
      [0, 1, 0, 0, 1.4142135624, 0, 0],
    ]
    for (row, expected) in zip(inputs(set.train), expected) {
      for (value, expected) in zip(row, expected) { #expect(abs(value - expected) < 1e-10) }
    }
    let rule = try #require(set.origin?.preprocessing)
    #expect(rule.inputNames == ["age", "city=Milan", "city=Oslo", "city=Rome", "score", "age?", "score?"])
    // The target: mean 3, variance 2.5.
    #expect(abs(values(set.train)[0] + 2 / 2.5.squareRoot()) < 1e-14)
    let scaling = try #require(rule.target?.scaling)
    #expect(abs(scaling.undone(values(set.train)[3]) - 5) < 1e-14)
    #expect(abs(scaling.undone(spread: 2) - 2 * 2.5.squareRoot()) < 1e-14)
  }

  @Test func holesAreDroppedFilledOrRefused() throws {
    let text = "a,city,y\n1,x,1\n,y,2\n3,,3\n5,x,5\nNA,x,NA\n7,y,8\n"
    let drop = try data(text) { $0.missing = .drop }
    #expect(drop.train.count == 3 && drop.origin?.notes.contains("rows left out for missing values: 3") == true)
    // Of 1, 5 and 7 the mean is 13/3.
    #expect(abs((drop.origin?.preprocessing.inputs[0].scaling.center ?? 0) - 13.0 / 3) < 1e-14)
    #expect(fileError { _ = try data(text) { $0.missing = .mean } }?.place == .line(6, column: 3))
    let filled = try data("a,city,y\n1,x,1\n,y,2\n3,,3\n5,x,5\n") {
      $0.missing = .mean
      $0.scalesInputs = false
    }
    #expect(inputs(filled.train) == [[1, 1, 0, 0], [3, 0, 1, 0], [3, 0, 0, 1], [5, 1, 0, 0]])
    #expect(filled.origin?.preprocessing.inputNames == ["a", "city=x", "city=y", "city="])
    let refused = fileError { _ = try data("a,city,y\n1,x,1\n,y,2\n3,,3\n,x,5\n") }
    #expect(refused?.problem == .missingValues)
    #expect(refused?.found == "missing values in 2 columns: 'a' 2 (first in line 3), 'city' 1 (first in line 4)")
  }

  @Test func fittedNumbersAreThoseOfTheTrainingRows() throws {
    let rows = (0..<40).map { "\($0 * $0),\(3 * $0)" }
    let text = "x,y\n" + rows.joined(separator: "\n")
    let set = try data(text) { $0.heldOut = HeldOut(seed: 3) }
    let testRows = try #require(set.origin?.testRows)
    #expect(testRows == (0..<40).filter(HeldOut(seed: 3).contains) && testRows.count == 8)
    let training = (0..<40).filter { !testRows.contains($0) }.map { Double($0 * $0) }
    let mean = training.reduce(0, +) / 32
    let variance = training.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 32
    let scaling = try #require(set.origin?.preprocessing.inputs[0].scaling)
    #expect(abs(scaling.center - mean) < 1e-10 && abs(scaling.scale - variance.squareRoot()) < 1e-10)
    let test = try #require(set.test)
    for (place, row) in testRows.enumerated() {
      #expect(abs(scaling.undone(test.input(place)[0]) - Double(row * row)) < 1e-10)
    }
  }

  @Test func anotherTableIsMatchedByName() throws {
    let rule = try rule("a,b,kind,y\n1,10,p,100\n2,30,q,300\n3,20,p,200\n")
    let path = try folder.file("n.csv", text: "extra,kind;B,b,y,a\n1,q,20,400,2\n2,p,10,100,3\n")
    #expect(fileError { let _: TableExamples<Double> = try rule.examples(contentsOf: path) }?.problem == .column)
    let other = try folder.file("o.csv", text: "kind;extra;y;b;a\nq;1;400;20;2,0\np;2;100;10;3,5\n")
    let read: TableExamples<Double> = try rule.examples(contentsOf: other)
    let scales = rule.inputs.map(\.scaling)
    #expect(read.examples.input(0) == [scales[0].applied(to: 2), 0, 0, 1])
    #expect(read.examples.input(1) == [scales[0].applied(to: 3.5), scales[1].applied(to: 10), 1, 0])
    #expect(read.hasTargets && abs(values(read.examples)[0] - (rule.target?.scaling.applied(to: 400) ?? 0)) < 1e-14)
    #expect(read.notes.contains("not used: 'extra'") && read.rows == [0, 1])
    let targetless = try folder.file("t.csv", text: "b,a,kind\n20,2,q\n")
    let without: TableExamples<Double> = try rule.examples(contentsOf: targetless)
    #expect(!without.hasTargets && without.examples.input(0) == [scales[0].applied(to: 2), 0, 0, 1])
    let empty = try folder.file("e.csv", text: "b,a,kind,y\n20,2,q,\n30,2,p,NA\n")
    #expect(try (rule.examples(contentsOf: empty) as TableExamples<Double>).hasTargets == false)
    let renamed = try folder.file("r.csv", text: "a,bb,kind,y\n1,2,p,3\n")
    let error = fileError { let _: TableExamples<Double> = try rule.examples(contentsOf: renamed) }
    #expect(error?.found == "no column 'b'" && error?.expected.contains("did you mean 'bb'?") == true)
    let unknown = try folder.file("u.csv", text: "a,b,kind\n1,2,p\n3,4,r\n")
    let label = fileError { let _: TableExamples<Double> = try rule.examples(contentsOf: unknown) }
    #expect(label?.place == .line(3, column: 3) && label?.columnName == "kind" && label?.found == "'r'")
  }

  @Test func tablesWithoutHeadersAreMatchedByPlace() throws {
    let rule = try rule("10,x,1.5,1\n20,y,2.5,2\n30,x,3.5,4\n") { $0.targetColumn = "0" }
    let same: TableExamples<Double> = try rule.examples(contentsOf: folder.file("s.csv", text: "20,y,2.5,2\n"))
    let fewer: TableExamples<Double> = try rule.examples(contentsOf: folder.file("f.csv", text: "y,2.5,2\n"))
    #expect(same.hasTargets && !fewer.hasTargets && same.examples.input(0) == fewer.examples.input(0))
    let error = fileError {
      let _: TableExamples<Double> = try rule.examples(contentsOf: folder.file("g.csv", text: "1,2\n"))
    }
    #expect(error?.found == "2 columns" && error?.expected == "3 inputs, and one column more where there is a target")
  }

  @Test func classesAreThoseThatAreThere() throws {
    let set = try data("x,y\n1,3\n2,1\n3,2\n4,3.0\n5,1\n6,2\n")
    #expect(set.classCount == 3 && set.classNames == ["1", "2", "3"])
    guard case .classes(let labels, _) = set.train.targets else { return #expect(Bool(false)) }
    #expect(labels == [2, 0, 1, 2, 0, 1])
    #expect(set.origin?.notes.contains { $0.contains("taken for 3 classes") } == true)
    let rule = try #require(set.origin?.preprocessing)
    let four = try folder.file("f.csv", text: "x,y\n1,4\n")
    let error = fileError { let _: TableExamples<Double> = try rule.examples(contentsOf: four) }
    #expect(error?.found == "'4'" && error?.expected == "one of the known classes '1', '2', '3'")
  }

  /// Counts tail off; labels do not. Either way something is said.
  @Test func countsAreNotTakenForClasses() throws {
    let counts = [0: 14, 1: 27, 2: 27, 3: 18, 4: 9, 5: 4, 6: 1].flatMap { [Int](repeating: $0, count: $1) }
    let rows = counts.enumerated().map { "\($0 % 9 * $0 % 7),\($1)" }
    let set = try data("x,y\n" + rows.joined(separator: "\n"))
    #expect(set.classCount == nil)
    #expect(set.origin?.notes.contains { $0.contains("taken for numbers") } == true)
    #expect(try data("x,y\n" + rows.joined(separator: "\n")) { $0.targets = .classes }.classCount == 7)
    let digits = (0..<100).map { "\($0 * $0 % 17),\($0 % 10)" }
    #expect(try data("x,y\n" + digits.joined(separator: "\n")).classCount == 10)
    // Grades from 3 to 8 have no class 0.
    let grades = (0..<60).map { "\($0 * $0 % 17),\(3 + $0 % 6)" }
    #expect(try data("x,y\n" + grades.joined(separator: "\n")).classCount == nil)
    let rare = (0..<100).map { "\($0 * $0 % 17),\($0 == 50 ? 1 : 0)" }
    #expect(try data("x,y\n" + rare.joined(separator: "\n")).classCount == 2)
  }

  @Test func columnsThatTellNothingAreNamed() throws {
    let rows = (0..<30).map {
      "\($0),name\($0),2024-01-0\(1 + $0 % 9),\($0 + 5),\($0 % 4),7,\($0 % 3 == 0 ? "yes" : "no"),\(0.5 * Double($0))"
    }
    let text = ",who,day,t,x,fixed,flag,y\n" + rows.joined(separator: "\n")
    let set = try data(text)
    #expect(set.origin?.preprocessing.inputNames == ["t", "x", "fixed", "flag=no", "flag=yes"])
    let notes = set.origin?.notes.joined(separator: "\n") ?? ""
    for piece in [
      "'column 1' is a running number and is left out", "'who' has 30 different texts and is left out",
      "'day' holds dates and is left out", "'t' is a running number: an input all the same", "'fixed' is always '7'",
    ] {
      #expect(notes.contains(piece), "\(notes)")
    }
    let chosen = try data(text) {
      $0.ignoredColumns = ["t", "fixed"]
      $0.categoricalColumns = ["x"]
    }
    #expect(
      chosen.origin?.preprocessing.inputNames == ["x=0", "x=1", "x=2", "x=3", "flag=no", "flag=yes"])
    #expect(fileError { _ = try data(text) { $0.ignoredColumns = ["fixd"] } }?.expected.contains("'fixed'?") == true)
  }

  @Test func rulesSurviveADocument() throws {
    let rule = try rule("age,city,y\n30,Rome,1.5\n,Oslo,2.5\n50,Rome,0.1\n40,Milan,3.5\n") { $0.missing = .indicator }
    let document = try JSONEncoder().encode(rule)
    #expect(try JSONDecoder().decode(Preprocessing.self, from: document) == rule)
  }

  /// A stored rule meets its table as before; a table that has changed is another one by its fingerprint.
  @Test func storedRulesAreAppliedAndNotFittedAgain() throws {
    let rows = (0..<50).map { "\($0 % 3 == 0 ? "red" : "blue"),\($0 * $0 % 19),row\($0),\($0 % 7)" }
    let header = "colour,x,name,y"
    let path = try folder.file("t.csv", text: ([header] + rows).joined(separator: "\n"))
    var options = ReadingOptions()
    options.targets = .values
    let set = try Dataset<Float>(contentsOf: path, options)
    let origin = try #require(set.origin)
    #expect(set.test?.count == 10 && origin.testRows.count == 10)
    let names = try origin.testTable.texts(of: ["name"])
    #expect(origin.testRows.map { names[$0][0] } == origin.testRows.map { "row\($0)" })
    let again = try Dataset<Float>(contentsOf: path, options, applying: origin.preprocessing)
    #expect(again.fingerprint == set.fingerprint && again.origin?.testRows == origin.testRows)
    // A number changed among the test rows, a line taken out, columns in another order.
    var changed = rows
    changed[origin.testRows[3]] = "red,1000,row,3"
    for lines in [changed, Array(rows.dropLast())] {
      let other = try folder.file("c.csv", text: ([header] + lines).joined(separator: "\n"))
      let read = try Dataset<Float>(contentsOf: other, options, applying: origin.preprocessing)
      #expect(read.fingerprint != set.fingerprint && read.train.input(0) == set.train.input(0))
    }
    let turned = rows.map { $0.split(separator: ",").reversed().joined(separator: ";") }
    let other = try folder.file("o.csv", text: (["y;name;x;colour"] + turned).joined(separator: "\n"))
    #expect(
      try Dataset<Float>(contentsOf: other, options, applying: origin.preprocessing).fingerprint == set.fingerprint)
    let bare = try folder.file("b.csv", text: "colour,x\nred,1\n")
    let error = fileError { _ = try Dataset<Float>(contentsOf: bare, options, applying: origin.preprocessing) }
    #expect(error?.found == "no target")
  }
}
