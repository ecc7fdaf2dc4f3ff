/// How much of the thermal noise the minibatches bring, and what is left for the sampler to add.
///
/// One integration segment opens from (theta, p), moves by drifts with middle updates between them, and closes. With
/// c1^2 = 1 - m1^2 and c2_i = m1 sqrt(M_i T), a gradient whose noise has the variance v_i brings, in units of c2_i^2,
///
///     r_i = v_i dt^2 / (4 M_i T m1^2)                         the temperature ratio
///
///     stage     the page's line                                        needed     brought          to add
///     opening   Pi = c1 p - (dt/2) g + s R                             1          r                1 - r
///     middle    Pi <- c1^2 Pi - (1+c1^2) (dt/2) g + s R                1 + c1^2   (1+c1^2)^2 r     (1+c1^2) (1 - (1+c1^2) r)
///     closing   p = c1 (Pi - (dt/2) g) + s R                           1          c1^2 r           1 - c1^2 r
package struct NoiseBookkeeping: Sendable {
  package enum Stage: Int, CaseIterable, Sendable { case opening, middle, closing }

  /// T.
  package let temperature: Double
  /// m1.
  package let momentumLoss: Double
  /// dt.
  package let timeStep: Double

  package init(temperature: Double, momentumLoss: Double, timeStep: Double = 1) {
    self.temperature = temperature
    self.momentumLoss = momentumLoss
    self.timeStep = timeStep
  }

  /// c1^2 = 1 - m1^2.
  package var momentumKept: Double { 1 - momentumLoss * momentumLoss }

  /// The largest ratio at which a merged step still has room for noise of its own: 1/(1 + c1^2) = 1/(2 - m1^2).
  package static func largestRatio(momentumLoss: Double) -> Double { 1 / (2 - momentumLoss * momentumLoss) }

  /// v dt^2 / (4 T m1^2): the ratio times the mass.
  private var scale: Double { timeStep * timeStep / (4 * temperature * momentumLoss * momentumLoss) }

  /// r for a gradient variance and an inverse mass.
  package func ratio(variance: Double, inverseMass: Double) -> Double { variance * inverseMass * scale }

  /// The mass (M) that gives the ratio wanted.
  package func mass(variance: Double, ratio: Double) -> Double { variance * scale / ratio }

  /// The ratio at which a stage has no room left, 1/f^2.
  func largestRatio(at stage: Stage) -> Double {
    switch stage {
    case .opening: 1
    case .middle: 1 / (1 + momentumKept)
    case .closing: 1 / momentumKept
    }
  }

  /// The share of the noise of a step between two drifts that minibatches bring; 1 at the largest ratio.
  package func minibatchShare(ratio: Double) -> Double { (1 + momentumKept) * ratio }

  /// The last column of the table, in units of c2^2.
  package func added(at stage: Stage, ratio: Double) -> Double {
    let kept = momentumKept
    switch stage {
    case .opening: return 1 - ratio
    case .middle: return (1 + kept) * (1 - (1 + kept) * ratio)
    case .closing: return 1 - kept * ratio
    }
  }

  /// s: the standard deviation of the noise to add. Ratios a rounding error above the limit add none.
  package func amplitude(at stage: Stage, ratio: Double, inverseMass: Double) -> Double {
    (max(0, added(at: stage, ratio: ratio)) * temperature / inverseMass).squareRoot() * momentumLoss
  }

  /// A line of the table as one pass over the parameters; a drift follows all lines but the last. The noise s R has the
  /// amplitude of the masses that the pass runs with, times `s`.
  package func pass(_ stage: Stage, noise s: Double = 1) -> Pass {
    let (c1, dt) = (momentumKept.squareRoot(), timeStep)
    return switch stage {
    case .opening: Pass().damp(c1).kick(dt / 2).noise(momentum: s).drift(dt)
    case .middle: Pass().damp(momentumKept).kick((1 + momentumKept) * dt / 2).noise(momentum: s).drift(dt)
    case .closing: Pass().damp(c1).kick(c1 * dt / 2).noise(momentum: s)
    }
  }
}
