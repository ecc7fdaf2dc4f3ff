import Langevin
import Testing

@Suite struct JSONTests {
  @Test func valuesAreReadAndWrittenBack() throws {
    let text = #"{"a": [1, -2.5e-3, true, null], "b": {"c": "x\"\\\n\u00e9😀"}, "d": [], "e": {}}"#
    let document = try JSON(parsing: text)
    #expect(document["a"]?.elements?[1].double == -2.5e-3)
    #expect(document["b"]?["c"]?.text == "x\"\\\né😀")
    #expect(try JSON(parsing: document.description) == document)
  }

  @Test func escapedPairsAreOneCharacter() throws {
    #expect(try JSON(parsing: #""\ud83d\ude00\t""#).text == "😀\t")
  }

  @Test func numbersKeepTheirText() throws {
    #expect(try JSON(parsing: "18446744073709551615") == .number("18446744073709551615"))
    #expect(JSON(0.1).description == "0.1")
    #expect(JSON(Double.nan) == .null)
  }

  @Test(
    arguments: [
      ("", "line 1, column 1: expected a value, found the end"),
      ("{", "line 1, column 2: expected a key in quotes, found the end"),
      ("[1,]", "line 1, column 4: expected a value, found ']'"),
      ("[1 2]", "line 1, column 4: expected ',' or ']', found '2'"),
      ("{\"a\":1,\n \"a\":2}", "line 2, column 2: the key \"a\" comes twice in one object"),
      ("{\"a\" 1}", "line 1, column 6: expected ':' after the key \"a\", found '1'"),
      ("{a: 1}", "line 1, column 2: expected a key in quotes, found 'a'"),
      ("01", "line 1, column 2: expected the end of the document, found '1'"),
      ("1.", "line 1, column 3: expected digits after the point, found the end"),
      ("+1", "line 1, column 1: expected a value, found '+'"),
      ("1e999", "line 1, column 1: the number 1e999 is beyond the range of a double"),
      ("NaN", "line 1, column 1: expected a value, found 'N'"),
      ("nul", "line 1, column 1: expected null, found 'n'"),
      ("\"a", "line 1, column 3: the text in quotes does not end"),
      ("\"\\q\"", "line 1, column 3: unknown escape \\q"),
      ("\"\\ud800x\"", "line 1, column 8: half of a surrogate pair"),
      ("\"\\u12g4\"", "line 1, column 4: expected four hexadecimal digits after \\u"),
      ("\"a\tb\"", "line 1, column 3: a control character inside a text; write it as an escape"),
      ("1 x", "line 1, column 3: expected the end of the document, found 'x'"),
    ])
  func mistakesAreNamedWithTheirPlace(_ text: String, _ message: String) {
    #expect(throws: JSONError.self) { try JSON(parsing: text) }
    do { _ = try JSON(parsing: text) } catch { #expect(error.description == message) }
  }

  @Test func hostileDocumentsAreRefusedInLittleTime() {
    let deep = String(repeating: "[", count: 1_000_000)
    do { _ = try JSON(parsing: deep) } catch { #expect(error.reason == "nested deeper than 64 levels") }
    let long = "1" + String(repeating: "0", count: 100_000)
    do { _ = try JSON(parsing: long) } catch { #expect(error.reason.contains("beyond the range of a double")) }
    #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
    #expect(throws: JSONError.self) { try JSON(parsing: deep) }
  }
}
