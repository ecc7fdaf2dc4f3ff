import Foundation
import Langevin
import LangevinCLI
import Testing
import _LangevinTestSupport

/// Chains of one run in many processes: the same bytes, files that fit together, and summaries that say what is missing.
@Suite struct ManyProcessTests {
  /// The bytes of a run but for its clocks and the command that helps, which names the folder.
  private func content(_ path: String, chains: Int) throws -> [String: [UInt8]] {
    var content = ["run.json": try bytes(path + "/run.json")]
    for chain in 1...chains {
      for file in ["chain-\(chain).csv", "draws-\(chain).npy"] { content[file] = try bytes(path + "/" + file) }
      // Without the seconds, which the second field holds, and the checksum over them.
      content["checkpoint-\(chain)"] = Array(try bytes(path + "/checkpoint-\(chain)").dropFirst(82).dropLast(8))
    }
    let summary = String(decoding: try bytes(path + "/summary.json"), as: UTF8.self).split(separator: "\n")
    let lasting = summary.filter { !$0.contains("second") && !$0.contains("\"command\"") }
    content["summary.json"] = Array(lasting.joined(separator: "\n").utf8)
    return content
  }

  private static func words(_ folder: String, chains: Int = 8) -> [String] {
    [
      "sample", "--data", "kspin:train=60,test=20,spins=6,classes=3", "--network", "6-5-3", "--sampler", "baoab",
      "--batch",
      "16", "--steps", "60", "--thin", "5", "--warmup", "20", "--set", "start.steps=10", "--seed", "4", "--quiet",
      "--no-report",
      "--chains", "\(chains)", "--out", folder,
    ]
  }

  /// Each task may be stopped and sent again: the same line starts it and goes on.
  @Test func eightChainsInOneProcessAreEightProcesses() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (one, eight) = (temporary.file("one"), temporary.file("eight"))
    #expect(langevin(Self.words(one)).status == .success)
    for chain in [3, 1, 8, 5, 2, 4, 7, 6] {
      let words = Self.words(eight) + ["--only-chains", "\(chain)", "--resume-if-there"]
      // The first three times it is stopped: while it starts, and in the middle of an interval.
      for looks in [4, 11 + chain, 23] {
        #expect(langevin(words, interrupt: { Interrupt(afterLooks: looks) }).status == .interrupted)
      }
      #expect(langevin(words).status == .success)
      // Sent again when it is done, it does nothing.
      #expect(langevin(words).status == .success)
    }
    let (whole, parts) = (try content(one, chains: 8), try content(eight, chains: 8))
    for (file, bytes) in whole { #expect(bytes == parts[file], "\(file)") }
  }

  @Test func moreChainsLeaveTheOthersAlone() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (large, small) = (temporary.file("large"), temporary.file("small"))
    #expect(langevin(Self.words(large, chains: 4)).status == .success)
    #expect(langevin(Self.words(small, chains: 2)).status == .success)
    let before = try bytes(small + "/checkpoint-1")
    #expect(langevin("resume", small, "--chains", "4", "--only-chains", "3-4", "--quiet").status == .success)
    #expect(try bytes(small + "/checkpoint-1") == before)
    for file in ["chain-1.csv", "chain-4.csv", "draws-2.npy", "draws-3.npy"] {
      #expect(try bytes(large + "/" + file) == bytes(small + "/" + file))
    }
    let (_, output, _) = langevin("summary", small)
    #expect(output.contains("4 chains of 8 rows") && !output.contains("missing"))
    // Without --only-chains the others wait for the new one.
    #expect(langevin("resume", small, "--chains", "5", "--quiet").output.contains("5 chains of 8 rows"))
    let fewer = langevin("resume", small, "--chains", "1")
    #expect(fewer.status == .usage && fewer.errors.contains("--only-chains"))
    let beyond = langevin("resume", small, "--only-chains", "6")
    #expect(beyond.status == .usage && beyond.errors.contains("expected chains from 1 to 5"))
  }

  @Test func theSameLineStartsARunAndGoesOn() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let path = temporary.file("run")
    let words = Self.words(path, chains: 2)
    #expect(langevin(words + ["--resume-if-there"], interrupt: { Interrupt(afterLooks: 60) }).status == .interrupted)
    // Without the word it is another run that would be in the way.
    let refused = langevin(words)
    #expect(refused.status == .failure && refused.errors.contains("--resume-if-there"))
    let other = langevin(words + ["--resume-if-there", "--seed", "5"])
    #expect(other.status == .failure && other.errors.contains("seed is 4 there and 5 here"))
    #expect(langevin(words + ["--resume-if-there"]).status == .success)
  }

  /// From the moment that the folder is there: the start, which may have taken long, is not lost.
  @Test func theFirstCheckpointComesRightAfterTheStart() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = RunFolder(temporary.file("run"))
    let started = try NetworkRun.start(smallRun("sgld"), in: folder).chains.parameters
    // A run that had to start anew could not: the starts are asked for by then, and stop it.
    let resumed = try NetworkRun.resume(folder, interrupt: Interrupt(afterLooks: 0))
    for (one, other) in zip(started, resumed.chains.parameters) {
      #expect(one.tensor(of: Float.self) == other.tensor(of: Float.self))
    }
  }

  @Test func summariesNameWhatIsMissing() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let path = temporary.file("run")
    for (chains, looks) in [("1,4", Int.max), ("2", 13), ("6", 50)] {
      let words = Self.words(path) + ["--only-chains", chains, "--resume-if-there"]
      _ = langevin(words, interrupt: { Interrupt(afterLooks: looks) })
    }
    let atWork = try NetworkRun.resume(RunFolder(path), only: [3])
    let (status, output, _) = langevin("summary", path)
    #expect(status == .success)
    #expect(output.contains("note: chains 3,5,7,8 are missing"), "\(output)")
    #expect(output.contains("note: chain 2 is "), "\(output)")
    #expect(output.contains("note: chain 6 is shorter than the longest, with "), "\(output)")
    #expect(output.contains("note: chain 4 is at work in process "), "\(output)")
    #expect(output.contains("3 chains of "))
    let shown = langevin("status", path).output
    #expect(shown.split(separator: "\n").count == 10 && shown.contains("R-hat of the energy: "), "\(shown)")
    #expect(shown.contains("not begun") && shown.contains("done") && shown.contains("no process"), "\(shown)")
    withExtendedLifetime(atWork) {}
  }

  @Test func copiesOfChainsAreRefused() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (path, copy, other) = (temporary.file("run"), temporary.file("copy"), temporary.file("other"))
    #expect(langevin(Self.words(path, chains: 2)).status == .success)
    #expect(langevin(Self.words(other, chains: 2) + ["--seed", "9"]).status == .success)
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    #expect(langevin("summary", path, other).status == .success)
    #expect(langevin("summary", path, copy).errors.contains("has the seed 4, as "))
    #expect(langevin("summary", path, path).errors.contains("has the seed 4, as "))
    for name in ["chain-1.csv", "draws-1.npy", "checkpoint-1"] {
      try FileManager.default.copyItem(
        atPath: path + "/" + name, toPath: path + "/" + name.replacing("-1", with: "-3"))
    }
    #expect(langevin("summary", path).errors.contains("is a copy of the trace of chain 1"))
    #expect(langevin("resume", path, "--steps", "80").errors.contains("is the checkpoint of chain 1, copied"))
  }

  /// A converged run stops where it is; asked for more steps or a larger sample it goes on.
  @Test func aConvergedRunGoesOnIfItIsAskedTo() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let path = temporary.file("run")
    let words = [
      "sample", "--data", "linear:train=20,test=0", "--network", "5-1", "--loss", "squared-error", "--sampler", "hmc",
      "--temperature", "0.05", "--steps", "40000", "--thin", "2", "--warmup", "400", "--min-ess", "20", "--quiet",
      "--no-report",
      "--out", path,
    ]
    #expect(langevin(words).status == .success)
    func step() throws -> UInt64 { try NetworkRun.resume(RunFolder(path)).chains.step }
    let first = try step()
    #expect(first < 40_000)
    #expect(langevin("resume", path, "--quiet", "--no-report").status == .success)
    #expect(try step() == first)
    #expect(langevin("resume", path, "--min-ess", "200", "--quiet", "--no-report").status == .success)
    let second = try step()
    #expect(second > first)
    #expect(langevin("resume", path, "--steps", "\(second + 500)", "--quiet", "--no-report").status == .success)
    #expect(try step() == second + 500)
    #expect(
      langevin("resume", path, "--min-ess", "0", "--steps", "\(second + 700)", "--quiet", "--no-report").status
        == .success)
    #expect(try step() == second + 700)
  }

  @Test func dataThatDoNotExistAreRefusedInOneLine() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (status, output, errors) = langevin(
      "sample", "--data", temporary.file("nowhere.csv"), "--out", temporary.file("run"))
    #expect(status == .failure && output.isEmpty)
    #expect(errors.split(separator: "\n").count == 1, "\(errors)")
    #expect(!FileManager.default.fileExists(atPath: temporary.file("run")))
  }

  /// A folder with one checkpoint for all chains was written by an older program.
  @Test func anOldFolderIsRefusedWithItsVersion() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let path = temporary.file("run")
    #expect(langevin(Self.words(path, chains: 2)).status == .success)
    for chain in 1...2 { try FileManager.default.removeItem(atPath: path + "/checkpoint-\(chain)") }
    try FileManager.default.moveItem(atPath: path + "/checkpoint-1.previous", toPath: path + "/checkpoint")
    let trace = try bytes(path + "/chain-1.csv")
    let (status, _, errors) = langevin("resume", path)
    #expect(status == .failure && errors.contains("was written by langevin \(Version.current) with one checkpoint"))
    #expect(try bytes(path + "/chain-1.csv") == trace)
    #expect(langevin(Self.words(path, chains: 2) + ["--force"]).status == .success)
    #expect(langevin("resume", path, "--quiet").status == .success)
  }

  @Test func aRunStartsFromSeveralOthers() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (first, second) = (temporary.file("first"), temporary.file("second"))
    #expect(langevin(Self.words(first, chains: 2)).status == .success)
    #expect(langevin(Self.words(second, chains: 1) + ["--seed", "8"]).status == .success)
    let third = RunFolder(temporary.file("third"))
    var configuration = Configuration()
    try configuration.read(contentsOf: first + "/run.json")
    for (name, text) in ["start-from": "\(first),\(second)", "chains": "4", "start.steps": "0"] {
      try configuration.set(name, to: text, as: name)
    }
    let run = try NetworkRun.start(configuration.check(), in: third)
    func last(_ folder: String) throws -> [Parameters] { try NetworkRun.resume(RunFolder(folder)).chains.parameters }
    let expected = try last(first) + last(second)
    for chain in 0..<4 {
      #expect(run.chains.parameters[chain].tensor(of: Float.self) == expected[chain % 3].tensor(of: Float.self))
    }
  }

  @Test func numbersOfChainsAreReadAndWritten() {
    for (text, numbers) in [("3", [2]), ("1-4,7", [0, 1, 2, 3, 6]), ("2,1", [0, 1]), ("5-5", [4])] {
      #expect(ChainNumbers(text)?.numbers == numbers)
    }
    for text in ["", "0", "-1", "1-", "4-2", "a", "1 2", "1,", "99999"] {
      #expect(ChainNumbers(text) == nil, "\(text)")
    }
    #expect(ChainNumbers("1-4,7,8,10-12")?.description == "1-4,7,8,10-12")
    #expect(ChainNumbers("1,2,3")?.description == "1-3")
  }
}
