import LangevinCore

/// Gradient descent on minibatches around a minimum, measured, beside the linear theory of the same minimum.
public struct CurrentsRun: Sendable {
  /// The theory.
  public let state: LinearSteadyState
  /// Where the theory has its centre: the minimum, or without replacement the minimum of the effective loss.
  public let centre: [Double]
  /// Whether each datum is used once per epoch.
  public let withoutReplacement: Bool
  /// What was measured, one time unit a step with replacement and an epoch without.
  public let measurement: TrajectoryMeasurement

  /// Runs `timeUnits` after a burn-in of five relaxation times of the softest direction.
  public init(
    _ regression: TanhRegression, batchSize: Int, stepSize: Double, withoutReplacement: Bool, timeUnits: Int,
    seed: UInt64 = 0
  ) throws {
    self.withoutReplacement = withoutReplacement
    let scheme: BatchScheme = withoutReplacement ? .epochs(batchSize) : .subset(batchSize)
    let (posterior, scale) = (try regression.posterior(), 1 / regression.noiseVariance)
    let start = [1.283, 1.231, 0.705, -0.532, 0.928, -0.909, -0.009]
    guard regression.units == 2 else {
      throw TheoryError.unsupported("the run starts near the minimum of two units; \(regression.units) were given")
    }
    let minimum = try posterior.minimum(near: start)
    centre =
      withoutReplacement
      ? try posterior.effectiveMinimum(near: minimum, batchSize: batchSize, stepSize: stepSize, scale: scale)
      : minimum
    let examples = try ExampleDerivatives(of: posterior, at: minimum, scale: scale)
    var batches = try BatchStream(scheme, exampleCount: regression.exampleCount, seed: seed)
    let steps = withoutReplacement ? batches.batchesPerEpoch : 1
    let timeStep = Double(steps) * stepSize
    state = try LinearSteadyState(
      hessian: examples.hessian, diffusion: examples.diffusion(of: scheme, stepSize: stepSize), timeStep: timeStep)

    var w = Tensor(centre)
    func advance(_ w: inout Tensor<Double>) {
      for _ in 0..<steps { regression.descend(&w, stepSize: stepSize, batches: &batches) }
    }
    for _ in 0..<Int(5 / (timeStep * state.softestCurvature)) { advance(&w) }
    var measurement = try TrajectoryMeasurement(
      reference: centre, functional: .leftPoint(state), expectedEntropy: state.entropyProduction)
    try measurement.follow(&w, timeUnits: timeUnits) { advance(&$0) }
    self.measurement = measurement
  }
}
