import LangevinData
import LangevinPlatform

/// That a process works on a chain: a lock on `chain-I.lock`, which the kernel frees when the process ends, however it ends.
///
/// On Linux it is an open-file-description lock, elsewhere `flock`: both belong to the open file, so two runs in one process
/// exclude each other as well. The file stays when the lock is freed, and says who held it last.
package final class ChainLock {
  /// Why the system did not lock a file: `errno`, or nil where it did.
  package typealias Locking = (_ descriptor: Int32) -> Int32?

  private let path: String
  private let holder: ChainHolder
  private let locking: Locking
  /// The open file; nil once the lock is freed.
  private var descriptor: Int32?

  /// Locks a chain.
  ///
  /// - Parameters:
  ///   - folder: Where the chain lies.
  ///   - chain: Its number, from 0.
  ///   - steps: Up to which step it is worked on.
  ///   - locking: Asks the system; another one in tests.
  /// - Throws: ``FileError`` where another process has the lock, or the file system has none.
  package init(
    _ folder: RunFolder, chain: Int, steps: UInt64, locking: Locking? = nil
  ) throws {
    path = folder.lock(chain)
    holder = ChainHolder(working: chain, upTo: steps)
    self.locking = locking ?? lockOpenFile
    try acquire()
    write()
  }

  deinit { release() }

  /// Lets others work on the chain.
  func release() {
    if let descriptor { _ = close(descriptor) }
    descriptor = nil
  }

  /// Takes the lock again, if it was released; an error if another process has had it meanwhile.
  func reacquire() throws {
    guard descriptor == nil else { return }
    try acquire()
    guard ChainHolder(readingFrom: path) == holder else {
      release()
      throw FileError(path, "another process has worked on the chain meanwhile; resume the run from its folder")
    }
  }

  /// Removes the file of a chain that was not begun. Whoever has it open already notices, and makes a new one.
  func discard() {
    if descriptor != nil { unlink(path) }
    release()
  }

  private func acquire() throws {
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw systemError(path, "opening it to write") }
      if let code = locking(descriptor) {
        _ = close(descriptor)
        throw refusal(code)
      }
      // The file may have been removed between the two calls; a lock on it would keep nobody out.
      if Self.isSameFile(descriptor, path) {
        self.descriptor = descriptor
        return
      }
      _ = close(descriptor)
    }
  }

  private static func isSameFile(_ descriptor: Int32, _ path: String) -> Bool {
    var (here, there) = (stat(), stat())
    return fstat(descriptor, &here) == 0 && stat(path, &there) == 0 && here.st_ino == there.st_ino
      && here.st_dev == there.st_dev
  }

  private func refusal(_ code: Int32) -> any Error {
    switch code {
    case EAGAIN, EACCES, EWOULDBLOCK:
      let owner = nameOfHolder() ?? "another process"
      return FileError(path, "chain \(holder.chain + 1) is at work in \(owner); wait for it, or stop it")
    case ENOLCK, ENOTSUP, EOPNOTSUPP, ENOSYS, EINVAL:
      let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
      return FileError(
        path,
        "the file system cannot lock files (\(reason)); with --no-lock the run goes without, and you see to it that "
          + "no two processes work on one chain")
    default: return systemError(path, "locking it", code)
    }
  }

  /// Who holds the lock. Its name is written right after the lock is taken, which is waited for.
  private func nameOfHolder() -> String? {
    for _ in 0..<50 {
      if let holder = ChainHolder(readingFrom: path) { return holder.description }
      usleep(10_000)
    }
    return nil
  }

  /// Who holds the lock is told for people; where there is no room for it, the lock holds all the same.
  private func write() {
    guard let descriptor else { return }
    let bytes = Array(holder.text.utf8)
    _ = ftruncate(descriptor, 0)
    _ = pwrite(descriptor, bytes, bytes.count, 0)
  }
}

/// Who works on a chain, or did so last.
struct ChainHolder: Equatable, Sendable, CustomStringConvertible {
  /// The chain, from 0.
  let chain: Int
  let host: String
  let process: Int32
  /// When it began, in UTC.
  let since: String
  /// The scheduler's number of the job; nil without a scheduler.
  let job: String?
  /// Up to which step it goes.
  let steps: UInt64

  /// This process, from now on.
  init(working chain: Int, upTo steps: UInt64) {
    self.chain = chain
    self.steps = steps
    host = Self.thisHost
    process = getpid()
    since = Self.now()
    job = Self.jobNumber()
  }

  /// A process that found no room for its name.
  init(unknownOf chain: Int) {
    (self.chain, host, process, since, job, steps) = (chain, "an unknown host", 0, "an unknown time", nil, 0)
  }

  /// One line for a message.
  var description: String {
    "process \(process) on \(host) since \(since)" + (job.map { " (job \($0))" } ?? "")
  }

  var text: String {
    "chain = \(chain + 1)\nhost = \(host)\nprocess = \(process)\nsince = \(since)\nsteps = \(steps)\n"
      + (job.map { "job = \($0)\n" } ?? "")
  }

  /// What a lock file says; nil if it says nothing yet.
  init?(readingFrom path: String) {
    guard let bytes = try? OutputFile.read(path) else { return nil }
    var values: [Substring: String] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let sides = line.split(separator: "=", maxSplits: 1)
      if sides.count == 2 { values[sides[0].dropLast()] = String(sides[1].dropFirst()) }
    }
    guard let chain = values["chain"].flatMap({ Int($0) }), let process = values["process"].flatMap({ Int32($0) }),
      let steps = values["steps"].flatMap({ UInt64($0) }), let host = values["host"], let since = values["since"]
    else { return nil }
    (self.chain, self.process, self.steps, self.host, self.since) = (chain - 1, process, steps, host, since)
    job = values["job"]
  }

  /// The name of this machine.
  static var thisHost: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "?" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func now() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var parts = tm()
    gmtime_r(&time.tv_sec, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
    let thousandths = String(1000 + time.tv_nsec / 1_000_000).dropFirst()
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) + ".\(thousandths)Z"
  }

  /// As Slurm, PBS and LSF have it.
  private static func jobNumber() -> String? {
    func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    if let array = value("SLURM_ARRAY_JOB_ID"), let task = value("SLURM_ARRAY_TASK_ID") { return "\(array)_\(task)" }
    return value("SLURM_JOB_ID") ?? value("PBS_JOBID") ?? value("LSB_JOBID")
  }
}

extension RunFolder {
  /// Who works on a chain now.
  func holder(of chain: Int) -> ChainHolder? {
    let descriptor = open(lock(chain), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { _ = close(descriptor) }
    return isLocked(descriptor) ? ChainHolder(readingFrom: lock(chain)) ?? ChainHolder(unknownOf: chain) : nil
  }
}

// MARK: - The system's locks

#if os(Linux)
  // Numbers of the kernel's interface, which not every C library shows.
  private let getLockOfOpenFile: Int32 = 36  // F_OFD_GETLK
  private let setLockOfOpenFile: Int32 = 37  // F_OFD_SETLK

  /// The whole file, for writing.
  private var wholeFile: flock {
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    return lock
  }

  /// Locks an open file, without waiting.
  func lockOpenFile(_ descriptor: Int32) -> Int32? {
    var lock = wholeFile
    return fcntl(descriptor, setLockOfOpenFile, &lock) == 0 ? nil : errno
  }

  /// Whether someone else has it locked.
  private func isLocked(_ descriptor: Int32) -> Bool {
    var lock = wholeFile
    return fcntl(descriptor, getLockOfOpenFile, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
  }
#else
  /// Locks an open file, without waiting.
  func lockOpenFile(_ descriptor: Int32) -> Int32? { flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? nil : errno }

  /// Whether someone else has it locked; the lock that is tried here is freed as the file is closed.
  private func isLocked(_ descriptor: Int32) -> Bool {
    flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
#endif
