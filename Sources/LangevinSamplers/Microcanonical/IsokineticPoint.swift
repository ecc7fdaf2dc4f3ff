import LangevinCore

/// A point of the isokinetic dynamics: where it is, which way it goes, and the slope there.
///
///     dx = sigma (.) u dt,    du = (1 - u u^T) g/(d - 1) dt + noise on the sphere,    g = -sigma (.) grad U/T
///
/// u is a unit vector: the speed is fixed and only the direction turns. With sigma = 1 the length of a step is a length in
/// parameter space. The law of (x, u) is exp(-U(x)/T) times the uniform law of u, whatever the noise (Robnik, De Luca,
/// Silverstein and Seljak, arXiv 2212.08549). There is no kinetic temperature: |u| is 1.
///
/// The letters A (drift), B (kick) and O (refresh) are each exact. Sums run in order in double, so they do not depend on
/// threads or on the instruction set.
package struct IsokineticPoint<Element: Scalar>: Sendable {
  /// x.
  package var position: Tensor<Element>
  /// u, a unit vector.
  package var direction: Tensor<Element>
  /// grad U(x).
  package var gradient: Tensor<Element>
  /// U(x).
  package var energy: Energy

  package init(position: Tensor<Element>, direction: Tensor<Element>, gradient: Tensor<Element>, energy: Energy) {
    self.position = position
    self.direction = direction
    self.gradient = gradient
    self.energy = energy
  }

  /// Takes over another point, in its own memory.
  mutating func copy(_ other: Self) {
    position.copy(other.position)
    direction.copy(other.direction)
    gradient.copy(other.gradient)
    energy = other.energy
  }

  // MARK: Letters

  /// A: x += t sigma (.) u.
  package mutating func drift(_ t: Double, scales: Tensor<Element>) {
    let count = position.count
    position.withMutablePointer { x in
      direction.withPointer { u in
        scales.withPointer { sigma in Self.drift(t, count, x, u, sigma) }
      }
    }
  }

  /// B: turns u towards the force for a time t, at fixed x, and returns dK, the change of the kinetic energy of the
  /// dynamics that this one is the fixed-speed form of. exp(-dK) is the Jacobian of the turn on the sphere.
  ///
  ///     delta = t |g|/(d - 1),  c = e.u,  e = g/|g|:    dK = (d - 1) log(cosh delta + c sinh delta)
  ///
  /// A time below 0 undoes the turn. A force that is not finite gives NaN.
  package mutating func kick(_ t: Double, scales: Tensor<Element>, temperature: Double) -> Double {
    let count = position.count
    return direction.withMutablePointer { u in
      gradient.withPointer { g in
        scales.withPointer { sigma in Self.kick(t, count, u, g, sigma, temperature) }
      }
    }
  }

  /// O: u = (u + nu R)/|u + nu R| with nu^2 = (exp(2t/L) - 1)/d, so that u forgets itself over the length L. It keeps the
  /// uniform law exactly, whatever nu is.
  package mutating func refresh(_ t: Double, decoherence length: Double, normals: Tensor<Element>) {
    let amplitude = (Math.expm1(2 * t / length) / Double(position.count)).squareRoot()
    guard amplitude > 0 else { return }
    direction.add(amplitude, normals)
    normalise()
  }

  /// A direction drawn anew, uniformly on the sphere.
  package mutating func draw(direction normals: Tensor<Element>) {
    direction.copy(normals)
    normalise()
  }

  mutating func normalise() { direction.scale(by: 1 / direction.squaredNorm().squareRoot()) }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private static func drift(
    _ t: Double, _ count: Int, _ x: UnsafeMutablePointer<Element>, _ u: UnsafePointer<Element>,
    _ sigma: UnsafePointer<Element>
  ) {
    for i in 0..<count { x[i] = Element(Double(x[i]) + t * Double(sigma[i]) * Double(u[i])) }
  }

  /// The form that loses no digits: cosh and sinh are never formed, and 1 + c and 1 - c are |u + e|^2/2 and |u - e|^2/2.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private static func kick(
    _ t: Double, _ count: Int, _ u: UnsafeMutablePointer<Element>, _ g: UnsafePointer<Element>,
    _ sigma: UnsafePointer<Element>, _ temperature: Double
  ) -> Double {
    var square = 0.0
    for i in 0..<count {
      let slope = Double(sigma[i]) * Double(g[i])
      square += slope * slope
    }
    let norm = square.squareRoot()
    guard norm.isFinite else { return .nan }
    let scale = Double(count - 1)
    let delta = t.magnitude * norm / temperature / scale
    if delta == 0 { return 0 }

    // The force is down the slope; a time below 0 turns it around.
    let unit = (t < 0 ? 1 : -1) / norm
    var (p, m) = (0.0, 0.0)
    for i in 0..<count {
      let e = unit * Double(sigma[i]) * Double(g[i])
      let (sum, difference) = (Double(u[i]) + e, Double(u[i]) - e)
      p += sum * sum
      m += difference * difference
    }
    (p, m) = (p / 2, m / 2)
    // Exactly against the force: an unstable fixed point.
    if p == 0 { return -scale * delta }

    let zeta = Math.exp(-delta)
    let weight = p + m * zeta * zeta
    let along = (p - m * zeta * zeta) / weight
    let across = 2 * zeta / weight
    var length = 0.0
    for i in 0..<count {
      let e = unit * Double(sigma[i]) * Double(g[i])
      let old = Double(u[i])
      // u - c e, from the smaller of u + e and u - e.
      let perpendicular = p < m ? old + e - p * e : old - e + m * e
      u[i] = Element(along * e + across * perpendicular)
      length += Double(u[i]) * Double(u[i])
    }
    let shrink = 1 / length.squareRoot()
    for i in 0..<count { u[i] = Element(Double(u[i]) * shrink) }

    let fall = Math.expm1(-2 * delta)
    if -m * fall < 1 { return scale * (delta + Math.log1p(m * fall / 2)) }
    if p <= m * zeta * zeta { return scale * (-delta + Math.log((m + Math.exp(2 * delta + Math.log(p))) / 2)) }
    return scale * (delta + Math.log(weight / 2))
  }
}

/// How a step of the isokinetic dynamics is put together from kicks and drifts.
public enum IsokineticScheme: String, CaseIterable, SettingValue {
  /// B(b) A(1/2) B(1 - 2b) A(1/2) B(b), b = 0.1931833275037836: two gradients, and steps that may be about three times as
  /// long at the same energy error (McLachlan, 1995, the minimal norm).
  case mclachlan
  /// B(1/2) A(1) B(1/2): one gradient.
  case leapfrog

  /// Shares of the step: kick, drift, and so on; the gradient is taken after each drift.
  var turns: [(kick: Double, drift: Double)] {
    switch self {
    case .mclachlan: Self.minimalNorm
    case .leapfrog: Self.verlet
    }
  }
  /// The kick at the end, by the gradient that the next step begins with.
  var last: Double { turns[0].kick }
  /// Gradients of a step.
  public var gradients: Int { turns.count }

  private static let minimalNorm = [(kick: 0.1931833275037836, drift: 0.5), (1 - 2 * 0.1931833275037836, 0.5)]
  private static let verlet = [(kick: 0.5, drift: 1.0)]
}

extension IsokineticPoint {
  /// A step without refreshment, of length eps in units of sigma. Returns dE = dK + (U' - U)/T, which the exact dynamics
  /// keeps at 0, or nil where energy or force is not finite; the point is then of no use.
  package mutating func step<P: Potential>(
    _ eps: Double, _ scheme: IsokineticScheme, scales: Tensor<Element>, temperature: Double,
    with evaluator: inout Evaluator<P>, step: UInt64
  ) throws(SamplingError) -> Double? where P.Element == Element {
    let before = energy.total
    var work = 0.0
    do throws(SamplingError) {
      for turn in scheme.turns {
        work += kick(turn.kick * eps, scales: scales, temperature: temperature)
        drift(turn.drift * eps, scales: scales)
        energy = try evaluator.gradient(on: .all, at: position, into: &gradient, step: step, checked: false)
      }
    } catch .evaluation(.nonFinite, _) {
      return nil
    }
    work += kick(scheme.last * eps, scales: scales, temperature: temperature)
    let error = work + (energy.total - before) / temperature
    return error.isFinite ? error : nil
  }
}
