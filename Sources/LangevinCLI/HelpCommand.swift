import Langevin

/// `langevin help`
enum HelpCommand: Command {
  static let name = "help"
  static let abstract = "explain a command, a sampler or the data sets"
  static let usage = "[COMMAND | sampler NAME | data]"
  static let options: [Option] = []

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    let words = arguments.operands
    switch words.first {
    case nil: console.print(Help.overview(of: Program.commands))
    case "sampler":
      guard words.count == 2 else {
        throw UsageError(
          "'help sampler' needs one name of \(SamplerCatalogue.methods.map { $0.name }.joined(separator: ", "))")
      }
      console.print(Help.text(for: try SamplerCatalogue.method(named: words[1])))
    case "data" where words.count == 1:
      console.print(Help.text(for: DataCommand.self) + "\n\n" + Recipe.help)
    case let name?:
      guard words.count == 1, let command = Program.commands.first(where: { $0.name == name }) else {
        throw UsageError(
          "there is no help for '\(words.joined(separator: " "))'\(Nearest.hint(name, among: Program.commands.map { $0.name }))"
        )
      }
      console.print(Help.text(for: command))
    }
    return .success
  }
}
