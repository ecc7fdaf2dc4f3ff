import Langevin

/// The help, made from the tables that also check.
enum Help {
  static func overview(of commands: [any Command.Type]) -> String {
    var table = rows(commands.map { ($0.name, $0.abstract) })
    table = "langevin draws neural networks from their posterior.\n\nUsage: langevin COMMAND [options]\n\n" + table
    return table + "\n\nlangevin sample, without options, is a complete example of about a minute."
      + "\nlangevin help COMMAND, langevin help sampler NAME and langevin help data say more."
  }

  static func text(for command: any Command.Type) -> String {
    let options = command.options.map { option in
      ("--\(option.name)" + (option.value.map { " \($0)" } ?? ""), option.meaning)
    }
    var text = "\(command.abstract)\n\nUsage: langevin \(command.name) \(command.usage)"
    if !options.isEmpty { text += "\n\n" + rows(options) }
    if !command.discussion.isEmpty { text += "\n\n" + command.discussion }
    return text
  }

  static func text(for sampler: any SamplerSettings.Type) -> String {
    let settings = sampler.rows.map { row in
      let unit = row.unit.isEmpty ? "" : " [\(row.unit)]"
      return (row.name + unit, "\(row.meaning); \(row.expected); default \(row.initial)")
    }
    return "\(sampler.name): \(sampler.summary)\n\n" + rows(settings)
      + "\n\nSet one with --set sampler.NAME=VALUE (temperature and step-size have options of their own)."
  }

  /// Two columns; the second is folded at 100 characters, and begins on a line of its own behind a very long name.
  static func rows(_ rows: [(String, String)]) -> String {
    let width = min(rows.map(\.0.count).max() ?? 0, 34)
    return rows.map { name, meaning in
      let indent = String(repeating: " ", count: width + 4)
      let padding =
        name.count > width ? "\n" + indent : String(repeating: " ", count: width - name.count + 2)
      return "  " + name + padding + folded(meaning, to: 100 - width).joined(separator: "\n" + indent)
    }.joined(separator: "\n")
  }

  private static func folded(_ text: String, to width: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      if let last = lines.last, !last.isEmpty, last.count + word.count + 1 > width { lines.append("") }
      let last = lines.removeLast()
      lines.append(last.isEmpty ? String(word) : last + " " + word)
    }
    return lines
  }
}
