import LangevinPlatform

/// The stationary state of a noisy descent close to a minimum.
///
///     u' = (1 - h H) u + noise of covariance 2 D,      u = w - centre
///
/// In the continuous limit the covariance C balances drift and noise, H C + C H = (2/h) D. Where H and D do not commute,
/// C is no multiple of H^-1 and probability circulates: the state is stationary but not in equilibrium. The current
/// flows with the velocity M u, and each step produces entropy on average, never less than 0.
///
/// One time unit is a step with independent minibatches and an epoch without replacement, where h is the sum of the steps.
/// Adhikari, Kabakcioglu, Strang, Yuret and Hinczewski, "Machine learning in and out of equilibrium", arXiv 2306.03521. The
/// formulas of the continuous limit are theirs; those of the discrete chain and of the standard errors were derived here.
///
/// With noise injected at temperature T, D is h T plus the diffusion of the minibatches.
public struct LinearSteadyState: Sendable {
  /// H
  public let hessian: DenseMatrix
  /// D
  public let diffusion: DenseMatrix
  /// h, the learning rate of a time unit.
  public let timeStep: Double
  /// C
  public let covariance: DenseMatrix
  /// Q = (h/2) (H C - C H), antisymmetric: the mean areal velocity per time unit.
  public let circulation: DenseMatrix
  /// M = -Q C^-1
  public let velocity: DenseMatrix
  /// The number of directions that the noise reaches; where it is less than all, D^-1 is the inverse within them.
  public let noiseRank: Int

  let eigen: SymmetricEigen
  let inverseDiffusion: DenseMatrix

  /// The stationary state around a minimum.
  ///
  /// - Throws: ``TheoryError/notAMinimum(smallestEigenvalue:)``, ``TheoryError/singularDiffusion``,
  ///   ``TheoryError/driftLeavesNoise(share:)``, or ``MatrixError`` for matrices that are not symmetric.
  public init(hessian: DenseMatrix, diffusion: DenseMatrix, timeStep: Double) throws {
    try checkPositive(timeStep, "the time step")
    eigen = try SymmetricEigen(hessian)
    self.hessian = try hessian.symmetrised()
    self.diffusion = try diffusion.symmetrised()
    self.timeStep = timeStep
    guard let softest = eigen.values.first, softest > 0 else {
      throw TheoryError.notAMinimum(smallestEigenvalue: eigen.values.first ?? 0)
    }
    covariance = try Lyapunov.continuous(drift: eigen, source: 2 / timeStep * self.diffusion).symmetrised()
    circulation = timeStep / 2 * (self.hessian * covariance - covariance * self.hessian)

    let noise = try PseudoInverse(self.diffusion)
    guard noise.rank > 0 else { throw TheoryError.singularDiffusion }
    noiseRank = noise.rank
    inverseDiffusion = noise.inverse
    velocity = -1 * circulation * (try PseudoInverse(covariance).inverse)
    let outside = (velocity - noise.projector * velocity).frobeniusNorm
    if outside > 1e-8 * velocity.frobeniusNorm {
      throw TheoryError.driftLeavesNoise(share: outside / velocity.frobeniusNorm)
    }
  }

  /// The smallest eigenvalue of H: the slowest relaxation takes 1/(h times it) time units.
  public var softestCurvature: Double { eigen.values[0] }

  /// The mean entropy production of a time unit, -trace(Q D^-1 Q C^-1): 0 in equilibrium, positive otherwise.
  public var entropyProduction: Double { (velocity.transpose * inverseDiffusion * velocity * covariance).trace }
}

extension LinearSteadyState {
  /// KL of N(centre, C) from the Gibbs law N(centre, T H^-1): what the minibatches' noise costs a sampler.
  public func divergenceFromGibbs(temperature: Double) throws -> Double {
    try checkPositive(temperature, "the temperature")
    let root = eigen.map { ($0 / temperature).squareRoot() }
    // x - ln(1 + x) over the eigenvalues 1 + x: accurate for the smallest divergences.
    return try SymmetricEigen(root * covariance * root).values.reduce(0) {
      $0 + ($1 - 1 - log1p($1 - 1)) / 2
    }
  }
}

// MARK: The discrete chain

extension LinearSteadyState {
  /// A = 1 - h H
  public var drift: DenseMatrix { .identity(hessian.rows) - timeStep * hessian }

  /// C_d = A C_d A' + 2 D: the covariance of the chain itself, at any step for which it has one.
  public func discreteCovariance() throws(MatrixError) -> DenseMatrix {
    try Lyapunov.discrete(drift: drift, source: 2 * diffusion)
  }

  /// The areal velocity of the chain itself: (1/2) [C_d (A - 1)' - (A - 1) C_d].
  public func discreteCirculation() throws(MatrixError) -> DenseMatrix {
    let c = try discreteCovariance()
    let step = -timeStep * hessian
    return 0.5 * (c * step - step * c)
  }

  /// The mean of an entropy functional per step of the chain itself.
  public func discreteMean(of functional: EntropyFunctional) throws(MatrixError) -> Double {
    let c = try discreteCovariance()
    let step = -timeStep * hessian
    let square = step * c * step + 2 * diffusion
    return (functional.force * step * c).trace + (functional.square * square).trace
  }
}

// MARK: Errors of estimates

extension LinearSteadyState {
  /// The relative standard error of the variance along each eigenvector of H, soft ones first, after so many time units.
  public func varianceErrors(timeUnits: Double) -> [Double] {
    eigen.values.map { (2 / (timeUnits * timeStep * $0)).squareRoot() }
  }

  /// The standard error of the areal velocity (i, j) after so many time units.
  ///
  /// sqrt(2 trace(D G C G')/K) with G = J/2 + 2 Phi, J = e_j e_i' - e_i e_j', H Phi + Phi H = (J H + H J')/4: the fluctuations of
  /// the drift belong to it, since they are correlated with the noise of earlier steps.
  public func arealVelocityError(_ i: Int, _ j: Int, timeUnits: Double) throws(MatrixError) -> Double {
    var turn = DenseMatrix(zeros: hessian.rows, hessian.rows)
    turn[j, i] = 1
    turn[i, j] = -1
    let source = 0.25 * (turn * hessian + hessian * turn.transpose)
    let g = 0.5 * turn + 2 * (try Lyapunov.continuous(drift: eigen, source: source))
    return (2 * (diffusion * g * covariance * g.transpose).trace / timeUnits).squareRoot()
  }

  /// The standard error of the mean entropy production after so many time units: its variance is twice its mean.
  public func entropyError(timeUnits: Double) -> Double { (2 * entropyProduction / timeUnits).squareRoot() }
}

/// The inverse of a symmetric matrix within the directions in which it is not zero to rounding.
private struct PseudoInverse {
  let inverse: DenseMatrix
  let projector: DenseMatrix
  let rank: Int

  init(_ matrix: DenseMatrix) throws(MatrixError) {
    let eigen = try SymmetricEigen(matrix)
    let threshold = 1e-12 * max(0, eigen.values.last ?? 0)
    rank = eigen.values.count { $0 > threshold }
    inverse = eigen.map { $0 > threshold ? 1 / $0 : 0 }
    projector = eigen.map { $0 > threshold ? 1 : 0 }
  }
}
