import LangevinCore

/// What is wrong with a file: which file, where in it, what was found, what was expected, and often what to do.
public struct FileFormatError: Error, Hashable {
  /// The kinds of trouble, for programs that want to react.
  package enum Problem: String, CaseIterable, Sendable {
    /// No such file, no permission, or not a regular file.
    case missing, permission, notAFile
    /// The system failed to read or write.
    case system
    /// Nothing in it.
    case empty
    /// It ends too early, or goes on where it should end.
    case truncated, trailingBytes
    /// It does not begin as its format does, or its header cannot be understood.
    case magic, header
    /// A type of number that is not supported, or dimensions that are impossible.
    case elementType, shape
    /// Damaged compression, more content than allowed, or no zlib on this system.
    case compression, tooLarge, zlibMissing
    /// Text where a number should be, a number that does not fit, NaN or infinity.
    case number, nonFinite
    /// Rows of a table that differ in length, a column that is not there, or quotes that are not closed.
    case rowLength, column, quotes
    /// Labels that are not classes, and parts that do not fit together.
    case label, mismatch
    /// Holes in a table, and formats that are no table of text.
    case missingValues, foreign
  }

  /// Where in the file.
  package enum Place: Hashable, Sendable {
    /// A byte of the content, counted from 0; of the decompressed content where the file is compressed.
    case byte(Int)
    /// A byte of the compressed file.
    case compressedByte(Int)
    /// A line and a column (field) of a table, counted from 1.
    case line(Int, column: Int?)
  }

  /// The kind of trouble.
  package let problem: Problem
  /// The file.
  public let path: String
  /// Where in the file, if anywhere in particular.
  package let place: Place?
  /// The name of the column, where the place is in a column that has one.
  package let columnName: String?
  /// What is there.
  package let found: String
  /// What should be there, or what to do.
  package let expected: String

  init(
    _ problem: Problem, _ path: String, at place: Place? = nil, columnName: String? = nil, found: String,
    expected: String
  ) {
    self.problem = problem
    self.path = path
    self.place = place
    self.columnName = columnName
    self.found = found
    self.expected = expected
  }
}

extension FileFormatError: CustomStringConvertible {
  /// One sentence for the user.
  public var description: String {
    let text =
      switch place {
      case nil: ""
      case .byte(let offset): ", byte \(offset)"
      case .compressedByte(let offset): ", compressed byte \(offset)"
      case .line(let line, nil): ", line \(line)"
      case .line(let line, let column?): ", line \(line), column \(column)"
      }
    let name = columnName.map { place == nil ? ", column '\($0)'" : " ('\($0)')" } ?? ""
    return "\(path)\(text)\(name): found \(found); expected \(expected)"
  }
}

/// Runs what may find sizes or labels wrong, and makes that an error of a file.
func asFileError<Value>(
  _ path: String, _ body: () throws(LangevinError) -> Value
) throws(FileFormatError) -> Value {
  do throws(LangevinError) {
    return try body()
  } catch {
    throw FileFormatError(.mismatch, path, found: error.description, expected: "a usable data set")
  }
}
