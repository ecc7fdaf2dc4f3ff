import Langevin

/// A shell that completes command lines, by a script made from the same declarations as the help.
enum Shell: String, CaseIterable {
  case bash, zsh, fish

  /// The script. Where no words are known, names of files are completed.
  func script(for commands: [any Command.Type]) -> String {
    switch self {
    case .bash: Self.bashScript(commands)
    case .zsh: Self.zshScript(commands)
    case .fish: Self.fishScript(commands)
    }
  }

  /// The words that may stand where a command has no option.
  private static func operands(of command: any Command.Type) -> [String] {
    switch command.name {
    case HelpCommand.name:
      Program.commands.map { $0.name } + SamplerCatalogue.methods.map { $0.name } + Recipe.sets.map { $0.name }
    case CompletionsCommand.name: allCases.map(\.rawValue)
    case DataCommand.name: Recipe.sets.map { $0.name }
    default: []
    }
  }

  // MARK: bash

  private static func bashScript(_ commands: [any Command.Type]) -> String {
    var cases = ""
    for command in commands {
      cases += "    \(command.name))\n      case $previous in\n"
      for option in command.options where option.value != nil {
        // Nothing matches at all leaves the field to names of files, by -o default.
        cases += "        --\(option.name)) words='\(option.choices.joined(separator: " "))' ;;\n"
      }
      let names = command.options.map { "--" + $0.name } + ["--help"]
      cases += "        *) case $current in -*) words='\(names.joined(separator: " "))' ;; "
      cases += "*) words='\(operands(of: command).joined(separator: " "))' ;; esac ;;\n      esac ;;\n"
    }
    return """
      # Completion of langevin for bash.
      _langevin() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=
        case $COMP_CWORD in
          1) words='\(commands.map { $0.name }.joined(separator: " ")) --help --version' ;;
          *) case ${COMP_WORDS[1]} in
      \(cases)    esac ;;
        esac
        COMPREPLY=($(compgen -W "$words" -- "$current"))
      }
      complete -o default -F _langevin langevin
      """
  }

  // MARK: zsh

  private static func zshScript(_ commands: [any Command.Type]) -> String {
    var cases = ""
    for command in commands {
      cases += "    \(command.name)) _arguments \\\n"
      for option in command.options {
        let meaning = quoted(option.meaning, besides: "[]:")
        cases += "      '--\(option.name)\(option.value == nil ? "" : "=")[\(meaning)]"
        if let value = option.value { cases += ":value:" + choice(option.choices, orFile: value.contains("FILE")) }
        cases += "' \\\n"
      }
      let operands = choice(operands(of: command), orFile: command.usage.contains("FILE"))
      cases += "      '--help[this text]' '*:operand:\(operands)' ;;\n"
    }
    let lines = commands.map { "    '\($0.name):\(quoted($0.abstract, besides: ":"))'" }
    return """
      #compdef langevin
      # Completion of langevin for zsh.
      _langevin() {
        local -a commands=(
      \(lines.joined(separator: "\n"))
        )
        if (( CURRENT == 2 )); then
          _describe command commands
          return
        fi
        local command=$words[2]
        shift words
        (( CURRENT-- ))
        case $command in
      \(cases)  esac
      }
      if [ "$funcstack[1]" = _langevin ]; then _langevin "$@"; else compdef _langevin langevin; fi
      """
  }

  private static func choice(_ words: [String], orFile: Bool) -> String {
    let list = words.joined(separator: " ")
    return words.isEmpty ? "_files" : orFile ? "{compadd -- \(list); _files}" : "(\(list))"
  }

  // MARK: fish

  private static func fishScript(_ commands: [any Command.Type]) -> String {
    var lines = ["# Completion of langevin for fish."]
    for command in commands {
      lines.append(
        "complete -c langevin -n __fish_use_subcommand -f -a \(command.name) -d '\(quoted(command.abstract))'")
      let within = "complete -c langevin -n '__fish_seen_subcommand_from \(command.name)'"
      for option in command.options {
        var line = "\(within) -l \(option.name) -d '\(quoted(option.meaning))'"
        // Files are offered, too, unless all choices are known.
        if let value = option.value { line += option.choices.isEmpty || value.contains("FILE") ? " -r" : " -x" }
        if !option.choices.isEmpty { line += " -a '\(option.choices.joined(separator: " "))'" }
        lines.append(line)
      }
      let words = operands(of: command)
      if !words.isEmpty { lines.append("\(within) -a '\(words.joined(separator: " "))'") }
    }
    return lines.joined(separator: "\n")
  }

  /// Text within single quotes, with a backslash before some characters more.
  private static func quoted(_ text: String, besides special: String = "") -> String {
    text.map { $0 == "'" ? "'\\''" : special.contains($0) ? "\\\($0)" : String($0) }.joined()
  }
}
