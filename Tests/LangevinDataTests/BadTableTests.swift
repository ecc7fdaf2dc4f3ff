import LangevinCore
import LangevinData
import Testing

/// A table that cannot be used, and the whole of what is said about it.
struct BadTable: Sendable, CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]
  let change: @Sendable (inout ReadingOptions) -> Void
  let message: String

  var testDescription: String { name }

  init(
    _ name: String, _ text: String, _ message: String,
    change: @escaping @Sendable (inout ReadingOptions) -> Void = { _ in }
  ) {
    self.init(name, bytes: Array(text.utf8), message, change: change)
  }

  init(
    _ name: String, bytes: [UInt8], _ message: String,
    change: @escaping @Sendable (inout ReadingOptions) -> Void = { _ in }
  ) {
    (self.name, self.bytes, self.message, self.change) = (name, bytes, message, change)
  }
}

@Suite struct BadTableTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// One line that names the line, the column, what was found, what was expected and what to do.
  @Test(arguments: tables) func everyErrorIsOneLine(table: BadTable) throws {
    let path = try folder.file("t.csv", table.bytes)
    var options = ReadingOptions()
    table.change(&options)
    let error = fileError { _ = try Dataset<Float>(contentsOf: path, options) }
    let message = try #require(error?.description, "it was read")
    #expect(message == path + table.message)
    #expect(!message.contains("\n"))
    #expect(folder.names == ["t.csv"])
  }

  static let tables: [BadTable] = [
    BadTable(
      "nothing", "",
      ": found an empty file; expected some content"),
    BadTable(
      "blank lines", "\n\r\n\n",
      ": found no lines; expected a table"),
    BadTable(
      "a header only", "a,b,y\n",
      ": found a header only; expected rows below it"),
    BadTable(
      "a short row", "a,b,y\n1,2,3\n4,5\n",
      ", line 3: found 2 fields; expected 3, as in the first line"),
    BadTable(
      "a long row", "a,b,y\n1,2,3\n4,5,6,7\n",
      ", line 3: found 4 fields; expected 3, as in the first line"),
    BadTable(
      "a word among numbers", "age,y\n31,1\n45,2\nunknown,3\n",
      ", line 4, column 1 ('age'): found 'unknown'; expected a number; or the column as categorical, "
        + "or ignored"),
    BadTable(
      "a number among words", "city,y\nRome,1\nOslo,2\n17,3\nRome,4\n",
      ", line 4, column 1 ('city'): found '17'; expected text, as above it; or the column as "
        + "categorical, or ignored"),
    BadTable(
      "thousands", "price,y\n900,1\n\"1,200\",2\n",
      ", line 3, column 1 ('price'): found '1,200'; expected a plain number such as 1234.5, without "
        + "units or separators of thousands; or the column as categorical, or ignored"),
    BadTable(
      "a percent sign", "share,y\n12,1\n13%,2\n",
      ", line 3, column 1 ('share'): found '13%'; expected a plain number such as 1234.5, without "
        + "units or separators of thousands; or the column as categorical, or ignored"),
    BadTable(
      "a currency", "price,y\n12.5,1\n$13,2\n",
      ", line 3, column 1 ('price'): found '$13'; expected a plain number such as 1234.5, without "
        + "units or separators of thousands; or the column as categorical, or ignored"),
    BadTable(
      "a decimal comma among points", "a;y\n1.5;1\n2,5;2\n",
      ", line 3, column 1 ('a'): found '2,5'; expected a plain number such as 1234.5, without units "
        + "or separators of thousands; or the column as categorical, or ignored"),
    BadTable(
      "hexadecimal", "a,y\n1,1\n0x1F,2\n",
      ", line 3, column 1 ('a'): found '0x1F'; expected a plain number such as 1234.5, without units "
        + "or separators of thousands; or the column as categorical, or ignored"),
    BadTable(
      "infinity", "a,y\n1,1\ninf,2\n",
      ", line 3, column 1 ('a'): found 'inf'; expected a finite number, or the column ignored"),
    BadTable(
      "beyond single precision", "a,y\n1,1\n1e39,2.5\n",
      ", column 'a': found 1e+39; expected numbers within the precision in use"
    ) { $0.scalesInputs = false },
    BadTable(
      "beyond double precision", "a,y\n1,1\n1e999,2\n",
      ", line 3, column 1 ('a'): found '1e999'; expected a finite number, or the column ignored"),
    BadTable(
      "holes", "age,income,y\n31,,1\n,,2\n45,12,3\n",
      ": found missing values in 2 columns: 'age' 1 (first in line 3), 'income' 2 (first in line 2); "
        + "expected none; 'drop' leaves out their rows, 'mean' fills them in, 'indicator' marks them too"),
    BadTable(
      "a column of holes", "age,x,y\n31,,1\n32,NA,2\n",
      ", column 'x': found no value in any row; expected values, or the column ignored"
    ) { $0.missing = .mean },
    BadTable(
      "a hole in every row", "a,b,y\n,1,2\n3,,4\n",
      ": found a missing value in each of the 2 rows; expected rows without"
    ) { $0.missing = .drop },
    BadTable(
      "no target", "a,y\n1,1\n2,\n3,NA\n",
      ", line 3, column 2 ('y'): found no target, here and in 1 more rows; expected the target of the "
        + "row; 'drop' leaves out such rows"),
    BadTable(
      "an open quote", "a,y\n1,\"2\n3,4\n",
      ", line 2, column 2 ('y'): found the end of the file within quotes; expected a closing quote"),
    BadTable(
      "text behind a quote", "a,y\n\"1\"x,2\n",
      ", line 2, column 1 ('a'): found text after a closing quote; expected a separator or the end of "
        + "the line"),
    BadTable(
      "old Macintosh lines", "a,y\n1,2\n3,4\r5,6\n",
      ", line 3, column 3: found a lone carriage return; expected lines that end in LF or CRLF"),
    BadTable(
      "two columns of one name", "a,b,a,y\n1,2,3,4\n",
      ", line 1, column 3: found a second column 'a'; expected each name once"),
    BadTable(
      "one column", "y\n1\n2\n",
      ": found one column; expected inputs and a target"),
    BadTable(
      "a target that is not there", "area,rooms,price\n1,2,3\n",
      ": found no column 'prise'; expected one of 'area', 'rooms', 'price'; did you mean 'price'?"
    ) { $0.targetColumn = "prise" },
    BadTable(
      "a position beyond the table", "1,2,3\n4,5,6\n",
      ": found no column '3'; expected one of 'column 1', 'column 2', 'column 3'"
    ) { $0.targetColumn = "3" },
    BadTable(
      "an unknown column to ignore", "area,rooms,price\n1,2,3\n",
      ": found no column 'room'; expected one of 'area', 'rooms', 'price'; did you mean 'rooms'?"
    ) { $0.ignoredColumns = ["room"] },
    BadTable(
      "an unknown column of names", "area,rooms,price\n1,2,3\n",
      ": found no column 'color'; expected one of 'area', 'rooms', 'price'"
    ) { $0.categoricalColumns = ["color"] },
    BadTable(
      "the target ignored", "area,price\n1,2\n",
      ": found the target 'price' among the columns to ignore; expected another target"
    ) { $0.ignoredColumns = ["price"] },
    BadTable(
      "every input ignored", "area,price\n1,2\n",
      ": found no column that can be an input; expected inputs and a target"
    ) { $0.ignoredColumns = ["area"] },
    BadTable(
      "names as targets of each row", "x,name\n1,a\n2,b\n3,c\n",
      ", column 'name': found 3 different texts as the targets of 3 rows; expected numbers, or class "
        + "names that come more than once; or 'classes' as the kind of targets"),
    BadTable(
      "one class", "x,kind\n1,a\n2,a\n",
      ", column 'kind': found one class name, 'a'; expected two or more classes"),
    BadTable(
      "names and numbers as targets", "x,kind\n1,a\n2,b\n3,4\n",
      ", line 4, column 2 ('kind'): found the number '4' below the class name 'a'; expected names "
        + "only, or numbers only"),
    BadTable(
      "a class that is not known", "x,kind\n1,a\n2,c\n",
      ", line 3, column 2 ('kind'): found 'c'; expected one of the known classes 'a', 'b'"
    ) { $0.classNames = ["a", "b"] },
    BadTable(
      "names where numbers are asked for", "x,y\n1,low\n2,high\n3,low\n",
      ", line 2, column 2 ('y'): found 'low'; expected a number"
    ) { $0.targets = .values },
    BadTable(
      "classes that are not whole", "x,y\n1,0.5\n2,1\n",
      ", column 'y': found numbers that are not whole; expected whole numbers as classes"
    ) { $0.targets = .classes },
    BadTable(
      "bytes that are no UTF-8", bytes: Array("city,y\nOslo,1\nM".utf8) + [0xFC] + Array("nchen,2\nOslo,3\n".utf8),
      ", line 3, column 1 ('city'): found the bytes of 'M\u{FFFD}nchen'; expected text in UTF-8, or "
        + "the column ignored"),
    BadTable(
      "a separator of two characters", "a,y\n1,2\n",
      ": found the separator '::'; expected one character of ASCII, no quote or line end"
    ) { $0.format.separator = "::" },
    BadTable(
      "an Excel workbook", bytes: [0x50, 0x4B, 3, 4] + Array("....[Content_Types].xml".utf8),
      ": found an Excel workbook (.xlsx); expected a table in text; save the sheet as CSV (UTF-8)"),
    BadTable(
      "an old Excel workbook", bytes: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
      ": found an old Excel workbook (.xls); expected a table in text; save the sheet as CSV (UTF-8)"),
    BadTable(
      "Parquet", "PAR1.....",
      ": found a Parquet file; expected a table in text; pandas writes one: to_csv('table.csv', "
        + "index=False)"),
    BadTable(
      "UTF-16", bytes: [0xFF, 0xFE, 0x61, 0, 0x2C, 0],
      ": found text in UTF-16; expected a table in text; save it as UTF-8"),
    BadTable(
      "a web page", "<!DOCTYPE html>\n<html>",
      ": found a page of HTML or XML; expected a table in text; download the table itself"),
    BadTable(
      "JSON", "[{\"a\": 1}]",
      ": found JSON; expected a table in text; pandas writes one: to_csv('table.csv', index=False)"),
    BadTable(
      "a program", bytes: [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0],
      ": found bytes that are no text; expected a table in text; pandas writes one: "
        + "to_csv('table.csv', index=False)"),
  ]
}
