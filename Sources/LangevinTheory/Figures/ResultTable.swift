/// The numbers behind a figure: named columns with units, and rows. NaN stands for what does not exist.
public struct ResultTable: Sendable {
  /// A column's name, and its unit where it has one.
  public struct Column: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The unit; empty for a pure number.
    public let unit: String

    /// A column.
    public init(_ name: String, unit: String = "") {
      self.name = name
      self.unit = unit
    }
  }

  /// What the table shows, for a caption; it states the conventions that the numbers depend on.
  public let caption: String
  /// The columns.
  public let columns: [Column]
  /// The rows, with one number for each column.
  public private(set) var rows: [[Double]] = []

  /// A table without rows.
  public init(_ caption: String, columns: [Column]) {
    self.caption = caption
    self.columns = columns
  }

  /// Adds a row.
  public mutating func add(_ row: [Double]) {
    precondition(row.count == columns.count, "a row needs \(columns.count) numbers, not \(row.count)")
    rows.append(row)
  }

  /// The numbers of one column.
  public subscript(column name: String) -> [Double]? {
    columns.firstIndex { $0.name == name }.map { index in rows.map { $0[index] } }
  }
}
