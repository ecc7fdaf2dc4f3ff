import Foundation
import Langevin
import LangevinPlatform
import Testing
import _LangevinTestSupport

/// One process at a time works on a chain.
@Suite struct LockTests {
  /// A second process would write into the first one's trace.
  @Test func aChainAtWorkIsRefusedInOneLine() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = RunFolder(temporary.file("run"))
    let run = try NetworkRun.start(smallRun("sgld"), in: folder)
    let before = try bytes(folder.path + "/chain-2.csv")
    let words = ["sample", "--config", folder.path + "/run.json", "--out", folder.path]
    for words in [["resume", folder.path], words + ["--resume-if-there"], words + ["--force"]] {
      let (status, output, errors) = langevin(words)
      #expect(status == .failure && output.isEmpty)
      #expect(errors.split(separator: "\n").count == 1)
      #expect(errors.contains("chain 1 is at work in process \(getpid()) on "), "\(errors)")
      #expect(errors.contains(" since 20"), "\(errors)")
    }
    #expect(try bytes(folder.path + "/chain-2.csv") == before)
    #expect(try run.advance() == .finished)
    // Whoever is done lets others go on, and is told if one has.
    #expect(try NetworkRun.resume(folder) { $0.steps = 80 }.advance() == .finished)
    #expect(throws: FileError.self) { try run.advance() }
  }

  /// A process that runs a few of the chains leaves the others to others.
  @Test func otherChainsAreFree() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = RunFolder(temporary.file("run"))
    let configuration = try smallRun("sgld", ["chains": "4"])
    let first = try NetworkRun.start(configuration, in: folder, only: [0, 2])
    let second = try NetworkRun.start(configuration, in: folder, opening: .resumingIfThere, only: [1, 3])
    #expect(throws: FileError.self) { try NetworkRun.resume(folder, only: [2, 3]) }
    #expect(try first.advance() == .finished)
    #expect(first.otherChainAtWork == 1)
    #expect(try second.advance() == .finished)
    #expect(second.otherChainAtWork == nil)
  }

  @Test func aFileSystemWithoutLocksIsNamed() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    for code in [ENOLCK, ENOTSUP] {
      let error = #expect(throws: FileError.self) {
        try ChainLock(RunFolder(temporary.path), chain: 0, steps: 1) { _ in code }
      }
      #expect(error?.description.contains("--no-lock") == true)
    }
    let folder = RunFolder(temporary.file("run"))
    let run = try NetworkRun.start(smallRun("sgld"), in: folder, isLocking: false)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/chain-1.lock"))
    #expect(try run.advance() == .finished)
  }

  /// The kernel frees the lock of a process that is killed.
  @Test func theLockOfAKilledProcessIsFree() async throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let path = temporary.file("run")
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let run = try NetworkRun.start(smallRun("sgld"), in: RunFolder(path))
      withExtendedLifetime(run) { _ = kill(getpid(), SIGKILL) }
    }
    #expect(try NetworkRun.resume(RunFolder(path)).advance() == .finished)
  }
}
