import Langevin

/// The manual page, made from the same declarations as the help, in the language of `man`.
enum ManualPage {
  static var text: String {
    var page = ".TH LANGEVIN 1 \"\" \"langevin \(Version.current)\"\n.SH NAME\n"
    page += "langevin \\- draw neural networks from their posterior\n.SH SYNOPSIS\n.B langevin\nCOMMAND [options]\n"
    page += ".SH COMMANDS\n"
    for command in Program.commands {
      page += ".SS \"langevin \(command.name) \(escaped(command.usage).replacing("\"", with: "\\(dq"))\"\n"
      page += escaped(command.abstract) + "\n"
      for option in command.options {
        page += ".TP\n.B \(escaped("--" + option.name))"
        page += option.value.map { " \\fI\(escaped($0))\\fR" } ?? ""
        page += "\n" + escaped(option.meaning) + "\n"
      }
      if !command.discussion.isEmpty {
        page += ".PP\n.nf\n\(escaped(Help.paragraphs(command.discussion)))\n.fi\n"
      }
    }
    page += ".SH SAMPLERS\n"
    for sampler in SamplerCatalogue.methods { page += ".TP\n.B \(sampler.name)\n\(escaped(sampler.summary))\n" }
    page += ".SH DATA SETS\n"
    for set in Recipe.sets { page += ".TP\n.B \(set.name)\n\(escaped(set.line))\n" }
    return page
  }

  /// Hyphens that stay hyphens, backslashes that are seen, and no line that begins with a control character.
  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&" + $0 : String($0) }.joined(separator: "\n")
  }
}
