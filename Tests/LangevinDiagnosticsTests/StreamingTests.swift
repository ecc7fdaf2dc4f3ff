import Foundation
import LangevinDiagnostics
import Testing

@Suite("Streaming moments and block averages")
struct StreamingTests {
  @Test("A small variance on a large mean keeps its digits")
  func offset() throws {
    var moments = RunningMoments()
    #expect(moments.variance == nil)
    // 1e9 + 0, 1, 2, ..., 999: variance (1000^2 - 1) / 12 x 1000 / 999.
    for value in 0..<1000 { moments.add(1e9 + Double(value)) }
    #expect(relativeError(moments.mean, 1e9 + 499.5) < 1e-15)
    #expect(relativeError(try #require(moments.variance), 999_999.0 / 12 * 1000 / 999) < 1e-9)
  }

  @Test("Streams joined are one stream", arguments: [0, 1, 300, 999, 1000])
  func joined(cut: Int) throws {
    let series = autoregressive(0.5, count: 1000, seed: 3)
    var whole = RunningMoments()
    var left = RunningMoments()
    var right = RunningMoments()
    for (index, value) in series.enumerated() {
      whole.add(value)
      if index < cut { left.add(value) } else { right.add(value) }
    }
    left.merge(right)
    #expect(left.count == whole.count)
    #expect((left.mean - whole.mean).magnitude < 1e-14)
    #expect(relativeError(try #require(left.variance), try #require(whole.variance)) < 1e-12)
  }

  @Test("Time and error of an autoregressive series are exact up to noise", arguments: [-0.5, 0, 0.5, 0.9])
  func autoregression(rho: Double) throws {
    let count = 1 << 17
    var blocks = BlockAverages()
    for draw in autoregressive(rho, count: count, seed: 11) { blocks.add(draw) }
    #expect(blocks.isResolved)
    #expect(blocks.moments.count == count)

    // What blocks of this length would show without noise, and how noisy they are.
    let z = 4.9
    let blockCount = Double(count / blocks.blockLength)
    let expected = exactTime(rho, length: blocks.blockLength)
    #expect(relativeError(try #require(blocks.autocorrelationTime), expected) < z * (2 / blockCount).squareRoot())
    // Bias against the limit: small by the choice of the length.
    #expect(relativeError(expected, (1 + rho) / (1 - rho)) < 0.06)

    let variance = 1 / (12 * (1 - rho * rho))
    let error = (variance * expected / Double(count)).squareRoot()
    #expect(relativeError(try #require(blocks.standardError), error) < z / (2 * blockCount).squareRoot())

    let batchError = (variance * exactTime(rho, length: count / 32) / Double(count)).squareRoot()
    #expect(relativeError(try #require(blocks.batchMeansStandardError), batchError) < z / 64.0.squareRoot())
  }

  @Test("A stream shorter than its memory says so")
  func unresolved() throws {
    var blocks = BlockAverages()
    for draw in autoregressive(0.999, count: 2000, seed: 5) { blocks.add(draw) }
    #expect(!blocks.isResolved)
    #expect(blocks.blockLength == 64)
    #expect(try #require(blocks.autocorrelationTime) < 1999)
  }

  @Test("No draw, one draw, equal draws")
  func degenerate() throws {
    var blocks = BlockAverages()
    #expect(blocks.standardError == nil && blocks.autocorrelationTime == nil && !blocks.isResolved)
    blocks.add(0.1)
    #expect(blocks.standardError == nil && blocks.autocorrelationTime == nil)
    for _ in 1..<1000 { blocks.add(0.1) }
    #expect(blocks.standardError == 0)
    #expect(blocks.batchMeansStandardError == 0)
    #expect(blocks.autocorrelationTime == 1)
    #expect(blocks.moments.mean == 0.1)
  }

  @Test("Two chains have the error of their joint mean, also where they disagree")
  func chains() throws {
    var together = BlockAverages()
    var other = BlockAverages()
    for draw in autoregressive(0, count: 4096, seed: 1) { together.add(draw) }
    for draw in autoregressive(0, count: 4096, seed: 2) { other.add(draw) }
    together.merge(other)
    #expect(together.moments.count == 8192)
    let z = 4.9
    let blockCount = Double(8192 / together.blockLength)
    let expected = (1 / 12.0 / 8192).squareRoot()
    #expect(relativeError(try #require(together.standardError), expected) < z / (2 * blockCount).squareRoot())

    var apart = BlockAverages()
    for draw in autoregressive(0, count: 4096, seed: 2) { apart.add(draw + 3) }
    apart.merge(other)
    #expect(try #require(apart.standardError) > 0.1)
  }

  @Test("A stream put down and taken up again goes on as if never interrupted")
  func checkpoint() throws {
    let series = autoregressive(0.5, count: 1001, seed: 9)
    var whole = BlockAverages()
    var part = BlockAverages()
    for draw in series { whole.add(draw) }
    for draw in series.prefix(333) { part.add(draw) }
    part = try JSONDecoder().decode(BlockAverages.self, from: JSONEncoder().encode(part))
    for draw in series.dropFirst(333) { part.add(draw) }
    #expect(part == whole)
  }
}
