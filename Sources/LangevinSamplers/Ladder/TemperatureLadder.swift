import LangevinCore

/// The temperatures of replica exchange, the coldest first: that of the law, and hotter ones that help it along.
///
///     geometric:3e-5,1e-3,8      8 temperatures in equal ratios; the warm-up moves those between the ends
///     3e-5,1e-4,3e-4,1e-3        exactly these
public struct TemperatureLadder: Hashable, Sendable {
  /// T of each rung.
  public let temperatures: [Double]
  /// Whether the warm-up moves those between the ends, so that all pairs of neighbours exchange equally often.
  public let isAdapted: Bool

  /// Temperatures that stay as they are: two or more, each above the one before.
  public init(_ temperatures: [Double]) throws(SamplingError) {
    try self.init(temperatures, isAdapted: false)
  }

  /// Temperatures in equal ratios, which the warm-up adapts.
  public static func geometric(cold: Double, hot: Double, count: Int) throws(SamplingError) -> TemperatureLadder {
    let share = { (rung: Int) in Double(rung) / Double(max(1, count - 1)) }
    let between = (0..<max(0, count)).map { rung in
      rung == 0 ? cold : rung == count - 1 ? hot : cold * Math.pow(hot / cold, share(rung))
    }
    return try TemperatureLadder(between, isAdapted: true)
  }

  private init(_ temperatures: [Double], isAdapted: Bool) throws(SamplingError) {
    guard (2...1000).contains(temperatures.count) else {
      throw .setting("the ladder", in: "", found: "\(temperatures.count) temperatures", expected: "2 to 1000")
    }
    var last = 0.0
    for temperature in temperatures {
      guard temperature.isFinite, temperature > last else {
        throw .setting(
          "the ladder", in: "", found: "\(temperature) after \(last)",
          expected: "finite temperatures that rise from above 0")
      }
      last = temperature
    }
    self.temperatures = temperatures
    self.isAdapted = isAdapted
  }

  /// T of the law.
  package var cold: Double { temperatures[0] }
  /// The number of rungs.
  package var count: Int { temperatures.count }
}

extension TemperatureLadder: SettingValue {
  /// `geometric:COLD,HOT,COUNT`, or temperatures with commas between them.
  package init?(settingText text: String) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    let items = (parts.last ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let numbers = items.compactMap { Double($0) }
    guard numbers.count == items.count else { return nil }
    let ladder: TemperatureLadder?
    if parts.count == 1 {
      ladder = try? TemperatureLadder(numbers)
    } else {
      guard parts[0] == "geometric", items.count == 3, let count = Int(items[2]) else { return nil }
      ladder = try? .geometric(cold: numbers[0], hot: numbers[1], count: count)
    }
    guard let ladder else { return nil }
    self = ladder
  }

  /// The text that reads back as the same ladder.
  package var settingText: String? {
    isAdapted
      ? "geometric:\(temperatures[0]),\(temperatures[count - 1]),\(count)"
      : temperatures.map { "\($0)" }.joined(separator: ",")
  }

  /// In words.
  package static func expectation(in range: SettingRange) -> String {
    "geometric:COLD,HOT,COUNT, or 2 to 1000 temperatures that rise, with commas between them"
  }
}

// MARK: - Adaptation

extension TemperatureLadder {
  /// The barrier of a ladder, the sum of the rejection rates of its pairs. It depends on the ends alone where rungs are dense,
  /// and 2 barrier pairs, which reject half of the time, are as good as any number (Syed et al., section 5).
  package static func barrier(_ rejections: [Double]) -> Double { rejections.reduce(0, +) }

  /// Round trips of all walkers together in a sweep, where the rungs forget their energies between sweeps:
  ///
  ///     1/(2 + 2 sum r/(1 - r))
  ///
  /// (Syed et al., theorem 1.)
  package static func idealRoundTrips(_ rejections: [Double]) -> Double {
    1 / (2 + 2 * rejections.reduce(0) { $0 + $1 / max(1e-12, 1 - $1) })
  }

  /// Temperatures at which pairs would reject equally often: the rejections summed from the cold end, as a piecewise linear
  /// function of ln T, are cut into equal parts. The ends stay.
  package static func equalised(_ temperatures: [Double], rejections: [Double]) -> [Double] {
    let logarithms = temperatures.map { Math.log($0) }
    // What never rejects still has a length, so that the function can be inverted.
    let heights = rejections.reduce(into: [0.0]) { $0.append($0[$0.count - 1] + max($1, 1e-3)) }
    var (moved, pair) = (temperatures, 0)
    for rung in 1..<temperatures.count - 1 {
      let height = heights[rejections.count] * Double(rung) / Double(rejections.count)
      while heights[pair + 1] < height { pair += 1 }
      let share = (height - heights[pair]) / (heights[pair + 1] - heights[pair])
      moved[rung] = Math.exp(logarithms[pair] + share * (logarithms[pair + 1] - logarithms[pair]))
    }
    return moved
  }
}

/// Moves the rungs of a ladder in rounds of 16, 32, 64, ... sweeps until all pairs reject equally often, to 0.1.
///
/// A ladder that still moves has no law, so this belongs to the warm-up.
package struct LadderAdaptation: Sendable {
  private var round: UInt64 = 0
  private var isDone: Bool

  /// The adaptation of a ladder; one of fixed temperatures has none.
  package init(of ladder: TemperatureLadder) { isDone = !ladder.isAdapted || ladder.count < 3 }

  /// New temperatures at the end of a round that was not good enough.
  package mutating func moved(_ temperatures: [Double], after record: ExchangeRecord) -> [Double]? {
    guard !isDone, record.countedSweeps == 16 << round else { return nil }
    let rejections = record.acceptance.map { 1 - ($0 ?? 1) }
    round += 1
    let spread = (rejections.max() ?? 0) - (rejections.min() ?? 0)
    isDone = spread < 0.1 || round == 8
    return spread < 0.1 ? nil : TemperatureLadder.equalised(temperatures, rejections: rejections)
  }

  /// Stores or restores it.
  package mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("round", &round)
    try archive.field("is-done", &isDone)
  }
}
