import LangevinCore
import LangevinPlatform

/// Kernel ridge regression: the limit of infinitely many units at fixed noise, in which no feature is learned.
///
///     fbar(x) = K0(x, X) (K0 + ridge)^-1 y,     ridge = kappa^2 P N^(2 gamma - 1)
///
/// The ridge belongs to T = 2 kappa^2 with the mean loss. Kernels that have learned take the place of K0 in the same formula.
public struct KernelRegression: Sendable {
  /// The training inputs, one row for each.
  public let inputs: DenseMatrix
  /// (K + ridge)^-1 y
  public let dual: [Double]
  /// The kernel.
  public let kernel: ArcCosineKernel

  /// Fits the targets.
  public init(
    _ model: MeanFieldModel, inputs: DenseMatrix, targets: [Double], variances: [Double]? = nil
  ) throws {
    try checkData(model, inputs: inputs, targets: targets)
    kernel = try ArcCosineKernel(model, variances: variances)
    let ridge =
      model.noise * model.noise * Double(targets.count) * pow(Double(model.width), 2 * model.outputExponent - 1)
    dual = try ridgeFactor(kernel.matrix(inputs, inputs), ridge: ridge).solve(targets)
    self.inputs = inputs
  }

  /// fbar on each row.
  public func predictions(at points: DenseMatrix) throws(LangevinError) -> [Double] {
    try kernel.matrix(points, inputs) * dual
  }
}

/// The factor of K + ridge. Where rounding has made it indefinite, 1e-10 of the mean of K's diagonal is added, once.
func ridgeFactor(_ kernel: DenseMatrix, ridge: Double) throws(MatrixError) -> Cholesky {
  func factor(_ shift: Double) throws(MatrixError) -> Cholesky {
    var matrix = kernel
    for index in 0..<kernel.rows { matrix[index, index] += shift }
    return try Cholesky(matrix)
  }
  do throws(MatrixError) {
    return try factor(ridge)
  } catch {
    return try factor(ridge + 1e-10 * kernel.trace / Double(kernel.rows))
  }
}

/// Checks inputs and targets of a regression.
func checkData(_ model: MeanFieldModel, inputs: DenseMatrix, targets: [Double]) throws(LangevinError) {
  try require(!targets.isEmpty, "the number of training points", is: targets.count, expected: "1 or more")
  guard inputs.rows == targets.count, inputs.columns == model.inputs else {
    throw .shape(of: "the inputs", found: [inputs.rows, inputs.columns], expected: [targets.count, model.inputs])
  }
  guard inputs.elements.allSatisfy(\.isFinite), targets.allSatisfy(\.isFinite) else {
    throw .nonFinite("a number", in: "the inputs or targets", hint: "")
  }
}
