/// Counts of a stream of numbers in bins of equal width.
package struct Histogram: Sendable, Equatable, Codable {
  /// Lower edge of the first bin.
  package let lowerBound: Double
  /// Upper edge of the last bin, which belongs to no bin.
  package let upperBound: Double
  /// Count of each bin.
  package private(set) var counts: [Int]
  /// Numbers below the first bin.
  package private(set) var below = 0
  /// Numbers at or above the upper edge of the last bin, and those that are not numbers.
  package private(set) var above = 0

  /// Empty bins between finite edges.
  package init(from lowerBound: Double, to upperBound: Double, bins: Int) {
    precondition(
      lowerBound < upperBound && (upperBound - lowerBound).isFinite && bins > 0,
      "a histogram needs finite edges in rising order and at least one bin")
    self.lowerBound = lowerBound
    self.upperBound = upperBound
    counts = [Int](repeating: 0, count: bins)
  }

  /// Width of a bin.
  package var binWidth: Double { (upperBound - lowerBound) / Double(counts.count) }

  /// All numbers added, outliers included.
  package var total: Int { counts.reduce(below + above, +) }

  /// Counts one number.
  package mutating func add(_ value: Double) {
    if value < lowerBound {
      below += 1
    } else if value < upperBound {
      // Rounding may carry a number just below the upper edge to it.
      let bin = Int((value - lowerBound) / (upperBound - lowerBound) * Double(counts.count))
      counts[min(bin, counts.count - 1)] += 1
    } else {
      above += 1
    }
  }

  /// Adds the counts of a histogram with the same bins.
  package mutating func merge(_ other: Histogram) {
    precondition(
      lowerBound == other.lowerBound && upperBound == other.upperBound && counts.count == other.counts.count,
      "only histograms with the same bins can be added")
    for bin in counts.indices { counts[bin] += other.counts[bin] }
    below += other.below
    above += other.above
  }

  /// Middle of a bin.
  package func center(ofBin bin: Int) -> Double { lowerBound + (Double(bin) + 0.5) * binWidth }

  /// Estimated probability density in each bin; with no outliers its sum times the bin width is 1.
  package var densities: [Double] {
    let scale = total > 0 ? 1 / (Double(total) * binWidth) : 0
    return counts.map { Double($0) * scale }
  }
}
