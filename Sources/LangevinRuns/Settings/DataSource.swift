import Foundation
import LangevinCore
import LangevinData
import LangevinSamplers

/// Where the data of a run come from: a recipe by name, or files.
package enum DataSource: Sendable {
  /// A set that is made.
  case recipe(Recipe)
  /// A file or folder, and how it is read.
  case files(String, FileSettings)

  /// A recipe such as `spirals` or `spirals:turns=2`; anything else that has a slash or a point is a file or a folder.
  package init(_ text: String, parameters: [String: String] = [:]) throws {
    let name = text.prefix { $0 != ":" }
    if Recipe.sets.contains(where: { $0.name == name }) {
      let base = try Recipe(text)
      let merged = base.parameters.merging(parameters) { $1 }
      self = .recipe(try Recipe(named: base.name, parameters: merged))
      return
    }
    guard text.contains("/") || text.contains(".") else {
      let names = Recipe.sets.map { $0.name }
      throw SettingError(
        "there is no data set '\(text)'; expected one of \(names.joined(separator: ", ")), or a folder or file, such as ./\(text)"
          + Nearest.hint(text, among: names))
    }
    var settings = FileSettings()
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
      try settings.set(name, to: value, as: "data.\(name)")
    }
    self = .files(text, settings)
  }

  /// The recipe's name, or the path.
  package var name: String {
    switch self {
    case .recipe(let recipe): recipe.name
    case .files(let path, _): path
    }
  }

  /// The same as it is kept: with the class names that were found, and with a path that holds in any folder.
  package func kept(_ classes: [String]?) -> DataSource {
    guard case .files(let path, var settings) = self else { return self }
    if let classes { settings.classNames = NameList(classes) }
    let isAbsolute = path.hasPrefix("/")
    return .files(isAbsolute ? path : FileManager.default.currentDirectoryPath + "/" + path, settings)
  }

  /// The same, read as a loss needs it: its kind of targets where none was asked for, and counts as they stand.
  func suited(to loss: Loss, scalingWasAsked: Bool) throws(SettingError) -> DataSource {
    guard case .files(let path, var settings) = self else { return self }
    if settings.targets == .automatic { settings.targets = loss.isForClasses ? .classes : .values }
    if loss.targets == .counts || loss.targets == .shares, settings.standardiseTargets {
      guard !scalingWasAsked else {
        throw SettingError(
          "data.standardise-targets is 'true' and loss is '\(loss.name)', which takes \(loss.targets.words); expected false"
        )
      }
      settings.standardiseTargets = false
    }
    return .files(path, settings)
  }

  /// The names of the classes, where they are known.
  package var classNames: [String]? {
    if case .files(_, let settings) = self { settings.classNames?.names } else { nil }
  }

  /// Makes or reads the data; a table by the rule that a run has kept, where there is one.
  public func load<Element: Scalar>(
    as type: Element.Type = Float.self, on pool: ThreadPool = .single, applying rule: Preprocessing? = nil
  ) throws -> Dataset<Element> {
    switch self {
    case .recipe(let recipe): try recipe.make(as: type, on: pool)
    case .files(let path, let settings): try settings.scaled(settings.read(path, applying: rule))
    }
  }

  /// The examples of another file, read and scaled as the run's own. A table need not have targets, nor an example of every
  /// class.
  func examples<Element: Scalar>(
    in path: String, classes: Int?, inputWidth: Int, targetWidth: Int, applying rule: Preprocessing?,
    unknown: Preprocessing.UnknownPolicy? = nil
  ) throws -> NewExamples<Element> {
    var options = ReadingOptions()
    if case .files(_, let settings) = self { options = settings.options }
    options.unknownCategory = unknown ?? options.unknownCategory
    options.classes = classes
    options.targets = classes == nil ? .values : .classes
    let new = try NewExamples<Element>(
      contentsOf: path, options, rule, inputWidth: inputWidth, targetWidth: targetWidth)
    guard rule == nil, case .files(let own, let settings) = self, let scope = settings.arrayScope else { return new }
    let data: Dataset<Element> = try settings.read(own, applying: nil)
    return try new.standardized(by: Standardization(fittedTo: data.train, scope))
  }

  /// What the run's document says of it.
  var texts: [SettingText] {
    switch self {
    case .files(let path, let settings): [SettingText(name: "name", text: path)] + settings.texts
    case .recipe(let recipe):
      [SettingText(name: "name", text: recipe.name)]
        + recipe.parameters.sorted { $0.key < $1.key }.map { name, text in
          SettingText(name: name, text: text, form: Double(text) == nil ? .text : .number)
        }
    }
  }

  /// Settings of a run that suit the data: what a synthetic set recommends.
  var recommendedSettings: [String: String] {
    if case .recipe(let recipe) = self { type(of: recipe.set).recommendedSettings } else { [:] }
  }
}

/// How files are read: the settings `data.NAME`.
package struct FileSettings: SettingGroup {
  /// The column of a table with the target, by name or position from 0.
  package var target: String?
  /// Columns of a table that are not used.
  package var ignore: ColumnNames?
  /// Columns of a table whose values are names, though they be numbers.
  package var categorical: ColumnNames?
  /// The column of a table that says how much each row counts.
  package var weights: String?
  /// What is done where a table has no value.
  package var missing = Preprocessing.MissingPolicy.error
  /// What is done with a text that the training rows of a column did not have.
  package var unknownCategory = Preprocessing.UnknownPolicy.error
  /// The character between the fields of a table.
  package var separator: String?
  /// The decimal mark of a table.
  package var decimal: String?
  /// The share of rows kept for tests: by default a fifth of a table that comes alone.
  package var testFraction: Double?
  /// Which rows are kept for tests.
  package var seed: UInt64 = 0
  /// Whether inputs are shifted and scaled to mean 0 and variance 1: by default the columns of a table.
  package var standardise: InputScaling?
  /// Whether real targets of a table are; predictions are in the units of the file all the same.
  package var standardiseTargets = true
  /// Whether targets are classes or values.
  package var targets = TargetKind.automatic
  /// The names of classes 0, 1, ...
  package var classNames: NameList?
  /// Which set of a folder that holds several.
  package var subset: String?
  /// The defaults.
  package init() {}

  /// Every setting.
  package static let table: [Setting<Self>] = [
    Setting(
      "target", \.target, default: "the last column", "the column of a table to predict, by name or position from 0"),
    Setting("ignore", \.ignore, "columns of a table that are not used"),
    Setting(
      "categorical", \.categorical, default: "those with text",
      "columns of a table whose values are names: an input for each"),
    Setting("weights", \.weights, "the column of a table that says how much each row counts: 2 is the row twice"),
    Setting(
      "missing", \.missing,
      "what is done where a table has no value: an error, the row dropped, the mean, or the mean and a column that says so"
    ),
    Setting(
      "unknown-category", \.unknownCategory,
      "what is done with a text that the training rows of a column did not have: an error, or none of the column's inputs"
    ),
    Setting("separator", \.separator, default: "found out", "the character between the fields of a table"),
    Setting("decimal", \.decimal, default: "found out", "the decimal mark of a table, a point or a comma"),
    Setting(
      "test-fraction", \.testFraction, in: .from(0, below: 1), default: "0.2 for a table that comes alone, else 0",
      "share of the examples kept for tests"),
    Setting("seed", \.seed, "which examples are kept for tests"),
    Setting(
      "standardise", \.standardise, default: "columns for tables, else none",
      "whether inputs are shifted and scaled to mean 0 and variance 1, each column or all together"),
    Setting(
      "standardise-targets", \.standardiseTargets,
      "whether real targets of a table are, too; predictions come back in its units"),
    Setting("targets", \.targets, "whether targets are classes or values"),
    Setting(
      "class-names", \.classNames, default: "automatic",
      "the names of classes 0, 1, ...; by default those that the target column of a table has, in sorted order"),
    Setting("subset", \.subset, default: "any", "which set of a folder that holds several, such as emnist-letters"),
  ]

  /// The data with test examples set apart. The rule of a table keeps rows by their number; arrays are split by a shuffle.
  fileprivate func read<Element: Scalar>(_ path: String, applying rule: Preprocessing?) throws -> Dataset<Element> {
    let data =
      if let rule { try Dataset<Element>(contentsOf: path, options, applying: rule) } else {
        try Dataset<Element>(contentsOf: path, options)
      }
    guard let testFraction, testFraction > 0, data.origin == nil else { return data }
    return try data.splitting(test: testFraction, seed: seed)
  }

  /// Arrays are scaled as a whole; the columns of a table are by its rule.
  fileprivate func scaled<Element: Scalar>(_ data: Dataset<Element>) throws -> Dataset<Element> {
    guard data.origin == nil || standardise == .whole, let scope = arrayScope else { return data }
    return try data.standardized(scope)
  }

  fileprivate var arrayScope: Standardization.Scope? { standardise?.scope }

  fileprivate var options: ReadingOptions {
    var options = ReadingOptions()
    (options.scalesInputs, options.scalesTargets, options.heldOut) = (false, false, nil)
    options.targets = targets
    options.targetColumn = target
    options.ignoredColumns = ignore?.names ?? []
    options.categoricalColumns = categorical?.names ?? []
    options.weightColumn = weights
    options.missing = missing
    options.unknownCategory = unknownCategory
    options.format = TableFormat(separator: separator == "tab" ? "\t" : separator, decimalMark: decimal)
    options.scalesInputs = standardise == nil || standardise == .columns
    options.scalesTargets = standardiseTargets
    let share = testFraction ?? HeldOut().fraction
    options.heldOut = share > 0 ? HeldOut(fraction: share, seed: seed) : nil
    options.classNames = classNames?.names
    options.subset = subset
    return options
  }
}

/// Names of columns, with commas between them.
package struct ColumnNames: SettingValue {
  /// The names.
  package let names: [String]

  /// Names with commas between them.
  package init?(settingText text: String) {
    names = text.split(separator: ",", omittingEmptySubsequences: false).map { String($0.trimmed) }
    if names.contains("") { return nil }
  }
  /// The same.
  package var settingText: String? { names.joined(separator: ",") }
  /// In words.
  package static func expectation(in range: SettingRange) -> String { "names of columns with commas between them" }
}

extension Substring {
  /// Without spaces at its ends.
  fileprivate var trimmed: Substring {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }
}

/// How inputs are scaled.
package enum InputScaling: String, CaseIterable, SettingValue {
  /// Not at all.
  case none
  /// Each column by itself.
  case columns
  /// All together.
  case whole

  var scope: Standardization.Scope? { Standardization.Scope(rawValue: rawValue) }
}

/// Two or more different names.
package struct NameList: SettingValue {
  /// The names.
  package let names: [String]

  init(_ names: [String]) { self.names = names }

  /// A JSON list of names.
  package init?(settingText text: String) {
    guard let elements = (try? JSON(parsing: text))?.elements else { return nil }
    names = elements.compactMap(\.text)
    // As ``ClassNames`` has it, bytes tell names apart.
    guard names.count >= 2, Set(names.map { Array($0.utf8) }).count == elements.count, !names.contains("") else {
      return nil
    }
  }
  /// A JSON list.
  package var settingText: String? { JSON.array(names.map(JSON.string)).description }
  /// A list.
  package var settingForm: SettingForm { .list }
  /// In words.
  package static func expectation(in range: SettingRange) -> String {
    "a list of two or more different names such as [\"no\", \"yes\"]"
  }
}

extension TargetKind: SettingValue {}
extension Preprocessing.MissingPolicy: SettingValue {}
extension Preprocessing.UnknownPolicy: SettingValue {}
