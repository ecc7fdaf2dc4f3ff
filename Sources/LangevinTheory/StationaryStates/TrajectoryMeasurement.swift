import LangevinCore
import LangevinSamplers

/// What a trajectory tells of its stationary state, in constant memory however long it is.
///
/// With u = w - reference and du the displacement of a time unit, it adds up u, u u', u_i du_j - u_j du_i and, for a given
/// functional, the entropy production sigma(u, du) over windows of several lengths. The reference is where the linear theory
/// has its centre; far from it covariances would drown in rounding.
///
/// Two measurements join: ``append(_:)`` for stretches of one trajectory, ``merge(_:)`` for independent ones.
public struct TrajectoryMeasurement: Sendable {
  /// Where u is 0.
  public let reference: [Double]
  /// The entropy production over windows, by length; empty where no functional was given.
  public private(set) var windows: [EntropyWindow]

  private let functional: EntropyFunctional?
  private var sums: BlockedSums
  private var first: [Double] = []
  private var last: [Double] = []
  private var next: [Double]
  private var largestSquare = 0.0

  /// Nothing measured yet; `expectedEntropy` is the mean entropy production of one time unit by theory, for the histograms' bins.
  public init(
    reference: [Double], functional: EntropyFunctional? = nil, expectedEntropy: Double = 0,
    windows lengths: [Int] = [1, 2, 3, 10, 30, 100]
  ) throws(LangevinError) {
    try require(!reference.isEmpty, "the reference", is: "empty", expected: "one number for each weight")
    if let functional {
      guard functional.force.rows == reference.count else {
        throw .shape(
          of: "the entropy functional", found: [functional.force.rows], expected: [reference.count])
      }
      try checkPositive(expectedEntropy, "the expected entropy production")
      for length in lengths { try require(length >= 1, "a window's length", is: length, expected: "1 or more") }
    }
    self.reference = reference
    self.functional = functional
    windows = functional == nil ? [] : lengths.map { EntropyWindow(length: $0, expected: expectedEntropy) }
    let d = reference.count
    sums = BlockedSums(width: Places(d).count)
    next = reference
  }

  /// The places of the sums: u, u u' for i <= j, u_i du_j - u_j du_i for i < j, du, sigma.
  private struct Places {
    let d: Int
    init(_ d: Int) { self.d = d }
    var squares: Int { d }
    var areas: Int { squares + d * (d + 1) / 2 }
    var moves: Int { areas + d * (d - 1) / 2 }
    var entropy: Int { moves + d }
    var count: Int { entropy + 1 }
  }

  /// The number of time units measured.
  public var timeUnits: Int { sums.steps }

  /// Adds the next state of the trajectory.
  ///
  /// - Throws: ``TheoryError/diverged(step:)`` for a state that is not finite or a million times as large as the first.
  public mutating func record(_ position: Tensor<Double>) throws(TheoryError) {
    precondition(position.count == reference.count, "a state has \(reference.count) weights")
    var square = 0.0
    for index in reference.indices {
      let w = position[index]
      square += w * w
      next[index] = w - reference[index]
    }
    if last.isEmpty {
      largestSquare = 1e12 * (square > 0 ? square : 1)
      (first, last) = (next, next)
    } else {
      guard square <= largestSquare else { throw .diverged(step: UInt64(sums.steps + 1)) }
      move()
    }
  }

  /// One time unit, from `last` to `next`.
  private mutating func move() {
    var entropy = 0.0
    let functional = functional
    next.withUnsafeMutableBufferPointer { next in
      last.withUnsafeMutableBufferPointer { last in
        // `next` becomes the displacement.
        for index in next.indices { next[index] -= last[index] }
        entropy = functional?.production(last, next) ?? 0
        sums.add { Self.add(last, next, entropy, to: $0) }
        for index in next.indices { last[index] += next[index] }
      }
    }
    for index in windows.indices { windows[index].add(entropy) }
  }

  private static func add(
    _ u: UnsafeMutableBufferPointer<Double>, _ du: UnsafeMutableBufferPointer<Double>, _ entropy: Double,
    to sums: UnsafeMutablePointer<Double>
  ) {
    let d = u.count
    var place = d
    for i in 0..<d {
      sums[i] += u[i]
      for j in i..<d {
        sums[place] += u[i] * u[j]
        place += 1
      }
    }
    for i in 0..<d {
      for j in i + 1..<max(d, i + 1) {
        sums[place] += u[i] * du[j] - u[j] * du[i]
        place += 1
      }
    }
    for i in 0..<d { sums[place + i] += du[i] }
    sums[place + d] += entropy
  }

  /// Adds a later stretch of the same trajectory, and the time unit that lies between the two.
  public mutating func append(_ later: TrajectoryMeasurement) {
    precondition(reference == later.reference, "stretches of one trajectory have one reference")
    guard !later.last.isEmpty else { return }
    guard !last.isEmpty else {
      self = later
      return
    }
    next = later.first
    move()
    merge(later)
    last = later.last
  }

  /// Adds an independent trajectory; the sums can no longer be continued as one stretch.
  public mutating func merge(_ other: TrajectoryMeasurement) {
    precondition(
      reference == other.reference && windows.count == other.windows.count, "measurements of one kind are needed")
    sums.merge(other.sums)
    for index in windows.indices { windows[index].merge(other.windows[index]) }
  }
}

extension EntropyFunctional {
  /// u' F du + du' S du
  @inline(__always)
  func production(
    _ u: UnsafeMutableBufferPointer<Double>, _ du: UnsafeMutableBufferPointer<Double>
  ) -> Double {
    let d = u.count
    return force.withPointer { force in
      square.withPointer { square in
        var sum = 0.0
        for i in 0..<d {
          for j in 0..<d { sum += (u[i] * force[i * d + j] + du[i] * square[i * d + j]) * du[j] }
        }
        return sum
      }
    }
  }
}

// MARK: Results

extension TrajectoryMeasurement {
  /// What is estimated, over all of the trajectory or over a block of it.
  public struct Estimates: Sendable {
    /// E[w]
    public var mean: [Double]
    /// C
    public var covariance: DenseMatrix
    /// The areal velocity per time unit, antisymmetric.
    public var arealVelocity: DenseMatrix
    /// The mean entropy production per time unit.
    public var entropyProduction: Double
  }

  /// The estimates from all time units.
  ///
  /// - Throws: ``TheoryError/tooFew(_:found:needed:)`` for fewer than two.
  public func estimates() throws(TheoryError) -> Estimates {
    guard timeUnits >= 2 else { throw .tooFew("time units", found: timeUnits, needed: 2) }
    return estimates(sums.totals, timeUnits)
  }

  /// The estimates from consecutive blocks of equal length, 64 to 127 of them once the trajectory has 262144 time units; their spread
  /// over the square root of their number is the standard error, correlations included.
  public var blockEstimates: [Estimates] { sums.blockTotals.map { estimates($0, sums.blockSteps) } }

  private func estimates(_ sums: [Double], _ steps: Int) -> Estimates {
    let d = reference.count
    let count = Double(steps)
    let m = sums[0..<d].map { $0 / count }
    var (covariance, areal) = (DenseMatrix(zeros: d, d), DenseMatrix(zeros: d, d))
    let places = Places(d)
    var (square, area) = (places.squares, places.areas)
    for i in 0..<d {
      for j in i..<d {
        covariance[i, j] = sums[square] / count - m[i] * m[j]
        covariance[j, i] = covariance[i, j]
        square += 1
      }
      for j in i + 1..<max(d, i + 1) {
        let drift = m[i] * sums[places.moves + j] - m[j] * sums[places.moves + i]
        areal[i, j] = (sums[area] - drift) / (2 * count)
        areal[j, i] = -areal[i, j]
        area += 1
      }
    }
    return Estimates(
      mean: zip(m, reference).map { $0 + $1 }, covariance: covariance, arealVelocity: areal,
      entropyProduction: sums[places.entropy] / count)
  }
}

// MARK: Following a trajectory

extension TrajectoryMeasurement {
  /// Records a position, and again after each of so many time units that `advance` takes it through.
  public mutating func follow(
    _ position: inout Tensor<Double>, timeUnits: Int, _ advance: (inout Tensor<Double>) throws -> Void
  ) throws {
    if last.isEmpty { try record(position) }
    for _ in 0..<timeUnits {
      try advance(&position)
      try record(position)
    }
  }

  /// Follows a sampler for some time units of `steps` steps each: 1 for independent minibatches, an epoch without replacement.
  public mutating func follow<S: Sampler, P: Potential>(
    _ sampler: S, from state: inout S.State, with evaluator: inout Evaluator<P>, timeUnits: Int, of steps: Int = 1
  ) throws where S.Element == Double, P.Element == Double {
    var position = sampler.draw(from: state)
    try follow(&position, timeUnits: timeUnits) { position in
      for _ in 0..<steps { _ = try sampler.step(&state, with: &evaluator) }
      position = sampler.draw(from: state)
    }
  }
}
