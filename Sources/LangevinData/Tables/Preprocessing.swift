/// How a table becomes numbers for a network, and how the network's numbers become the table's again.
///
/// A value of this type is fitted to the rows that are trained on, stored with a run, and from then on applied, never
/// fitted again: so rows that come later meet the same scales and the same classes.
///
///     let table = try Table(contentsOf: "houses.csv", options)
///     var notes: [String] = []
///     let preprocessing = try Preprocessing(fittedTo: table, options, notes: &notes)
///     let new: TableExamples<Float> = try preprocessing.examples(contentsOf: "more-houses.csv")
///
/// Holes are filled first, then text is spread over columns of zeros and ones, one for each of its values, then numbers
/// are scaled. What a column becomes stands where the column stood; columns that mark holes come after all others.
public struct Preprocessing: Hashable, Sendable, Codable {
  /// What is done where a value is missing. Targets are never filled in.
  public enum MissingPolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// The table is refused.
    case error
    /// The row is left out.
    case drop
    /// A number becomes the mean of its column; a missing text is a category of its own.
    case mean
    /// The same, and a column of zeros and ones says where a number was missing.
    case indicator
  }

  /// What is done with a text that the training rows of a column did not have.
  package enum UnknownPolicy: String, Hashable, Sendable, CaseIterable {
    /// The table is refused.
    case error
    /// None of the inputs of the column is set.
    case ignore
  }

  /// A shift and a scale: x becomes (x - center)/scale.
  package struct Scaling: Hashable, Sendable, Codable {
    /// What becomes 0, the mean of the training rows.
    package var center = 0.0
    /// What becomes 1 more, their standard deviation (divided by n), or 1 where that is 0.
    package var scale = 1.0

    /// A scaling; by default none.
    package init(center: Double = 0, scale: Double = 1) {
      self.center = center
      self.scale = scale
    }

    /// A number of the table as the network sees it.
    package func applied(to number: Double) -> Double { (number - center) / scale }
    /// A number of the network in the units of the table.
    package func undone(_ number: Double) -> Double { center + scale * number }
    /// A standard deviation or another difference in the units of the table.
    package func undone(spread: Double) -> Double { scale * spread }
  }

  /// A column that becomes one or more inputs.
  package struct Input: Hashable, Sendable, Codable {
    /// Its name.
    package var name: String
    /// For text, its values, sorted by their bytes; nil for numbers.
    package var categories: [String]?
    /// The number that stands for a missing one, before scaling; nil where none may be missing.
    package var fill: Double?
    /// Whether an input of zeros and ones says where a value is missing: for text the last of its category inputs.
    package var marksMissing: Bool
    /// The scale of a number.
    package var scaling: Scaling

    /// The number of inputs that stand where the column stood.
    var columnWidth: Int { categories.map { $0.count + (marksMissing ? 1 : 0) } ?? 1 }

    /// An input column.
    package init(
      name: String, categories: [String]? = nil, fill: Double? = nil, marksMissing: Bool = false,
      scaling: Scaling = Scaling()
    ) {
      self.name = name
      self.categories = categories
      self.fill = fill
      self.marksMissing = marksMissing
      self.scaling = scaling
    }
  }

  /// The column that is to be predicted.
  package struct Target: Hashable, Sendable, Codable {
    /// Its name.
    package var name: String
    /// The classes in their order; nil for real numbers.
    package var classes: [String]?
    /// Whether the classes are numbers, so that 1 and 1.0 are the same.
    package var areNumbers: Bool
    /// The scale of real numbers.
    package var scaling: Scaling

    /// A target column.
    package init(name: String, classes: [String]? = nil, areNumbers: Bool = false, scaling: Scaling = Scaling()) {
      self.name = name
      self.classes = classes
      self.areNumbers = areNumbers
      self.scaling = scaling
    }
  }

  /// How the table was laid out.
  package var format: TableFormat
  /// The names of all its columns, from left to right.
  package var columnNames: [String]
  /// The columns that become inputs, from left to right.
  package var inputs: [Input]
  /// The column to predict; nil for tables without one.
  package var target: Target?
  /// The column that says how much each row counts; nil for all the same. Other tables need not have it.
  package var weights: String?
  /// What is done where a value is missing.
  package var missing: MissingPolicy

  /// A rule from its parts, as a run's document holds them.
  package init(
    format: TableFormat, columnNames: [String], inputs: [Input], target: Target?, weights: String? = nil,
    missing: MissingPolicy
  ) {
    self.format = format
    self.columnNames = columnNames
    self.inputs = inputs
    self.target = target
    self.weights = weights
    self.missing = missing
  }

  /// The rule that takes a table without a header as it is: so many numbers, then the target.
  init(inputCount: Int, classes: [String]?, areNumbers: Bool) {
    let names = (0..<inputCount).map { "x\($0)" }
    self.init(
      format: TableFormat(hasHeader: false), columnNames: names + ["target"], inputs: names.map { Input(name: $0) },
      target: Target(name: "target", classes: classes, areNumbers: areNumbers), missing: .error)
  }

  /// The names of the columns where the table had a header.
  var headings: [String] { format.hasHeader == true ? columnNames : [] }

  /// The scales of the network's inputs, in the order of ``inputNames``.
  package var inputScalings: [Scaling] {
    inputs.flatMap { Array(repeating: $0.scaling, count: $0.columnWidth) }
      + inputs.filter { $0.categories == nil && $0.marksMissing }.map { _ in Scaling() }
  }

  /// The names of the network's inputs: those of the columns, for text `city=Rome`, and `age?` for where it is missing.
  package var inputNames: [String] {
    let columns = inputs.flatMap { input in
      input.categories.map { categories in
        (categories + (input.marksMissing ? [""] : [])).map { "\(input.name)=\($0)" }
      } ?? [input.name]
    }
    return columns + inputs.filter { $0.categories == nil && $0.marksMissing }.map { "\($0.name)?" }
  }
}
