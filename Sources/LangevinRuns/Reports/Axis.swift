import LangevinPlatform

/// A range of numbers with round ticks in it.
struct Axis {
  let low: Double
  let high: Double
  let ticks: [Double]
  private let scale: Plot.Scale
  private let step: Double

  /// The range; with room above and below unless it should fit tightly.
  init(_ range: ClosedRange<Double>, tightly: Bool, scale: Plot.Scale = .linear) {
    switch scale {
    case .linear: self.init(linear: range, tightly: tightly)
    case .logarithmic: self.init(logarithmic: range, tightly: tightly)
    }
  }

  private init(linear range: ClosedRange<Double>, tightly: Bool) {
    scale = .linear
    var (low, high) = (range.lowerBound, range.upperBound)
    if high - low <= 1e-12 * max(low.magnitude, high.magnitude) {
      let room = low == 0 ? 1 : low.magnitude * 0.1
      (low, high) = (low - room, high + room)
    }
    let raw = (high - low) / 4.5
    let power = pow(10, log10(raw).rounded(.down))
    step = power * (raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7.5 ? 5 : 10)
    if !tightly {
      low = (low / step + 1e-9).rounded(.down) * step
      high = (high / step - 1e-9).rounded(.up) * step
    }
    self.low = low
    self.high = high
    let first = Int((low / step - 1e-9).rounded(.up))
    let last = max(first, Int((high / step + 1e-9).rounded(.down)))
    ticks = (first...last).map { [step] in Double($0) * step }
  }

  /// Ticks at powers of ten, so many that they can be read; within less than two powers also at their double and fivefold.
  private init(logarithmic range: ClosedRange<Double>, tightly: Bool) {
    scale = .logarithmic
    step = 0
    let room = range.upperBound / range.lowerBound < 1.02 ? 1.5 : 1
    var (low, high) = (range.lowerBound / room, range.upperBound * room)
    let powers = log10(high / low)
    if !tightly && powers >= 2 {
      low = pow(10, (log10(low) + 1e-9).rounded(.down))
      high = pow(10, (log10(high) - 1e-9).rounded(.up))
    } else if !tightly {
      (low, high) = (low / 1.15, high * 1.15)
    }
    (self.low, self.high) = (low, high)
    let every = max(1, Int((powers / 7).rounded(.up)))
    let multiples = powers < 2 ? [1.0, 2, 5] : [1.0]
    var ticks: [Double] = []
    for exponent in Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up)) where exponent % every == 0 {
      ticks += multiples.map { $0 * pow(10, Double(exponent)) }
    }
    self.ticks = ticks.filter { $0 >= low * (1 - 1e-9) && $0 <= high * (1 + 1e-9) }
  }

  /// Where a value lies between the ends, from 0 to 1.
  func share(_ value: Double) -> Double {
    switch scale {
    case .linear: min(1, max(0, (value - low) / (high - low)))
    case .logarithmic: value <= low ? 0 : min(1, log(value / low) / log(high / low))
    }
  }

  /// A tick's number.
  func label(_ tick: Double) -> String {
    if scale == .logarithmic { return Format.significant(tick, 1) }
    let largest = max(low.magnitude, high.magnitude)
    // Steps by the thousand and million: 400k, 20M.
    for (unit, suffix) in [(1e6, "M"), (1e3, "k")] where step >= unit && largest < 1e12 {
      return tick == 0 ? "0" : Format.fixed(tick / unit, 0) + suffix
    }
    if largest >= 1e5 || largest < 1e-3 { return Format.significant(tick.magnitude < step / 2 ? 0 : tick, 3) }
    return Format.fixed(tick, max(0, -Int((log10(step) + 1e-9).rounded(.down))))
  }
}
