import LangevinData

/// What lies in the folders of runs with the same potential, taken as one set of chains.
struct StoredRuns {
  /// One chain of them.
  struct Chain {
    let folder: RunFolder
    /// From 0.
    let number: Int
    let trace: Trace

    /// Rows after the warm-up.
    var rows: Int { trace.rowCount - trace.warmupRows }
  }

  let record: RunRecord
  /// The chains that are long enough to count.
  let chains: [Chain]
  /// What is said of the others, and of those that are still at work.
  let gaps: [String]
  /// The longest time that a chain took, if it is known.
  let seconds: Double

  var traces: [Trace] { chains.map(\.trace) }
  var sources: [(folder: RunFolder, chain: Int)] { chains.map { ($0.folder, $0.number) } }

  init(_ folders: [RunFolder]) throws {
    guard let first = folders.first else { throw FileError(".", "no run folder was named") }
    record = try first.readRecord()
    var found: [Chain] = []
    var gaps = Gaps(isNaming: folders.count > 1)
    for folder in folders {
      let own = try folder.readRecord()
      guard own.law == record.law else {
        throw FileError(
          folder.path, "has another potential than \(first.path): data, network, loss, prior or temperature differ")
      }
      let begun = folder.chains
      if begun.isEmpty { throw FileError(folder.path, "holds no traces: there is no chain-1.csv") }
      gaps.add(folder, Set(0..<own.plan.chains).subtracting(begun).sorted(), "missing")
      for number in begun {
        if let trace = try folder.readTrace(number) {
          try trace.check(isOfChain: number, in: folder.trace(number))
          found.append(Chain(folder: folder, number: number, trace: trace))
        } else {
          gaps.add(folder, [number], "without rows yet")
        }
        if let holder = folder.holder(of: number) { gaps.add(folder, [number], "at work in \(holder)") }
      }
    }
    guard let columns = found.first?.trace.columns else {
      throw FileError(first.path, "has no rows yet; 'langevin status \(first.path)' shows how far its chains are")
    }
    guard found.allSatisfy({ $0.trace.columns == columns }) else {
      throw FileError(first.path, "and the others have different columns in their traces")
    }
    // All are cut to the shortest one that counts: better to lose a few chains than half of the rows of all others.
    let longest = found.map(\.rows).max() ?? 0
    chains = found.filter { 2 * $0.rows >= longest }
    for chain in found where chain.rows < longest {
      gaps.add(
        chain.folder, [chain.number],
        2 * chain.rows >= longest
          ? "shorter than the longest, with \(chain.rows) rows of \(longest)"
          : "left out, with \(chain.rows) rows of \(longest)")
    }
    self.gaps = gaps.sentences
    seconds = chains.compactMap { CheckpointHeader(ofChain: $0.number, in: $0.folder)?.seconds }.max() ?? 0
  }

  /// Throws where two of the chains are made of the same random numbers: they count as one, and seem to agree.
  func checkIndependence() throws {
    var seen: [[UInt64]: RunFolder] = [:]
    for folder in Set(chains.map(\.folder.path)).sorted().map({ RunFolder($0) }) {
      let seed = try folder.readRecord().plan.seed
      for chain in chains where chain.folder.path == folder.path {
        if let other = seen.updateValue(folder, forKey: [seed, UInt64(chain.number)]) {
          throw FileError(
            folder.path,
            "has the seed \(seed), as \(other.path): chain \(chain.number + 1) of both is made of the same random "
              + "numbers, a copy and no chain more; another --seed makes independent ones")
        }
      }
    }
  }
}

/// What is missing, chain by chain, told with as few sentences as possible.
private struct Gaps {
  let isNaming: Bool
  private var found: [(folder: String, what: String, chains: [Int])] = []

  init(isNaming: Bool) { self.isNaming = isNaming }

  mutating func add(_ folder: RunFolder, _ chains: [Int], _ what: String) {
    guard !chains.isEmpty else { return }
    if let index = found.firstIndex(where: { $0.folder == folder.path && $0.what == what }) {
      found[index].chains += chains
    } else {
      found.append((folder.path, what, chains))
    }
  }

  var sentences: [String] {
    found.map { folder, what, chains in
      (isNaming ? "\(folder): " : "")
        + (chains.count == 1 ? "chain \(ChainNumbers(chains)) is " : "chains \(ChainNumbers(chains)) are ") + what
    }
  }
}

extension Trace {
  /// Throws where the file says that it is of another chain: a copy.
  func check(isOfChain number: Int, in path: String) throws {
    guard let id, id != number + 1 else { return }
    throw FileError(path, "is a copy of the trace of chain \(id): the same numbers do not count twice")
  }
}
