import LangevinCore

/// The energy U_ref that is taken off U in the force on alpha: a given one, or U of the first evaluation for so many steps
/// and then the mean of U over the cold states among them.
///
/// It changes the law no more than the bias does, but a large U - U_ref makes large forces on alpha.
struct ReferenceEnergy: Sendable {
  private let isFixed: Bool
  private let steps: UInt64
  private(set) var value: Double
  private var seen: UInt64 = 0
  private var coldSum = 0.0
  private var coldCount: UInt64 = 0

  init(fixed value: Double?, steps: UInt64) {
    isFixed = value != nil
    self.steps = steps
    self.value = value ?? 0
  }

  /// Whether it will not move any more.
  var isSettled: Bool { isFixed || seen > steps }

  /// Takes up the energy of a step, before it is used; returns by how much the reference has moved.
  mutating func observe(_ energy: Double, isCold: Bool) -> Double {
    if isSettled { return 0 }
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
