import Langevin

/// `langevin completions`
enum CompletionsCommand: Command {
  static let name = "completions"
  static let abstract = "print what a shell needs to complete command lines"
  static let usage = "bash|zsh|fish"
  static let options: [Option] = []
  static let discussion = """
    bash: eval "$(langevin completions bash)" in ~/.bashrc
    zsh: langevin completions zsh > _langevin, in a folder of $fpath
    fish: langevin completions fish > ~/.config/fish/completions/langevin.fish
    """

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    let name = try arguments.operand("shell, one of bash, zsh, fish")
    guard let shell = Shell(rawValue: name) else {
      let names = Shell.allCases.map(\.rawValue)
      throw UsageError(
        "the shell is '\(name)'; expected one of \(names.joined(separator: ", "))\(Nearest.hint(name, among: names))")
    }
    console.print(shell.script(for: Program.commands))
    return .success
  }
}
