/// Random numbers of steps with a given mean, spread evenly over the moves.
package enum TrajectoryLengths {
  /// max(1, ceil(v rescale(mean))), where v is the Halton number of the move, shifted.
  package static func steps(mean: Double, move: UInt64, shift: Double) -> Int {
    let v = halton(move + 1) + shift
    return max(1, Int((rescale(mean) * (v < 1 ? v : v - 1)).rounded(.up)))
  }

  /// s with E ceil(v s) = mean for a uniform v. For k < s <= k + 1 that mean is k + 1 - k (k + 1)/(2 s).
  package static func rescale(_ mean: Double) -> Double {
    let k = (2 * mean - 1).rounded(.down)
    return k * (k + 1) / (2 * (k + 1 - mean))
  }

  /// The digits of a number in base 2, mirrored at the point.
  static func halton(_ index: UInt64) -> Double {
    var (index, place, value) = (index, 0.5, 0.0)
    while index > 0 {
      if index & 1 == 1 { value += place }
      place /= 2
      index >>= 1
    }
    return value
  }
}
