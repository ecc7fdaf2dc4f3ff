/// The numbers behind a figure: named columns with units, and rows, which may have names. NaN stands for what does not exist.
package struct ResultTable: Sendable {
  /// A column's name, and its unit where it has one.
  package struct Column: Hashable, Sendable {
    /// The name.
    package let name: String
    /// The unit; empty for a pure number.
    package let unit: String

    /// A column.
    package init(_ name: String, unit: String = "") {
      self.name = name
      self.unit = unit
    }
  }

  /// What the table shows, for a caption; it states the conventions that the numbers depend on.
  package let caption: String
  /// The columns.
  package let columns: [Column]
  /// What the names of the rows are names of, such as "method"; nil where rows have none.
  package let namesOfRows: String?
  /// The names of the rows.
  package private(set) var names: [String] = []
  /// The rows, with one number for each column.
  package private(set) var rows: [[Double]] = []

  /// A table without rows.
  package init(_ caption: String, rows namesOfRows: String? = nil, columns: [Column]) {
    self.caption = caption
    self.namesOfRows = namesOfRows
    self.columns = columns
  }

  /// Adds a row.
  package mutating func add(_ row: [Double]) { add("", row) }

  /// Adds a row with its name.
  package mutating func add(_ name: String, _ row: [Double]) {
    precondition(row.count == columns.count, "a row needs \(columns.count) numbers, not \(row.count)")
    rows.append(row)
    names.append(name)
  }

  /// The numbers of a row by its name.
  package subscript(row name: String) -> [Double]? { names.firstIndex(of: name).map { rows[$0] } }

  /// The numbers of one column.
  package subscript(column name: String) -> [Double]? {
    columns.firstIndex { $0.name == name }.map { index in rows.map { $0[index] } }
  }
}
