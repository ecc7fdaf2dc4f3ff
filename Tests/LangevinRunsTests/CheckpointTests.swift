import Foundation
import Langevin
import Testing
import _LangevinTestSupport

@Suite struct CheckpointTests {
  /// A finished run of one chain with a small state, and a copy to be damaged.
  private func finishedRun(in temporary: TemporaryFolder) throws -> RunFolder {
    let folder = RunFolder(temporary.file("run"))
    _ = try NetworkRun.start(
      smallRun("sgld", ["chains": "1", "network": "6-2-3", "steps": "20", "warmup": "0", "start.steps": "0"]),
      in: folder
    ).advance()
    return folder
  }

  @Test func everyChangedByteAndEveryCutIsFound() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let whole = try bytes(finishedRun(in: temporary).path + "/checkpoint-1")
    _ = try Checkpoint(whole, path: "checkpoint")
    for place in whole.indices {
      var damaged = whole
      damaged[place] ^= UInt8(1 << (place % 8))
      // The fingerprint of the run is under the checksum too.
      #expect(throws: FileError.self, "byte \(place)") { try Checkpoint(damaged, path: "checkpoint") }
      #expect(throws: FileError.self, "cut at \(place)") { try Checkpoint(Array(whole[..<place]), path: "checkpoint") }
    }
    #expect(throws: FileError.self) { try Checkpoint(whole + [0], path: "checkpoint") }
  }

  @Test func anotherVersionIsNamed() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    var other = try bytes(finishedRun(in: temporary).path + "/checkpoint-1")
    other[8] = 9
    do {
      _ = try Checkpoint(other, path: "checkpoint")
      Issue.record("version 9 was read")
    } catch {
      #expect(
        error.description.hasPrefix("checkpoint: has version 9 of the checkpoint format; this program reads version 3"))
    }
  }

  @Test func theEarlierCheckpointIsOfferedAndWorks() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let whole = RunFolder(temporary.file("whole"))
    _ = try NetworkRun.start(smallRun("baoab"), in: whole).advance()
    let folder = RunFolder(temporary.file("run"))
    #expect(
      try NetworkRun.start(smallRun("baoab"), in: folder).advance(interrupt: Interrupt(afterLooks: 40)) == .interrupted)
    #expect(try NetworkRun.resume(folder).advance(interrupt: Interrupt(afterLooks: 25)) == .interrupted)
    var damaged = try bytes(folder.path + "/checkpoint-1")
    damaged[damaged.count / 2] ^= 1
    try Data(damaged).write(to: URL(fileURLWithPath: folder.path + "/checkpoint-1"))

    let answer = langevin("resume", folder.path)
    #expect(answer.status == .failure)
    #expect(answer.errors.contains("is damaged: its checksum does not fit its content"))
    #expect(answer.errors.contains("'langevin resume \(folder.path) --previous'"))
    #expect(try NetworkRun.resume(folder, previous: true).advance() == .finished)
    #expect(try bytes(whole.path + "/draws-2.npy") == bytes(folder.path + "/draws-2.npy"))
    #expect(try bytes(whole.path + "/chain-1.csv") == bytes(folder.path + "/chain-1.csv"))
  }

  @Test func aRunKilledBetweenTwoRenamesGoesOn() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = RunFolder(temporary.file("run"))
    _ = try NetworkRun.start(smallRun("lm"), in: folder).advance(interrupt: Interrupt(afterLooks: 40))
    try FileManager.default.removeItem(atPath: folder.path + "/checkpoint-1.previous")
    try FileManager.default.moveItem(
      atPath: folder.path + "/checkpoint-1", toPath: folder.path + "/checkpoint-1.previous")
    #expect(try NetworkRun.resume(folder).advance() == .finished)
  }

  @Test func aCheckpointOfOtherSettingsIsRefused() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = try finishedRun(in: temporary)
    let settings = String(decoding: try bytes(folder.path + "/run.json"), as: UTF8.self)
    for (old, new, message) in [
      ("6-2-3", "6-4-3", "holds a run of other parameters: 23 there and 43 here"),
      ("\n  \"seed\": 0", "\n  \"seed\": 1", "belongs to a run with other settings than run.json"),
    ] {
      let changed = settings.replacing(old, with: new)
      #expect(changed != settings)
      try Data(changed.utf8).write(to: URL(fileURLWithPath: folder.path + "/run.json"))
      let answer = langevin("resume", folder.path)
      #expect(answer.errors.contains(message), "\(answer.errors)")
    }
  }

  @Test func aRunIsNotEndedWithinItsWarmUp() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = RunFolder(temporary.file("run"))
    _ = try NetworkRun.start(smallRun("sgld"), in: folder).advance(interrupt: Interrupt(afterLooks: 5))
    let answer = langevin("resume", folder.path, "--steps", "15")
    #expect(answer.status == .usage)
    #expect(answer.errors.contains("steps is 15 and the warm-up of the run is 20"))
  }

  @Test func tracesThatWereCutSinceAreNotGoneOnWith() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = try finishedRun(in: temporary)
    let trace = try bytes(folder.path + "/chain-1.csv")
    try Data(trace.dropLast(10)).write(to: URL(fileURLWithPath: folder.path + "/chain-1.csv"))
    #expect(langevin("resume", folder.path).errors.contains("it was cut or replaced since"))
  }

  @Test func aFolderThatCannotBeWrittenLeavesTheCheckpointWhole() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let folder = try finishedRun(in: temporary)
    let before = try bytes(folder.path + "/checkpoint-1")
    // A folder where the new checkpoint should be written.
    try FileManager.default.createDirectory(
      atPath: folder.path + "/checkpoint-1.new", withIntermediateDirectories: false)
    let answer = langevin("resume", folder.path, "--steps", "40", "--quiet", "--no-report")
    #expect(answer.status == .failure)
    #expect(answer.errors.contains("checkpoint-1.new: found 'Is a directory' when opening it to write"))
    #expect(try bytes(folder.path + "/checkpoint-1") == before)
    try FileManager.default.removeItem(atPath: folder.path + "/checkpoint-1.new")
    #expect(langevin("resume", folder.path, "--steps", "40", "--quiet", "--no-report").status == .success)
  }
}
