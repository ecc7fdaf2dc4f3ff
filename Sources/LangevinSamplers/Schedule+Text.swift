/// A schedule as users write it: a number, or
///
///     polynomial:scale,offset,power   cosine:high,low,period   geometric:start,end,steps   ladder:value@steps,...
extension Schedule: SettingValue {
  /// The schedule that a text means.
  package init?(settingText text: String) {
    if let value = Double(settingText: text) {
      self = .constant(value)
      return
    }
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return nil }
    let items = parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let numbers = items.compactMap { Double($0) }
    switch (parts[0], items.count, numbers.count) {
    case ("polynomial", 3, 3): self = .polynomial(scale: numbers[0], offset: numbers[1], power: numbers[2])
    case ("cosine", 3, 3):
      guard let period = UInt64(settingText: items[2]), period > 0 else { return nil }
      self = .cosine(high: numbers[0], low: numbers[1], period: period)
    case ("geometric", 3, 3):
      guard let steps = UInt64(settingText: items[2]), steps > 0 else { return nil }
      self = .geometric(start: numbers[0], end: numbers[1], steps: steps)
    case ("ladder", 1..., _):
      let rungs = items.compactMap { item -> Rung? in
        let sides = item.split(separator: "@").map(String.init)
        guard sides.count == 2, let value = Double(sides[0]), let steps = UInt64(settingText: sides[1]) else {
          return nil
        }
        return Rung(value, steps: steps)
      }
      guard rungs.count == items.count else { return nil }
      self = .ladder(rungs)
    default: return nil
    }
  }

  /// The text that reads back as this schedule.
  package var settingText: String? {
    switch self {
    case .constant(let value): "\(value)"
    case .polynomial(let scale, let offset, let power): "polynomial:\(scale),\(offset),\(power)"
    case .cosine(let high, let low, let period): "cosine:\(high),\(low),\(period)"
    case .geometric(let start, let end, let steps): "geometric:\(start),\(end),\(steps)"
    case .ladder(let rungs): "ladder:" + rungs.map { "\($0.value)@\($0.steps)" }.joined(separator: ",")
    }
  }

  /// A number if it is one, else a string.
  package var settingForm: SettingForm { if case .constant = self { .number } else { .text } }

  /// Whether every value lies in the range and the schedule makes sense.
  package func isAllowed(in range: SettingRange) -> Bool {
    (try? check("it", zeroAllowed: range == .notNegative)) != nil
  }

  /// A number, or a schedule.
  package static func expectation(in range: SettingRange) -> String {
    Double.expectation(in: range) + ", or a schedule such as geometric:1e-3,1e-5,10000"
  }
}
