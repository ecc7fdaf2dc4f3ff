import LangevinCore
import Testing

/// Orders and subsets are uniform as wholes, not only in their margins: Sattolo's shuffle, which makes cycles only, has every
/// example in every other place equally often.
@Suite struct ShuffleTests {
  /// The statistic of chi-squared over all outcomes of `draws` draws, each equally likely.
  private func chiSquared(_ outcomes: [[Int32]], over count: Int) -> Double {
    var counts: [[Int32]: Int] = [:]
    for outcome in outcomes { counts[outcome, default: 0] += 1 }
    #expect(counts.count <= count, "there are only \(count) outcomes")
    let expected = Double(outcomes.count) / Double(count)
    let missing = Double(count - counts.count) * expected
    return counts.values.reduce(missing) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
  }

  private func batches(_ scheme: BatchScheme, of count: Int, _ number: Int, seed: UInt64) throws -> [[Int32]] {
    var stream = try BatchStream(scheme, exampleCount: count, seed: seed)
    return (0..<number).map { _ in
      stream.advance()
      return stream.current.rows ?? []
    }
  }

  /// All 24 orders of 4 examples. Chi-squared with 23 degrees of freedom is above 77 in one of 10^6 cases.
  @Test func epochsHaveEveryOrderEquallyOften() throws {
    let steps = try batches(.epochs(1), of: 4, 4 * 4800, seed: 3)
    let orders = (0..<4800).map { epoch in steps[4 * epoch..<4 * epoch + 4].flatMap(\.self) }
    #expect(chiSquared(orders, over: 24) < 77)
  }

  /// The order of a fixed partition, over chains of many seeds, and of sweeps that are cut anew.
  @Test func partitionsAndSweepsHaveEveryOrderEquallyOften() throws {
    let fixed = try (0..<2400).map { seed in
      try batches(.fixedPartition(1), of: 4, 4, seed: UInt64(seed)).flatMap(\.self)
    }
    #expect(chiSquared(fixed, over: 24) < 77)
    let steps = try batches(.sweeps(1), of: 4, 8 * 2400, seed: 5)
    let sweeps = (0..<2400).map { sweep in steps[8 * sweep..<8 * sweep + 4].flatMap(\.self) }
    #expect(chiSquared(sweeps, over: 24) < 77)
  }

  /// All subsets of 4 examples, for each size. Quantiles of chi-squared at 10^-6: 31 for 3 degrees of freedom, 36 for 5.
  @Test(arguments: [(1, 4, 31.0), (2, 6, 36), (3, 4, 31)])
  func subsetsAreUniform(_ size: Int, _ count: Int, _ largest: Double) throws {
    let subsets = try batches(.subset(size), of: 4, 6000, seed: 7).map { $0.sorted() }
    #expect(subsets.allSatisfy { Set($0).count == size })
    #expect(chiSquared(subsets, over: count) < largest)
  }

  /// Draws with replacement: all 64 triples in order; chi-squared with 63 degrees of freedom is above 133 in one of 10^6 cases.
  @Test func drawsAreIndependent() throws {
    let triples = try batches(.withReplacement(3), of: 4, 12_800, seed: 9)
    #expect(chiSquared(triples, over: 64) < 133)
    // Repeats dropped: the distinct examples of three draws, in the order in which they came: 4 + 36 + 24 outcomes.
    let distinct = try batches(.distinct(3), of: 4, 12_800, seed: 9)
    #expect(
      zip(triples, distinct).allSatisfy { triple, kept in
        kept == triple.indices.filter { !triple[..<$0].contains(triple[$0]) }.map { triple[$0] }
      })
  }
}
