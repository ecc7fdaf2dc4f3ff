import LangevinCore
import LangevinData

/// Where the data of a run come from: a recipe by name, or files.
public enum DataSource: Sendable {
  /// A set that is made.
  case recipe(Recipe)
  /// A file or folder, and how it is read.
  case files(String, SettingValues)

  /// A recipe such as `kspin` or `kspin:flip=0.3`; anything else that has a slash or a point is a file or a folder.
  public init(_ text: String, parameters: [String: String] = [:]) throws {
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
    var values: [String: String] = [:]
    for setting in Self.fileSettings { values[setting.name] = setting.defaultText }
    for (name, value) in parameters {
      guard let setting = Self.fileSettings.first(where: { $0.name == name }) else {
        let names = Self.fileSettings.map(\.name)
        throw SettingError(
          "data from files have no setting '\(name)', only \(names.joined(separator: ", "))\(Nearest.hint(name, among: names))"
        )
      }
      values[name] = try setting.checked(value, as: "data.\(name)")
    }
    self = .files(text, SettingValues(values))
  }

  /// How files are read: the settings `data.NAME`.
  public static let fileSettings: [Setting] = [
    Setting(
      "test-fraction", .real(above: 0, orEqual: true, upTo: 0.99), default: "0.0",
      "share of the training examples set apart for tests"),
    Setting("seed", .seed, default: "0", "which examples are set apart"),
    Setting(
      "standardise", .choice(["none", "columns", "whole"]), default: "none",
      "whether inputs are shifted and scaled to mean 0 and variance 1, each column or all together"),
    Setting(
      "targets", .choice(TargetKind.allCases.map(\.rawValue)), default: "automatic",
      "whether targets are classes or values"),
    Setting(
      "target-column", .text, default: "last", "the column of a table with the target, by name or position from 0"),
    Setting(
      "class-names", .names, default: "automatic",
      "the names of classes 0, 1, ...; by default those that the target column of a table has, in sorted order"),
    Setting("subset", .text, default: "any", "which set of a folder that holds several, such as emnist-letters"),
  ]

  /// The recipe's name, or the path.
  public var name: String {
    switch self {
    case .recipe(let recipe): recipe.name
    case .files(let path, _): path
    }
  }

  /// The names of the classes, where they are known.
  public var classNames: [String]? {
    guard case .files(_, let values) = self else { return nil }
    return values.names("class-names")
  }

  /// The same with the class names that were found, so that they stay what they are.
  func naming(_ classes: [String]?) -> DataSource {
    guard case .files(let path, let values) = self, let classes else { return self }
    return .files(path, values.setting("class-names", to: JSON.array(classes.map(JSON.string)).description))
  }

  /// Makes or reads the data.
  public func load<Element: Scalar>(as type: Element.Type = Float.self, on pool: ThreadPool = .single) throws
    -> Dataset<Element>
  {
    switch self {
    case .recipe(let recipe): return try recipe.make(as: type, on: pool)
    case .files(let path, let values):
      let data = try split(Dataset<Element>(contentsOf: path, options), values)
      return try scope.map { try data.standardized($0) } ?? data
    }
  }

  /// Test examples set apart, as the settings say.
  private func split<Element: Scalar>(_ data: Dataset<Element>, _ values: SettingValues) throws -> Dataset<Element> {
    let fraction = values.real("test-fraction")
    return fraction > 0 ? try data.splitting(test: fraction, seed: values.seed("seed")) : data
  }

  /// The examples of another file, read and scaled as the run's own; nil for `classes` where targets are values. That
  /// file need not have an example of every class, and a table need not have targets.
  func examples<Element: Scalar>(
    in path: String, classes: Int?, for network: MLP
  ) throws -> NewExamples<Element> {
    var options = options
    options.classes = classes
    options.targets = classes == nil ? .values : .classes
    guard case .files(let own, let values) = self else {
      return try NewExamples(contentsOf: path, options, for: network)
    }
    let data = try split(Dataset<Element>(contentsOf: own, self.options), values)
    let new = try NewExamples<Element>(contentsOf: path, options, data.origin?.preprocessing, for: network)
    guard let scope else { return new }
    return try new.standardized(by: Standardization(fittedTo: data.train, scope))
  }

  private var options: ReadingOptions {
    var options = ReadingOptions()
    (options.scalesInputs, options.scalesTargets, options.heldOut) = (false, false, nil)
    guard case .files(_, let values) = self else { return options }
    options.targets = TargetKind(rawValue: values.text("targets")) ?? .automatic
    if values.text("target-column") != "last" { options.targetColumn = values.text("target-column") }
    options.classNames = values.names("class-names")
    if values.text("subset") != "any" { options.subset = values.text("subset") }
    return options
  }

  private var scope: Standardization.Scope? {
    guard case .files(_, let values) = self else { return nil }
    return Standardization.Scope(rawValue: values.text("standardise"))
  }

  /// What the run's document says of it.
  var members: [JSON.Member] {
    switch self {
    case .files(let path, let values):
      return [.init("name", .string(path))]
        + Self.fileSettings.map { JSON.Member($0.name, $0.json(values.text($0.name))) }
    case .recipe(let recipe):
      let parameters = recipe.parameters.sorted { $0.key < $1.key }.map { name, text in
        JSON.Member(name, (try? JSON(parsing: text)).flatMap { $0.double == nil ? nil : $0 } ?? .string(text))
      }
      return [.init("name", .string(recipe.name))] + parameters
    }
  }
}
