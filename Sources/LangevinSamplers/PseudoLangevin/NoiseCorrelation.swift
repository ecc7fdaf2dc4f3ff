import LangevinCore

/// How the correlation of minibatch noise between parameters is measured, and whether it is corrected.
public struct NoiseCorrelation: Hashable, Sendable {
  /// How many leading directions are followed.
  public var directions: Int
  /// Minibatches for each sweep of the subspace iteration and for the measurement after it.
  public var draws: Int
  /// Sweeps at the start; later updates go on from the directions at hand with one.
  public var firstSweeps: Int
  /// Whether the noise that is added makes up for the correlation along these directions.
  public var isCorrected: Bool

  /// The rule.
  public init(directions: Int = 1, draws: Int = 100, firstSweeps: Int = 3, isCorrected: Bool = false)
    throws(SamplingError)
  {
    try check(directions >= 1, "the number of noise directions", is: Double(directions), expected: "1 or more")
    try check(draws >= 2, "the draws for noise directions", is: Double(draws), expected: "2 or more")
    try check(firstSweeps >= 1, "the sweeps for noise directions", is: Double(firstSweeps), expected: "1 or more")
    self.init(unchecked: directions, draws, firstSweeps, isCorrected)
  }

  private init(unchecked directions: Int, _ draws: Int, _ firstSweeps: Int, _ isCorrected: Bool) {
    self.directions = directions
    self.draws = draws
    self.firstSweeps = firstSweeps
    self.isCorrected = isCorrected
  }

  /// The one strongest direction, measured and reported.
  public static let standard = NoiseCorrelation(unchecked: 1, 100, 3, false)
}

extension PseudoLangevin {
  /// The low-rank correction: noise with less of it along directions where minibatches bring more.
  ///
  /// In units of c2, the noise to add has the covariance (f^2 = 1 + c1^2, 1 and c1^2 for the middle, opening and closing
  /// stage, up to the factor 1 + c1^2 of the middle one)
  ///
  ///     1 - f^2 [ sum_j rho_j e_j e_j' + kbar diag(r) off the e_j ],   kbar = (sum_i r_i - sum_j rho_j) / (sum_i r_i - sum_ij r_i e_ji^2)
  ///
  /// which is exact along each e_j and in the trace. Where f^2 rho > 1 nothing is added and the direction stays at f^2 rho T.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  func addCorrectedNoise(
    _ directions: NoiseDirections<Element>, _ stage: NoiseBookkeeping.Stage, _ state: inout State,
    _ bookkeeping: NoiseBookkeeping, _ noise: inout NoiseSource, lane: UInt32
  ) {
    let count = state.position.count
    var normals = noise.normals(count, step: state.step, lane: lane)
    let total = (0..<count).reduce(0) { $0 + state.masses.ratio($1, bookkeeping) }
    let rest = total - directions.counted.reduce(0, +)
    let factor = rest > 0 ? max(0, total - directions.strengths.reduce(0, +)) / rest : 1
    func deviation(_ ratio: Double) -> Double { max(0, bookkeeping.added(at: stage, ratio: ratio)).squareRoot() }

    let along = directions.vectors.map { dot($0, normals) }
    for (z, vector) in zip(along, directions.vectors) { add(-z, vector, to: &normals) }
    for index in 0..<count { normals[index] *= deviation(factor * state.masses.ratio(index, bookkeeping)) }
    for (index, vector) in directions.vectors.enumerated() {
      add(deviation(directions.strengths[index]) * along[index] - dot(vector, normals), vector, to: &normals)
    }
    // The pass multiplies the momentum by p_p before it adds to it.
    let kept = bookkeeping.pass(stage).coefficients.p_p
    for index in 0..<count {
      let c2 = (state.temperature / Double(state.masses.inverse[index])).squareRoot() * momentumLoss
      state.momentum[index] += Element(c2 * normals[index] / kept)
    }
  }
}

extension NoiseSource {
  fileprivate mutating func normals(_ count: Int, step: UInt64, lane: UInt32) -> [Double] {
    switch self {
    case .stream(let stream):
      var tensor = Tensor<Double>(zeros: count)
      stream.fillNormals(&tensor, step: step, lane: lane)
      return tensor.elements
    case .list(let list):
      self = .list(Array(list.dropFirst(count)))
      return Array(list.prefix(count))
    }
  }
}

private func dot(_ x: Tensor<Double>, _ y: [Double]) -> Double {
  x.withPointer { x in y.withUnsafeBufferPointer { y in y.indices.reduce(0) { $0 + x[$1] * y[$1] } } }
}

private func add(_ factor: Double, _ x: Tensor<Double>, to y: inout [Double]) {
  x.withPointer { x in
    y.withUnsafeMutableBufferPointer { y in for index in y.indices { y[index] += factor * x[index] } }
  }
}
