/// One subcommand.
protocol Command: SendableMetatype {
  /// Its name.
  static var name: String { get }
  /// One line about it.
  static var abstract: String { get }
  /// What stands behind its name, such as `FOLDER [options]`.
  static var usage: String { get }
  /// Its options.
  static var options: [Option] { get }
  /// More to say in its help.
  static var discussion: String { get }
  /// Does it.
  static func run(_ arguments: Arguments, console: Console) throws -> ExitStatus
}

extension Command {
  static var discussion: String { "" }
}
