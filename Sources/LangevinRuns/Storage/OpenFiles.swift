import LangevinPlatform

/// How many files a process may have open. A chain has three; the usual limit of 1024 is meant to be raised by who needs more.
enum OpenFiles {
  /// Raises the limit as far as the system lets.
  static func allowMost() {
    #if os(Linux)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    // macOS grants no more than this, whatever it says.
    limit.rlim_cur = min(limit.rlim_max, 10_240 * 4)
    _ = setrlimit(resource, &limit)
  }
}
