/// How well a score tells two groups apart, such as unfamiliar inputs from familiar ones by the entropy of the prediction.
package struct Discrimination: Sendable, Equatable, Codable {
  /// The probability that one of the positive group scores higher than one of the negative, ties by half (AUROC): 1/2 for
  /// a score that knows nothing.
  package let area: Double
  /// The share of negatives at or above the largest score that 95 % of the positives reach (FPR95).
  package let falsePositiveRate: Double

  /// Compares the scores of two groups.
  ///
  /// - Throws: ``DiagnosticsError`` for a group without members and for scores that are no numbers.
  package init(negatives: [Double], positives: [Double]) throws(DiagnosticsError) {
    for (what, scores) in [("score of a negative", negatives), ("score of a positive", positives)] {
      guard !scores.isEmpty else { throw .empty(what: "\(what)s") }
      if let index = scores.firstIndex(where: \.isNaN) {
        throw .invalidEntry(what: what, index: index, value: scores[index], expected: "a number")
      }
    }
    // By mean ranks: ties share theirs.
    let all = (negatives.map { ($0, false) } + positives.map { ($0, true) }).sorted { $0.0 < $1.0 }
    var rankSum = 0.0
    var start = 0
    while start < all.count {
      var end = start
      while end < all.count, all[end].0 == all[start].0 { end += 1 }
      rankSum += Double(all[start..<end].count { $0.1 }) * Double(start + 1 + end) / 2
      start = end
    }
    let (n, m) = (Double(positives.count), Double(negatives.count))
    area = (rankSum - n * (n + 1) / 2) / (n * m)
    let needed = Int((0.95 * n).rounded(.up))
    let threshold = positives.sorted(by: >)[needed - 1]
    falsePositiveRate = Double(negatives.count { $0 >= threshold }) / m
  }
}
