import Langevin

/// `langevin help`
enum HelpCommand: Command {
  static let name = "help"
  static let abstract = "explain a command, a sampler or a data set"
  static let usage = "[COMMAND | SAMPLER | DATA SET] [--man]"
  static let options = [Option("man", "print all of it as a manual page: langevin help --man > langevin.1")]

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    let words = arguments.operands
    if arguments.has("man") {
      try arguments.noOperands()
      console.print(ManualPage.text)
      return .success
    }
    guard let name = words.first else {
      console.print(Help.overview(of: Program.commands))
      return .success
    }
    if name == "sampler", words.count == 2 {
      console.print(Help.text(for: try SamplerCatalogue.method(named: words[1])))
    } else if name == "sampler" {
      throw UsageError(
        "'help sampler' needs one name of \(SamplerCatalogue.methods.map { $0.name }.joined(separator: ", "))")
    } else if words.count == 1, let text = text(about: name) {
      console.print(text)
    } else {
      let hint = Nearest.hint(name, among: Program.topics + ["sampler"])
      throw UsageError("there is no help for '\(words.joined(separator: " "))'\(hint)")
    }
    return .success
  }

  private static func text(about name: String) -> String? {
    if name == DataCommand.name { return Help.text(for: DataCommand.self) + "\n\n" + Help.paragraphs(Recipe.help) }
    if let command = Program.commands.first(where: { $0.name == name }) { return Help.text(for: command) }
    if let sampler = SamplerCatalogue.methods.first(where: { $0.names.contains(name) }) {
      return Help.text(for: sampler)
    }
    return Recipe.sets.first { $0.name == name }.map { Help.paragraphs(Recipe.help(for: $0)) }
  }
}
