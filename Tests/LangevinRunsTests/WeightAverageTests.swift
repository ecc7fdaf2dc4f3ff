import Langevin
import Testing
import _LangevinTestSupport

@Suite struct WeightAverageTests {
  @Test func itIsTheMeanOfTheDrawsAfterTheWarmUp() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let (average, late) = (WeightAverage(), WeightAverage(after: 40))
    var draws: [(step: UInt64, weights: [Double])] = []
    let listener = ClosureObserver { kept in
      if kept.chain == 1, !kept.isWarmup { draws.append((kept.step, kept.draw.tensor(of: Double.self).elements)) }
    }
    let run = try NetworkRun.start(
      smallRun("sgld"), in: RunFolder(temporary.file("run")), observers: [average, late])
    #expect(average.parameters(ofChain: 1)?.count == nil)
    #expect(try run.advance(observers: [listener]) == .finished)
    #expect(draws.map(\.step) == [25, 30, 35, 40, 45, 50, 55, 60])
    for (observer, first) in [(average, 0), (late, 4)] {
      let found = try #require(observer.parameters(ofChain: 1)).tensor(of: Double.self)
      #expect(observer.count(ofChain: 1) == UInt64(8 - first))
      for index in 0..<found.count {
        let mean = draws[first...].reduce(0) { $0 + $1.weights[index] } / Double(8 - first)
        #expect(abs(found[index] - mean) < 1e-12)
      }
    }
    #expect(average.parameters(ofChain: 2)?.count == nil)
  }

  /// A kill is a run that is dropped in the middle: nothing but its files is left.
  @Test func aKilledRunHasTheSameAverageBitForBit() throws {
    let temporary = try TemporaryFolder()
    defer { temporary.remove() }
    let whole = WeightAverage()
    _ = try NetworkRun.start(smallRun("baoab"), in: RunFolder(temporary.file("whole")), observers: [whole]).advance()

    let cut = RunFolder(temporary.file("cut"))
    for (number, looks) in [13, 6, 31].enumerated() {
      let observers = [WeightAverage()]
      let run =
        try number == 0
        ? NetworkRun.start(smallRun("baoab"), in: cut, observers: observers)
        : NetworkRun.resume(cut, observers: observers)
      #expect(try run.advance(interrupt: Interrupt(afterLooks: looks)) == .interrupted)
      // Rows that no checkpoint has seen.
      let lost = try NetworkRun.resume(cut, observers: [WeightAverage()])
      #expect(throws: KillAfter.Killed.self) { try lost.advance(observers: [KillAfter(rows: 3)]) }
    }
    let average = WeightAverage()
    #expect(try NetworkRun.resume(cut, observers: [average]).advance() == .finished)
    for chain in 0..<2 {
      #expect(average.count(ofChain: chain) == whole.count(ofChain: chain))
      let (found, expected) = (average.parameters(ofChain: chain), whole.parameters(ofChain: chain))
      #expect(
        try #require(found).tensor(of: Double.self).elements == #require(expected).tensor(of: Double.self).elements)
    }
    // The checkpoints hold an average, and a run without one cannot take them for its own.
    #expect(throws: FileError.self) { try NetworkRun.resume(cut) }
  }
}
