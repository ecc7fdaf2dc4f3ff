import CLangevinKernels
import LangevinCore
import LangevinPlatform

/// The mean-field theory of a parity over k of d inputs with infinitely many training points.
///
/// By the symmetries of the cube the mean predictor is m times the target, so one number is unknown:
///
///     m = N (1 - m) E_rho[J^2/D],     D = A + Sigma,   Sigma = |w|^2/2,
///     rho ~ prior x (D/A)^(-1/2) exp((1 - m)^2 J^2/(2 kappa^2 D))
///
/// The reduction to k relevant weights and one length is this module's own; it keeps an error of order 1/d, below 1 % at d = 20.
/// The right side falls with m, so there is exactly one solution, found by a bracketing root finder.
public struct ParityMeanField: Sendable {
  /// The network.
  public let model: MeanFieldModel
  /// k
  public let degree: Int
  /// How finely the integrals are done.
  public let resolution: ParityGrid.Resolution

  private let grid: ParityGrid
  /// J^2/D at each point.
  private let gain: [Double]
  /// ln of quadrature weight x (D/A)^(-1/2) at each point.
  private let logMeasure: [Double]

  /// What the theory says.
  public struct Solution: Hashable, Sendable {
    /// m: 1 where the target is learned.
    public let overlap: Double
    /// ln Z1, the normalisation of rho over that of the prior.
    public let logNormalisation: Double
    /// E_rho[w_j^2] on relevant and other coordinates.
    public let weightSquares: CoordinateVariances
    /// (1 - m)^2/(2 kappa^2) - N ln Z1 + (1 - m) m/kappa^2
    public let freeEnergy: Double

    /// (1 - m)^2, the squared error of the mean predictor.
    public var squaredError: Double { (1 - overlap) * (1 - overlap) }
  }

  /// The theory of rectified units for a parity over `degree` coordinates, at most 4.
  public init(
    _ model: MeanFieldModel, degree: Int, resolution: ParityGrid.Resolution = ParityGrid.Resolution()
  ) throws {
    try require(0...model.inputs ~= degree, "the degree k", is: degree, expected: "0 to \(model.inputs)")
    guard degree <= 4 else {
      throw TheoryError.unsupported("degree \(degree) needs too large a grid; use chains on a data set instead")
    }
    let prior = CoordinateVariances(relevant: model.weightVariance, irrelevant: model.weightVariance)
    self.init(model, degree, resolution, holding: prior)
  }

  private init(
    _ model: MeanFieldModel, _ degree: Int, _ resolution: ParityGrid.Resolution, holding variances: CoordinateVariances
  ) {
    self.init(
      model, resolution,
      ParityGrid(
        inputs: model.inputs, degree: degree, scale: model.inputVariance.squareRoot(), holding: variances, resolution))
  }

  private init(_ model: MeanFieldModel, _ resolution: ParityGrid.Resolution, _ grid: ParityGrid) {
    self.model = model
    self.degree = grid.degree
    self.resolution = resolution
    self.grid = grid
    var gain = grid.overlapSquares
    var logMeasure = [Double](repeating: 0, count: gain.count)
    let (a, lengths) = (model.priorPrecision, grid.length)
    gain.withUnsafeMutableBufferPointer { gain in
      logMeasure.withUnsafeMutableBufferPointer { logMeasure in
        for (row, square) in grid.squares.enumerated() {
          for column in lengths.nodes.indices {
            let point = row * lengths.nodes.count + column
            let d = a + (square + lengths.nodes[column] * lengths.nodes[column]) / 2
            gain[point] /= d
            logMeasure[point] =
              grid.logWeights[row] + log(lengths.weights[column]) - log(d / a) / 2
          }
        }
      }
    }
    self.gain = gain
    self.logMeasure = logMeasure
  }

  /// The same theory with another noise; the table of overlaps is kept.
  public func with(noise: Double) throws -> ParityMeanField {
    try ParityMeanField(model.with(noise: noise), resolution, grid)
  }

  /// The same theory on a grid that holds these variances: itself, if it does already.
  func holding(_ variances: CoordinateVariances) throws -> ParityMeanField {
    if grid.holds(variances) { return self }
    let wider = ParityMeanField(model, degree, resolution, holding: variances)
    guard wider.grid.holds(variances) else {
      throw TheoryError.unsupported(
        "the grid is too coarse for weight variances \(variances.relevant) and \(variances.irrelevant); use more nodes")
    }
    return wider
  }

  /// E_prior[J^2], which is lambda_k/sa^2 but for the reduction to few dimensions.
  public var priorOverlapSquare: Double {
    let prior = CoordinateVariances(relevant: model.weightVariance, irrelevant: model.weightVariance)
    let logPrior = logPrior(prior)
    let widths = grid.length.nodes.indices
    var sum = 0.0
    for row in grid.squares.indices {
      for column in widths {
        let weight = grid.logWeights[row] + log(grid.length.weights[column])
        sum +=
          exp(weight + logPrior.rows[row] + logPrior.columns[column])
          * grid.overlapSquares[row * widths.count + column]
      }
    }
    return sum
  }
}

// MARK: Solving

extension ParityMeanField {
  /// The solution where the input weights have these prior variances, by default those of the model.
  public func solve(variances: CoordinateVariances? = nil) throws -> Solution {
    let variances =
      variances ?? CoordinateVariances(relevant: model.weightVariance, irrelevant: model.weightVariance)
    let wide = try holding(variances)
    return wide.solveOnGrid(variances)
  }

  /// ln of the prior density: that of a combination plus that of a length.
  private func logPrior(_ variances: CoordinateVariances) -> (rows: [Double], columns: [Double]) {
    let constant = -Double(degree) / 2 * log(2 * .pi * variances.relevant)
    return (
      grid.squares.map { constant - $0 / (2 * variances.relevant) },
      grid.length.nodes.map { grid.logLengthDensity($0, variance: variances.irrelevant) }
    )
  }

  private func solveOnGrid(_ variances: CoordinateVariances) -> Solution {
    let (rows, columns) = logPrior(variances)
    let count = gain.count
    // ln of prior x measure, then ln of the weights of rho, then the weights themselves.
    var base = logMeasure
    base.withUnsafeMutableBufferPointer { base in
      var point = 0
      for row in rows {
        for column in columns {
          base[point] += row + column
          point += 1
        }
      }
    }
    var (exponents, weights) = (base, base)
    let kernels = Double.kernels
    func tilt(_ m: Double) {
      kernels.axpby(1, base, 0, &exponents, count)
      kernels.axpby((1 - m) * (1 - m) / (2 * model.noise * model.noise), gain, 1, &exponents, count)
      let largest = exponents.reduce(-.infinity, max)
      var sum = 0.0
      for point in weights.indices {
        weights[point] = exp(exponents[point] - largest)
        sum += weights[point]
      }
      for point in weights.indices { weights[point] /= sum }
    }
    let m = root(from: 0, to: 1, tolerance: 1e-10) { m in
      tilt(m)
      return Double(model.width) * (1 - m) * kernels.dot(weights, gain, count) - m
    }

    tilt(m)
    // softmax_i = exp(exponent_i)/Z1 at any point; the largest is the most accurate.
    let peak = weights.withUnsafeBufferPointer { w in w.indices.reduce(0) { w[$1] > w[$0] ? $1 : $0 } }
    let logNormalisation = exponents[peak] - log(weights[peak])
    let squares = weightSums(weights)
    let kappaSquare = model.noise * model.noise
    return Solution(
      overlap: m, logNormalisation: logNormalisation,
      weightSquares: CoordinateVariances(
        relevant: degree > 0 ? squares.relevant / Double(degree) : 0,
        irrelevant: degree < model.inputs ? squares.irrelevant / Double(model.inputs - degree) : 0),
      freeEnergy: (1 - m) * (1 - m) / (2 * kappaSquare) - Double(model.width) * logNormalisation
        + (1 - m) * m / kappaSquare)
  }
}

extension ParityMeanField {
  /// The sums of squared weights on relevant and other coordinates, averaged with these weights of the points.
  private func weightSums(_ weights: [Double]) -> CoordinateVariances {
    let lengthSquares = grid.length.nodes.map { $0 * $0 }
    var sums = CoordinateVariances(relevant: 0, irrelevant: 0)
    weights.withUnsafeBufferPointer { weights in
      var point = 0
      for square in grid.squares {
        var total = 0.0
        for lengthSquare in lengthSquares {
          total += weights[point]
          sums.irrelevant += weights[point] * lengthSquare
          point += 1
        }
        sums.relevant += total * square
      }
    }
    return sums
  }
}

// MARK: The transition

extension ParityMeanField {
  /// kappa at which half of the target is learned, searched between two values.
  public func halfwayNoise(from low: Double, to high: Double) throws -> Double {
    let logNoise = try root(from: log(low), to: log(high), tolerance: 1e-7) {
      try with(noise: exp($0)).solve().overlap - 0.5
    }
    return exp(logNoise)
  }

  /// Where m(ln kappa) falls most steeply, and where it starts to rise as kappa falls: the largest curvature there.
  public func onset(from low: Double, to high: Double, points: Int = 61) throws -> (steepest: Double, onset: Double) {
    guard points >= 5 else { throw TheoryError.tooFew("points", found: points, needed: 5) }
    let step = (log(low) - log(high)) / Double(points - 1)
    let noises = (0..<points).map { exp(log(high) + step * Double($0)) }
    let m = try noises.map { try with(noise: $0).solve().overlap }
    let inner = 1..<points - 1
    let steepest = inner.max { m[$0 + 1] - m[$0 - 1] < m[$1 + 1] - m[$1 - 1] } ?? 1
    let onset = inner.max { m[$0 + 1] + m[$0 - 1] - 2 * m[$0] < m[$1 + 1] + m[$1 - 1] - 2 * m[$1] } ?? 1
    return (noises[steepest], noises[onset])
  }
}
