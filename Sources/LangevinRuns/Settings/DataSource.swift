import LangevinCore
import LangevinData

/// Where the data of a run come from: a recipe by name, or files.
public enum DataSource: Sendable {
  case recipe(Recipe)
  case files(String)

  /// A recipe such as `kspin` or `kspin:flip=0.3`; anything else that exists is a file or a folder.
  public init(_ text: String, parameters: [String: String] = [:]) throws {
    let name = text.prefix { $0 != ":" }
    if Recipe.sets.contains(where: { $0.name == name }) {
      let base = try Recipe(text)
      self = .recipe(parameters.isEmpty ? base : try Recipe(named: base.name, parameters: base.parameters.merging(parameters) { $1 }))
      return
    }
    guard text.contains("/") || text.contains(".") else {
      let names = Recipe.sets.map { $0.name }
      throw SettingError(
        "there is no data set '\(text)'; expected one of \(names.joined(separator: ", ")), a folder or a file"
          + Nearest.hint(text, among: names))
    }
    self = .files(text)
  }

  /// The recipe's name, or the path.
  public var name: String {
    switch self {
    case .recipe(let recipe): recipe.name
    case .files(let path): path
    }
  }

  /// The data.
  func load<Element: Scalar>(as type: Element.Type, on pool: ThreadPool) throws -> Dataset<Element> {
    switch self {
    case .recipe(let recipe): return try recipe.make(as: type, on: pool)
    case .files(let path): throw SettingError("\(path): reading files comes with the readers")
    }
  }

  /// What the run's document says of it.
  var members: [JSON.Member] {
    switch self {
    case .files(let path): return [.init("name", .string(path))]
    case .recipe(let recipe):
      let parameters = recipe.parameters.sorted { $0.key < $1.key }.map { name, text in
        JSON.Member(name, (try? JSON(parsing: text)).flatMap { $0.double == nil ? nil : $0 } ?? .string(text))
      }
      return [.init("name", .string(recipe.name))] + parameters
    }
  }
}
