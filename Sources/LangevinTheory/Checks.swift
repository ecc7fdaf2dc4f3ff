import LangevinCore

/// Checks a setting that must be above 0 and finite.
func checkPositive(_ value: Double, _ name: String) throws(LangevinError) {
  try require(value > 0 && value.isFinite, name, is: value, expected: "above 0, finite")
}
