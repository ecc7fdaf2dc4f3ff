import LangevinData
import LangevinPlatform

/// The folder of a run, and what lies where in it.
///
///     run.json          every setting, resolved; a valid configuration
///     chain-1.csv ...   traces
///     draws-1.npy ...   parameters
///     checkpoint-1 ...  all that a chain needs to go on; checkpoint-1.previous is the one before
///     ladder-1-rung-2.csv ...   traces of the hotter rungs of a ladder, of which chain-1.csv is the coldest
///     summary.json      what came out
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
  var summary: String { path + "/summary.json" }
  var report: String { path + "/report.html" }
  func trace(_ chain: Int) -> String { path + "/chain-\(chain + 1).csv" }
  func trace(_ chain: Int, rung: Int) -> String { path + "/ladder-\(chain + 1)-rung-\(rung + 1).csv" }
  func draws(_ chain: Int) -> String { path + "/draws-\(chain + 1).npy" }

  /// Whether a run lies here.
  package var holdsRun: Bool { Self.exists(settings) }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Makes the folder. One that already holds a run is refused, unless that run is to be replaced.
  ///
  /// - Returns: Whether it was made now.
  func make(replacing: Bool) throws -> Bool {
    if mkdir(path, 0o755) == 0 { return true }
    guard errno == EEXIST else { throw systemError(path, "making the folder") }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw FileError(path, "is not a folder")
    }
    guard replacing || files.allSatisfy({ !Self.exists($0) }) else {
      throw FileError(path, "holds a run already; go on with 'langevin resume \(path)', or replace it with --force")
    }
    return false
  }

  /// Removes the files of the run that lies here.
  func clear() { for file in files { unlink(file) } }

  /// Removes the folder if it is empty.
  func removeIfEmpty() { rmdir(path) }

  private var files: [String] {
    var files = [settings, summary, report]
    var chain = 0
    while Self.exists(trace(chain)) || Self.exists(draws(chain)) {
      files += [trace(chain), draws(chain), checkpoint(chain), previousCheckpoint(chain), checkpoint(chain) + ".new"]
      var rung = 1
      while Self.exists(trace(chain, rung: rung)) {
        files.append(trace(chain, rung: rung))
        rung += 1
      }
      chain += 1
    }
    return files
  }

  /// Whether every chain has been stored.
  package func hasCheckpoints(chains: Int) -> Bool {
    (0..<chains).allSatisfy { Self.exists(checkpoint($0)) || Self.exists(previousCheckpoint($0)) }
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

  /// The traces of all chains.
  package func readTraces() throws -> [Trace] {
    var traces: [Trace] = []
    while Self.exists(trace(traces.count)) { traces.append(try Trace(readingFrom: trace(traces.count))) }
    if traces.isEmpty { throw FileError(path, "holds no traces: there is no chain-1.csv") }
    return traces
  }
}
