import Langevin

/// `langevin predict`
enum PredictCommand: Command {
  static let name = "predict"
  static let abstract = "predict"
  static let usage = "FOLDER"
  static let options: [Option] = []

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    throw UsageError("to come")
  }
}
