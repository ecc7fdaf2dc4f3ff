import LangevinCore

/// Gradient descent on minibatches around a minimum, measured, beside the linear theory of the same minimum.
///
/// The trajectory can be followed piece by piece, and runs of several chains of one seed can be merged.
public struct CurrentsRun: Sendable {
  /// The theory.
  public let state: LinearSteadyState
  /// Where the theory has its centre: the minimum, or without replacement the minimum of the effective loss.
  public let centre: [Double]
  /// Whether each datum is used once per epoch.
  public let withoutReplacement: Bool
  /// What was measured, one time unit a step with replacement and an epoch without.
  public private(set) var measurement: TrajectoryMeasurement

  private let descent: Descent
  private let stepSize: Double
  private let stepsPerTimeUnit: Int
  private var batches: BatchStream
  private var position: Tensor<Double>

  /// What goes down.
  private enum Descent {
    /// Spelled out, for the many steps that it takes.
    case regression(TanhRegression)
    /// Any network, by its own gradients.
    case posterior(Posterior<Double>)
  }

  /// The theory for the regression, and a trajectory of no length yet that starts at the centre.
  public init(
    _ regression: TanhRegression, batchSize: Int, stepSize: Double, withoutReplacement: Bool, seed: UInt64 = 0,
    chain: Int = 0
  ) throws {
    guard regression.units == 2 else {
      throw TheoryError.unsupported("the run starts near the minimum of two units; \(regression.units) were given")
    }
    try self.init(
      .regression(regression), regression.posterior(), near: [1.283, 1.231, 0.705, -0.532, 0.928, -0.909, -0.009],
      scale: 1 / regression.noiseVariance, batchSize, stepSize, withoutReplacement, seed, chain)
  }

  /// The same for any network around its minimum near `start`; the energy should be per example, and the prior keep every
  /// direction from being flat.
  public init(
    _ posterior: Posterior<Double>, near start: [Double], batchSize: Int, stepSize: Double, withoutReplacement: Bool,
    seed: UInt64 = 0, chain: Int = 0
  ) throws {
    try self.init(
      .posterior(posterior), posterior, near: start, scale: 1, batchSize, stepSize, withoutReplacement, seed, chain)
  }

  private init(
    _ descent: Descent, _ posterior: Posterior<Double>, near start: [Double], scale: Double, _ batchSize: Int,
    _ stepSize: Double, _ withoutReplacement: Bool, _ seed: UInt64, _ chain: Int
  ) throws {
    (self.descent, self.stepSize, self.withoutReplacement) = (descent, stepSize, withoutReplacement)
    let scheme: BatchScheme = withoutReplacement ? .epochs(batchSize) : .subset(batchSize)
    let minimum = try posterior.minimum(near: start)
    centre =
      withoutReplacement
      ? try posterior.effectiveMinimum(near: minimum, batchSize: batchSize, stepSize: stepSize, scale: scale)
      : minimum
    let examples = try ExampleDerivatives(of: posterior, at: minimum, scale: scale)
    batches = try BatchStream(scheme, exampleCount: posterior.exampleCount, seed: seed, chain: chain)
    stepsPerTimeUnit = withoutReplacement ? batches.batchesPerEpoch : 1
    state = try LinearSteadyState(
      hessian: examples.hessian, diffusion: examples.diffusion(of: scheme, stepSize: stepSize),
      timeStep: Double(stepsPerTimeUnit) * stepSize)
    measurement = try TrajectoryMeasurement(
      reference: centre, functional: .leftPoint(state), expectedEntropy: state.entropyProduction)
    position = Tensor(centre)
  }

  /// The time units that the first call of ``follow(timeUnits:)`` discards: five relaxation times of the softest direction.
  public var burnIn: Int { Int(5 / (state.timeStep * state.softestCurvature)) }

  /// Follows the trajectory for so many more time units.
  public mutating func follow(timeUnits: Int) throws {
    switch descent {
    case .regression(let regression):
      try follow(timeUnits) { [stepSize] w, batches in regression.descend(&w, stepSize: stepSize, batches: &batches) }
    case .posterior(let posterior):
      var workspace = posterior.makeWorkspace()
      var gradient = Tensor<Double>(zeros: position.count)
      try follow(timeUnits) { [stepSize] w, batches in
        batches.advance()
        _ = try posterior.evaluate(at: w, over: batches.current, gradient: &gradient, workspace: &workspace)
        for index in 0..<gradient.count { w[index] -= stepSize * gradient[index] }
      }
    }
  }

  private mutating func follow(
    _ timeUnits: Int, _ step: (inout Tensor<Double>, inout BatchStream) throws -> Void
  ) throws {
    var (w, batches) = (position, batches)
    let steps = stepsPerTimeUnit
    func advance(_ w: inout Tensor<Double>) throws {
      for _ in 0..<steps { try step(&w, &batches) }
    }
    if measurement.timeUnits == 0 { for _ in 0..<burnIn { try advance(&w) } }
    try measurement.follow(&w, timeUnits: timeUnits) { try advance(&$0) }
    (position, self.batches) = (w, batches)
  }

  /// The mean entropy production of a time unit by theory: that of the left-point functional in the linear chain of steps, and
  /// for epochs, which are no single steps of n h, the continuous limit. The latter leaves out terms of relative size n h k_max,
  /// the largest curvature times the step of an epoch.
  public func expectedEntropyProduction() throws -> Double {
    withoutReplacement ? state.entropyProduction : try state.discreteMean(of: .leftPoint(state))
  }

  /// Adds what another chain measured; the trajectory can no longer be followed as one.
  public mutating func merge(_ other: CurrentsRun) { measurement.merge(other.measurement) }
}
