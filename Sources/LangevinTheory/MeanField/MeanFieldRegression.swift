import LangevinCore

/// A regression for the finite-data theory: training points, and where its predictions are wanted.
public struct MeanFieldData: Sendable {
  /// Training inputs, one row for each point.
  public let inputs: DenseMatrix
  /// Training targets.
  public let targets: [Double]
  /// Where predictions are wanted, one row for each point.
  public let testInputs: DenseMatrix

  /// Points and targets.
  public init(inputs: DenseMatrix, targets: [Double], testInputs: DenseMatrix) throws(LangevinError) {
    guard inputs.rows == targets.count, !targets.isEmpty else {
      throw .shape(of: "the targets", found: [targets.count], expected: [max(1, inputs.rows)])
    }
    guard testInputs.columns == inputs.columns else {
      throw .shape(of: "the test inputs", found: [testInputs.columns], expected: [inputs.columns])
    }
    for (name, numbers) in [("inputs", inputs.elements), ("targets", targets), ("test inputs", testInputs.elements)] {
      guard numbers.allSatisfy(\.isFinite) else { throw .nonFinite("a number", in: "the \(name)", hint: "") }
    }
    self.inputs = inputs
    self.targets = targets
    self.testInputs = testInputs
  }
}

/// The mean-field theory on a finite data set: chains of single hidden units in the field that they make together.
///
/// With phi the vector of a unit's values on the P training points, J = phi'h/P, Sigma = |phi|^2/P:
///
///     U(w) = sum_j w_j^2/(2 tau_j) + (1/2) ln D - J^2/(2 kappa^2 D)               the law of a unit is exp(-U)
///     K = E[v phi phi'],     h = kappa^2 P (K + kappa^2 P)^-1 y                    the field that the units leave
///     plain:     D = A + Sigma,                                     v = kappa^2 N/D
///     screened:  D = A + kappa^2 phi' (K + kappa^2 P)^-1 phi,       v = sa^2 N^(1 - 2 gamma)
///
/// The plain theory is the published one, up to terms of order 1/N: a unit's own part of the mean output is not taken out. The
/// screened theory is this module's own derivation and in no paper.
///
/// In the plain theory every unit pays for its own fluctuations as if no other could make up for them, and there is one
/// solution. In the screened theory directions that other units already represent are cheap; it need not have one solution.
/// Each outer step re-estimates K from the chains, damped, since the bare substitution of h diverges, and then moves the
/// chains by Metropolis-adjusted Langevin steps. With a stiffness, the variances tau_j adapt as in ``ParityMeanField``.
public struct MeanFieldRegression: Sendable {
  /// How a unit sees the other units.
  public enum Mode: String, CaseIterable, Hashable, Sendable {
    /// Through the mean of their output alone.
    case plain
    /// Also through the kernel that they make, once all output weights are integrated out.
    case screened
  }

  /// Where the chains start.
  public enum Start: Hashable, Sendable {
    /// At draws from the prior.
    case prior
    /// With weights +-sqrt(sw^2/k) on k coordinates, with independent signs, and the others from the prior.
    case aligned([Int])
  }

  /// The network.
  public let model: MeanFieldModel
  /// The activation of the hidden units.
  public var activation = Activation.relu
  /// Plain or screened.
  public var mode = Mode.plain
  /// nu, the stiffness of adaptive variances; nil for variances that stay those of the prior. Soft ones settle slowly near the
  /// onset of learning, from below out of the prior and from above out of aligned weights: the two starts bracket the answer.
  public var stiffness: Double?
  /// B
  public var chains = 512
  /// Metropolis steps between two estimates of the kernel.
  public var innerSteps = 8
  /// Estimates of the kernel; the second half of them is averaged over.
  public var outerSteps = 80

  /// The theory of a network.
  public init(_ model: MeanFieldModel) { self.model = model }

  /// The same settings for another network or noise.
  public func with(_ model: MeanFieldModel) -> MeanFieldRegression {
    var other = MeanFieldRegression(model)
    (other.activation, other.mode, other.stiffness) = (activation, mode, stiffness)
    (other.chains, other.innerSteps, other.outerSteps) = (chains, innerSteps, outerSteps)
    return other
  }

  /// What the chains found.
  public struct Solution: Sendable {
    /// The mean predictor at the test inputs.
    public let predictions: [Double]
    /// mean y fbar over the training points.
    public let trainingOverlap: Double
    /// E[w_j^2] for each coordinate.
    public let weightSquares: [Double]
    /// tau_j
    public let variances: [Double]
    /// The share of accepted moves once the step size was fixed.
    public let acceptance: Double
    /// How far the training overlap still moved: between the two halves of the last third.
    public let drift: Double
    /// Whether the drift is below 0.01. Two starts that agree are needed to be sure.
    public var isConverged: Bool { drift < 0.01 }
  }

  /// Runs the chains.
  ///
  /// - Throws: `LangevinError` for settings and data out of range and for chains that leave every bound.
  public func solve(_ data: MeanFieldData, from start: Start = .prior, seed: UInt64 = 0) throws -> Solution {
    try checkData(model, inputs: data.inputs, targets: data.targets)
    try require(chains >= 2, "the number of chains", is: chains, expected: "2 or more")
    try require(innerSteps >= 1, "the number of inner steps", is: innerSteps, expected: "1 or more")
    try require(outerSteps >= 12, "the number of outer steps", is: outerSteps, expected: "12 or more")
    if let stiffness {
      try require(
        stiffness >= 0.05 && stiffness.isFinite, "the stiffness nu", is: stiffness, expected: "0.05 or more, finite")
    }
    if case .aligned(let relevant) = start {
      guard Set(relevant).count == relevant.count, relevant.allSatisfy({ 0..<model.inputs ~= $0 }), !relevant.isEmpty
      else {
        throw LangevinError.value(
          of: "the aligned coordinates", found: "\(relevant)", expected: "distinct, 0 to \(model.inputs - 1)")
      }
    }
    var units = UnitChains(self, data, start, seed)
    return try units.solve()
  }
}
