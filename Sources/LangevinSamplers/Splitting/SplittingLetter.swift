import LangevinCore

/// The exactly solvable pieces that a step is composed of. Each runs for a time t, a fraction of the step size.
///
/// R are fresh standard normals, G is the gradient that the evaluator gives, S the sum of p^2/m over a thermostat group. A
/// letter is one row of this table: its symbol, what a plan calls it, what it does, how many normals it takes, and its place in
/// a ``Pass``.
package struct SplittingLetter: Sendable {
  /// The letter in a word.
  package let symbol: Character
  /// What a plan calls it.
  let title: String
  private let traits: Traits
  /// The normals taken for each parameter.
  package let noises: Int
  /// Adds the letter to a pass.
  package let append: @Sendable (consuming Pass, Double, LetterSettings) -> Pass

  struct Traits: OptionSet {
    let rawValue: Int
    static let usesGradient = Traits(rawValue: 1)
    static let movesPosition = Traits(rawValue: 2)
    static let needsThermostat = Traits(rawValue: 4)
    /// The partition of this letter has no momenta.
    static let lacksMomentum = Traits(rawValue: 8)
    /// Two neighbours are one letter of the summed time: flows of one and the same equation.
    static let mergesWithItself = Traits(rawValue: 16)
  }

  private init(
    _ symbol: Character, _ title: String, _ traits: Traits, noises: Int = 0,
    append: @escaping @Sendable (consuming Pass, Double, LetterSettings) -> Pass
  ) {
    self.symbol = symbol
    self.title = title
    self.traits = traits
    self.noises = noises
    self.append = append
  }

  /// Whether G is used.
  package var usesGradient: Bool { traits.contains(.usesGradient) }
  /// Whether theta changes.
  package var movesPosition: Bool { traits.contains(.movesPosition) }
  var needsMomentum: Bool { !traits.contains(.lacksMomentum) }
  var needsThermostat: Bool { traits.contains(.needsThermostat) }
  var mergesWithItself: Bool { traits.contains(.mergesWithItself) }
  /// Whether it changes nothing but momenta, parameter by parameter, and so may wait for the next pass.
  var canWait: Bool { !movesPosition && self != .feedback }
}

extension SplittingLetter {
  /// A: theta += t p/m
  package static let drift = SplittingLetter("A", "drift", [.movesPosition, .mergesWithItself]) { pass, t, _ in
    pass.drift(t)
  }

  /// B: p -= t G
  package static let kick = SplittingLetter("B", "kick", [.usesGradient, .mergesWithItself]) { pass, t, _ in
    pass.kick(t)
  }

  /// O: p = c p + sqrt((1 - c^2) m T) R with c = exp(-gamma t): exact in law for any t.
  package static let frictionAndNoise = SplittingLetter("O", "friction+noise", [.mergesWithItself], noises: 1) {
    pass, t, s in
    pass.thermostat(t, friction: s.friction, temperature: s.temperature)
  }

  /// C: p = exp(-xi t) p
  package static let thermostatFriction = SplittingLetter(
    "C", "thermostat friction", [.needsThermostat, .mergesWithItself]
  ) { pass, t, s in
    pass.damp(Math.exp(-s.thermostat * t))
  }

  /// D: p += sigma sqrt(m t) R
  package static let drivingNoise = SplittingLetter("D", "noise", [.needsThermostat, .mergesWithItself], noises: 1) {
    pass, t, s in
    pass.noise(momentum: s.drivingNoise * t.squareRoot())
  }

  /// E: xi += eps t (S - n T), once per thermostat group: the one letter that needs a sum, and no part of a pass.
  package static let feedback = SplittingLetter("E", "feedback", [.needsThermostat]) { pass, _, _ in pass }

  /// F: C and D solved together: p = exp(-xi t) p + sigma sqrt(m t f(2 xi t)) R with f(x) = (1 - exp(-x))/x.
  package static let thermostatFrictionAndNoise = SplittingLetter(
    "F", "thermostat friction+noise", [.needsThermostat], noises: 1
  ) { pass, t, s in
    pass.damp(Math.exp(-s.thermostat * t))
      .noise(momentum: s.drivingNoise * (t * dampedFraction(2 * s.thermostat * t)).squareRoot())
  }

  /// U: A and O solved together: free flight with friction, exact. Takes two normals.
  package static let flight = SplittingLetter("U", "flight", [.movesPosition, .mergesWithItself], noises: 2) {
    pass, t, s in
    pass.flight(t, friction: s.friction, temperature: s.temperature)
  }

  /// X: theta += -t G/m + sqrt(2 T t/m) R. The partition has no momenta.
  package static let overdamped = SplittingLetter(
    "X", "overdamped move", [.usesGradient, .movesPosition, .lacksMomentum], noises: 1
  ) { pass, t, s in
    pass.overdamped(t, temperature: s.temperature)
  }

  /// Y: theta += -t G/m + sqrt(T t/(2m)) (R' + R) with R' the R of the step before, which lives where momenta would.
  package static let averagedOverdamped = SplittingLetter(
    "Y", "averaged overdamped move", [.usesGradient, .movesPosition, .lacksMomentum], noises: 1
  ) { pass, t, s in
    let amplitude = (s.temperature * t / 2).squareRoot()
    return pass.drift(amplitude).descend(t).damp(0).noise(momentum: 1, position: amplitude)
  }

  /// H: p += -t G - t gamma p + sqrt(2 t (gamma m T - B)) R, then theta += t p/m: Euler's step, with known gradient noise B.
  package static let eulerLangevin = SplittingLetter(
    "H", "Euler move with friction", [.usesGradient, .movesPosition], noises: 1
  ) { pass, t, s in
    pass.damp(1 - s.friction * t).kick(t)
      .noise(momentum: max(0, 2 * t * (s.friction * s.temperature - s.knownNoise)).squareRoot())
      .drift(t)
  }

  /// N: p += -t G - t xi p + sigma sqrt(m t) R, then theta += t p/m: Euler's step with a thermostat, for comparison.
  package static let eulerThermostat = SplittingLetter(
    "N", "Euler move with thermostat", [.usesGradient, .movesPosition, .needsThermostat], noises: 1
  ) { pass, t, s in
    pass.damp(1 - s.thermostat * t).kick(t).noise(momentum: s.drivingNoise * t.squareRoot()).drift(t)
  }

  /// The alphabet.
  package static let all: [SplittingLetter] = [
    .drift, .kick, .frictionAndNoise, .thermostatFriction, .drivingNoise, .feedback, .thermostatFrictionAndNoise,
    .flight, .overdamped, .averagedOverdamped, .eulerLangevin, .eulerThermostat,
  ]

  /// The letter with a symbol.
  package init?(_ symbol: Character) {
    guard let letter = Self.all.first(where: { $0.symbol == symbol }) else { return nil }
    self = letter
  }
}

extension SplittingLetter: Hashable {
  /// Letters are told apart by their symbols.
  package static func == (a: SplittingLetter, b: SplittingLetter) -> Bool { a.symbol == b.symbol }
  /// By the symbol.
  package func hash(into hasher: inout Hasher) { hasher.combine(symbol) }
}

/// What the letters of one partition, or of one thermostat group, need to know at one step.
package struct LetterSettings {
  package var temperature: Double
  package var friction: Double
  /// The thermostat variable xi and the strength sigma of its noise.
  package var thermostat: Double
  package var drivingNoise: Double
  /// B/m, the gradient noise that letter H leaves out.
  package var knownNoise: Double

  package init(
    temperature: Double = 0, friction: Double = 0, thermostat: Double = 0, drivingNoise: Double = 0,
    knownNoise: Double = 0
  ) {
    self.temperature = temperature
    self.friction = friction
    self.thermostat = thermostat
    self.drivingNoise = drivingNoise
    self.knownNoise = knownNoise
  }
}
