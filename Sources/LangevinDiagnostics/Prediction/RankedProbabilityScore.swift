import LangevinPlatform

extension PredictiveMixture {
  /// The most laws that the score of a mixture of normals is computed from exactly.
  package static let mostScoredLaws = 200

  /// The continuous ranked probability score: the integral over x of (F(x) - [x >= target])^2, in the units of the target.
  ///
  /// For a single point it is the absolute error; small is good. Mixtures of normals by the closed form of Grimit,
  /// Gneiting, Berrocal and Johnson (Q. J. R. Meteorol. Soc. 132, 2925, 2006), whose cost grows with the square of the
  /// number of laws: beyond ``mostScoredLaws`` an even selection stands for them. Points by sorting, counts by the sum;
  /// nil for Student laws, which have no closed form.
  package func rankedProbabilityScore(of target: Double) -> Double? {
    if laws.allSatisfy(\.isOfCounts) { return countScore(target) }
    var means: [Double] = []
    var deviations: [Double] = []
    for law in laws {
      guard case .normal(let mean, let deviation) = law else { return nil }
      means.append(mean)
      deviations.append(deviation)
    }
    if deviations.allSatisfy({ $0 == 0 }) { return Self.pointScore(means.sorted(), target) }
    if means.count > Self.mostScoredLaws {
      let chosen = (0..<Self.mostScoredLaws).map { $0 * laws.count / Self.mostScoredLaws }
      (means, deviations) = (chosen.map { means[$0] }, chosen.map { deviations[$0] })
    }
    let count = Double(means.count)
    var distance = 0.0
    var spread = 0.0
    for i in means.indices {
      distance += expectedMagnitude(target - means[i], deviations[i])
      for j in 0..<i {
        spread += expectedMagnitude(means[i] - means[j], hypot(deviations[i], deviations[j]))
      }
      // Each law with itself counts once, each pair twice.
      spread += expectedMagnitude(0, hypot(deviations[i], deviations[i])) / 2
    }
    return distance / count - spread / (count * count)
  }

  /// Points in ascending order: mean distance to the target less half the mean distance between two of them.
  private static func pointScore(_ points: [Double], _ target: Double) -> Double {
    let count = Double(points.count)
    var distance = 0.0
    var spread = 0.0
    for (place, point) in points.enumerated() {
      distance += (point - target).magnitude
      spread += point * (2 * Double(place) + 1 - count)
    }
    return distance / count - spread / (count * count)
  }

  private func countScore(_ target: Double) -> Double {
    var score = 0.0
    var count = 0.0
    while true {
      let reached = cumulative(count)
      let miss = reached - (count >= target ? 1 : 0)
      score += miss * miss
      if count >= target, miss * miss <= 1e-17 * score || miss == 0 { return score }
      count += 1
    }
  }
}

/// The mean of |X| for a normal X of that mean and deviation.
private func expectedMagnitude(_ mean: Double, _ deviation: Double) -> Double {
  if deviation == 0 { return mean.magnitude }
  let z = mean / deviation
  return 2 * deviation * exp(-z * z / 2) / (2 * Double.pi).squareRoot() + mean * erf(z / 2.0.squareRoot())
}
