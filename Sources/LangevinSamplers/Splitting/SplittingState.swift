import LangevinCore

/// What a splitting method carries from step to step.
public struct SplittingState<Element: Scalar>: SamplerState {
  /// The parameters, at the end of the word.
  public internal(set) var position: Tensor<Element>
  /// The momenta, before the letters that wait at the end of the word: for `BAOAB` and all words that end with B, before the
  /// kick by ``gradient``. ``Splitting/momentum(of:with:)`` gives those at the end of the word. Letter Y keeps its last
  /// normals here; without letters that use it, it is empty.
  package var momentum: Tensor<Element>
  /// The last gradient.
  package internal(set) var gradient: Tensor<Element>
  /// The thermostat variables, one for each group.
  package var thermostats: [Double]
  /// The number of steps done.
  public internal(set) var step: UInt64 = 0

  /// For how many steps in a row each route has been far too hot.
  var hotSteps: [UInt64]
  /// sum p^2/m over each route after the last pass over it.
  var kinetic: [Double]
  /// The parameters that are moved together, in order.
  let routes: [Route<Element>]
  /// h
  let stepSize: Schedule
  /// Whether the next step uses the gradient of this one.
  let keepsGradient: Bool
  /// The columns of the records, kept so that no step makes a list of its own.
  var details: [(name: String, value: Double)]

  /// Position, momenta, thermostats, step, and the gradient if a kick by it is still to come.
  public mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("position", &position)
    if momentum.count > 0 { try archive.field("momentum", &momentum) }
    if keepsGradient { try archive.field("gradient", &gradient) }
    try archive.field("thermostats", &thermostats)
    try archive.field("step", &step)
    for index in hotSteps.indices { try archive.field("hotSteps.\(index)", &hotSteps[index]) }
  }
}

extension SplittingState {
  /// At the end of the word, like the kinetic temperature of a step's record.
  public func kinetic(over ranges: [Range<Int>]) -> Double? {
    var (sum, count) = (0.0, 0)
    for route in routes where route.hasMomentum {
      for own in route.ranges {
        for range in ranges {
          let common = range.clamped(to: own)
          let stored = momentum.squaredNorm(weights: route.masses.inverse, over: common) / route.mass
          sum += kinetic(of: route, over: [common], stored: stored)
          count += common.count
        }
      }
    }
    return count == ranges.reduce(0) { $0 + $1.count } ? sum : nil
  }

  /// sum p^2/m at the end of the word, from the one of the momenta as they are stored.
  ///
  /// Letters that wait make c p + b G + sum_j s_j sqrt(m) R_j of p. The normals are still to be drawn: this is the mean over
  /// them.
  func kinetic(of route: Route<Element>, over ranges: [Range<Int>], stored: Double) -> Double {
    if step == 0 || route.track.pending.isEmpty { return stored }
    let waiting = waiting(on: route).coefficients
    let (c, b) = (waiting.p_p, waiting.p_g)
    let noise = withUnsafeBytes(of: waiting.p_r) { bytes in
      bytes.bindMemory(to: Double.self).prefix(Int(waiting.noises)).reduce(0) { $0 + $1 * $1 }
    }
    var sum = c * c * stored + noise * Double(ranges.reduce(0) { $0 + $1.count })
    if b == 0 { return sum }
    for range in ranges {
      let power = momentum.dot(gradient, weights: route.masses.inverse, over: range)
      let square = gradient.squaredNorm(weights: route.masses.inverse, over: range)
      sum += b * (2 * c * power + b * square) / route.mass
    }
    return sum
  }

  /// The letters at the end of the word that the first pass of the next step will do.
  func waiting(on route: Route<Element>) -> Pass {
    let h = stepSize.value(at: step - 1)
    let settings = settings(of: route, at: step - 1)
    return route.track.pending.reduce(Pass()) { $1.letter.append($0, $1.fraction * h, settings) }
  }

  /// What the letters of a route need to know.
  func settings(of route: Route<Element>, at step: UInt64) -> LetterSettings {
    LetterSettings(
      temperature: route.dynamics.temperature.value(at: step), friction: route.dynamics.friction,
      thermostat: route.thermostat.map { thermostats[$0.index] } ?? 0,
      drivingNoise: route.dynamics.thermostat?.drivingNoise ?? 0, knownNoise: route.dynamics.knownNoise / route.mass)
  }
}

/// A thermostat group, or a partition without a thermostat: what one pass runs over, with all that it needs at hand.
///
/// A class, so that a step hands it around without counting the references inside.
final class Route<Element: Scalar>: Sendable {
  let name: String
  let ranges: [Range<Int>]
  let count: Int
  let dynamics: PartitionDynamics<Element>
  let track: SplittingPlan.Track
  /// The place of its thermostat variable, and eps.
  let thermostat: (index: Int, coupling: Double)?
  let hasMomentum: Bool
  /// Whether passes use the place of momenta: for momenta, or for the normals of letter Y.
  let usesMomentum: Bool
  /// The mass of all parameters, or the mass of each.
  let mass: Double
  let masses: Masses<Element>

  init(
    _ group: Partition, of dynamics: PartitionDynamics<Element>, track: SplittingPlan.Track, masses: Masses<Element>,
    thermostatIndex: Int
  ) {
    name = group.name
    ranges = group.ranges
    count = group.count
    self.dynamics = dynamics
    self.track = track
    self.masses = masses
    mass = dynamics.sharedMass
    hasMomentum = dynamics.hasMomentum
    usesMomentum = dynamics.usesMomentum
    thermostat = dynamics.thermostat.map { (thermostatIndex, $0.coupling(of: group.count)) }
  }
}
