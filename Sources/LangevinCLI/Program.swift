import Langevin

/// The command line as a whole.
package enum Program {
  static let commands: [any Command.Type] = [
    SampleCommand.self, ResumeCommand.self, StatusCommand.self, SummaryCommand.self, PredictCommand.self,
    LooCommand.self,
    ExportCommand.self, DataCommand.self, HelpCommand.self, CompletionsCommand.self,
  ]

  /// The names of the commands.
  package static var commandNames: [String] { commands.map { $0.name } }
  /// The commands with the names of their options.
  package static var optionNames: [(command: String, options: [String])] {
    commands.map { ($0.name, $0.options.map(\.name)) }
  }
  /// What there is help for.
  package static var topics: [String] {
    commandNames + SamplerCatalogue.methods.flatMap { $0.names } + Recipe.sets.map { $0.name }
  }

  /// Runs a command line without the program's name.
  package static func run(_ arguments: [String], console: Console) -> ExitStatus {
    let status = outcome(of: arguments, console)
    RankedSession.end(with: status)
    return status
  }

  private static func outcome(of arguments: [String], _ console: Console) -> ExitStatus {
    do {
      try InstructionSet.checkEnvironment()
    } catch {
      console.complain("\(error)")
      return .usage
    }
    do {
      return try dispatch(arguments, console)
    } catch let error as UsageError {
      RankedSession.letTheFirstSpeak()
      console.complain(error.description)
      return .usage
    } catch let error as SettingError {
      RankedSession.letTheFirstSpeak()
      console.complain(error.description)
      return .usage
    } catch let interruption as Interruption {
      console.note("\(interruption)")
      return ExitStatus(after: interruption.signal)
    } catch {
      RankedSession.letTheFirstSpeak()
      console.complain("\(error)")
      return .failure
    }
  }

  private static func dispatch(_ arguments: [String], _ console: Console) throws -> ExitStatus {
    guard let first = arguments.first else {
      console.note(Help.overview(of: commands))
      return .usage
    }
    switch first {
    case "-h", "--help":
      console.print(Help.overview(of: commands))
      return .success
    case "-V", "--version":
      console.print("langevin \(Version.current)")
      return .success
    default: break
    }
    guard let command = commands.first(where: { $0.name == first }) else {
      if first.hasPrefix("-") {
        throw UsageError("there is no option '\(first)' before the command; 'langevin help' lists the commands")
      }
      throw UsageError(
        "there is no command '\(first)'; expected one of \(commands.map { $0.name }.joined(separator: ", "))"
          + Nearest.hint(first, among: commands.map { $0.name }))
    }
    let parsed = try Arguments(Array(arguments.dropFirst()), options: command.options, of: command.name)
    if parsed.has("help") {
      console.print(Help.text(for: command))
      return .success
    }
    return try command.run(parsed, console: console)
  }
}
