/// The largest of many errors, as multiples of what is allowed, and where it was: one expectation for a whole grid.
struct LargestError {
  private(set) var ratio = 0.0
  private(set) var place = "nowhere"

  /// Notes a result. NaN is an error without bound unless both are NaN; equal numbers, infinite or not, are no error.
  mutating func compare(
    _ found: some BinaryFloatingPoint, _ expected: Double, allowed: Double, at place: @autoclosure () -> String = ""
  ) {
    let found = Double(found)
    if found == expected || found.isNaN && expected.isNaN { return }
    let ratio = abs(found - expected) / allowed
    if ratio.isNaN || ratio > self.ratio {
      self.ratio = ratio.isNaN ? .infinity : ratio
      self.place = "\(place()): \(found), expected \(expected)"
    }
  }

  var isAllowed: Bool { ratio <= 1 }
}
