import LangevinSamplers
import Testing

@Suite struct ScheduleTests {
  @Test func valuesFollowTheirFormulas() {
    #expect(Schedule.constant(0.5).value(at: 10) == 0.5)
    #expect(abs(Schedule.polynomial(scale: 2, offset: 1, power: 1).value(at: 3) - 0.5) < 1e-15)
    let cosine = Schedule.cosine(high: 1, low: 0, period: 4)
    #expect((0..<5).map { (cosine.value(at: $0) * 1000).rounded() } == [1000, 854, 500, 146, 1000])
    let geometric = Schedule.geometric(start: 1, end: 0.01, steps: 2)
    #expect(abs(geometric.value(at: 1) - 0.1) < 1e-15 && geometric.value(at: 9) == 0.01)
    let ladder = Schedule.ladder([.init(3, steps: 2), .init(2, steps: 1), .init(1, steps: 5)])
    #expect((0..<5).map { ladder.value(at: $0) } == [3, 3, 2, 1, 1])
    #expect(ladder.value(at: 100) == 1)
  }

  @Test(arguments: [
    (Schedule.constant(-1), "h is -1.0; expected above 0, finite"),
    (.constant(.nan), "h is nan; expected above 0, finite"),
    (.polynomial(scale: 1, offset: 1, power: 0.5), "the power of h is 0.5; expected in (0.5, 1]"),
    (.polynomial(scale: 1, offset: 0, power: 1), "the offset of h is 0.0; expected above 0"),
    (.cosine(high: 1, low: 1, period: 0), "the period of h is 0.0; expected 1 or more"),
    (.geometric(start: 1, end: 0, steps: 3), "h is 0.0; expected above 0, finite"),
    (.ladder([]), "h is an empty ladder; expected at least one rung"),
  ])
  func badValuesAreRefused(schedule: Schedule, message: String) {
    #expect(throws: SamplingError.self) { try schedule.check("h") }
    do { try schedule.check("h") } catch { #expect(error.description == message) }
  }
}
