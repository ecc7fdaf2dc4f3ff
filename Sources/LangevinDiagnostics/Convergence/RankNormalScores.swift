extension Draws {
  /// The draws replaced by the normal scores of their ranks, step 2 of Vehtari et al. (2021), section 4.
  ///
  /// Ranks run over all chains together, equal draws share their average rank r, and a rank becomes
  /// Phi^-1((r - 3/8) / (S + 1/4)) for S draws (Blom, 1958). The scores have finite moments whatever the law of the
  /// draws, so diagnostics made of means and variances work even for heavy tails.
  var rankNormalScores: Draws {
    let count = values.count
    // Values travel with their indices: looking them up during the sort would jump through memory.
    let order = zip(values, values.indices).sorted { $0.0 < $1.0 }
    var scores = [Double](repeating: 0, count: count)
    var start = 0
    while start < count {
      var end = start + 1
      while end < count, order[end].0 == order[start].0 { end += 1 }
      let averageRank = Double(start + 1 + end) / 2
      let score = StandardNormal.quantile((averageRank - 0.375) / (Double(count) + 0.25))
      for position in start..<end { scores[order[position].1] = score }
      start = end
    }
    return Draws(chainCount: chainCount, drawsPerChain: drawsPerChain, values: scores)
  }

  /// Distances from the median of all draws: large where a draw lies in either tail.
  var folded: Draws {
    let median = median(ofSorted: values.sorted())
    return map { ($0 - median).magnitude }
  }
}
