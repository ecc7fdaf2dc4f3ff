/// How the program ends.
package enum ExitStatus: Int32 {
  /// All is done.
  case success = 0
  /// A run, a file or the data failed.
  case failure = 1
  /// The command line or a configuration is wrong; nothing was done.
  case usage = 2
  /// Stopped by a signal, after a checkpoint.
  case interrupted = 130
}
