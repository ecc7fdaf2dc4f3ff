import LangevinCore

/// Gaussian linear regression, y = w . x + noise, whose posterior is known exactly: see ``LinearPosterior``.
///
/// Inputs are standard normal, or the first is the constant 1; the weights w are standard normal.
package struct LinearRegression: SyntheticSet {
  /// What a recipe can say of it.
  package static let recipe = RecipeEntry<Self>(
    "linear", "linear regression with normal noise; the posterior is known exactly",
    [
      .init("dimension", \.dimension, 1...(1 << 24), "inputs, the constant included"),
      .init("intercept", \.intercept, 0...1, "1 where the first input is the constant 1, otherwise 0"),
      .init("noise", \.noise, 0...1e6, "standard deviation of the noise on y"),
    ])

  /// The number of inputs, the constant included.
  package var dimension = 5
  /// 1 where the first input is the constant 1, otherwise 0.
  package var intercept = 0
  /// The standard deviation of the noise on y.
  package var noise = 0.5
  /// The sizes of its parts, and the seed.
  package var sizes = SetSizes(train: 100, test: 1000)

  /// The set with its default parameters.
  package init() {}

  /// The weights w that the set is made with.
  package var weights: [Double] {
    var random = RandomRow(sharedStream, row: 0)
    return (0..<dimension).map { _ in random.normal() }
  }

  /// How the rows of one part are made.
  package func rows(of part: DatasetPart) -> SyntheticRows {
    let (weights, noise, dimension, intercept) = (weights, noise, dimension, intercept)
    return SyntheticRows(inputWidth: dimension, targets: .values(1)) { row in
      for index in 0..<dimension { row.inputs[index] = row.random.normal() }
      if intercept == 1 { row.inputs[0] = 1 }
      let inputs = row.inputs
      let mean = weights.indices.reduce(0) { $0 + weights[$1] * inputs[$1] }
      row.targets[0] = mean + noise * row.random.normal()
    }
  }
}

/// The posterior of linear regression with known noise and a Gaussian prior: itself Gaussian.
///
/// The density is proportional to exp(-L) with L = sum_i (y_i - w . x_i)^2 / (2 s^2) + alpha |w|^2 / 2: all examples
/// summed, s^2 the noise variance and alpha the prior's precision. At temperature T the mean is the same and the
/// covariance T times as large.
package struct LinearPosterior: Sendable {
  /// The mean of the weights, `mu = P^-1 b` with b = sum_i x_i y_i / s^2.
  package let mean: [Double]
  /// The precision `P = sum_i x_i x_i' / s^2 + alpha I`, row by row.
  package let precision: [Double]
  /// The covariance at temperature 1, `P^-1`, row by row.
  package let covariance: [Double]

  /// The exact posterior given examples with one real target each.
  package init<Element: Scalar>(
    of examples: Examples<Element>, noiseVariance: Double, priorPrecision: Double
  ) throws(LangevinError) {
    try require(
      noiseVariance > 0 && noiseVariance.isFinite, "the noise variance", is: noiseVariance, expected: "above 0")
    try require(
      priorPrecision >= 0 && priorPrecision.isFinite, "the prior precision", is: priorPrecision, expected: "0 or more")
    guard case .values(let targets) = examples.targets, targets.shape[1] == 1 else {
      throw .shape(
        of: "the targets of a linear regression", found: [examples.count, examples.targets.width],
        expected: [examples.count, 1])
    }
    let d = examples.inputWidth
    var precision = [Double](repeating: 0, count: d * d)
    var b = [Double](repeating: 0, count: d)
    for row in 0..<examples.count {
      let x = examples.input(row).map { Double($0) }
      for i in 0..<d {
        b[i] += x[i] * Double(targets[row]) / noiseVariance
        for j in 0..<d { precision[i * d + j] += x[i] * x[j] / noiseVariance }
      }
    }
    for i in 0..<d { precision[i * d + i] += priorPrecision }
    guard let factor = Self.choleskyFactor(of: precision, d) else {
      throw .value(
        of: "the precision matrix of the posterior", found: "singular",
        expected: "a prior precision above 0, or more examples")
    }
    self.precision = precision
    mean = Self.solve(factor, b)
    var covariance = [Double](repeating: 0, count: d * d)
    for column in 0..<d {
      let solution = Self.solve(factor, (0..<d).map { $0 == column ? 1 : 0 })
      for row in 0..<d { covariance[row * d + column] = solution[row] }
    }
    self.covariance = covariance
  }

  /// The lower triangle L with L L' = the matrix, or nil where it is not positive definite.
  private static func choleskyFactor(of matrix: [Double], _ d: Int) -> [Double]? {
    var factor = [Double](repeating: 0, count: d * d)
    for i in 0..<d {
      for j in 0...i {
        let rest = (0..<j).reduce(matrix[i * d + j]) { $0 - factor[i * d + $1] * factor[j * d + $1] }
        if i == j {
          guard rest > 1e-14 * matrix[i * d + i] else { return nil }
          factor[i * d + i] = rest.squareRoot()
        } else {
          factor[i * d + j] = rest / factor[j * d + j]
        }
      }
    }
    return factor
  }

  private static func solve(_ factor: [Double], _ right: [Double]) -> [Double] {
    let d = right.count
    var x = right
    for i in 0..<d { x[i] = (0..<i).reduce(x[i]) { $0 - factor[i * d + $1] * x[$1] } / factor[i * d + i] }
    for i in (0..<d).reversed() {
      x[i] = (i + 1..<d).reduce(x[i]) { $0 - factor[$1 * d + i] * x[$1] } / factor[i * d + i]
    }
    return x
  }
}
