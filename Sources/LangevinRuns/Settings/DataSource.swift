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

  /// The same with the class names that were found, so that they stay what they are.
  func naming(_ classes: [String]?) -> DataSource {
    guard case .files(let path, var settings) = self, let classes else { return self }
    settings.classNames = NameList(classes)
    return .files(path, settings)
  }

  /// The names of the classes, where they are known.
  package var classNames: [String]? {
    if case .files(_, let settings) = self { settings.classNames?.names } else { nil }
  }

  /// Makes or reads the data.
  package func load<Element: Scalar>(as type: Element.Type = Float.self, on pool: ThreadPool = .single) throws
    -> Dataset<Element>
  {
    switch self {
    case .recipe(let recipe): return try recipe.make(as: type, on: pool)
    case .files(let path, let settings): return try settings.scaled(settings.read(path))
    }
  }

  /// The examples of another file, read and scaled as the run's own; nil for `classes` where targets are values. That
  /// file need not have an example of every class, and a table need not have targets.
  func examples<Element: Scalar>(
    in path: String, classes: Int?, for network: MLP
  ) throws -> NewExamples<Element> {
    var options = ReadingOptions()
    if case .files(_, let settings) = self { options = settings.options }
    options.classes = classes
    options.targets = classes == nil ? .values : .classes
    guard case .files(let own, let settings) = self else {
      return try NewExamples(contentsOf: path, options, for: network)
    }
    let data: Dataset<Element> = try settings.read(own)
    let new = try NewExamples<Element>(contentsOf: path, options, data.origin?.preprocessing, for: network)
    guard let scope = settings.standardise.scope else { return new }
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
  /// Share of the training examples set apart for tests.
  package var testFraction = 0.0
  /// Which examples are set apart.
  package var seed: UInt64 = 0
  /// Whether inputs are shifted and scaled to mean 0 and variance 1.
  package var standardise = InputScaling.none
  /// Whether targets are classes or values.
  package var targets = TargetKind.automatic
  /// The column of a table with the target, by name or position from 0.
  package var targetColumn: String?
  /// The names of classes 0, 1, ...
  package var classNames: NameList?
  /// Which set of a folder that holds several.
  package var subset: String?
  /// The defaults.
  package init() {}

  /// Every setting.
  package static let table: [Setting<Self>] = [
    Setting(
      "test-fraction", \.testFraction, in: .from(0, to: 0.99), "share of the training examples set apart for tests"),
    Setting("seed", \.seed, "which examples are set apart"),
    Setting(
      "standardise", \.standardise,
      "whether inputs are shifted and scaled to mean 0 and variance 1, each column or all together"),
    Setting("targets", \.targets, "whether targets are classes or values"),
    Setting(
      "target-column", \.targetColumn, default: "last",
      "the column of a table with the target, by name or position from 0"),
    Setting(
      "class-names", \.classNames, default: "automatic",
      "the names of classes 0, 1, ...; by default those that the target column of a table has, in sorted order"),
    Setting("subset", \.subset, default: "any", "which set of a folder that holds several, such as emnist-letters"),
  ]

  /// The data with test examples set apart.
  fileprivate func read<Element: Scalar>(_ path: String) throws -> Dataset<Element> {
    let data = try Dataset<Element>(contentsOf: path, options)
    return testFraction > 0 ? try data.splitting(test: testFraction, seed: seed) : data
  }

  fileprivate func scaled<Element: Scalar>(_ data: Dataset<Element>) throws -> Dataset<Element> {
    try standardise.scope.map { try data.standardized($0) } ?? data
  }

  fileprivate var options: ReadingOptions {
    var options = ReadingOptions()
    (options.scalesInputs, options.scalesTargets, options.heldOut) = (false, false, nil)
    options.targets = targets
    options.targetColumn = targetColumn
    options.classNames = classNames?.names
    options.subset = subset
    return options
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
