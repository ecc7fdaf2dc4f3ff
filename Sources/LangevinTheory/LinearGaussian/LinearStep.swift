/// How one step of a sampler makes the next gradient's weight of a batch's curvature: the schemes without momentum.
public enum OverdampedStep: Hashable, Sendable {
  /// w - h g(w) + sqrt(2 h T) xi
  case euler
  /// Noise shared with the neighbouring steps, after Leimkuhler and Matthews; the chain is read with half of the next
  /// noise added.
  case sharedNoise
  /// sqrt(h T) xi, then w - h g(w - (h/2) g(w)), then sqrt(h T) xi'.
  case midpoint
}

/// One step on a linear problem: w <- A w + b + noise of covariance Q.
///
/// With a gradient H w - b that is what every overdamped step is.
struct LinearStep {
  var drift: DenseMatrix
  var shift: [Double]
  var noise: DenseMatrix

  /// A row of the table of steps, with the gradient H w - b and step size h.
  init(
    _ kind: OverdampedStep, _ gradient: (hessian: DenseMatrix, force: [Double]), stepSize h: Double, temperature: Double
  ) {
    switch kind {
    case .euler:
      self.init(gradient, stepSize: h, correction: 0)
      noise = DenseMatrix(diagonal: 2 * h * temperature, count: drift.rows)
    case .sharedNoise:
      self.init(gradient, stepSize: h, correction: 0)
      let half = 0.5 * (drift + .identity(drift.rows))
      noise = 2 * h * temperature * (half * half.transpose)
    case .midpoint:
      self.init(splitNoise: gradient, stepSize: h, temperature: temperature, correction: 1)
    }
  }

  /// Noise of variance h T on both sides of w - h [g(w) + factor (g(w - (h/2) g(w)) - g(w))].
  init(
    splitNoise gradient: (hessian: DenseMatrix, force: [Double]), stepSize h: Double, temperature: Double,
    correction factor: Double
  ) {
    self.init(gradient, stepSize: h, correction: factor)
    noise = h * temperature * (.identity(drift.rows) + drift * drift.transpose)
  }

  /// Shared noise around a gradient that is corrected by that of another batch.
  init(
    sharedNoise gradient: (hessian: DenseMatrix, force: [Double]), other: (hessian: DenseMatrix, force: [Double]),
    stepSize h: Double, temperature: Double, correction factor: Double
  ) {
    self.init(gradient, stepSize: h, correction: 0)
    let c = factor * h * h / 2
    drift = drift + c * (gradient.hessian * (gradient.hessian - other.hessian))
    let gap = gradient.hessian * zip(gradient.force, other.force).map { $0 - $1 }
    shift = zip(shift, gap).map { $0 - c * $1 }
    let half = 0.5 * (drift + .identity(drift.rows))
    noise = 2 * h * temperature * (half * half.transpose)
  }

  /// No noise: w - h g(w) + factor (h^2/2) H g(w).
  private init(_ gradient: (hessian: DenseMatrix, force: [Double]), stepSize h: Double, correction factor: Double) {
    let (hessian, force) = gradient
    let c = factor * h * h / 2
    drift = .identity(force.count) - h * hessian + c * (hessian * hessian)
    shift = zip(force, hessian * force).map { h * $0 - c * $1 }
    noise = DenseMatrix(zeros: force.count, force.count)
  }

  /// Noise alone.
  init(noise variance: Double, count: Int) {
    drift = .identity(count)
    shift = [Double](repeating: 0, count: count)
    noise = DenseMatrix(diagonal: variance, count: count)
  }

  /// The step without its noise.
  var noiseless: LinearStep {
    var step = self
    step.noise = DenseMatrix(zeros: drift.rows, drift.rows)
    return step
  }

  /// This step after another one.
  func after(_ first: LinearStep) -> LinearStep {
    var step = self
    step.drift = drift * first.drift
    step.shift = zip(drift * first.shift, shift).map { $0 + $1 }
    step.noise = drift * first.noise * drift.transpose + noise
    return step
  }

  /// The step's action on second moments E[v v'] of v = (w, 1), packed as the elements i <= j with the constant 1 last.
  var momentOperator: DenseMatrix {
    let count = shift.count + 1
    var hat = DenseMatrix.identity(count)
    for row in 0..<shift.count {
      for column in 0..<shift.count { hat[row, column] = drift[row, column] }
      hat[row, count - 1] = shift[row]
    }
    let pairs = SecondMoments.pairs(shift.count)
    var result = DenseMatrix(zeros: pairs.count, pairs.count)
    for (row, (a, b)) in pairs.enumerated() {
      for (column, (i, j)) in pairs.enumerated() {
        result[row, column] = hat[a, i] * hat[b, j] + (i == j ? 0 : hat[a, j] * hat[b, i])
      }
      if b < shift.count { result[row, pairs.count - 1] += noise[a, b] }
    }
    return result
  }
}

/// E[v v'] of v = (w, 1) as a list.
enum SecondMoments {
  /// (i, j), i <= j, in the order of the list.
  static func pairs(_ dimension: Int) -> [(Int, Int)] {
    (0...dimension).flatMap { i in (i...dimension).map { (i, $0) } }
  }

  static func moments(_ list: [Double], dimension: Int) -> Moments {
    var mean = [Double](repeating: 0, count: dimension)
    var square = DenseMatrix(zeros: dimension, dimension)
    for (value, (i, j)) in zip(list, pairs(dimension)) where i < dimension {
      if j == dimension {
        mean[i] = value
      } else {
        square[i, j] = value
        square[j, i] = value
      }
    }
    return Moments(mean: mean, covariance: (square - DenseMatrix(mean, outer: mean)).rowArrays)
  }
}
