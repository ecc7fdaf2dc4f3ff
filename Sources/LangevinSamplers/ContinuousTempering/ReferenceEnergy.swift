import LangevinCore

/// The energy U_ref that is taken off U in the force on alpha.
///
/// It changes the law no more than the bias does, but a large U - U_ref makes large forces on alpha.
public enum ReferenceEnergy: Hashable, Sendable {
  /// A number of your own.
  case fixed(Double)
  /// U of the first evaluation for so many steps, then the mean of U over the cold states among them.
  case automatic(steps: UInt64 = 100)
}

/// U_ref while it is found.
struct ReferenceEnergyEstimate: Sendable {
  let rule: ReferenceEnergy
  private(set) var value: Double
  private var seen: UInt64 = 0
  private var coldSum = 0.0
  private var coldCount: UInt64 = 0

  init(_ rule: ReferenceEnergy) {
    self.rule = rule
    if case .fixed(let value) = rule { self.value = value } else { value = 0 }
  }

  /// Whether it will not move any more.
  var isSettled: Bool {
    switch rule {
    case .fixed: true
    case .automatic(let steps): seen > steps
    }
  }

  /// Takes up the energy of a step, before it is used; returns by how much the reference has moved.
  mutating func observe(_ energy: Double, isCold: Bool) -> Double {
    guard case .automatic(let steps) = rule, !isSettled else { return 0 }
    if seen == 0 { value = energy }
    seen += 1
    if seen <= steps {
      if isCold {
        coldSum += energy
        coldCount += 1
      }
      return 0
    }
    let before = value
    if coldCount > 0 { value = coldSum / Double(coldCount) }
    return value - before
  }

  mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("reference.value", &value)
    try archive.field("reference.seen", &seen)
    try archive.field("reference.cold-sum", &coldSum)
    try archive.field("reference.cold-count", &coldCount)
  }
}
