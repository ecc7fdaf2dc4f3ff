import Langevin

/// `langevin export`
enum ExportCommand: Command {
  static let name = "export"
  static let abstract = "write draws and traces for other programs"
  static let usage = "FOLDER... --format zarr|npz|safetensors [--out PATH]"
  static let options = [
    Option("format", "zarr|npz|safetensors", "the format"),
    Option(
      "with", "GROUPS", "groups of a zarr folder besides, with commas between them: \(ExportGroup.list), or all"),
    Option("out", "PATH", "the file or folder; default draws.FORMAT in the first run folder"),
  ]
  static let discussion =
    "zarr: a folder for xarray.open_datatree and ArviZ; npz: for numpy.load; safetensors: tensors named layer1.weight, "
    + "layer1.bias, ... for PyTorch and others. With the groups that --with names, arviz.loo, plot_ppc and others work on "
    + "it: they hold what the draws say of the examples that the run was trained on."

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    guard let first = arguments.operands.first else { throw UsageError("'export' needs a run folder") }
    let names = ExportFormat.allCases.map(\.rawValue)
    guard let name = try arguments.choice("format", among: names), let format = ExportFormat(rawValue: name) else {
      throw UsageError("'export' needs --format, one of \(names.joined(separator: ", "))")
    }
    let path = arguments.value("out") ?? RunFolder(first).path + "/draws." + name
    try Export(of: arguments.operands.map { RunFolder($0) }, with: groups(from: arguments, format))
      .write(as: format, to: path)
    console.print(path)
    return .success
  }

  private static func groups(from arguments: Arguments, _ format: ExportFormat) throws -> [ExportGroup] {
    guard let text = arguments.value("with") else { return [] }
    guard format == .zarr else {
      throw UsageError("--with is '\(text)' and the format is \(format.rawValue); expected zarr")
    }
    if text == "all" { return ExportGroup.allCases }
    return try text.split(separator: ",").map { word in
      guard let group = ExportGroup(rawValue: String(word)) else {
        let hint = Nearest.hint(String(word), among: ExportGroup.allCases.map(\.rawValue))
        throw UsageError("--with is '\(text)'; expected \(ExportGroup.list), or all\(hint)")
      }
      return group
    }
  }
}

extension ExportGroup {
  /// The names in a few words.
  static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
