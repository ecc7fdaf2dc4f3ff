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

  private let regression: TanhRegression
  private let stepSize: Double
  private let stepsPerTimeUnit: Int
  private var batches: BatchStream
  private var position: Tensor<Double>

  /// The theory, and a trajectory of no length yet that starts at the centre.
  public init(
    _ regression: TanhRegression, batchSize: Int, stepSize: Double, withoutReplacement: Bool, seed: UInt64 = 0,
    chain: Int = 0
  ) throws {
    guard regression.units == 2 else {
      throw TheoryError.unsupported("the run starts near the minimum of two units; \(regression.units) were given")
    }
    (self.regression, self.stepSize, self.withoutReplacement) = (regression, stepSize, withoutReplacement)
    let scheme: BatchScheme = withoutReplacement ? .epochs(batchSize) : .subset(batchSize)
    let (posterior, scale) = (try regression.posterior(), 1 / regression.noiseVariance)
    let minimum = try posterior.minimum(near: [1.283, 1.231, 0.705, -0.532, 0.928, -0.909, -0.009])
    centre =
      withoutReplacement
      ? try posterior.effectiveMinimum(near: minimum, batchSize: batchSize, stepSize: stepSize, scale: scale)
      : minimum
    let examples = try ExampleDerivatives(of: posterior, at: minimum, scale: scale)
    batches = try BatchStream(scheme, exampleCount: regression.exampleCount, seed: seed, chain: chain)
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
    var (w, batches) = (position, batches)
    func advance(_ w: inout Tensor<Double>) {
      for _ in 0..<stepsPerTimeUnit { regression.descend(&w, stepSize: stepSize, batches: &batches) }
    }
    if measurement.timeUnits == 0 { for _ in 0..<burnIn { advance(&w) } }
    try measurement.follow(&w, timeUnits: timeUnits) { advance(&$0) }
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
