import Langevin

/// `langevin status`
enum StatusCommand: Command {
  static let name = "status"
  static let abstract = "show how far the chains of a run are, and where they are at work"
  static let usage = "FOLDER"
  static let options: [Option] = []

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    console.print(try RunStatus(of: RunFolder(try arguments.operand("run folder"))).text)
    return .success
  }
}
