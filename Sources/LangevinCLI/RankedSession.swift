import Foundation
import Langevin

/// What is different where a launcher has started the command several times: one of them speaks, all write into one folder.
enum RankedSession {
  static let option = Option("no-mpi", "do not look for other processes of a launcher such as mpirun")

  /// Looks for the others; returns the console of this one, on which only the first speaks.
  static func begin(_ arguments: Arguments, _ console: Console) throws -> Console {
    if arguments.has(option.name) { return console }
    try Ranks.start(ProcessInfo.processInfo.environment)
    let ranks = Ranks.current
    if ranks.count > 1, !ranks.canTalk, ranks.isFirst {
      console.note(
        "no MPI library was found: \(ranks.count) ranks share out the chains, and each ends for itself; LANGEVIN_MPI=PATH names one"
      )
    }
    return ranks.isFirst ? console : console.silent
  }

  /// The folder of a new run, the same for all.
  static func folder(_ arguments: Arguments) throws -> RunFolder {
    if let path = arguments.value("out") { return RunFolder(path) }
    let ranks = Ranks.current
    if ranks.count > 1 && !ranks.canTalk { throw UsageError("ranks without MPI need --out FOLDER, to meet there") }
    let first = try ranks.gather(Array(RunFolder.next().path.utf8))[0]
    return RunFolder(String(decoding: first, as: UTF8.self))
  }

  /// The first rank makes the folder ready; then all may open it.
  static func prepare(
    _ folder: RunFolder, _ opening: SamplingRun.Opening, isLocking: Bool
  ) throws -> SamplingRun.Opening {
    let ranks = Ranks.current
    guard ranks.count > 1, opening == .new || opening == .replacing else { return opening }
    if !ranks.canTalk {
      if opening == .replacing {
        throw UsageError("ranks without MPI cannot replace a run together; leave --force out")
      }
      return .resumingIfThere
    }
    if ranks.isFirst { try SamplingRun.prepare(folder, opening, isLocking: isLocking) }
    try ranks.wait()
    return .resumingIfThere
  }

  /// Ends what was begun. One that failed ends all, who would wait for it.
  static func end(with status: ExitStatus) {
    if status == .failure || status == .usage { Ranks.abort(status.rawValue) }
    Ranks.finish()
  }

  /// What all have to complain of the first one says, and ends them.
  static func letTheFirstSpeak() { if !Ranks.current.isFirst { sleep(1) } }
}
