import LangevinCore

/// Any method that is a word of exactly solvable pieces for each partition of the parameters.
///
/// A step of size h runs the word of every partition once, all of them with the same gradients; ``plan`` says how. With
/// exact gradients and one temperature T the law of the positions is exp(-U/T) for any positive frictions, masses and
/// thermostats, up to a bias of second order in h for symmetric words. Different temperatures drive heat from hot to cold
/// partitions: a device for training, whose stationary state is no known law.
///
///     let sampler = try Splitting<Float>(
///       "mine", stepSize: 0.1, partitions: [
///         PartitionDynamics("first", parameters: ["layer1"], word: SplittingWord("BAOAB"), temperature: 1e-4),
///         PartitionDynamics("others", word: SplittingWord("X"), temperature: 1e-4),
///       ])
///
/// The named methods (``underdamped(_:stepSize:temperature:friction:mass:initialMomentum:)``,
/// ``adLaLa(adaptive:stepSize:temperatures:thermostat:friction:)``, ...) are such samplers with their published words.
public struct Splitting<Element: Scalar>: Sampler {
  /// Where momenta start.
  public enum InitialMomentum: String, Hashable, Sendable, CaseIterable {
    /// Drawn from N(0, mT).
    case thermal
    /// Zero.
    case rest
  }

  /// The method's short name.
  public let name: String
  /// What files say of it: the settings of a named method, or a line for each partition.
  public private(set) var settings: SplittingRecord
  /// h, in units of time, above 0: shared by all partitions; a function of the step.
  package let stepSize: Schedule
  /// What moves how.
  package let partitions: [PartitionDynamics<Element>]
  /// Where momenta start.
  package let initialMomentum: InitialMomentum
  /// Whether a partition that is 10^8 times too hot for 100 steps in a row stops the chain.
  package let stopsRunaways: Bool
  /// The passes and gradients of a step.
  public let plan: SplittingPlan

  /// A method from the dynamics of its partitions.
  ///
  /// - Throws: ``SamplingError`` if a setting is outside its range or a word makes no sense for its partition.
  public init(
    _ name: String, stepSize: Schedule, partitions: [PartitionDynamics<Element>],
    initialMomentum: InitialMomentum = .thermal, stopsRunaways: Bool = true
  ) throws(SamplingError) {
    try stepSize.check("stepSize")
    guard !partitions.isEmpty else {
      throw .setting("partitions", in: "", found: "none", expected: "at least one")
    }
    for partition in partitions { try partition.check() }
    self.name = name
    self.stepSize = stepSize
    self.partitions = partitions
    self.initialMomentum = initialMomentum
    self.stopsRunaways = stopsRunaways
    settings = SplittingRecord(of: partitions, stepSize: stepSize)
    plan = try SplittingPlan(words: partitions.map { (partitions.count > 1 ? $0.name : "", $0.word) })
  }

  /// The same under the settings that it was made from.
  func described(by settings: some SamplerSettings) -> Splitting {
    var described = self
    described.settings = SplittingRecord(texts: settings.texts)
    return described
  }

  /// exp(-U/T) where all partitions have the one constant temperature T.
  public var law: StationaryLaw {
    let first = partitions[0].temperature
    if partitions.contains(where: { !$0.temperature.isConstant }) {
      return partitions.allSatisfy { $0.temperature == first }
        ? .annealed(first) : .nonequilibrium("the temperatures of the partitions change along the run")
    }
    if let other = partitions.first(where: { $0.temperature.value(at: 0) != first.value(at: 0) }) {
      return .nonequilibrium(
        "partition '\(partitions[0].name)' has temperature \(first.value(at: 0)) and '\(other.name)' has "
          + "\(other.temperature.value(at: 0)): heat flows between them")
    }
    return .gibbs(temperature: first.value(at: 0))
  }

  /// Settings that are legal and yet probably not meant.
  public func warnings(for layout: ParameterLayout) -> [String] {
    var warnings: [String] = []
    if case .nonequilibrium(let reason) = law { warnings.append("the draws follow no known law: \(reason)") }
    let h = stepSize.value(at: 0)
    for partition in partitions {
      let temperature = partition.temperature.value(at: 0)
      if let thermostat = partition.thermostat {
        let noise = thermostat.drivingNoise * thermostat.drivingNoise * h / 2
        if temperature == 0 {
          warnings.append("partition '\(partition.name)' has a thermostat at temperature 0: its friction only grows")
        } else if partition.contains(.drivingNoise) && noise >= temperature {
          warnings.append(
            "partition '\(partition.name)': drivingNoise^2 stepSize/2 = \(noise) is not below the temperature "
              + "\(temperature), so the thermostat variable grows without end; lower drivingNoise or stepSize")
        }
      } else if partition.hasMomentum
        && partition.temperature.lowest * partition.friction * partition.sharedMass < partition.knownNoise
      {
        warnings.append(
          "partition '\(partition.name)': the minibatch noise exceeds the thermal noise; none is added, and it is too hot"
        )
      } else if partition.hasMomentum && partition.friction == 0 {
        warnings.append("partition '\(partition.name)' has friction 0 and no thermostat: nothing sets its temperature")
      }
    }
    return warnings
  }
}

/// What files say of a splitting: the settings of a named method, or a line for each partition.
public struct SplittingRecord: SettingRecord {
  /// The settings as text.
  public let texts: [SettingText]

  init(texts: [SettingText]) { self.texts = texts }

  init<Element>(of partitions: [PartitionDynamics<Element>], stepSize: Schedule) {
    texts =
      [SettingText(name: "step-size", text: stepSize.settingText ?? "", form: stepSize.settingForm)]
      + partitions.enumerated().map { SettingText(name: "partition-\($0 + 1)", text: $1.description) }
  }
}
