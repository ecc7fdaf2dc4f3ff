import Langevin

/// `langevin export`
enum ExportCommand: Command {
  static let name = "export"
  static let abstract = "export"
  static let usage = "FOLDER"
  static let options: [Option] = []

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    throw UsageError("to come")
  }
}
