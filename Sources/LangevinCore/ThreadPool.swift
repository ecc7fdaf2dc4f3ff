import CLangevinKernels

/// A fixed team of threads for work that is cut in items beforehand.
///
/// Thread t of n always runs the same items, and results are put together in the order of the items, so nothing that is
/// computed depends on the size of the team. A team of one starts no thread and takes no lock.
public final class ThreadPool: @unchecked Sendable {
  // Unchecked: the pointer is immutable, and the C side serialises what it shares.
  private let pool: OpaquePointer

  /// The number of threads, the caller's own included.
  package let threadCount: Int

  /// A team without threads of its own.
  public static let single = ThreadPool(unchecked: 1)

  /// The cores that this process may use: performance cores, within its affinity and control group.
  public static var availableCores: Int { Int(lk_available_cores()) }

  /// A team of `threads`, by default one for each available core.
  public convenience init(threads: Int = ThreadPool.availableCores) throws(LangevinError) {
    try require(1...1024 ~= threads, "the number of threads", is: threads, expected: "1 to 1024")
    self.init(unchecked: threads)
  }

  private init(unchecked threads: Int) {
    threadCount = threads
    pool = lk_pool_create(Int32(threads))
  }

  deinit { lk_pool_destroy(pool) }

  /// Calls `body` once for each item, on the team; returns when all are done. One caller at a time.
  package func run(items: Int, _ body: (Int) -> Void) {
    if threadCount == 1 || items == 1 {
      for item in 0..<items { body(item) }
      return
    }
    withoutActuallyEscaping(body) { body in
      var body = body
      withUnsafeMutablePointer(to: &body) { pointer in
        lk_pool_run(
          pool, Int32(items),
          { context, item in
            context?.assumingMemoryBound(to: ((Int) -> Void).self).pointee(Int(item))
          }, pointer)
      }
    }
  }
}
