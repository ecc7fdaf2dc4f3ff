import LangevinData
import LangevinPlatform

/// The folder of a run, and what lies where in it.
///
///     run.json          every setting, resolved; a valid configuration; written once
///     chain-1.csv ...   traces
///     draws-1.npy ...   parameters
///     checkpoint-1 ...  all that a chain needs to go on; checkpoint-1.previous is the one before
///     ladder-1-rung-2.csv ...   traces of the hotter rungs of a ladder, of which chain-1.csv is the coldest
///     chain-1.lock ...  locked while a process works on the chain
///     frozen.npy        the layers that are not sampled, if there are any
///     summary.json      what came out, of all chains
///     report.html       the same to look at
public struct RunFolder: Sendable {
  /// Where it is.
  public let path: String

  /// A folder, whether it is there or not.
  public init(_ path: String) {
    var path = path
    while path.count > 1, path.last == "/" { path.removeLast() }
    self.path = path
  }

  /// A folder name that is not taken yet: `langevin-run-1`, `langevin-run-2`, ...
  package static func next() -> RunFolder {
    var number = 1
    while access("langevin-run-\(number)", F_OK) == 0 { number += 1 }
    return RunFolder("langevin-run-\(number)")
  }

  var settings: String { path + "/run.json" }
  func checkpoint(_ chain: Int) -> String { path + "/checkpoint-\(chain + 1)" }
  func previousCheckpoint(_ chain: Int) -> String { checkpoint(chain) + ".previous" }
  func lock(_ chain: Int) -> String { path + "/chain-\(chain + 1).lock" }
  var summary: String { path + "/summary.json" }
  var report: String { path + "/report.html" }
  func trace(_ chain: Int) -> String { path + "/chain-\(chain + 1).csv" }
  func trace(_ chain: Int, rung: Int) -> String { path + "/ladder-\(chain + 1)-rung-\(rung + 1).csv" }
  func draws(_ chain: Int) -> String { path + "/draws-\(chain + 1).npy" }

  /// Whether a run lies here.
  package var holdsRun: Bool { Self.exists(settings) }

  /// Whether files may be written here.
  package var isWritable: Bool { access(path, W_OK) == 0 }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The numbers of the chains that have been begun, from 0.
  var chains: [Int] {
    (namesInFolder(path) ?? []).compactMap { name in
      guard name.hasPrefix("chain-"), name.hasSuffix(".csv"), let number = Int(name.dropFirst(6).dropLast(4)) else {
        return nil
      }
      return number - 1
    }.sorted()
  }

  /// Makes the folder for a run that may start if there is none; returns whether it was made now. One that holds a run is
  /// refused to a new one.
  func make(for opening: SamplingRun.Opening) throws -> Bool {
    if opening == .resuming || opening == .resumingFromPrevious { return false }
    if mkdir(path, 0o755) == 0 { return true }
    guard errno == EEXIST else { throw systemError(path, "making the folder") }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw FileError(path, "is not a folder")
    }
    guard opening != .new || (!holdsRun && chains.isEmpty) else {
      throw FileError(
        path,
        "holds a run already; go on with 'langevin resume \(path)' or --resume-if-there, or replace it with --force")
    }
    return false
  }

  /// Removes the files of the run that lies here, but for its locks.
  func clear() {
    for name in namesInFolder(path) ?? [] where Self.isOfRun(name) && !name.hasSuffix(".lock") {
      unlink(path + "/" + name)
    }
  }

  /// Whether a run names a file so, or named it so before every chain had a checkpoint of its own.
  private static func isOfRun(_ name: String) -> Bool {
    let parts = name.split(separator: ".", maxSplits: 1)
    guard let stem = parts.first else { return false }
    let end = parts.count > 1 ? String(parts[1]) : ""
    switch String(stem) {
    case "run", "summary": return end == "json" || end.hasPrefix("json.new")
    case "report": return end == "html" || end.hasPrefix("html.new")
    case "frozen": return end == "npy" || end.hasPrefix("npy.new")
    case "checkpoint": return ["", "previous", "new"].contains(end)
    default: break
    }
    let words = stem.split(separator: "-")
    if words.count == 4, words[0] == "ladder", words[2] == "rung" { return end == "csv" }
    guard words.count == 2, Int(words[1]) != nil else { return false }
    return ["chain.csv", "chain.lock", "draws.npy", "checkpoint.", "checkpoint.previous", "checkpoint.new"]
      .contains(words[0] + "." + end)
  }

  /// Removes the folder if it is empty.
  func removeIfEmpty() { rmdir(path) }

  /// Whether a chain has been stored.
  func hasCheckpoint(_ chain: Int) -> Bool {
    Self.exists(checkpoint(chain)) || Self.exists(previousCheckpoint(chain))
  }

  /// The configuration of the network run that lies here.
  package func readConfiguration() throws -> CheckedConfiguration {
    let record = try readRecord()
    guard record.problem.contains(where: { $0.key == "network" }) else {
      throw FileError(path, "holds a run of a potential of its own, which only the program that made it can evaluate")
    }
    var configuration = Configuration()
    try configuration.read(record.json, from: settings)
    return try configuration.check()
  }

  /// What `run.json` says.
  func readRecord() throws -> RunRecord {
    guard Self.exists(settings) else { throw FileError(path, "holds no run: there is no run.json") }
    return try RunRecord(try readJSON(settings), from: settings)
  }

  func readJSON(_ file: String) throws -> JSON {
    do {
      return try JSON(parsing: try OutputFile.read(file))
    } catch let error as JSONError {
      throw FileError(file, error.description)
    }
  }

  /// Writes a file that several processes may write, each under a temporary name of its own.
  func replace(_ file: String, with text: String) throws {
    try OutputFile.replace(file, with: Array(text.utf8), through: temporaryName(file))
  }

  /// Writes `run.json` unless another process was first; whoever comes second has to mean the same run.
  func writeOnce(_ record: RunRecord) throws {
    if !holdsRun {
      let temporary = temporaryName(settings)
      try OutputFile.replace(temporary, with: Array((record.json.description + "\n").utf8))
      defer { unlink(temporary) }
      // Unlike a rename, a link replaces nothing. Where there are no links the rename has to do.
      if link(temporary, settings) == 0 || errno != EEXIST && rename(temporary, settings) == 0 { return }
      guard holdsRun else { throw systemError(settings, "putting it in its place") }
    }
    try record.check(isSameAs: readRecord(), in: path)
  }

  private func temporaryName(_ file: String) -> String { "\(file).new-\(ChainHolder.thisHost)-\(getpid())" }

  /// The traces of all chains that have been begun.
  package func readTraces() throws -> [Trace] {
    let traces = try chains.compactMap(readTrace)
    if traces.isEmpty { throw FileError(path, "holds no traces: there is no chain-1.csv") }
    return traces
  }

  /// The trace of a chain; nil as long as it has no rows.
  func readTrace(_ chain: Int) throws -> Trace? {
    guard try RawFile(path: trace(chain)).size > 0 else { return nil }
    return try Trace(readingFrom: trace(chain))
  }
}
