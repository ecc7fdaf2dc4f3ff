import Langevin

/// `langevin data`
enum DataCommand: Command {
  static let name = "data"
  static let abstract = "describe a data set, or make it into files"
  static let usage = "NAME|FILE|FOLDER [options]"
  static let options = [
    Option("set", "KEY=VALUE", "a parameter of the set, such as flip=0.3"),
    Option("format", "idx|npy|csv", "the format of the files; default npy"),
    Option("out", "FOLDER", "where the files go; without it the set is described"),
  ]
  static let discussion =
    "A file is a table with the target in its last column, a number or the name of a class; a folder is in MNIST's "
    + "naming, or holds x_train.npy and y_train.npy, or train.csv. Class names stay in CSV files only.\n\n"
    + "How files are read, with --set here and --set data.NAME=VALUE elsewhere:\n\n"
    + Help.rows(FileSettings.rows.map { ($0.name, "\($0.meaning); default \($0.initial)") })

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    var parameters: [String: String] = [:]
    for (name, value) in arguments.options where name == "set" {
      let sides = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard sides.count == 2 else { throw UsageError("--set is '\(value)'; expected KEY=VALUE") }
      parameters[sides[0].hasPrefix("data.") ? String(sides[0].dropFirst(5)) : sides[0]] = sides[1]
    }
    let format = try arguments.choice("format", among: DatasetFormat.allCases.map(\.rawValue))
    let text = try arguments.operand("data set")
    let source: DataSource
    do { source = try DataSource(text, parameters: parameters) } catch { throw UsageError("\(error)") }
    let data: Dataset<Float> = try source.load()
    console.print(data.summary)
    if case .recipe(let recipe) = source {
      console.print("recipe \(recipe)")
      if let limits = try recipe.set.bestPossible() {
        console.print(
          "best possible: cross-entropy \(Format.fixed(limits.crossEntropy, 4)), error \(Format.fixed(limits.error, 4))"
        )
      }
    }
    let counts = data.train.classCounts
    if let names = data.classNames {
      let classes = zip(names, counts).enumerated().map { "\($0) \($1.0) (\($1.1))" }
      console.print("examples per class: \(classes.joined(separator: ", "))")
    } else if !counts.isEmpty {
      console.print("examples per class: \(counts.map(String.init).joined(separator: " "))")
    }
    if let origin = data.origin {
      console.print("\n" + columns(of: origin.testTable).description)
      for note in origin.notes { console.print("note: \(note)") }
    }
    if let folder = arguments.value("out") {
      try data.write(to: folder, as: DatasetFormat(rawValue: format ?? "npy") ?? .npy)
      console.print("written to \(folder)")
    } else if format != nil {
      throw UsageError("--format needs --out FOLDER")
    }
    return .success
  }

  /// A line for each column of a table.
  private static func columns(of table: Table) -> TextTable {
    var rows = TextTable(["column", "kind", "missing", "min", "mean", "max", "distinct"])
    func number(_ value: Double?) -> String { value.map { Format.significant($0, 4) } ?? "-" }
    for column in table.columns {
      rows.rows.append([
        column.name, column.kind.rawValue, "\(column.missing)", number(column.minimum), number(column.mean),
        number(column.maximum), column.distinct.map { "\($0)" } ?? "many",
      ])
    }
    return rows
  }
}
