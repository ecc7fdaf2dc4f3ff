import LangevinCore
import LangevinPlatform

/// The kernel of infinitely many rectified units, K0(x, x') = sa^2 E_w[phi(w.x) phi(w.x')].
///
///     K0 = (sa^2/(2 pi)) r r' (sin t + (pi - t) cos t),     r = |x| sqrt(sw^2/d),   cos t = x.x'/(|x| |x'|)
///
/// Youngmin Cho and Lawrence Saul, "Kernel methods for deep learning", 2009.
public struct ArcCosineKernel: Sendable {
  /// The variances of the input weights, one for each coordinate.
  public let variances: [Double]
  /// sa^2
  public let outputVariance: Double

  /// The kernel of a model's prior, or of other variances of the input weights.
  public init(_ model: MeanFieldModel, variances: [Double]? = nil) throws(LangevinError) {
    let all = variances ?? Array(repeating: model.weightVariance, count: model.inputs)
    guard all.count == model.inputs else {
      throw .shape(of: "the variances", found: [all.count], expected: [model.inputs])
    }
    for value in all { try checkPositive(value, "a variance") }
    self.variances = all
    outputVariance = model.outputVariance
  }

  /// K0 between each row of x and each row of y.
  public func matrix(_ x: DenseMatrix, _ y: DenseMatrix) throws(LangevinError) -> DenseMatrix {
    for side in [x, y] where side.columns != variances.count {
      throw .shape(of: "the inputs", found: [side.rows, side.columns], expected: [side.rows, variances.count])
    }
    let weights = DenseMatrix(diagonal: variances)
    var kernel = x * weights * y.transpose
    let (a, b) = (lengths(x), lengths(y))
    kernel.withMutablePointer { kernel in
      for row in a.indices {
        for column in b.indices {
          let place = row * b.count + column
          kernel[place] = value(a[row] * b[column], product: kernel[place])
        }
      }
    }
    return kernel
  }

  private func lengths(_ x: DenseMatrix) -> [Double] {
    (0..<x.rows).map { row in
      variances.indices.reduce(0) { $0 + variances[$1] * x[row, $1] * x[row, $1] }.squareRoot()
    }
  }

  private func value(_ lengths: Double, product: Double) -> Double {
    if lengths == 0 { return 0 }
    let cosine = min(1, max(-1, product / lengths))
    let angle = acos(cosine)
    let sine = ((1 - cosine) * (1 + cosine)).squareRoot()
    return outputVariance / (2 * .pi) * lengths * (sine + (.pi - angle) * cosine)
  }
}

extension ArcCosineKernel {
  /// lambda_k: the eigenvalue of the prior's kernel on the uniform cube, whose eigenfunctions are the characters of degree k.
  ///
  ///     lambda_k = 2^-d sum_t kappa_0(t) sum_i (-1)^i C(k, i) C(d - k, t - i)
  ///
  /// with kappa_0(t) the kernel of two points that differ in t coordinates. It is 0 for odd k above 1.
  public static func eigenvalue(of model: MeanFieldModel, degree k: Int) throws(LangevinError) -> Double {
    let d = model.inputs
    try require(0...d ~= k, "the degree", is: k, expected: "0 to \(d)")
    let kernel = try ArcCosineKernel(model)
    var sum = 0.0
    for t in 0...d {
      var character = 0.0
      for i in max(0, t - d + k)...max(min(k, t), max(0, t - d + k)) {
        character += (i % 2 == 0 ? 1 : -1) * choose(k, i) * choose(d - k, t - i)
      }
      sum +=
        kernel.value(model.inputVariance, product: model.inputVariance * (1 - 2 * Double(t) / Double(d))) * character
    }
    return sum * pow(2, -Double(d))
  }

  private static func choose(_ n: Int, _ k: Int) -> Double {
    guard 0...n ~= k else { return 0 }
    return (0..<min(k, n - k)).reduce(1) { ($0 * Double(n - $1) / Double($1 + 1)).rounded() }
  }
}
