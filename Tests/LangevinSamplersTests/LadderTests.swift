import LangevinCore
import LangevinSamplers
import Testing

/// The bookkeeping of a ladder of temperatures: its text, its pairs, its walkers, its adaptation.
@Suite struct LadderTests {
  @Test func textReadsBack() throws {
    let geometric = try #require(TemperatureLadder(settingText: "geometric:1e-4,0.1,4"))
    #expect(geometric.isAdapted && geometric.count == 4)
    for (found, exact) in zip(geometric.temperatures, [1e-4, 1e-3, 1e-2, 1e-1]) {
      #expect(abs(found / exact - 1) < 1e-12)
    }
    #expect(geometric.temperatures[0] == 1e-4 && geometric.temperatures[3] == 0.1)
    let list = try #require(TemperatureLadder(settingText: "1,2.5,3"))
    #expect(!list.isAdapted && list.temperatures == [1, 2.5, 3])
    for ladder in [geometric, list] { #expect(TemperatureLadder(settingText: ladder.settingText ?? "") == ladder) }
  }

  @Test(arguments: [
    "", "1", "2,1", "1,1", "0,1", "-1,1", "1,nan", "1,inf", "1,,2", "geometric:1,2", "geometric:2,1,3",
    "geometric:1,2,1",
    "geometric:1,2,1001", "geometric:0,2,3", "geometric:1,2,3.5", "linear:1,2,3", "geometric:1,2,-3",
  ])
  func textThatIsNoLadderIsRefused(_ text: String) { #expect(TemperatureLadder(settingText: text) == nil) }

  /// Even pairs, then odd ones; a walker that is accepted each time goes straight to the other end.
  @Test func walkersDrift() {
    var record = ExchangeRecord(rungs: 5)
    let random = RandomStream(seed: 1, purpose: .exchange)
    var places: [Int] = []
    for sweep in 0..<20 {
      #expect(Array(record.pairs) == (sweep % 2 == 0 ? [0, 2] : [1, 3]))
      for pair in record.pairs { _ = record.accepts(pair, exponent: 0, random: random) }
      record.finishSweep()
      places.append(record.walkers.firstIndex(of: 0) ?? -1)
    }
    #expect(places == [1, 2, 3, 4, 4, 3, 2, 1, 0, 0, 1, 2, 3, 4, 4, 3, 2, 1, 0, 0])
    #expect(record.tried == [10, 10, 10, 10] && record.accepted == record.tried)
    // Five walkers, a round trip each in ten sweeps: 1/(2 + 0) in a sweep, less those that are on their way.
    #expect(record.roundTrips >= 7 && record.roundTrips <= 10)
  }

  /// The simulation of the published formula for rejections 0.1, 0.7, 0.3: 0.1295 against 0.1291.
  @Test func roundTripsComeAsOftenAsTheFormulaSays() {
    let rejections = [0.1, 0.7, 0.3]
    let ideal = TemperatureLadder.idealRoundTrips(rejections)
    #expect(abs(ideal - 0.1291) < 5e-5)
    var record = ExchangeRecord(rungs: 4)
    let random = RandomStream(seed: 4, purpose: .exchange)
    let sweeps = 40_000
    for _ in 0..<sweeps {
      for pair in record.pairs { _ = record.accepts(pair, exponent: Math.log(1 - rejections[pair]), random: random) }
      record.finishSweep()
    }
    #expect(abs(Double(record.roundTrips) / Double(sweeps) - 0.1295) < 0.004)
    for (pair, rejection) in rejections.enumerated() {
      #expect(abs((record.acceptance[pair] ?? 0) - (1 - rejection)) < 1e-12)
      #expect(abs(record.accepted[pair] / record.tried[pair] - (1 - rejection)) < 0.017)
    }
    record.restartCounts()
    #expect(record.acceptance == [nil, nil, nil] && record.roundTrips == 0 && record.countedSweeps == 0)
    #expect(record.sweep == UInt64(sweeps))
  }

  /// Where a pair rejects in proportion to ln(T'/T), equal rejections are equal ratios; where the density of rejection doubles
  /// in one place, rungs are twice as dense there.
  @Test func rungsMoveToEqualRejection() {
    let uneven = [1.0, 1.1, 1.5, 4, 16]
    let flat = (0..<4).map { 0.2 * Math.log(uneven[$0 + 1] / uneven[$0]) }
    for (found, exact) in zip(TemperatureLadder.equalised(uneven, rejections: flat), [1.0, 2, 4, 8, 16]) {
      #expect(abs(found - exact) < 1e-12 * exact)
    }
    let moved = TemperatureLadder.equalised([1, 10, 100], rejections: [0.6, 0.2])
    #expect(moved[0] == 1 && moved[2] == 100)
    #expect(abs(moved[1] - Math.pow(10, 2.0 / 3)) < 1e-9)
    #expect(abs(TemperatureLadder.barrier([0.6, 0.2]) - 0.8) < 1e-15)
  }

  /// Rounds of 16, 32, 64, ... sweeps, until the rejections agree to 0.1.
  @Test func adaptationGoesInRounds() throws {
    let random = RandomStream(seed: 2, purpose: .exchange)
    var adaptation = LadderAdaptation(of: try .geometric(cold: 1, hot: 9, count: 3))
    var (temperatures, record, rounds) = ([1.0, 3, 9], ExchangeRecord(rungs: 3), [Int]())
    for sweep in 1...200 {
      // The barrier lies between 1 and 2.
      for pair in record.pairs {
        let share = Math.log(min(temperatures[pair + 1], 2) / min(temperatures[pair], 2)) / Math.log(2)
        _ = record.accepts(pair, exponent: Math.log(1 - 0.8 * share), random: random)
      }
      record.finishSweep()
      guard let moved = adaptation.moved(temperatures, after: record) else { continue }
      (temperatures, rounds) = (moved, rounds + [sweep])
      record.restartCounts()
    }
    #expect(rounds.first == 16 && rounds.count <= 3)
    #expect(abs(temperatures[1] - Math.pow(2, 0.5)) < 0.15)
    var fixed = LadderAdaptation(of: try TemperatureLadder([1, 3, 9]))
    #expect(fixed.moved([1, 3, 9], after: record) == nil)
  }
}
