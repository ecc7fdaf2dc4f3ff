import Foundation
import Langevin

extension Easel {
  /// Work in pieces that outlast an interruption and a kill.
  ///
  /// Each piece has a name and gives a row of NAME.csv. Threads take them in turn, the file is written about once a second,
  /// and a piece that it holds already is not done again. A piece depends on its name alone, so the file ends up the same however often
  /// the work was stopped.
  func gather(
    _ pieces: [String], into empty: ResultTable, as file: String, _ find: (Int) throws -> [Double]
  ) throws -> ResultTable {
    let kept = keptRows(of: empty, as: file)
    let done = Finished(Dictionary(kept.map { ($0.name, $0.numbers) }, uniquingKeysWith: { $1 }))
    func table() -> ResultTable {
      var table = empty
      for name in pieces { if let row = done[name] { table.add(name, row) } }
      return table
    }
    let left = pieces.indices.filter { done[pieces[$0]] == nil }
    // What was found before a failure is kept, too.
    defer { try? write(table(), as: file) }
    _ = try pool.map(left) { index in
      try checkInterrupt()
      done[pieces[index]] = try find(index)
      if done.isTime(toWriteEvery: 1) { try done.oneAtATime { try write(table(), as: file) } }
      if done.isTime(toSpeakEvery: 30) { talk.note("\(file): \(done.count) of \(pieces.count)") }
    }
    return table()
  }
}

/// Rows that several threads find. Unchecked: a lock guards everything.
private final class Finished: @unchecked Sendable {
  private let lock = NSLock()
  private let writing = NSLock()
  private var rows: [String: [Double]]
  private var (written, spoken) = (ContinuousClock.now, ContinuousClock.now)

  init(_ rows: [String: [Double]]) { self.rows = rows }

  var count: Int { lock.withLock { rows.count } }

  subscript(name: String) -> [Double]? {
    get { lock.withLock { rows[name] } }
    set { lock.withLock { rows[name] = newValue } }
  }

  /// Keeps two threads from the same file.
  func oneAtATime(_ body: () throws -> Void) rethrows { try writing.withLock(body) }

  /// True for one of the threads that ask, so often.
  func isTime(toWriteEvery seconds: Double) -> Bool { isTime(seconds, since: \.written) }
  func isTime(toSpeakEvery seconds: Double) -> Bool { isTime(seconds, since: \.spoken) }

  private func isTime(
    _ seconds: Double, since last: ReferenceWritableKeyPath<Finished, ContinuousClock.Instant>
  ) -> Bool {
    lock.withLock {
      let now = ContinuousClock.now
      guard now - self[keyPath: last] >= .seconds(seconds) else { return false }
      self[keyPath: last] = now
      return true
    }
  }
}
