import LangevinCore
import LangevinSamplers
import Testing

/// What must be refused before any step, and what only deserves a warning.
@Suite struct SplittingSettingsTests {
  typealias Dynamics = PartitionDynamics<Double>

  private func dynamics(
    _ word: String = "BAOAB", parameters: ParameterSelection = .rest, temperature: Schedule = 1, friction: Double = 1,
    mass: Double = 1, thermostat: Thermostat? = nil, knownNoise: Double = 0
  ) throws -> Dynamics {
    Dynamics(
      "mine", parameters: parameters, word: try SplittingWord(word), temperature: temperature, friction: friction,
      mass: .scalar(mass), thermostat: thermostat, knownNoise: knownNoise)
  }

  private func refuses(
    _ setting: String, in place: String = "partition 'mine'", h: Double = 0.1, _ dynamics: Dynamics,
    location: SourceLocation = #_sourceLocation
  ) {
    #expect(sourceLocation: location) {
      try Splitting("s", stepSize: .constant(h), partitions: [dynamics])
    } throws: { error in
      guard case .setting(setting, in: place, _, _)? = error as? SamplingError else { return false }
      return true
    }
  }

  @Test(arguments: [0, -0.1, .nan, .infinity])
  func stepSizes(h: Double) throws { refuses("stepSize", in: "", h: h, try dynamics()) }

  @Test(arguments: [-1, .nan, .infinity])
  func numbersBelowZero(value: Double) throws {
    refuses("temperature", try dynamics(temperature: .constant(value)))
    refuses("friction", try dynamics(friction: value))
    refuses("mass", try dynamics(mass: value))
    refuses("knownNoise", try dynamics("H", knownNoise: value))
    refuses("coupling", try dynamics("ACDEDCAB", thermostat: Thermostat(coupling: .fixed(value))))
    refuses("coupling", try dynamics("ACDEDCAB", thermostat: Thermostat(coupling: .perDegreeOfFreedom(value))))
    refuses("drivingNoise", try dynamics("ACDEDCAB", thermostat: Thermostat(drivingNoise: value)))
  }

  @Test func zerosThatAreTooSmall() throws {
    refuses("mass", try dynamics(mass: 0))
    refuses("coupling", try dynamics("ACDEDCAB", thermostat: Thermostat(coupling: .fixed(0))))
    refuses(
      "the initial thermostat variable", try dynamics("ACDEDCAB", thermostat: Thermostat(initial: .infinity)))
    refuses("thermostat", try dynamics("BAOAB", thermostat: Thermostat()))
    var masses = try dynamics("H", knownNoise: 0.1)
    masses.mass = .perParameter(Tensor([1, 2]))
    refuses("knownNoise", masses)
    masses = try dynamics()
    masses.mass = .perParameter(Tensor([1, 0]))
    refuses("mass 1", masses)
  }

  @Test(arguments: [
    ("ACAB", 1), ("ADAB", 1), ("AEAB", 1), ("AFAB", 1), ("NE", 0), ("AX", 0), ("OX", 0), ("XB", 1), ("AY", 0),
  ])
  func wordsWithoutWhatTheyNeed(text: String, place: Int) throws {
    #expect {
      try Splitting("s", stepSize: 0.1, partitions: [try dynamics(text)])
    } throws: { error in
      guard case .word(text, position: place, _)? = error as? SamplingError else { return false }
      return true
    }
  }

  @Test func wordsThatNeedDifferentGradients() throws {
    let first = try dynamics("BAOAB", parameters: .ranges([0..<1]))
    #expect(throws: SamplingError.self) {
      try Splitting("s", stepSize: 0.1, partitions: [first, try dynamics("ABABAB")])
    }
    #expect(throws: SamplingError.self) { try Splitting<Double>("s", stepSize: 0.1, partitions: []) }
  }

  static let misfits: [([ParameterSelection], String)] = [
    ([.ranges([0..<3]), .ranges([2..<4])], "in partitions"),
    ([.ranges([0..<1]), .ranges([2..<4])], "in no partition"),
    ([.ranges([0..<2]), .ranges([2..<3])], "in no partition"),
    ([.ranges([0..<2]), .ranges([2..<5])], "reaching to element 5"),
    ([.blocks(["a"]), .blocks(["c"])], "'c'"),
    ([.blocks(["a"]), .blocks(["b"]), .rest], "empty"),
    ([.blocks(["a"]), .blocks(["a", "b"])], "in partitions"),
  ]

  @Test(arguments: misfits)
  func partitionsThatDoNotFit(selections: [ParameterSelection], text: String) throws {
    let layout = try ParameterLayout([("a", [2]), ("b", [2])])
    let potential = try ClosurePotential<Double>(layout: layout) { _, _ in 0 }
    let method = try Splitting(
      "s", stepSize: 0.1,
      partitions: selections.enumerated().map {
        Dynamics("part \($0)", parameters: $1, word: try SplittingWord("BAOAB"), temperature: 1)
      })
    var evaluator = try Evaluator(potential, seed: 1)
    #expect {
      try method.start(at: Tensor(zeros: 4), with: &evaluator)
    } throws: { error in
      guard case .setting(_, _, let found, _)? = error as? SamplingError else { return false }
      return found.contains(text)
    }
  }

  @Test func thermostatGroupsThatDoNotFit() throws {
    let potential = try HarmonicPotential<Double>(stiffness: [1, 1, 1])
    let misfits: [[ParameterSelection]] = [
      [.ranges([0..<2])], [.ranges([0..<3]), .ranges([2..<3])], [.ranges([0..<3]), .ranges([])], [.rest], [],
    ]
    for groups in misfits {
      let method = try Splitting<Double>.adLa(temperature: 1e-4, thermostat: Thermostat(groups: .selections(groups)))
      var evaluator = try Evaluator(potential, seed: 1)
      #expect(throws: SamplingError.self) { try method.start(at: Tensor(zeros: 3), with: &evaluator) }
    }
  }

  @Test func startsThatAreNone() throws {
    let method = try Splitting<Double>.underdamped(stepSize: 0.1, temperature: 1)
    var evaluator = try Evaluator(HarmonicPotential<Double>(stiffness: [1, 1]), seed: 1)
    #expect(throws: SamplingError.self) { try method.start(at: Tensor([0]), with: &evaluator) }
    #expect(throws: SamplingError.self) { try method.start(at: Tensor([0, .nan]), with: &evaluator) }
    let heavy = try Splitting<Double>.underdamped(
      stepSize: 0.1, temperature: 1, mass: .perParameter(Tensor([1, 1, 1])))
    #expect(throws: SamplingError.self) { try heavy.start(at: Tensor([0, 0]), with: &evaluator) }
  }

  @Test func minibatchNoiseBeyondTheThermalNoise() throws {
    #expect(throws: SamplingError.self) { try Splitting<Double>.sghmc(stepSize: 0.1, temperature: 1, knownNoise: 1.1) }
    // Enough room at first, not at the end.
    let cooling = Schedule.ladder([.init(2, steps: 10), .init(1, steps: 10)])
    #expect(throws: SamplingError.self) {
      try Splitting<Double>.sghmc(stepSize: 0.1, temperature: cooling, knownNoise: 1.1)
    }
    let clamped = try Splitting<Double>.sghmc(stepSize: 0.1, temperature: 1, knownNoise: 1.1, clampsNoise: true)
    let layout = try ParameterLayout(count: 1)
    #expect(clamped.warnings(for: layout).contains { $0.contains("minibatch noise") })
    #expect(try Splitting<Double>.sghmc(stepSize: 0.1, temperature: 1, knownNoise: 1).warnings(for: layout).isEmpty)
  }

  @Test func doubtfulSettingsAreWarnedOf() throws {
    let layout = try MLP([2, 3, 1]).layout
    func warns(_ text: String, _ method: some Sampler) {
      #expect(method.warnings(for: layout).contains { $0.contains(text) }, "\(method.warnings(for: layout))")
    }
    #expect(try Splitting<Float>.adLaLa(temperatures: (1e-4, 1e-4)).warnings(for: layout).isEmpty)
    warns("grows without end", try Splitting<Float>.adLaLa(temperatures: (1e-6, 1e-6)))
    warns("temperature 0", try Splitting<Float>.adLa(temperature: 0))
    warns("friction 0", try Splitting<Float>.underdamped(stepSize: 0.1, temperature: 1, friction: 0))
    warns("no known law", try Splitting<Float>.laLa(temperatures: (1e-2, 1e-4)))
  }

  @Test func onlyOneTemperatureIsALaw() throws {
    #expect(try Splitting<Float>.laLa(temperatures: (1e-4, 1e-4)).law == .gibbs(temperature: 1e-4))
    #expect(try Splitting<Float>.underdamped(stepSize: 0.1, temperature: 0.5).law == .gibbs(temperature: 0.5))
    let cooling = Schedule.geometric(start: 1, end: 0.1, steps: 10)
    #expect(try Splitting<Float>.underdamped(stepSize: 0.1, temperature: cooling).law == .annealed(cooling))
    let heated = try Splitting<Float>.laLa(temperatures: (1e-2, 1e-4)).law
    guard case .nonequilibrium = heated else {
      Issue.record("two temperatures claim \(heated)")
      return
    }
  }
}
