import LangevinCore

/// How the parameters of one partition move: their word, temperature, friction, mass and thermostat.
public struct PartitionDynamics<Element: Scalar>: Sendable {
  /// The masses of the parameters.
  public enum Mass: Sendable {
    /// One for all, above 0.
    case scalar(Double)
    /// One for each parameter; the tensor is as long as the whole vector, and this partition's places of it are used.
    case perParameter(Tensor<Element>)
  }

  /// How the partition is called in plans and messages.
  package var name: String
  /// Which parameters it holds.
  package var parameters: ParameterSelection
  /// The letters of its step.
  package var word: SplittingWord
  /// T of the law exp(-U/T), 0 or more; a function of the step.
  package var temperature: Schedule
  /// gamma, in units of 1/time, 0 or more; used by O, U and H.
  package var friction: Double
  /// m, above 0.
  package var mass: Mass
  /// The adaptive friction; used by C, D, E, F and N.
  package var thermostat: Thermostat?
  /// B, the variance rate h s^2/2 of a gradient noise of standard deviation s, which letter H leaves out of its own noise.
  package var knownNoise: Double

  /// The dynamics of a partition.
  public init(
    _ name: String = "all", parameters: ParameterSelection = .rest, word: SplittingWord, temperature: Schedule,
    friction: Double = 1, mass: Mass = .scalar(1), thermostat: Thermostat? = nil, knownNoise: Double = 0
  ) {
    self.name = name
    self.parameters = parameters
    self.word = word
    self.temperature = temperature
    self.friction = friction
    self.mass = mass
    self.thermostat = thermostat
    self.knownNoise = knownNoise
  }
}

extension PartitionDynamics {
  func contains(_ letters: SplittingLetter...) -> Bool {
    word.letters.contains { letters.contains($0.letter) }
  }

  /// Whether the partition has momenta.
  var hasMomentum: Bool { !contains(.overdamped, .averagedOverdamped) }

  /// Whether the place of momenta is used; Y keeps its last normals there.
  var usesMomentum: Bool { hasMomentum || contains(.averagedOverdamped) }

  /// The mass shared by all parameters; 1 where each has its own, which the pass applies.
  var sharedMass: Double {
    if case .scalar(let mass) = mass { mass } else { 1 }
  }

  /// Throws unless settings are in their ranges and go with the word.
  func check() throws(SamplingError) {
    let place = "partition '\(name)'"
    do throws(SamplingError) {
      try temperature.check("temperature", zeroAllowed: true)
    } catch {
      guard case .setting(let setting, _, let found, let expected) = error else { throw error }
      throw .setting(setting, in: place, found: found, expected: expected)
    }
    try LangevinSamplers.check(
      friction >= 0 && friction.isFinite, "friction", in: place, is: friction, expected: "0 or more, finite")
    switch mass {
    case .scalar(let mass):
      try LangevinSamplers.check(mass > 0 && mass.isFinite, "mass", in: place, is: mass, expected: "above 0, finite")
    case .perParameter(let masses):
      for index in 0..<masses.count {
        let mass = Double(masses[index])
        try LangevinSamplers.check(
          mass > 0 && mass.isFinite, "mass \(index)", in: place, is: mass, expected: "above 0, finite")
      }
    }
    try LangevinSamplers.check(
      knownNoise >= 0 && knownNoise.isFinite, "knownNoise", in: place, is: knownNoise, expected: "0 or more, finite")
    if case .perParameter = mass, knownNoise > 0 {
      throw .setting(
        "knownNoise", in: place, found: "\(knownNoise)", expected: "0 where parameters have masses of their own")
    }
    try thermostat?.check(in: place)
    try checkWord()
  }

  private func checkWord() throws(SamplingError) {
    for (position, letter) in word.letters.map(\.letter).enumerated() {
      if letter.needsThermostat && thermostat == nil {
        throw .word(
          "\(word)", position: position,
          reason: "\(letter.symbol) needs a thermostat; partition '\(name)' has none")
      }
      if letter.needsMomentum && !hasMomentum {
        throw .word(
          "\(word)", position: position,
          reason: "\(letter.symbol) moves momenta; with X or Y in its word, partition '\(name)' has none")
      }
    }
    if thermostat != nil && !word.letters.contains(where: { $0.letter.needsThermostat }) {
      throw .setting(
        "thermostat", in: "partition '\(name)'", found: "set", expected: "none, since no letter of \(word) uses it")
    }
  }
}

extension PartitionDynamics: CustomStringConvertible {
  /// Its settings in a line.
  public var description: String {
    var parts = [
      "\(name) (\(parameters.settingText ?? "")): \(word)", "temperature \(temperature.settingText ?? "")",
      "friction \(friction)",
    ]
    switch mass {
    case .scalar(let mass): parts.append("mass \(mass)")
    case .perParameter(let masses): parts.append("masses with sum of squares \(masses.squaredNorm())")
    }
    if let thermostat { parts.append("\(thermostat)") }
    if knownNoise > 0 { parts.append("known noise \(knownNoise)") }
    return parts.joined(separator: ", ")
  }
}
