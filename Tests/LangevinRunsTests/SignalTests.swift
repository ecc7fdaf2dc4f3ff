import Foundation
import Langevin
import LangevinCLI
import LangevinPlatform
import Testing
import _LangevinTestSupport

/// What signals and time limits do, and how the program ends.
@Suite struct SignalTests {
  /// A run that takes a minute if nobody stops it.
  static func words(_ folder: String) -> [String] {
    [
      "sample", "--data", "kspin:train=60,test=0,spins=6,classes=3", "--network", "6-5-3", "--sampler", "sgld",
      "--batch",
      "16", "--steps", "100000000", "--thin", "1000", "--warmup", "0", "--draw-every", "0", "--set", "start.steps=0",
      "--quiet",
      "--no-report", "--out", folder,
    ]
  }

  /// GNU `timeout` sends two within milliseconds, to the process and to its group.
  @Test func manySIGTERMsLoseNothing() async throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let path = temporary.file("run")
    let result = await #expect(processExitsWith: .exitCode(143), observing: [\.standardErrorContent]) {
      [path = path as String] in
      let sender = Thread {
        while !RunFolderProbe.exists(path) { usleep(1000) }
        usleep(50_000)
        for _ in 0..<20 {
          _ = kill(getpid(), SIGTERM)
          usleep(2000)
        }
      }
      sender.start()
      exit(Program.run(SignalTests.words(path), console: .process).rawValue)
    }
    let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      said.contains("stopped by SIGTERM after step ") && said.contains("'langevin resume \(path)' goes on"), "\(said)")
    let run = try NetworkRun.resume(RunFolder(path)) { $0.maxSeconds = 0.01 }
    #expect(run.chains.step > 0)
    #expect(try run.advance() == .outOfTime)
  }

  @Test func SIGINTEndsWith130AndSIGUSR1GoesOn() async throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let path = temporary.file("run")
    await #expect(processExitsWith: .exitCode(130)) { [path = path as String] in
      let sender = Thread {
        while !RunFolderProbe.exists(path) { usleep(1000) }
        usleep(50_000)
        let first = try? bytes(path + "/checkpoint-1")
        _ = kill(getpid(), SIGUSR1)
        // The checkpoint comes, and the process is still there to see it.
        while (try? bytes(path + "/checkpoint-1")) == first { usleep(1000) }
        _ = kill(getpid(), SIGINT)
      }
      sender.start()
      exit(Program.run(SignalTests.words(path) + ["--checkpoint-every", "1000"], console: .process).rawValue)
    }
    #expect(try NetworkRun.resume(RunFolder(path)).chains.step > 0)
  }

  @Test func onlyASecondSIGINTAfterHalfASecondEndsAtOnce() {
    let start = ContinuousClock.now
    let interrupt = Interrupt()
    #expect(!interrupt.receive(SIGTERM, at: start) && !interrupt.receive(SIGTERM, at: start + .seconds(9)))
    #expect(!interrupt.receive(SIGINT, at: start + .seconds(10)))
    #expect(!interrupt.receive(SIGINT, at: start + .seconds(10) + .milliseconds(499)))
    #expect(!interrupt.receive(SIGTERM, at: start + .seconds(20)))
    #expect(interrupt.receive(SIGINT, at: start + .seconds(10) + .milliseconds(500)))
    #expect(interrupt.isRequested && interrupt.signal == SIGTERM)
    let watch = Interrupt()
    #expect(!watch.receive(SIGUSR1, at: start) && !watch.isRequested)
  }

  /// A checkpoint in the middle of an interval changes no byte.
  @Test func aCheckpointOnRequestChangesNoByte() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (whole, asked) = (RunFolder(temporary.file("whole")), RunFolder(temporary.file("asked")))
    _ = try NetworkRun.start(smallRun("baoab"), in: whole).advance()
    let run = try NetworkRun.start(smallRun("baoab"), in: asked)
    let interrupt = Interrupt()
    var steps: [UInt64] = []
    interrupt.requestCheckpoint()
    let watch = ClosureObserver { kept in
      if kept.chain == 0, kept.step % 15 == 0 { interrupt.requestCheckpoint() }
      if kept.chain == 0 { steps.append(kept.step) }
    }
    #expect(try run.advance(observers: [watch], interrupt: interrupt) == .finished)
    #expect(steps.count == 12)
    for file in ["chain-1.csv", "chain-2.csv", "draws-1.npy", "draws-2.npy", "run.json"] {
      #expect(try bytes(whole.path + "/" + file) == bytes(asked.path + "/" + file))
    }
  }

  /// The limit counts for this process, also within the warm-up and between two rows, and can be another when a run goes on.
  @Test func aTimeLimitCountsForItsProcess() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let path = temporary.file("run")
    var words = Self.words(path)
    // The first row would come after minutes.
    words += ["--thin", "50000000", "--warmup", "50000000", "--max-seconds", "0.2"]
    let (status, output, errors) = langevin(words)
    #expect(status == .outOfTime && output.isEmpty)
    #expect(
      errors.contains("stopped by max-seconds after step ") && errors.contains("'langevin resume \(path)' goes on"))
    var step: UInt64 = 0
    for limit in ["0.1", "0.2"] {
      #expect(langevin("resume", path, "--quiet", "--max-seconds", limit).status == .outOfTime)
      let next = try NetworkRun.resume(RunFolder(path)).chains.step
      #expect(next > step)
      step = next
    }
  }

  /// The results of a run that its time limit has ended are worth having.
  @Test func aRunOutOfTimeIsSummarised() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let path = temporary.file("run")
    let (status, output, _) = langevin(Self.words(path) + ["--thin", "10", "--max-seconds", "0.3"])
    #expect(status == .outOfTime && output.contains("energy"))
    #expect(try bytes(path + "/summary.json").count > 0)
  }
}
