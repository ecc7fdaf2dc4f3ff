/// The examples that one estimate of energy and gradient uses: all of them, or rows of the data set.
public struct Minibatch: Sendable {
  /// The rows, or nil for all of the data.
  public let rows: [Int32]?

  /// All of the data.
  public static let all = Minibatch(rows: nil)

  /// The given rows; an index may occur more than once and then counts more than once.
  public init(rows: [Int32]) { self.init(rows: .some(rows)) }

  private init(rows: [Int32]?) { self.rows = rows }

  /// The number of examples, for a data set of `total`.
  public func count(of total: Int) -> Int { rows?.count ?? total }

  /// Throws unless every row exists and there is at least one.
  package func check(exampleCount: Int) throws(LangevinError) {
    guard let rows else { return }
    try require(!rows.isEmpty, "the minibatch", is: "empty", expected: "at least one row")
    for row in rows where row < 0 || row >= exampleCount {
      throw .value(of: "a row of the minibatch", found: "\(row)", expected: "0 to \(exampleCount - 1)")
    }
  }
}
