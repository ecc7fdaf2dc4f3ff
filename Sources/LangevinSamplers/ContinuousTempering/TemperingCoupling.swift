import LangevinCore

/// How the tempering variable alpha sets the temperature: T / s(alpha), and what keeps alpha in bounds.
///
/// s is 1 on the cold plateau |alpha| <= coldEdge, falls along a smooth ramp, and is `hottest` from hotEdge on:
///
///     z = (|alpha| - coldEdge) / (hotEdge - coldEdge),    s = 1 - (1 - hottest) w(z)
///     w = z^2 (3 - 2 z)  (cubic),    w = z^3 (10 - 15 z + 6 z^2)  (quintic)
public struct TemperingCoupling: Hashable, Sendable {
  /// The shape of the ramp.
  public enum Ramp: String, CaseIterable, Hashable, Sendable {
    /// Once continuously differentiable.
    case cubic
    /// Twice.
    case quintic
  }

  /// What happens at |alpha| = limit.
  public enum Wall: String, CaseIterable, Hashable, Sendable {
    /// alpha bounces.
    case reflecting
    /// A spring of stiffness 100 pulls it back; steps that end outside do not adapt the bias.
    case harmonic
  }

  /// delta: up to here the temperature is T.
  package var coldEdge: Double
  /// delta': from here on it is T / hottest.
  package var hotEdge: Double
  /// L, where alpha is turned back.
  package var limit: Double
  /// s_min, the inverse-temperature factor of the hottest states.
  package var hottest: Double
  /// The shape of the ramp.
  package var ramp: Ramp
  /// The kind of wall.
  package var wall: Wall

  /// A coupling; 0 < coldEdge < hotEdge <= limit and 0 < hottest <= 1, where 1 is plain Langevin dynamics.
  public init(
    coldEdge: Double = 0.4, hotEdge: Double = 1.5, limit: Double = 2, hottest: Double = 0.1, ramp: Ramp = .cubic,
    wall: Wall = .reflecting
  ) {
    self.coldEdge = coldEdge
    self.hotEdge = hotEdge
    self.limit = limit
    self.hottest = hottest
    self.ramp = ramp
    self.wall = wall
  }

  func check() throws(SamplingError) {
    func check(_ isFine: Bool, _ name: String, _ value: Double, _ expected: String) throws(SamplingError) {
      try LangevinSamplers.check(isFine, name, is: value, expected: expected)
    }
    try check(limit > 0 && limit.isFinite, "the limit of alpha", limit, "above 0, finite")
    try check(hotEdge > 0 && hotEdge <= limit, "the hot edge", hotEdge, "above 0, at most \(limit)")
    try check(coldEdge > 0 && coldEdge < hotEdge, "the cold edge", coldEdge, "above 0, below \(hotEdge)")
    try check(hottest > 0 && hottest <= 1, "the factor of the hottest states", hottest, "in (0, 1]")
  }

  /// Whether the temperature there is T.
  package func isCold(_ alpha: Double) -> Bool { abs(alpha) <= coldEdge }
  /// Whether the temperature there is the highest.
  package func isHot(_ alpha: Double) -> Bool { abs(alpha) >= hotEdge }

  /// s, the factor on the inverse temperature.
  package func factor(at alpha: Double) -> Double {
    let z = place(abs(alpha))
    let w = ramp == .cubic ? z * z * (3 - 2 * z) : z * z * z * (10 - 15 * z + 6 * z * z)
    return 1 - (1 - hottest) * w
  }

  /// ds/dalpha
  package func slope(at alpha: Double) -> Double {
    let z = place(abs(alpha))
    let w = ramp == .cubic ? 6 * z * (1 - z) : 30 * z * z * (1 - z) * (1 - z)
    return -(1 - hottest) * w / (hotEdge - coldEdge) * sign(alpha)
  }

  private func place(_ b: Double) -> Double { min(max((b - coldEdge) / (hotEdge - coldEdge), 0), 1) }
}

extension TemperingCoupling {
  private var stiffness: Double { 100 }

  /// dphi/dalpha of the wall.
  func wallSlope(at alpha: Double) -> Double {
    wall == .harmonic && abs(alpha) > limit ? stiffness * (abs(alpha) - limit) * sign(alpha) : 0
  }

  /// Moves alpha back in bounds after a drift; false where one bounce was not enough.
  func reflect(_ alpha: inout Double, _ momentum: inout Double) -> Bool {
    guard wall == .reflecting, abs(alpha) > limit else { return true }
    alpha = 2 * limit * sign(alpha) - alpha
    momentum = -momentum
    return abs(alpha) <= limit
  }
}

/// 1 or -1; 0 counts as positive.
func sign(_ x: Double) -> Double { x < 0 ? -1 : 1 }
