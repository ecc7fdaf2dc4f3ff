import Langevin

/// The help, made from the tables that also check.
enum Help {
  static func overview(of commands: [any Command.Type]) -> String {
    var table = rows(commands.map { ($0.name, $0.abstract) })
    table = "langevin draws neural networks from their posterior.\n\nUsage: langevin COMMAND [options]\n\n" + table
    return table + "\n\nlangevin sample, without options, is a complete example of less than a minute."
      + "\nlangevin help NAME says more of a command, a sampler, a data set."
  }

  static func text(for command: any Command.Type) -> String {
    let options = command.options.map { option in
      ("--\(option.name)" + (option.value.map { " \($0)" } ?? ""), option.meaning)
    }
    var text = "\(command.abstract)\n\nUsage: langevin \(command.name) \(command.usage)"
    if !options.isEmpty { text += "\n\n" + rows(options) }
    if !command.discussion.isEmpty { text += "\n\n" + command.discussion }
    return paragraphs(text)
  }

  static func text(for sampler: any SamplerSettings.Type) -> String {
    let settings = sampler.rows.map { row in
      let unit = row.unit.isEmpty ? "" : " [\(row.unit)]"
      return (row.name + unit, "\(row.meaning); \(row.expected); default \(row.initial)")
    }
    return paragraphs(
      "\(sampler.name): \(sampler.summary)\n\n" + rows(settings)
        + "\n\nSet one with --set sampler.NAME=VALUE (temperature and step-size have options of their own).")
  }

  /// The number of characters of a line.
  private static let lineWidth = 80

  /// Lines that are too long, folded between words, with their indentation.
  static func paragraphs(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      if line.count <= lineWidth { return String(line) }
      let margin = String(line.prefix { $0 == " " })
      return Format.folded(String(line), to: lineWidth - margin.count, indent: margin.isEmpty ? 0 : 2)
        .map { margin + $0 }.joined(separator: "\n")
    }.joined(separator: "\n")
  }

  /// Two columns; the second is folded, and begins on a line of its own behind a very long name.
  static func rows(_ rows: [(String, String)]) -> String {
    let width = min(rows.map(\.0.count).max() ?? 0, 26)
    return rows.map { name, meaning in
      let indent = String(repeating: " ", count: width + 4)
      let padding =
        name.count > width ? "\n" + indent : String(repeating: " ", count: width - name.count + 2)
      return "  " + name + padding + Format.folded(meaning, to: lineWidth - width - 4).joined(separator: "\n" + indent)
    }.joined(separator: "\n")
  }
}
