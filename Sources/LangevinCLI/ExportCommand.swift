import Langevin

/// `langevin export`
enum ExportCommand: Command {
  static let name = "export"
  static let abstract = "write draws and traces for other programs"
  static let usage = "FOLDER... --format zarr|npz|safetensors [--out PATH]"
  static let options = [
    Option("format", "zarr|npz|safetensors", "the format"),
    Option("out", "PATH", "the file or folder; default draws.FORMAT in the first run folder"),
  ]
  static let discussion =
    "zarr: a folder for xarray.open_datatree and arviz.from_datatree; npz: for numpy.load; "
    + "safetensors: tensors named layer1.weight, layer1.bias, ... for PyTorch and others."

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    guard let first = arguments.operands.first else { throw UsageError("'export' needs a run folder") }
    let names = ExportFormat.allCases.map(\.rawValue)
    guard let name = try arguments.choice("format", among: names), let format = ExportFormat(rawValue: name) else {
      throw UsageError("'export' needs --format, one of \(names.joined(separator: ", "))")
    }
    let path = arguments.value("out") ?? RunFolder(first).path + "/draws." + name
    try Export(of: arguments.operands.map { RunFolder($0) }).write(as: format, to: path)
    console.print(path)
    return .success
  }
}
