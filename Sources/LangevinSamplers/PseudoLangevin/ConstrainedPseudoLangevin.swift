import LangevinCore

/// Pseudo-Langevin on a sphere |theta|^2 = Q, instead of a ridge (CpL).
///
///     opening   Pi = c1 p - (dt/2) g1 + s R + dt l theta,   theta' = theta + dt Pi/M,   l such that |theta'|^2 = Q
///     closing   p = c1 (Pi - (dt/2) g2) + s R',   then   p -= theta' (theta' . p/M) / (theta' . theta'/M)
///
/// **Law** exp(-U(theta)/T) times (theta . theta/M)^(1/2) on the sphere: the surface as the masses measure it. The factor is
/// constant for equal masses and nearly so in many dimensions. A ridge in U changes nothing, as the norm is fixed. The
/// noise is counted as by `PseudoLangevin.extended(temperature:updates:variance:momentumLoss:)`; two gradients a step.
///
/// Zambon, Caruso, Zecchina and Tiana, arXiv:2603.29529.
public struct ConstrainedPseudoLangevin<Element: Scalar>: Sampler {
  /// The dynamics without the constraint.
  package let unconstrained: PseudoLangevin<Element>
  /// Q; nil for that of the starting point.
  package let squaredNorm: Double?

  /// A sampler at temperature T on the sphere of squared norm Q; a start elsewhere is scaled to it.
  ///
  /// - Throws: ``SamplingError`` where a setting is out of range.
  public init(
    temperature: Schedule, squaredNorm: Double? = nil, updates: MassUpdates? = nil,
    variance: GradientVariance = .standard, momentumLoss: Double = 0.1
  ) throws(SamplingError) {
    if let squaredNorm {
      try check(
        squaredNorm > 0 && squaredNorm.isFinite, "the squared norm", is: squaredNorm, expected: "above 0, finite")
    }
    self.squaredNorm = squaredNorm
    unconstrained = try .extended(
      temperature: temperature, updates: updates, variance: variance, momentumLoss: momentumLoss)
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
    let norm = position.withPointer { Element.kernels.dot($0, $0, position.count) }
    try check(norm > 0 && norm.isFinite, "the squared norm of the start", is: norm, expected: "above 0, finite")
    var place = position
    if let squaredNorm {
      let factor = Element((squaredNorm / norm).squareRoot())
      for index in 0..<place.count { place[index] *= factor }
    }
    let free = try unconstrained.start(at: place, with: &evaluator)
    var state = State(free: free, squaredNorm: squaredNorm ?? norm, old: place)
    project(&state)
    return state
  }

  /// The drift along the sphere and, with a minibatch of its own, the closing of the momentum; then updates that are due.
  public func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    if state.free.place == 0 {
      let count = state.old.count
      state.old.withMutablePointer { old in state.free.position.withPointer { old.update(from: $0, count: count) } }
      _ = try unconstrained.update(.opening, &state.free, with: &evaluator)
      try pullBack(&state)
      state.free.place = 1
      state.free.step += 1
    }
    let (energy, _) = try unconstrained.update(.closing, &state.free, with: &evaluator)
    project(&state)
    state.free.place = 0
    let kinetic = state.inverseMasses.withPointer { u in
      state.momentum.withPointer { Element.kernels.weightedSquare(u, $0, state.momentum.count) }
    }
    let warnings = try unconstrained.follow(&state.free, with: &evaluator)
    // Momenta that were drawn anew are not tangent yet.
    project(&state)
    var record = StepRecord(energy: energy, kinetic: (kinetic, state.position.count - 1))
    record.warnings = warnings
    return record
  }

  /// SHAKE: x = dt^2 l is the root of smaller modulus of S3 x^2 + 2 S1 x + S2 - Q = 0.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func pullBack(_ state: inout State) throws(SamplingError) {
    let (dt, count) = (unconstrained.timeStep, state.old.count)
    var (s1, s2, s3) = (0.0, 0.0, 0.0)
    state.old.withPointer { old in
      state.free.position.withPointer { new in
        state.free.masses.inverse.withPointer { u in
          for index in 0..<count {
            let (pull, w) = (Double(old[index]) * Double(u[index]), Double(new[index]))
            s1 += w * pull
            s2 += w * w
            s3 += pull * pull
          }
        }
      }
    }
    let discriminant = s1 * s1 - s3 * (s2 - state.squaredNorm)
    guard discriminant >= 0 else {
      throw .diverged(
        step: state.step, quantity: "the distance from the sphere", in: "the drift",
        hint: "no multiple of the old position leads back to it: use a smaller ratio")
    }
    let root = discriminant.squareRoot()
    let x = (state.squaredNorm - s2) / (s1 + (s1 < 0 ? -root : root))
    state.old.withPointer { old in
      state.free.masses.inverse.withPointer { u in
        state.free.position.withMutablePointer { w in
          for index in 0..<count { w[index] += Element(x * Double(u[index]) * Double(old[index])) }
        }
      }
      state.free.momentum.withMutablePointer { Element.kernels.axpby(x / dt, old, 1, $0, count) }
    }
  }

  /// RATTLE: takes out of p what leads off the sphere, with sums over all parameters.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func project(_ state: inout State) {
    let count = state.position.count
    state.free.position.withPointer { w in
      state.free.masses.inverse.withPointer { u in
        state.free.momentum.withMutablePointer { p in
          var along = 0.0
          for index in 0..<count { along += Double(w[index]) * Double(u[index]) * Double(p[index]) }
          Element.kernels.axpby(-along / Element.kernels.weightedSquare(u, w, count), w, 1, p, count)
        }
      }
    }
  }
}
