/// The entropy production of a step from u to u + du as a quadratic function of the two.
///
///     sigma = u' F du + du' S du
///
/// Three functionals have this form. Two are those of the Fokker-Planck current with velocity v(u) = M u; they obey the
/// fluctuation theorems to leading order in the step; the left-point rule is the published one. The third is the logarithm of the ratio of the path's probability
/// to that of the reversed path, and obeys them exactly if the chain is linear with Gaussian noise and stationary.
public struct EntropyFunctional: Hashable, Sendable {
  /// F
  public let force: DenseMatrix
  /// S, symmetric; zero for the left-point rule.
  public let square: DenseMatrix

  /// A functional from its matrices.
  public init(force: DenseMatrix, square: DenseMatrix) {
    self.force = force
    self.square = square
  }

  /// v(u)' D^-1 du: the velocity where the step starts.
  public static func leftPoint(_ state: LinearSteadyState) -> EntropyFunctional {
    let force = state.velocity.transpose * state.inverseDiffusion
    return EntropyFunctional(force: force, square: DenseMatrix(zeros: force.rows, force.rows))
  }

  /// v(u + du/2)' D^-1 du: the velocity in the middle of the step.
  public static func midpoint(_ state: LinearSteadyState) -> EntropyFunctional {
    let force = state.velocity.transpose * state.inverseDiffusion
    return EntropyFunctional(force: force, square: 0.25 * (force + force.transpose))
  }

  /// (1/4) [r0' D^-1 r0 - r1' D^-1 r1] + (1/2) [(u + du)' C_d^-1 (u + du) - u' C_d^-1 u] with r1 = u + du - A u the noise of the
  /// step and r0 = u - A (u + du) the noise that the reversed step would need.
  ///
  /// With A = 1 - h H: r1 = du + h H u and r0 = h H u - A du, so that the terms in u alone cancel.
  public static func exact(_ state: LinearSteadyState) throws(MatrixError) -> EntropyFunctional {
    let (a, inverse) = (state.drift, state.inverseDiffusion)
    let precision = try Cholesky(state.discreteCovariance()).inverse
    let sum = inverse * a + inverse
    return EntropyFunctional(
      force: precision - state.timeStep / 2 * (state.hessian * sum),
      square: 0.25 * (a * inverse * a - inverse) + 0.5 * precision)
  }
}
