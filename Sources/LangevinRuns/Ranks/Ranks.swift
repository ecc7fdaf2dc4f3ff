import CLangevinMPI
import LangevinCore
import LangevinPlatform
import Synchronization

/// The processes that a launcher has started for one run, and what they say to each other: bytes only, so that sums are
/// made here, the same on every MPI.
///
/// MPI has one world for each process, and so has this: ``current``, which is one process alone unless ``start(_:)`` found
/// a launcher. Without one no MPI is looked for. Only the thread that started it may speak.
package struct Ranks: Sendable {
  /// This process, from 0.
  package let rank: Int
  /// How many there are.
  package let count: Int
  /// Whether they can speak to each other; those that cannot share out the chains and go their own ways.
  package let canTalk: Bool

  /// One of several processes.
  package init(rank: Int, count: Int, canTalk: Bool) {
    self.rank = rank
    self.count = count
    self.canTalk = canTalk
  }

  /// One process.
  package static let alone = Ranks(rank: 0, count: 1, canTalk: false)
  /// Those of this process.
  package static var current: Ranks { world.withLock { $0 } }
  private static let world = Mutex(Ranks.alone)

  /// Whether this one speaks for all.
  package var isFirst: Bool { rank == 0 }

  /// Those of the items that fall to this one: each `count`-th.
  package func share(of items: [Int]) -> [Int] { stride(from: rank, to: items.count, by: count).map { items[$0] } }

  // MARK: Start and end

  /// Looks for a launcher in the environment, and for its MPI.
  ///
  /// - Throws: ``RanksError`` where the library is not the launcher's, or the processes are not of one program.
  package static func start(_ environment: [String: String]) throws {
    guard environment["LANGEVIN_NO_MPI"] != "1", let launcher = Launcher(environment) else { return }
    let names = environment["LANGEVIN_MPI"].map { [$0] } ?? launcher.libraries
    var reasons: [String] = []
    var message = [CChar](repeating: 0, count: 1024)
    let isOpen = names.contains { name in
      if lk_mpi_open(name, &message, Int32(message.count)) == 0 { return true }
      reasons.append(String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
      return false
    }
    guard isOpen else {
      guard environment["LANGEVIN_MPI"] == nil, let size = launcher.size else {
        throw RanksError(
          "the launcher (\(launcher.kind.rawValue)) has an MPI that cannot be opened: \(reasons.joined(separator: "; "))"
        )
      }
      return world.withLock { $0 = Ranks(rank: launcher.rank, count: size, canTalk: false) }
    }
    let (rank, size) = (Int(lk_mpi_rank()), Int(lk_mpi_size()))
    let library = String(cString: lk_mpi_version())
    guard rank == launcher.rank, size == launcher.size ?? size else {
      throw RanksError(
        "this is rank \(launcher.rank) of \(launcher.size ?? 0) to the launcher (\(launcher.kind.rawValue)) and rank \(rank) of "
          + "\(size) to \(library): the library is not the launcher's; LANGEVIN_MPI=PATH names another")
    }
    let ranks = Ranks(rank: rank, count: size, canTalk: true)
    world.withLock { $0 = ranks }
    try ranks.checkAgreement(on: "langevin \(Version.current), \(library)", what: "the program or its MPI")
  }

  /// Ends what was started; waits for the others to end, too.
  package static func finish() {
    if current.canTalk { lk_mpi_close() }
    world.withLock { $0 = .alone }
  }

  /// Ends all processes: the others would wait for this one.
  package static func abort(_ status: Int32) {
    if current.canTalk { lk_mpi_abort(status) }
  }

  /// Throws unless all say the same.
  package func checkAgreement(on text: String, what: String) throws {
    let texts = try gather(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    guard let other = texts.firstIndex(where: { $0 != texts[0] }) else { return }
    throw RanksError("\(what) differs between rank 0 (\(texts[0])) and rank \(other) (\(texts[other]))")
  }

  // MARK: Bytes

  /// The bytes of every rank, in their order.
  package func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
    guard canTalk else { return [bytes] }
    var size = UInt64(bytes.count)
    var sizes = [UInt64](repeating: 0, count: count)
    try check(lk_mpi_allgather(&size, 8, &sizes))
    // All alike, so the longest decides.
    let longest = Int(sizes.max() ?? 0)
    guard longest <= 1 << 30 else { throw RanksError("\(longest) bytes are too many for one message") }
    let padded = bytes + [UInt8](repeating: 0, count: longest - bytes.count)
    var all = [UInt8](repeating: 0, count: longest * count)
    try check(lk_mpi_allgather(padded, Int32(longest), &all))
    return sizes.indices.map { Array(all[$0 * longest..<$0 * longest + Int(sizes[$0])]) }
  }

  /// Sends bytes to one rank, and returns what that one sends at the same time.
  package func exchange(_ bytes: [UInt8], with partner: Int) throws -> [UInt8] {
    var (size, incoming) = (UInt64(bytes.count), UInt64(0))
    try check(lk_mpi_sendrecv(&size, 8, &incoming, 8, Int32(partner)))
    var received = [UInt8](repeating: 0, count: Int(incoming))
    // Counts are 32-bit integers.
    let part = 1 << 30
    for start in stride(from: 0, to: max(bytes.count, received.count), by: part) {
      let out = max(0, min(part, bytes.count - start))
      let into = max(0, min(part, received.count - start))
      try bytes.withUnsafeBytes { bytes in
        try received.withUnsafeMutableBytes { received in
          try check(
            lk_mpi_sendrecv(
              out > 0 ? bytes.baseAddress?.advanced(by: start) : nil, Int32(out),
              into > 0 ? received.baseAddress?.advanced(by: start) : nil, Int32(into), Int32(partner)))
        }
      }
    }
    return received
  }

  /// Waits for all.
  package func wait() throws { if canTalk { try check(lk_mpi_barrier()) } }

  private func check(_ code: Int32) throws {
    guard code == 0 else { throw RanksError("rank \(rank) cannot reach the others: error \(code) of MPI") }
  }

  // MARK: Numbers

  /// The numbers of all, in the order of the ranks.
  package func gather(_ value: UInt64) throws -> [UInt64] {
    guard canTalk else { return [value] }
    return try gather(withUnsafeBytes(of: value.littleEndian, Array.init)).map { $0.littleEndian(UInt64.self, at: 0) }
  }

  /// The least of all.
  package func least(_ value: UInt64) throws -> UInt64 { try gather(value).min() ?? value }
  /// Whether it is so on any rank.
  package func any(_ flag: Bool) throws -> Bool { try gather(flag ? 1 : 0).contains(1) }
  /// What the first rank says.
  package func first(_ flag: Bool) throws -> Bool { try gather(flag ? 1 : 0)[0] == 1 }
}

/// Why ranks cannot work together: one line.
package struct RanksError: Error, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}
