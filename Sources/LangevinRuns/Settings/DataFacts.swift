import LangevinData

/// What the defaults of a network run depend on: the data that it meets.
package struct DataFacts: Sendable {
  /// The name of the data set's recipe, or its path.
  package let data: String
  /// The number of training examples.
  package let exampleCount: Int
  /// The sum of their weights: their number, where they have none.
  package let totalWeight: Double
  /// The width of an input.
  package let inputWidth: Int
  /// The number of classes, if targets are classes.
  package let classCount: Int?
  /// The number of target values, or of classes.
  package let targetWidth: Int
  /// The names of the classes, if they have names.
  package let classNames: [String]?
  /// What tells these data from others.
  public let fingerprint: String
  /// How a table became numbers.
  public let rule: Preprocessing?
  /// What was found out or decided when the data were read, a line each.
  public let notes: [String]

  init<Element>(_ data: Dataset<Element>, from source: DataSource) {
    self.data = source.name
    exampleCount = data.train.count
    totalWeight = data.train.totalWeight
    inputWidth = data.inputWidth
    classCount = data.classCount
    targetWidth = data.targetWidth
    classNames = data.classNames
    fingerprint = "\(data.fingerprint)"
    rule = data.origin?.preprocessing
    notes = data.origin?.notes ?? []
  }
}
