import LangevinCore

/// How much of the thermal noise the minibatches bring, and what is left for the sampler to add.
///
/// One integration segment opens from (theta, p), moves by drifts with middle updates between them, and closes. With
/// c1^2 = 1 - m1^2 and c2_i = m1 sqrt(M_i T), a gradient whose noise has the variance v_i brings, in units of c2_i^2,
///
///     r_i = v_i dt^2 / (4 M_i T m1^2)                         the temperature ratio
///
///     stage     update                                             needed     brought          to add
///     opening   Pi  = c1 p - (dt/2) g + s R                        1          r                1 - r
///     middle    Pi' = c1^2 Pi - (1 + c1^2) (dt/2) g + s R          1 + c1^2   (1 + c1^2)^2 r   (1 + c1^2) (1 - (1 + c1^2) r)
///     closing   p   = c1 (Pi - (dt/2) g) + s R                     1          c1^2 r           1 - c1^2 r
package struct NoiseBookkeeping: Sendable {
  package enum Stage: Int, CaseIterable, Sendable { case opening, middle, closing }

  /// T.
  package let temperature: Double
  /// m1.
  package let momentumLoss: Double
  /// dt.
  let dt: Double

  package init(temperature: Double, momentumLoss: Double, timeStep: Double = 1) {
    self.temperature = temperature
    self.momentumLoss = momentumLoss
    dt = timeStep
  }

  /// c1^2 = 1 - m1^2.
  var c1Squared: Double { 1 - momentumLoss * momentumLoss }
  var c1: Double { c1Squared.squareRoot() }

  /// The largest ratio at which a merged step still has room for noise of its own: 1/(1 + c1^2) = 1/(2 - m1^2).
  package static func largestRatio(momentumLoss: Double) -> Double { 1 / (2 - momentumLoss * momentumLoss) }

  /// v dt^2 / (4 T m1^2): the ratio times the mass.
  private var scale: Double { dt * dt / (4 * temperature * momentumLoss * momentumLoss) }

  /// r for a gradient variance and an inverse mass.
  package func ratio(variance: Double, inverseMass: Double) -> Double { variance * inverseMass * scale }

  /// M = v dt^2 / (4 r T m1^2), the mass that gives the ratio wanted.
  package func mass(variance: Double, ratio: Double) -> Double { variance * scale / ratio }

  /// The ratio at which a stage has no room left, 1/f^2.
  func largestRatio(at stage: Stage) -> Double {
    switch stage {
    case .opening: 1
    case .middle: 1 / (1 + c1Squared)
    case .closing: 1 / c1Squared
    }
  }

  /// The share of the noise of a step between two drifts that minibatches bring; 1 at the largest ratio.
  func minibatchShare(ratio: Double) -> Double { (1 + c1Squared) * ratio }

  /// The last column of the table, in units of c2^2.
  package func added(at stage: Stage, ratio r: Double) -> Double {
    switch stage {
    case .opening: 1 - r
    case .middle: (1 + c1Squared) * (1 - (1 + c1Squared) * r)
    case .closing: 1 - c1Squared * r
    }
  }

  /// s: the standard deviation of the noise to add. Ratios a rounding error above the limit add none.
  package func amplitude(at stage: Stage, ratio: Double, inverseMass: Double) -> Double {
    (max(0, added(at: stage, ratio: ratio)) * temperature / inverseMass).squareRoot() * momentumLoss
  }
}

/// s of each stage and each parameter, derived from the masses.
package struct NoiseAmplitudes<Element: Scalar>: Sendable {
  package let opening, middle, closing: Tensor<Element>

  init(_ masses: ControlledMasses<Element>, _ bookkeeping: NoiseBookkeeping) {
    opening = masses.amplitudes(at: .opening, bookkeeping)
    middle = masses.amplitudes(at: .middle, bookkeeping)
    closing = masses.amplitudes(at: .closing, bookkeeping)
  }

  subscript(stage: NoiseBookkeeping.Stage) -> Tensor<Element> {
    switch stage {
    case .opening: opening
    case .middle: middle
    case .closing: closing
    }
  }
}

extension ControlledMasses {
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  fileprivate func amplitudes(at stage: NoiseBookkeeping.Stage, _ bookkeeping: NoiseBookkeeping) -> Tensor<Element> {
    var amplitudes = inverse
    for index in 0..<amplitudes.count {
      let ratio = ratio(index, bookkeeping)
      amplitudes[index] = Element(bookkeeping.amplitude(at: stage, ratio: ratio, inverseMass: Double(inverse[index])))
    }
    return amplitudes
  }
}
