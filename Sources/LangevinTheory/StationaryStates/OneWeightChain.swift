import LangevinCore
import LangevinPlatform

/// The exact stationary law of overdamped minibatch samplers with one weight, Gaussian or not, on batches of one example.
///
/// Densities live on a uniform grid, where sums are as good as integrals. A step with example t is a matrix K_t of transition
/// densities; an epoch without replacement is the mean over all orders of their product, found by recursion over the sets S
/// of examples that an epoch has used, v(S) = mean over t in S of K_t v(S - t), and repeated until the density stays. Cost and
/// memory grow as 2^N; N is at most 12.
public struct OneWeightChain: Sendable {
  /// Which sampler, and when it is read.
  public enum Scheme: Hashable, Sendable {
    /// SGLD with batches of one: a fresh example at every step.
    case independentBatches
    /// SGWORLD level 1, lm or 2-all, read at the ends of epochs.
    case reshuffled(OverdampedStep)
    /// SGWORLD level 2: in one step of each epoch, chosen at random, N times the midpoint correction.
    case oneCorrection
  }

  /// N grad l_i + grad R of each example i.
  private let gradients: [@Sendable (Double) -> Double]
  /// h
  private let stepSize: Double
  /// T
  private let temperature: Double
  /// The weights of the grid, equally far apart.
  private let grid: [Double]
  private let spacing: Double

  /// A chain of steps h at temperature T, on a grid that must hold the law: some points per standard deviation sqrt(h T) of a
  /// half step, out to where the density is below rounding. `gradients` are those of the examples, each of the scale of the
  /// whole: N grad l_i + grad R.
  public init(
    gradients: [@Sendable (Double) -> Double], stepSize: Double, temperature: Double = 1, grid: ClosedRange<Double>,
    spacing: Double
  ) throws(LangevinError) {
    try require(1...12 ~= gradients.count, "the number of examples", is: gradients.count, expected: "1 to 12")
    try require(stepSize > 0 && stepSize.isFinite, "the step size", is: stepSize, expected: "above 0, finite")
    try require(
      temperature > 0 && temperature.isFinite, "the temperature", is: temperature, expected: "above 0, finite")
    let width = grid.upperBound - grid.lowerBound
    try require(spacing > 0 && spacing < width, "the spacing", is: spacing, expected: "above 0, below \(width)")
    self.gradients = gradients
    self.stepSize = stepSize
    self.temperature = temperature
    self.spacing = spacing
    self.grid = (0...Int(width / spacing)).map { grid.lowerBound + Double($0) * spacing }
  }

  /// Mean and variance of what is read in the stationary state.
  ///
  /// - Throws: `LangevinError` where the density leaves the grid or never settles.
  public func moments(of scheme: Scheme) throws(LangevinError) -> (mean: Double, variance: Double) {
    let epoch = epoch(of: scheme)
    var density = normalised(grid.map { exp(-$0 * $0 / 2) })
    for _ in 0..<10_000 {
      let next = epoch(density)
      let mass = next.reduce(0, +)
      let change = zip(next, density).reduce(0) { $0 + abs($1.0 / mass - $1.1) }
      density = normalised(next)
      if change < 1e-11 {
        let edge = max(density.first ?? 0, density.last ?? 0)
        try require(edge < 1e-12, "the density at an edge of the grid", is: edge, expected: "below 1e-12: a wider grid")
        let mean = zip(density, grid).reduce(0) { $0 + $1.0 * $1.1 }
        let variance = zip(density, grid).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
        return (mean, variance + (scheme == .reshuffled(.sharedNoise) ? stepSize * temperature / 2 : 0))
      }
    }
    throw .value(of: "the density", found: "still changing after 10000 rounds", expected: "a stationary law")
  }

  private func normalised(_ density: [Double]) -> [Double] {
    let mass = density.reduce(0, +)
    return density.map { $0 / mass }
  }
}

// MARK: Epochs

extension OneWeightChain {
  private typealias Flow = @Sendable ([Double]) -> [Double]

  private func epoch(of scheme: Scheme) -> Flow {
    let half = kernel(variance: stepSize * temperature) { $0 }
    switch scheme {
    case .independentBatches:
      let kernels = gradients.map { step($0, noise: 2, correction: 0) }
      return { density in Self.mean(of: kernels.map { $0 * density }) }
    case .reshuffled(.euler):
      return overAllOrders(gradients.map { step($0, noise: 2, correction: 0) }, before: nil)
    case .reshuffled(.sharedNoise):
      return overAllOrders(gradients.map(sharedNoiseStep), before: nil)
    case .reshuffled(.midpoint):
      return overAllOrders(gradients.map { step($0, noise: 1, correction: 1) }, before: half)
    case .oneCorrection:
      let n = Double(gradients.count)
      return overAllOrders(
        gradients.map { step($0, noise: 1, correction: 0) }, before: half,
        corrected: gradients.map { step($0, noise: 1, correction: n) })
    }
  }

  /// The mean over all orders of an epoch; `before` is what comes first in every step. With `corrected` kernels, one step of
  /// the epoch, any one, is of these.
  private func overAllOrders(_ kernels: [BandMatrix], before: BandMatrix?, corrected: [BandMatrix]? = nil) -> Flow {
    let count = kernels.count
    return { density in
      // By set: after the steps of the set, without and with the correction among them, each ready for the next step.
      var plain = Array(repeating: [Double](), count: 1 << count)
      var done = plain
      for set in 0..<1 << count {
        let members = (0..<count).filter { set >> $0 & 1 == 1 }
        var (u, w) = (density, density.map { _ in 0.0 })
        if set > 0 {
          u = Self.mean(of: members.map { kernels[$0] * plain[set ^ 1 << $0] })
          if let corrected {
            let late = Self.mean(of: members.map { corrected[$0] * plain[set ^ 1 << $0] })
            let early = Self.mean(of: members.map { kernels[$0] * done[set ^ 1 << $0] })
            w = zip(late, early).map { $0 + $1 }
          }
        }
        if set == (1 << count) - 1 { return corrected == nil ? u : w }
        plain[set] = before.map { $0 * u } ?? u
        if corrected != nil { done[set] = before.map { $0 * w } ?? w }
      }
      return density
    }
  }

  private static func mean(of densities: [[Double]]) -> [Double] {
    var sum = densities[0]
    for density in densities.dropFirst() { for index in sum.indices { sum[index] += density[index] } }
    return sum.map { $0 / Double(densities.count) }
  }
}

// MARK: Steps

extension OneWeightChain {
  /// w -> w - h [g + factor (g(w - (h/2) g) - g)] + sqrt(noise h T) xi
  private func step(_ gradient: (Double) -> Double, noise: Double, correction factor: Double) -> BandMatrix {
    kernel(variance: noise * stepSize * temperature) { w in
      let g = gradient(w)
      return w - stepSize * (factor == 0 ? g : g + factor * (gradient(w - stepSize / 2 * g) - g))
    }
  }

  private func kernel(variance: Double, _ map: (Double) -> Double) -> BandMatrix {
    let reach = 9 * variance.squareRoot()
    let columns = grid.map { w in
      let target = map(w)
      return band(around: target, reach) { exp(-($0 - target) * ($0 - target) / (2 * variance)) }
    }
    return BandMatrix(columns: columns, scale: spacing / (2 * .pi * variance).squareRoot())
  }

  /// In the bare variable, half a noise behind: z = w + sqrt(h T/2) xi and w' = z - h g(z) + sqrt(h T/2) xi with the same xi,
  /// so that w + w' = psi(z) = 2 z - h g(z), and the density of w' is that of z over psi'(z).
  private func sharedNoiseStep(_ gradient: (Double) -> Double) -> BandMatrix {
    let variance = stepSize * temperature / 2
    let reach = 9 * variance.squareRoot()
    func psi(_ z: Double) -> Double { 2 * z - stepSize * gradient(z) }
    func slope(_ z: Double) -> Double { (psi(z + 1e-5) - psi(z - 1e-5)) / 2e-5 }
    let columns = grid.map { w in
      band(from: psi(w - reach) - w, to: psi(w + reach) - w) { next in
        var z = (w + next) / 2
        for _ in 0..<30 {
          let change = (psi(z) - w - next) / slope(z)
          z -= change
          if abs(change) < 1e-14 { break }
        }
        return exp(-(z - w) * (z - w) / (2 * variance)) / slope(z)
      }
    }
    return BandMatrix(columns: columns, scale: spacing / (2 * .pi * variance).squareRoot())
  }

  private func band(around center: Double, _ reach: Double, _ value: (Double) -> Double) -> BandMatrix.Column {
    band(from: center - reach, to: center + reach, value)
  }

  /// The values at the points of the grid between two ends.
  private func band(from low: Double, to high: Double, _ value: (Double) -> Double) -> BandMatrix.Column {
    func place(_ w: Double) -> Int { Int(min(max((w - grid[0]) / spacing, 0), Double(grid.count - 1))) }
    let (first, last) = (place(low), place(high))
    return (first, (first...max(first, last)).map { value(grid[$0]) })
  }
}

/// A square matrix of which each column is zero but for a run of elements.
private struct BandMatrix: Sendable {
  typealias Column = (first: Int, values: [Double])
  private let columns: [Column]

  init(columns: [Column], scale: Double) {
    self.columns = columns.map { ($0.first, $0.values.map { $0 * scale }) }
  }

  static func * (matrix: BandMatrix, vector: [Double]) -> [Double] {
    var product = Array(repeating: 0.0, count: vector.count)
    product.withUnsafeMutableBufferPointer { product in
      for (column, x) in zip(matrix.columns, vector) where x != 0 {
        column.values.withUnsafeBufferPointer { values in
          for index in values.indices { product[column.first + index] += x * values[index] }
        }
      }
    }
    return product
  }
}
