import CLangevinPeak
import Langevin

/// One measured speed: how often per second, how that varies, and what the machine could do at best. Or another number
/// with its spread, such as a ratio of times.
struct Measurement {
  var name: String
  /// Work per second, in `unit`: the median over samples, with the 10th and the 90th percentile.
  var median: Double
  var low: Double
  var high: Double
  var unit: String
  /// What bounds the work, such as "FMA peak", with the fraction reached: the median of the ratios of samples taken in
  /// turn, so that a machine that changes its speed changes both.
  var limit: (name: String, fraction: Double)?
  /// What is asked for, as the same kind of fraction or in the same unit, if there is such a number.
  var goal: String?
  /// Seconds for one piece of work, by the median.
  var seconds: Double?
}

/// A piece of work that is timed by repeating it.
struct Workload {
  var name: String
  /// The amount of work in one repetition, in `unit`.
  var amount: Double
  var unit: String
  var goal: String?
  var run: () throws -> Void
}

/// What a workload's speed is divided by; its speed is per second, in the workload's unit.
struct Yardstick {
  var name: String
  var workload: Workload

  /// The same counted in pieces of work, each of so many of its units.
  func inPieces(of amount: Double) -> Yardstick {
    var yardstick = self
    yardstick.workload.amount /= amount
    return yardstick
  }
}

/// What speeds are measured by.
enum Clock {
  case wall
  /// The time that the process was at work, which a busy machine changes less. All threads together.
  case processor

  var seconds: Double {
    switch self {
    case .wall: lk_wall_seconds()
    case .processor: lk_processor_seconds()
    }
  }

  /// How long something takes.
  func time(_ body: () throws -> Void) rethrows -> Double {
    let start = seconds
    try body()
    return seconds - start
  }
}

extension Workload {
  /// 25 samples of about 20 ms each, in turn with those of the yardstick; fewer, but 5, of work that takes long.
  func measure(against yardstick: Yardstick? = nil, by clock: Clock) throws -> Measurement {
    let repetitions = try repetitions(forSeconds: 0.02, clock)
    let samples = repetitions > 1 ? 25 : max(5, min(25, Int(2 * (try time(1, clock)) / amount)))
    let others = try yardstick?.workload.repetitions(forSeconds: 0.01, clock) ?? 0
    var speeds: [Double] = []
    var fractions: [Double] = []
    for _ in 0..<samples {
      let speed = try time(repetitions, clock)
      speeds.append(speed)
      if let yardstick { fractions.append(speed / (try yardstick.workload.time(others, clock))) }
    }
    speeds.sort()
    let median = speeds[samples / 2]
    return Measurement(
      name: name, median: median, low: speeds[samples / 10], high: speeds[samples - 1 - samples / 10], unit: unit,
      limit: yardstick.map { ($0.name, fractions.sorted()[samples / 2]) }, goal: goal, seconds: amount / median)
  }

  /// The amount of work per second over some repetitions.
  private func time(_ repetitions: Int, _ clock: Clock) throws -> Double {
    // The clock of a processor may stand still for a moment.
    amount * Double(repetitions) / max(try clock.time { for _ in 0..<repetitions { try run() } }, 1e-9)
  }

  private func repetitions(forSeconds wanted: Double, _ clock: Clock) throws -> Int {
    try run()
    var repetitions = 1
    while true {
      let speed = try time(repetitions, clock)
      let taken = amount * Double(repetitions) / speed
      if taken > wanted / 4 { return max(1, Int(Double(repetitions) * wanted / taken)) }
      repetitions *= 4
    }
  }
}
