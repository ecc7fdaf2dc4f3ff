import LangevinPlatform

/// The overlap J_S = E_x[relu(w.x) chi_S(x)] of a hidden unit with a parity, over the uniform cube.
///
/// The coordinates outside S enter only through the length q of their weights: their sum is close to normal, and the first
/// correction for its kurtosis, averaged over directions, is known. For one coordinate the overlap is w/2; for an odd number
/// of them above 1 it is 0, since relu(z) = z/2 + |z|/2.
public enum RectifiedUnit {
  /// E[relu(u + q xi)] for a standard normal xi; with `others`, xi is instead q^-1 times a sum over that many random signs with
  /// weights of length q and random direction, to first order in its kurtosis.
  static func mean(_ u: Double, spread q: Double, others: Int?) -> Double {
    if q == 0 { return max(u, 0) }
    let t = u / q
    let density = exp(-t * t / 2) / (2 * Double.pi).squareRoot()
    let cumulative = erfc(-t / 2.0.squareRoot()) / 2
    let gaussian = u * cumulative + q * density
    guard let others else { return gaussian }
    return gaussian - q * (t * t - 1) * density / (4 * Double(others + 2))
  }

  /// J_S for weights `relevant` on S and weights of length `spread` on the other coordinates; `others` is the number of these, or
  /// nil to leave out the correction for their kurtosis.
  public static func overlap(relevant: [Double], spread: Double, others: Int?) -> Double {
    overlaps(relevant: relevant, spreads: [spread], others: others)[0]
  }

  /// The same for many lengths: 2^-k sum over the signs s of the relevant coordinates of prod s_j E[relu(s.w_S + q xi)].
  static func overlaps(relevant: [Double], spreads: [Double], others: Int?) -> [Double] {
    let k = relevant.count
    if k == 1 { return spreads.map { _ in relevant[0] / 2 } }
    if k % 2 == 1 { return spreads.map { _ in 0 } }
    var terms = [(sum: 0.0, character: pow(2, -Double(k)))]
    for w in relevant { terms = terms.flatMap { [($0.sum + w, $0.character), ($0.sum - w, -$0.character)] } }
    return spreads.map { spread in
      var overlap = 0.0
      for (sum, character) in terms { overlap += character * mean(sum, spread: spread, others: others) }
      return overlap
    }
  }

  /// The same by listing the 2^d points of the cube.
  public static func exactOverlap(weights: [Double], relevant: [Int]) -> Double {
    var sum = 0.0
    for point in 0..<1 << weights.count {
      var u = 0.0
      for j in weights.indices { u += point >> j & 1 == 0 ? weights[j] : -weights[j] }
      let character = relevant.count { point >> $0 & 1 == 1 } % 2 == 0 ? 1.0 : -1.0
      sum += character * max(u, 0)
    }
    return sum / Double(1 << weights.count)
  }
}
