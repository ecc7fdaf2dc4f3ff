import Dispatch
import Foundation
import Langevin
import LangevinCLI
import Testing
import _LangevinTestSupport

/// What the command says before the results, and how it listens.
@Suite struct AnnouncementTests {
  private func words(_ temporary: TemporaryFolder, steps: Int, thin: Int) -> [String] {
    [
      "sample", "--data", "kspin:train=60,test=0,spins=6,classes=3", "--network", "6-5-3", "--sampler", "sgld",
      "--steps",
      "\(steps)", "--thin", "\(thin)", "--warmup", "0", "--no-report", "--out", temporary.file("run"),
    ]
  }

  @Test func aRunSaysItsLength() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (_, _, errors) = langevin(words(temporary, steps: 2000, thin: 100))
    #expect(errors.contains("2 000 steps of sgld in 2 chains, 53 parameters"), "\(errors)")
    #expect(!errors.contains("this will take"), "it was over before the first second")
    let (_, _, quiet) = langevin(words(temporary, steps: 2000, thin: 100) + ["--quiet", "--force"])
    #expect(quiet.isEmpty)
  }

  /// Before there is any row: 10^9 steps, one row at the end, stopped after 1.6 s. Other tests share the cores, so that one
  /// of three tries has to be right within a factor of 10.
  @Test func aRunSaysAfterASecondHowLongItWillTake() throws {
    var tries: [String] = []
    for _ in 1...3 {
      let (estimate, expected) = try announcedAndMeasured()
      if estimate > expected / 10 && estimate < expected * 10 { return }
      tries.append("\(estimate) s announced, \(expected) s measured")
    }
    Issue.record("\(tries)")
  }

  private func announcedAndMeasured() throws -> (Double, Double) {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let interrupt = Interrupt()
    DispatchQueue.global().asyncAfter(deadline: .now() + 1.6) { interrupt.request() }
    let steps = 1_000_000_000
    let (status, _, errors) = langevin(words(temporary, steps: steps, thin: steps)) { interrupt }
    #expect(status == .interrupted)
    let line = try #require(errors.split(separator: "\n").first { $0.contains("this will take about") }, "\(errors)")
    let parts = line.split(separator: " ").last?.split(separator: ":").compactMap { Double($0) } ?? []
    #expect(parts.count == 3, "\(line)")
    let stopped = try #require(errors.firstMatch(of: /stopped by SIGINT after step ([0-9 ]+) of/)?.1)
    let done = try #require(Double(String(stopped.filter { $0 != " " })))
    return (parts.reduce(0) { $0 * 60 + $1 }, Double(steps) / done * 1.6)
  }

  /// Commands that run within a process, as here, leave its signals alone: the first SIGTERM ends it.
  @Test func commandsWithinAProcessLeaveItsSignalsAlone() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    #expect(langevin(words(temporary, steps: 10, thin: 1) + ["--quiet"]).status == .success)
    #expect(langevin("resume", temporary.file("run"), "--steps", "20", "--quiet", "--no-report").status == .success)
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      #expect(sigaction(number, nil, &action) == 0)
      #expect(
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 0,
        "signal \(number) is not at its default")
    }
  }
}
