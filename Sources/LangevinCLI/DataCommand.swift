import Langevin

/// `langevin data`
enum DataCommand: Command {
  static let name = "data"
  static let abstract = "describe a data set, or make it into files"
  static let usage = "NAME|FILE [options]"
  static let options: [Option] = []

  /// Every set that can be made, with a line about each.
  static var sets: [(String, String)] { Recipe.sets.map { ($0.name, "") } }

  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus {
    throw UsageError("to come")
  }
}
