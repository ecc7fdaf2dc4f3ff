import LangevinCore
import Testing

@Suite struct BatchStreamTests {
  private func batches(_ scheme: BatchScheme, of count: Int, _ number: Int, seed: UInt64 = 3) throws -> [[Int32]] {
    var stream = try BatchStream(scheme, exampleCount: count, seed: seed)
    return (0..<number).map { _ in
      stream.advance()
      return stream.current.rows ?? []
    }
  }

  @Test(arguments: [BatchScheme.epochs(7), .fixedPartition(7), .sweeps(7)])
  func everyExampleOncePerEpoch(scheme: BatchScheme) throws {
    let epochs = try batches(scheme, of: 30, 5 * 6)
    for epoch in 0..<6 {
      let rows = epochs[5 * epoch..<5 * epoch + 5].flatMap(\.self)
      #expect(rows.sorted() == Array(0..<30), "epoch \(epoch)")
    }
  }

  @Test func epochsAreShuffledAfresh() throws {
    let epochs = try batches(.epochs(30), of: 30, 3)
    #expect(epochs[0] != epochs[1] && epochs[1] != epochs[2] && epochs[0] != Array(0..<30))
  }

  @Test func theLastBatchIsShortOrDropped() throws {
    #expect(try batches(.epochs(7), of: 30, 5).map(\.count) == [7, 7, 7, 7, 2])
    #expect(try batches(.epochs(7, last: .dropped), of: 30, 5).map(\.count) == [7, 7, 7, 7, 7])
    #expect(try BatchStream(.epochs(7, last: .dropped), exampleCount: 30, seed: 1).batchesPerEpoch == 4)
  }

  @Test func sweepsGoForwardAndBack() throws {
    let recut = try batches(.sweeps(10), of: 30, 12)
    #expect(recut[0..<3].elementsEqual(recut[3..<6].reversed()))
    #expect(recut[6..<9].elementsEqual(recut[9..<12].reversed()))
    #expect(recut[0..<3] != recut[6..<9])
    let fixed = try batches(.sweeps(10, recut: false), of: 30, 12)
    #expect(fixed[0..<6].elementsEqual(fixed[6..<12]))
  }

  @Test func fixedPartitionRepeatsItself() throws {
    let rows = try batches(.fixedPartition(10), of: 30, 6)
    #expect(rows[0..<3].elementsEqual(rows[3..<6]))
  }

  @Test(arguments: [
    BatchScheme.withReplacement(5), .distinct(5), .subset(5), .epochs(7), .fixedPartition(7), .sweeps(7),
    .sweeps(7, recut: false),
  ])
  func anyStepIsComputableFromItsNumber(scheme: BatchScheme) throws {
    let straight = try batches(scheme, of: 30, 40)
    var stream = try BatchStream(scheme, exampleCount: 30, seed: 3)
    for step in [39, 0, 17, 16, 5] {
      stream.seek(to: UInt64(step))
      stream.advance()
      #expect(stream.current.rows == straight[step], "step \(step)")
    }
  }

  @Test func seedsAndChainsDiffer() throws {
    let first = try batches(.withReplacement(20), of: 1000, 3)
    #expect(first != (try batches(.withReplacement(20), of: 1000, 3, seed: 4)))
    var other = try BatchStream(.withReplacement(20), exampleCount: 1000, seed: 3, chain: 1)
    other.advance()
    #expect(other.current.rows != first[0])
  }

  @Test func subsetsAndDistinctDrawsHoldNoRowTwice() throws {
    for rows in try batches(.subset(9), of: 10, 50) { #expect(Set(rows).count == 9) }
    let distinct = try batches(.distinct(9), of: 10, 50)
    for rows in distinct { #expect(Set(rows).count == rows.count) }
    #expect(distinct.contains { $0.count < 9 })
  }

  /// Counts over many draws, by chi-squared with N - 1 = 49 degrees of freedom: mean 49, deviation sqrt(98). Draws without
  /// replacement have less variance, so the upper bound (z = 6) holds a fortiori; the defect of a row never drawn, or drawn
  /// twice as often, moves it by hundreds.
  @Test(arguments: [BatchScheme.withReplacement(10), .subset(10), .distinct(10)])
  func everyRowIsDrawnEquallyOften(scheme: BatchScheme) throws {
    var counts = [Double](repeating: 0, count: 50)
    var total = 0.0
    for rows in try batches(scheme, of: 50, 4000) {
      for row in rows {
        counts[Int(row)] += 1
        total += 1
      }
    }
    let expected = total / 50
    let chiSquared = counts.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
    #expect(chiSquared < 49 + 6 * 98.0.squareRoot(), "\(chiSquared)")
    if case .withReplacement = scheme { #expect(chiSquared > 15, "\(chiSquared)") }
  }

  /// The mean of the squared size of distinct draws: E[n] = N (1 - (1 - 1/N)^B).
  @Test func distinctDrawsHaveTheExpectedSize() throws {
    let sizes = try batches(.distinct(10), of: 50, 4000).map { Double($0.count) }
    let mean = sizes.reduce(0, +) / 4000
    var power = 1.0
    for _ in 0..<10 { power *= 1 - 1.0 / 50 }
    // Standard error below 0.9/sqrt(4000); z = 4.9.
    #expect(abs(mean - 50 * (1 - power)) < 4.9 * 0.9 / 4000.0.squareRoot())
  }

  @Test func anEpochOfMinibatchGradientsAddsUpToTheFullGradient() throws {
    let problem = RandomProblem(4)
    let full = try problem.posterior()
    let theta = problem.parameters(of: full.network)
    var workspace = full.makeWorkspace()
    var gradient = theta
    let posterior = try Posterior(full.network, examples: full.examples, loss: full.loss, normalisation: .sum)
    let count = posterior.exampleCount
    _ = try posterior.evaluate(at: theta, gradient: &gradient, workspace: &workspace)
    var sum = [Double](repeating: 0, count: theta.count)
    var stream = try BatchStream(.epochs(min(7, count)), exampleCount: count, seed: 1)
    var part = theta
    for _ in 0..<stream.batchesPerEpoch {
      stream.advance()
      _ = try posterior.evaluate(at: theta, over: stream.current, gradient: &part, workspace: &workspace)
      let weight = Double(stream.current.count(of: count)) / Double(count)
      for index in sum.indices { sum[index] += weight * part[index] }
    }
    for index in sum.indices { #expect(abs(sum[index] - gradient[index]) < 1e-12 * (1 + abs(gradient[index]))) }
  }
}
