import CLangevinKernels
import LangevinPlatform
import Testing

/// What the items of one run left behind, each in its own place.
private final class Record {
  let items: Int
  let visits: UnsafeMutablePointer<Int32>
  let threads: UnsafeMutablePointer<pthread_t>
  let isas: UnsafeMutablePointer<lk_isa>
  var pool: OpaquePointer?

  init(items: Int) {
    self.items = items
    visits = .allocate(capacity: items)
    threads = .allocate(capacity: items)
    isas = .allocate(capacity: items)
    visits.initialize(repeating: 0, count: items)
    threads.initialize(repeating: pthread_self(), count: items)
    isas.initialize(repeating: LK_PORTABLE, count: items)
  }

  deinit {
    visits.deallocate()
    threads.deallocate()
    isas.deallocate()
  }

  /// Runs over all items and notes for each who ran it, and with which instructions.
  func run(on pool: OpaquePointer?) {
    lk_pool_run(
      pool, Int32(items),
      { context, item in
        guard let context else { return }
        let record = Unmanaged<Record>.fromOpaque(context).takeUnretainedValue()
        record.visits[Int(item)] += 1
        record.threads[Int(item)] = pthread_self()
        record.isas[Int(item)] = lk_isa_current()
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  func isSameThread(_ a: Int, _ b: Int) -> Bool { pthread_equal(threads[a], threads[b]) != 0 }
}

@discardableResult
private func withPool<Result>(threads: Int, _ body: (OpaquePointer?) throws -> Result) rethrows -> Result {
  let pool = lk_pool_create(Int32(threads))
  defer { lk_pool_destroy(pool) }
  return try body(pool)
}

@Suite struct PoolTests {
  @Test(arguments: 1...5)
  func everyItemRunsOnce(threads: Int) {
    withPool(threads: threads) { pool in
      #expect(lk_pool_threads(pool) == Int32(threads))
      for items in [0, 1, 2, 3, 4, 5, 7, 16, 101] {
        let record = Record(items: items)
        for run in 1...3 {
          record.run(on: pool)
          #expect((0..<items).allSatisfy { record.visits[$0] == Int32(run) }, "\(items) items")
        }
      }
    }
  }

  /// Thread t of n runs the items [t items / n, (t + 1) items / n), the caller being thread 0.
  @Test(arguments: 2...4, [2, 3, 8, 13])
  func sharesAreFixed(threads: Int, items: Int) {
    withPool(threads: threads) { pool in
      let first = Record(items: items), second = Record(items: items)
      first.run(on: pool)
      second.run(on: pool)
      let shares = (0..<threads).map { $0 * items / threads..<($0 + 1) * items / threads }.filter { !$0.isEmpty }
      for (number, share) in shares.enumerated() {
        for item in share {
          #expect(first.isSameThread(item, share.lowerBound))
          #expect(pthread_equal(first.threads[item], second.threads[item]) != 0)
          #expect(!shares[..<number].contains { first.isSameThread(item, $0.lowerBound) })
        }
      }
    }
  }

  @Test func teamOfOneIsTheCaller() {
    for threads in [-3, 0, 1] {
      withPool(threads: threads) { pool in
        #expect(lk_pool_threads(pool) == 1)
        let record = Record(items: 5)
        record.run(on: pool)
        #expect((0..<5).allSatisfy { pthread_equal(record.threads[$0], pthread_self()) != 0 })
      }
    }
  }

  /// A run inside a body is done by the thread that runs the body.
  @Test func nestedRunsAreInline() {
    withPool(threads: 3) { pool in
      let outer = (0..<6).map { _ in Record(items: 4) }
      for record in outer { record.pool = pool }
      let owners = Record(items: outer.count)
      var context = (outer: outer, owners: owners)
      withUnsafeMutablePointer(to: &context) { context in
        lk_pool_run(
          pool, Int32(outer.count),
          { context, item in
            guard let context = context?.assumingMemoryBound(to: (outer: [Record], owners: Record).self) else { return }
            let record = context.pointee.outer[Int(item)]
            context.pointee.owners.threads[Int(item)] = pthread_self()
            record.run(on: record.pool)
          }, context)
      }
      for (item, record) in outer.enumerated() {
        for inner in 0..<4 {
          #expect(record.visits[inner] == 1)
          #expect(pthread_equal(record.threads[inner], owners.threads[item]) != 0)
        }
      }
    }
  }

  /// Long enough pauses for the workers to fall asleep, and none at all.
  @Test func wakesFromSleep() {
    withPool(threads: 3) { pool in
      let record = Record(items: 3)
      for run in 1...60 {
        if run % 6 == 0 { usleep(2000) }
        record.run(on: pool)
      }
      #expect((0..<3).allSatisfy { record.visits[$0] == 60 })
    }
  }

  @Test func destroyedWhileAsleepOrUnused() {
    for pause in [0, 2000] as [UInt32] {
      for _ in 0..<10 { withPool(threads: 3) { _ in _ = usleep(pause) } }
    }
    lk_pool_destroy(nil)
  }

  @Test(arguments: InstructionSet.available)
  func workersUseTheInstructionsOfTheCaller(set: InstructionSet) {
    withPool(threads: 2) { pool in
      let record = Record(items: 4)
      set.run { record.run(on: pool) }
      #expect((0..<4).allSatisfy { record.isas[$0] == set.isa })
    }
  }

  @Test func availableCoresAreAmongThoseOnline() {
    #expect((1...Int32(sysconf(Int32(_SC_NPROCESSORS_ONLN)))).contains(lk_available_cores()))
  }
}
