/// The exactly solvable pieces that a step is composed of. Each runs for a time t, a fraction of the step size.
///
/// R are fresh standard normals, G is the gradient that the evaluator gives, S the sum of p^2/m over a thermostat group.
public enum SplittingLetter: Character, CaseIterable, Hashable, Sendable {
  /// theta += t p/m
  case drift = "A"
  /// p -= t G
  case kick = "B"
  /// p = c p + sqrt((1 - c^2) m T) R with c = exp(-gamma t): exact in law for any t.
  case frictionAndNoise = "O"
  /// p = exp(-xi t) p
  case thermostatFriction = "C"
  /// p += sigma sqrt(m t) R
  case drivingNoise = "D"
  /// xi += eps t (S - n T), once per thermostat group: the one letter that needs a sum.
  case feedback = "E"
  /// C and D solved together: p = exp(-xi t) p + sigma sqrt(m t f(2 xi t)) R with f(x) = (1 - exp(-x))/x.
  case thermostatFrictionAndNoise = "F"
  /// A and O solved together: free flight with friction, exact. Takes two normals.
  case flight = "U"
  /// theta += -t G/m + sqrt(2 T t/m) R. The partition has no momenta.
  case overdamped = "X"
  /// theta += -t G/m + sqrt(T t/(2m)) (R' + R) with R' the R of the step before, which lives where momenta would.
  case averagedOverdamped = "Y"
  /// p += -t G - t gamma p + sqrt(2 t (gamma m T - B)) R, then theta += t p/m: Euler's step, with known gradient noise B.
  case eulerLangevin = "H"
  /// p += -t G - t xi p + sigma sqrt(m t) R, then theta += t p/m: Euler's step with a thermostat, for comparison.
  case eulerThermostat = "N"

  /// Whether G is used.
  public var usesGradient: Bool {
    switch self {
    case .kick, .overdamped, .averagedOverdamped, .eulerLangevin, .eulerThermostat: true
    default: false
    }
  }

  /// Whether theta changes.
  public var movesPosition: Bool {
    switch self {
    case .drift, .flight, .overdamped, .averagedOverdamped, .eulerLangevin, .eulerThermostat: true
    default: false
    }
  }

  /// The normals taken for each parameter.
  public var noises: Int {
    switch self {
    case .flight: 2
    case .drift, .kick, .thermostatFriction, .feedback: 0
    default: 1
    }
  }

  /// Whether p stands for a momentum in the partition of this letter.
  var needsMomentum: Bool { self != .overdamped && self != .averagedOverdamped }

  /// Whether a thermostat is read or moved.
  var needsThermostat: Bool {
    switch self {
    case .thermostatFriction, .drivingNoise, .feedback, .thermostatFrictionAndNoise, .eulerThermostat: true
    default: false
    }
  }

  /// Whether two neighbours are one letter of the summed time: flows of one and the same equation.
  var mergesWithItself: Bool {
    switch self {
    case .drift, .kick, .frictionAndNoise, .thermostatFriction, .drivingNoise, .flight: true
    default: false
    }
  }

  /// The word that a plan uses for it.
  var title: String {
    switch self {
    case .drift: "drift"
    case .kick: "kick"
    case .frictionAndNoise: "friction+noise"
    case .thermostatFriction: "thermostat friction"
    case .drivingNoise: "noise"
    case .feedback: "feedback"
    case .thermostatFrictionAndNoise: "thermostat friction+noise"
    case .flight: "flight"
    case .overdamped: "overdamped move"
    case .averagedOverdamped: "averaged overdamped move"
    case .eulerLangevin: "Euler move with friction"
    case .eulerThermostat: "Euler move with thermostat"
    }
  }
}
