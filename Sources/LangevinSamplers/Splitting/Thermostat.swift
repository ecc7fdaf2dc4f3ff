import LangevinCore

/// A friction xi that adapts until the kinetic temperature of its group is T, whatever noise the gradient has.
///
///     dp = -G dt - xi p dt + sigma dW,     dxi = eps (sum p^2/m - n T) dt
///
/// At equal temperatures the law is exp(-(U + |p|^2/(2m))/T) times a normal law of xi with mean sigma^2/(2T) (more, with
/// noisy gradients) and variance eps T.
public struct Thermostat: Hashable, Sendable {
  /// How strongly xi answers.
  public enum Coupling: Hashable, Sendable {
    /// eps, the same for every group: a group twice as large answers twice as fast.
    case fixed(Double)
    /// eps = value / n for a group of n parameters: all groups answer alike. 10 is a good value.
    case perDegreeOfFreedom(Double)
  }

  /// The parameters that share one xi.
  public enum Groups: Hashable, Sendable {
    /// Each block of the partition by itself: each weight matrix, each bias vector.
    case perBlock
    /// The whole partition.
    case whole
    /// The given ones, which together make the partition.
    case selections([ParameterSelection])
  }

  /// eps, above 0.
  package var coupling: Coupling
  /// sigma, the strength of the noise that is added on purpose, 0 or more; in units of sqrt(m T / time).
  package var drivingNoise: Double
  /// xi at the start, in units of 1/time; any finite number.
  package var initial: Double
  /// What shares one xi.
  package var groups: Groups

  /// A thermostat; the defaults are those of the published AdLaLa.
  public init(
    coupling: Coupling = .fixed(0.05), drivingNoise: Double = 0.01, initial: Double = 0.1, groups: Groups = .perBlock
  ) {
    self.coupling = coupling
    self.drivingNoise = drivingNoise
    self.initial = initial
    self.groups = groups
  }

  func check(in place: String) throws(SamplingError) {
    let value = coupling(of: 1)
    try LangevinSamplers.check(
      value > 0 && value.isFinite, "coupling", in: place, is: value, expected: "above 0, finite")
    try LangevinSamplers.check(
      drivingNoise >= 0 && drivingNoise.isFinite, "drivingNoise", in: place, is: drivingNoise,
      expected: "0 or more, finite")
    try LangevinSamplers.check(
      initial.isFinite, "the initial thermostat variable", in: place, is: initial, expected: "a finite number")
  }

  /// eps for a group of n parameters.
  func coupling(of count: Int) -> Double {
    switch coupling {
    case .fixed(let value): value
    case .perDegreeOfFreedom(let value): value / Double(count)
    }
  }

  /// The groups of a partition.
  func groups(of partition: Partition, in layout: ParameterLayout) throws(LangevinError) -> [Partition] {
    switch groups {
    case .whole: return [partition]
    case .perBlock: return try partition.blocks(of: layout)
    case .selections(let selections):
      var groups: [Partition] = []
      for (index, selection) in selections.enumerated() {
        let name = "\(partition.name), group \(index + 1)"
        guard let group = try selection.resolved(in: layout, called: name) else {
          throw .value(of: name, found: "the rest", expected: "blocks or ranges")
        }
        groups.append(group)
      }
      let united = try Partition(partition.name, ranges: groups.flatMap(\.ranges))
      try require(
        united.ranges == partition.ranges, "the thermostat groups of '\(partition.name)'", is: united.ranges,
        expected: "\(partition.ranges), the parameters of the partition")
      return groups
    }
  }
}

// MARK: Settings that methods with thermostats share

extension Setting where Owner: SamplerSettings {
  /// eps
  static func coupling(_ property: WritableKeyPath<Owner, Double> & Sendable) -> Setting {
    Setting("coupling", property, in: .positive, "how strongly the thermostat answers")
  }

  /// eps times the number of parameters of a group.
  static func couplingPerParameter(_ property: WritableKeyPath<Owner, Double> & Sendable) -> Setting {
    Setting(
      "coupling", property, in: .positive, "how strongly the thermostat answers, divided by the number of parameters")
  }

  /// sigma
  static func drivingNoise(_ property: WritableKeyPath<Owner, Double> & Sendable) -> Setting {
    Setting("driving-noise", property, in: .notNegative, "sigma, noise added on purpose")
  }

  /// xi at the start.
  static func initialThermostat(_ property: WritableKeyPath<Owner, Double> & Sendable) -> Setting {
    Setting(
      "initial-thermostat", property, unit: "1/time", "the friction that the thermostat starts with")
  }

  /// Names of layers or blocks.
  static func first(_ property: WritableKeyPath<Owner, ParameterSelection> & Sendable) -> Setting {
    Setting("first", property, "the layers or blocks of the first partition, with + between them")
  }
}
