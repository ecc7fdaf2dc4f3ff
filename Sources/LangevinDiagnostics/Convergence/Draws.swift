/// The draws of one observable: a table of chains, equally long, every value finite.
///
/// All diagnostics of this module read such a table, so they are spared from asking again whether a number can be used.
///
///     let energies = try Draws(chains: [[0.31, 0.28, 0.35, 0.30], [0.29, 0.33, 0.27, 0.32]])
///     rHat(of: energies)
public struct Draws: Sendable, Equatable {
  /// Fewest draws a chain may have: two in each half.
  package static let fewestDraws = 4

  /// Bound on the magnitude of a draw: the error of a standard deviation sums fourth powers, which must stay finite.
  package static let largestMagnitude = 1e75

  /// Number of chains, at least one.
  public let chainCount: Int

  /// Number of draws in each chain.
  public let drawsPerChain: Int

  /// All values, one chain after the other.
  let values: [Double]

  /// Makes a table from one array of draws per chain.
  ///
  /// - Throws: ``DiagnosticsError`` that names chain and draw (both from 0) if there is no chain, a chain has fewer than
  ///   four draws or another length than the first, or a value is not finite or beyond `largestMagnitude`.
  public init(chains: [[Double]]) throws(DiagnosticsError) {
    guard let first = chains.first else { throw .noChains }
    for (chain, draws) in chains.enumerated() {
      guard draws.count >= Self.fewestDraws else {
        throw .tooFewDraws(chain: chain, found: draws.count, needed: Self.fewestDraws)
      }
      guard draws.count == first.count else {
        throw .unequalChains(chain: chain, found: draws.count, expected: first.count)
      }
      // Written so that NaN fails the comparison too.
      if let draw = draws.firstIndex(where: { !($0.magnitude < Self.largestMagnitude) }) {
        throw .unusableValue(chain: chain, draw: draw, value: draws[draw])
      }
    }
    self.init(chainCount: chains.count, drawsPerChain: first.count, values: Array(chains.joined()))
  }

  /// Makes a table of one chain.
  ///
  /// - Throws: The errors of ``init(chains:)``.
  public init(_ series: [Double]) throws(DiagnosticsError) {
    try self.init(chains: [series])
  }

  /// A table derived from one that was already checked.
  init(chainCount: Int, drawsPerChain: Int, values: [Double]) {
    self.chainCount = chainCount
    self.drawsPerChain = drawsPerChain
    self.values = values
  }

  /// The draws of one chain.
  subscript(chain: Int) -> ArraySlice<Double> {
    values[chain * drawsPerChain..<(chain + 1) * drawsPerChain]
  }
}

extension Draws {
  /// Each chain cut into its first and its last half, as two chains; of an odd number the middle draw is dropped.
  ///
  /// A chain that drifts then disagrees with itself, which one chain alone could not show.
  var split: Draws {
    let half = drawsPerChain / 2
    var halves: [Double] = []
    halves.reserveCapacity(2 * chainCount * half)
    for chain in 0..<chainCount {
      halves += self[chain].prefix(half)
      halves += self[chain].suffix(half)
    }
    return Draws(chainCount: 2 * chainCount, drawsPerChain: half, values: halves)
  }

  /// The same stretch of every chain.
  func stretch(_ draws: Range<Int>) -> Draws {
    let values = (0..<chainCount).flatMap { self[$0].dropFirst(draws.lowerBound).prefix(draws.count) }
    return Draws(chainCount: chainCount, drawsPerChain: draws.count, values: values)
  }

  /// The table times 2 to a power, exactly, and that power: so large that fourth powers of fluctuations do not vanish.
  var magnified: (draws: Draws, exponent: Int) {
    let largest = values.reduce(0) { max($0, $1.magnitude) }
    guard largest > 0, largest < 1e-60 else { return (self, 0) }
    let exponent = -Int(largest.exponent)
    return (map { Double(sign: .plus, exponent: exponent, significand: $0) }, exponent)
  }

  /// The table of a function of the draws.
  func map(_ function: (Double) -> Double) -> Draws {
    Draws(chainCount: chainCount, drawsPerChain: drawsPerChain, values: values.map(function))
  }

  /// The table of zeros and ones that says which draws are at most `threshold`.
  func indicator(atMost threshold: Double) -> Draws {
    map { $0 <= threshold ? 1 : 0 }
  }

  /// Squared distances from the mean of all draws.
  var squaredDeviations: Draws {
    let mean = values.mean
    return map { ($0 - mean) * ($0 - mean) }
  }

  /// Mean of each chain.
  var chainMeans: [Double] { (0..<chainCount).map { self[$0].mean } }

  /// Whether all draws agree up to rounding, so that their fluctuations mean nothing.
  var isConstant: Bool {
    guard let lowest = values.min(), let highest = values.max() else { return true }
    return highest - lowest <= 1e-15 * max(lowest.magnitude, highest.magnitude)
  }
}

extension Collection<Double> {
  /// Arithmetic mean, summed relative to the first value, so that the mean of equal values is exactly that value.
  var mean: Double {
    guard let origin = first else { return .nan }
    return origin + reduce(0) { $0 + ($1 - origin) } / Double(count)
  }

  /// Unbiased variance: the sum of squared deviations divided by the count less one.
  var variance: Double {
    let mean = mean
    return reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
  }
}
