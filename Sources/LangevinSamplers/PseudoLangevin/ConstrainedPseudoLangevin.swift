import LangevinCore

/// Pseudo-Langevin on a sphere |theta|^2 = Q, instead of a ridge (CpL).
///
///     opening   Pi = c1 p - (dt/2) g1 + s R + dt l theta,   theta' = theta + dt Pi/M,   l such that |theta'|^2 = Q
///     closing   p = c1 (Pi - (dt/2) g2) + s R',   then   p -= theta' (theta' . p/M) / (theta' . theta'/M)
///
/// **Law** exp(-U(theta)/T) times (theta . theta/M)^(1/2) on the sphere: the surface as the masses measure it. The factor is
/// constant for equal masses and nearly so in many dimensions. A ridge in U changes nothing, as the norm is fixed. The
/// noise is counted as by ``PseudoLangevin`` in segments of one step; two gradients a step.
///
/// Zambon, Caruso, Zecchina and Tiana, arXiv:2603.29529.
public struct ConstrainedPseudoLangevin<Element: Scalar>: Sampler {
  /// The dynamics without the constraint.
  package let unconstrained: PseudoLangevin<Element>
  /// Q; nil for that of the starting point.
  package let squaredNorm: Double?

  /// A sampler on the sphere of squared norm Q, in segments of one step; a start elsewhere is scaled to it.
  ///
  /// - Throws: ``SamplingError`` where a setting is out of range.
  public init(_ settings: PseudoLangevinSettings, squaredNorm: Double? = nil) throws(SamplingError) {
    if let squaredNorm {
      try check(
        squaredNorm > 0 && squaredNorm.isFinite, "the squared norm", is: squaredNorm, expected: "above 0, finite")
    }
    self.squaredNorm = squaredNorm
    var settings = settings
    settings.segment = 1
    settings.guardsUnits = false
    settings.directions = 0
    settings.correctsDirections = false
    unconstrained = try PseudoLangevin(settings)
  }

  /// The same at temperature T; `change` sets what shall not be as by default.
  public init(
    temperature: Schedule, squaredNorm: Double? = nil, _ change: (inout PseudoLangevinSettings) -> Void = { _ in }
  ) throws(SamplingError) {
    var settings = PseudoLangevinSettings()
    settings.temperature = temperature
    change(&settings)
    try self.init(settings, squaredNorm: squaredNorm)
  }

  /// `constrained-pseudo-langevin`
  public var name: String { "constrained-pseudo-langevin" }
  /// The Gibbs law on the sphere.
  public var law: StationaryLaw { unconstrained.law }

  /// The state without the constraint, and Q.
  public struct State: SamplerState {
    package var free: PseudoLangevin<Element>.State
    /// Q.
    package var squaredNorm: Double
    /// theta before the drift.
    var old: Tensor<Element>
    /// The direction theta/M, off the sphere.
    var pull: Tensor<Element>

    /// theta.
    public var position: Tensor<Element> { free.position }
    /// p, tangent to the sphere in the metric of the masses.
    package var momentum: Tensor<Element> { free.momentum }
    /// 1/M_i.
    package var inverseMasses: Tensor<Element> { free.inverseMasses }
    /// Steps done.
    public var step: UInt64 { free.step }

    /// Every stored quantity.
    public mutating func archive(in archive: inout some StateArchive) throws {
      try free.archive(in: &archive)
      try archive.field("squaredNorm", &squaredNorm)
    }
  }

  /// The start of ``PseudoLangevin``, on the sphere, with a tangent momentum.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    let norm = position.dot(position)
    try check(norm > 0 && norm.isFinite, "the squared norm of the start", is: norm, expected: "above 0, finite")
    var place = position
    if let squaredNorm {
      place.scale(by: (squaredNorm / norm).squareRoot())
    }
    let free = try unconstrained.start(at: place, with: &evaluator)
    var state = State(free: free, squaredNorm: squaredNorm ?? norm, old: place, pull: place)
    project(&state)
    return state
  }

  /// The drift along the sphere and, with a minibatch of its own, the closing of the momentum; then updates that are due.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    if state.free.place == 0 {
      state.old.copy(state.free.position)
      _ = try unconstrained.update(.opening, &state.free, with: &evaluator)
      try pullBack(&state)
      state.free.place = 1
      state.free.step += 1
    }
    let (energy, _) = try unconstrained.update(.closing, &state.free, with: &evaluator)
    project(&state)
    state.free.place = 0
    let kinetic = state.momentum.squaredNorm(weights: state.inverseMasses)
    let warnings = try unconstrained.applyDueUpdates(&state.free, with: &evaluator)
    // Momenta that were drawn anew are not tangent yet.
    project(&state)
    var record = StepRecord(energy: energy, kinetic: (kinetic, state.position.count - 1))
    record.warnings = warnings
    return record
  }

  /// SHAKE: theta' += x theta/M and Pi += (x/dt) theta, where x is the root of smaller modulus of
  /// S3 x^2 + 2 S1 x + S2 - Q = 0.
  private func pullBack(_ state: inout State) throws(SamplingError) {
    state.pull.divide(state.old, byMassesOf: state.free.masses)
    let s1 = state.pull.dot(state.free.position)
    let s2 = state.free.position.dot(state.free.position)
    let s3 = state.pull.dot(state.pull)
    let discriminant = s1 * s1 - s3 * (s2 - state.squaredNorm)
    guard discriminant >= 0 else {
      throw .diverged(
        step: state.step, quantity: "the distance from the sphere", in: "the drift",
        hint: "no multiple of the old position leads back to it: use a smaller ratio")
    }
    let root = discriminant.squareRoot()
    let x = (state.squaredNorm - s2) / (s1 + (s1 < 0 ? -root : root))
    state.free.position.add(x, state.pull)
    state.free.momentum.add(x / unconstrained.settings.timeStep, state.old)
  }

  /// RATTLE: takes out of p what leads off the sphere, with sums over all parameters.
  private func project(_ state: inout State) {
    state.pull.divide(state.free.position, byMassesOf: state.free.masses)
    let along = state.pull.dot(state.free.momentum) / state.pull.dot(state.free.position)
    state.free.momentum.add(-along, state.free.position)
  }
}

extension Tensor {
  /// x/M
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  fileprivate mutating func divide(_ x: Tensor, byMassesOf masses: ControlledMasses<Element>) {
    let count = count
    withMutablePointer { target in
      x.withPointer { x in
        masses.inverse.withPointer { u in for index in 0..<count { target[index] = u[index] * x[index] } }
      }
    }
  }
}
