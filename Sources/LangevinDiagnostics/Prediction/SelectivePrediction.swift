import LangevinPlatform

/// How good a classifier is that answers only where it is sure: the error rate of the k surest answers, averaged over k
/// (Geifman and El-Yaniv, "Selective classification for deep neural networks", NeurIPS 2017).
package struct SelectivePrediction: Sendable, Equatable, Codable {
  /// The area under the curve of risk against coverage (AURC).
  package let area: Double
  /// The area less that of an order in which all errors come last: e + (1 - e) ln(1 - e) for an error rate e.
  package let excess: Double

  /// Measures answers by their confidence. Answers of equal confidence share their errors evenly, so that the order of
  /// rows does not matter.
  ///
  /// - Throws: ``DiagnosticsError`` without answers, or for lists of different lengths.
  package init(confidences: [Double], isCorrect: [Bool]) throws(DiagnosticsError) {
    guard !confidences.isEmpty else { throw .empty(what: "predictions") }
    guard confidences.count == isCorrect.count else {
      throw .sizeMismatch(what: "answers", found: isCorrect.count, expected: confidences.count)
    }
    let order = zip(confidences, isCorrect).sorted { $0.0 > $1.0 }
    var sum = 0.0
    var errors = 0.0
    var start = 0
    while start < order.count {
      var end = start
      while end < order.count, order[end].0 == order[start].0 { end += 1 }
      let tied = Double(order[start..<end].count { !$0.1 })
      for place in start..<end {
        let reached = Double(place + 1 - start) / Double(end - start)
        sum += (errors + tied * reached) / Double(place + 1)
      }
      errors += tied
      start = end
    }
    let count = Double(order.count)
    let rate = errors / count
    area = sum / count
    excess = area - (rate + (rate < 1 ? (1 - rate) * log1p(-rate) : 0))
  }
}
