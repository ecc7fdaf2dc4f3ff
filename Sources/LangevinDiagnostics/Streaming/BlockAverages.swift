/// Mean, error of the mean and autocorrelation time of a stream of dependent draws, in constant memory.
///
/// The stream is averaged in blocks of 1, 2, 4, 8, ... draws, and each block length keeps only the moments of its block
/// means (Flyvbjerg and Petersen, J. Chem. Phys. 91, 461, 1989). Were the draws independent, the error computed from any
/// length would be the same; dependent ones let it grow with the length until the blocks are longer than the memory of
/// the chain. The plateau is the error.
///
/// These are *estimates* for streams too long to keep, coarser than ``effectiveSampleSize(of:for:)`` on stored draws: with
/// m blocks the error itself is uncertain by a share of 1/sqrt(2 m), and short blocks make it slightly too small.
package struct BlockAverages: Sendable, Equatable, Codable {
  /// Block means of one length.
  private struct Level: Sendable, Equatable, Codable {
    var moments = RunningMoments()
    /// Mean of a block that waits for its neighbour to make a block of twice the length.
    var waiting: Double?

    /// Standard error of the mean if blocks were independent.
    var squaredError: Double { (moments.variance ?? 0) / Double(moments.count) }
  }

  /// Level k has blocks of 2^k draws. All are made at once, enough for any stream, so that adding never allocates.
  private var levels = [Level](repeating: Level(), count: 48)

  /// Averages of nothing yet.
  package init() {}

  /// Adds one draw; two updates of moments on average.
  package mutating func add(_ draw: Double) {
    var mean = draw
    for level in levels.indices {
      levels[level].moments.add(mean)
      guard let neighbour = levels[level].waiting else {
        levels[level].waiting = mean
        return
      }
      levels[level].waiting = nil
      mean = (neighbour + mean) / 2
    }
  }

  /// Adds the blocks of another stream, such as another chain of the same law; blocks are not joined across the two.
  package mutating func merge(_ other: BlockAverages) {
    for level in levels.indices { levels[level].moments.merge(other.levels[level].moments) }
  }

  /// Moments of the single draws.
  package var moments: RunningMoments { levels[0].moments }

  /// Length of the blocks that the error is read from.
  ///
  /// The shortest length B with B^3 > 2 n tau^2, which balances bias against noise (Lee et al., Phys. Rev. E 83, 066706,
  /// 2011), with tau as these blocks see it; at most the longest length that leaves 16 blocks.
  package var blockLength: Int { 1 << chosenLevel }

  /// Whether the stream was long enough for blocks of the wanted length, about a hundred autocorrelation times.
  ///
  /// Where it was not, the error and the autocorrelation time are lower bounds.
  package var isResolved: Bool { isLongEnough(chosenLevel) }

  /// Estimated integrated autocorrelation time 1 + 2 (rho_1 + rho_2 + ...) in units of the spacing of draws.
  ///
  /// `nil` for fewer than two draws; 1 for equal ones.
  package var autocorrelationTime: Double? { moments.count > 1 ? autocorrelationTime(of: chosenLevel) : nil }

  /// Estimated standard error of the mean; `nil` for fewer than two draws.
  package var standardError: Double? { moments.count > 1 ? levels[chosenLevel].squaredError.squareRoot() : nil }

  /// Estimated standard error of the mean from 32 to 63 batches that grow with the stream; `nil` for fewer than 32 draws.
  ///
  /// Batches of a fixed share of the stream become as long as one likes, so this error is right in the end whatever the
  /// autocorrelation is, and always uncertain by about a tenth (Glynn and Whitt, 1991): a check on ``standardError``.
  package var batchMeansStandardError: Double? {
    levels.last { $0.moments.count >= 32 }?.squaredError.squareRoot()
  }

  private var chosenLevel: Int {
    let longest = levels.lastIndex { $0.moments.count >= 16 } ?? 0
    return (0...longest).first(where: isLongEnough) ?? longest
  }

  private func isLongEnough(_ level: Int) -> Bool {
    guard let time = autocorrelationTime(of: level) else { return false }
    let length = Double(1 << level)
    return length * length * length > 2 * Double(moments.count) * time * time
  }

  private func autocorrelationTime(of level: Int) -> Double? {
    guard let variance = moments.variance else { return nil }
    return variance > 0 ? levels[level].squaredError / levels[0].squaredError : 1
  }
}
