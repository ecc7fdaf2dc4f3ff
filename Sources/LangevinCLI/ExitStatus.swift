import LangevinPlatform

/// How the program ends.
package enum ExitStatus: Int32 {
  /// All is done: every step, or as many as were needed.
  case success = 0
  /// A run, a file or the data failed.
  case failure = 1
  /// The command line or a configuration is wrong; nothing was done.
  case usage = 2
  /// Ended by its time limit, after a checkpoint; the number is that of `EX_TEMPFAIL`, for schedulers that try again.
  case outOfTime = 75
  /// Ended by SIGINT, after a checkpoint.
  case interrupted = 130
  /// Ended by SIGTERM, after a checkpoint.
  case terminated = 143

  /// After a request to stop.
  init(after signal: Int32?) { self = signal == SIGTERM ? .terminated : .interrupted }
}
