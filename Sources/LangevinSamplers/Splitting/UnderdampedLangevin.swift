import LangevinCore

/// Underdamped Langevin dynamics, by any of the one-gradient splittings.
///
///     d theta = p/m dt,    dp = -G dt - gamma p dt + sqrt(2 gamma m T) dW
///
/// Law: exp(-(U + |p|^2/(2m))/T), with a bias of second order in the step h; U as the potential normalises it. What
/// differs is the bias on a harmonic well of frequency w = sqrt(k/m):
///
/// | scheme | <q^2> k/T | <p^2> / (mT) |
/// | --- | --- | --- |
/// | `baoab` | 1 | 1 - h^2 w^2/4 |
/// | `aboba` | 1 | 1/(1 - h^2 w^2/4) |
/// | `obabo` | 1/(1 - h^2 w^2/4) | 1 |
/// | `oabao` | 1 - h^2 w^2/4 | 1 |
/// | `ubu`, `bub` | 1 + O(h^2) | 1 + O(h^2) |
///
/// Gradient noise of standard deviation s per parameter heats: T becomes about T + h s^2/(2 gamma m). With minibatches in
/// symmetric sweeps (`BatchScheme.sweeps`) and a symmetric scheme, `ubu` above all, the bias from batches is of second
/// order, too; draws then come at the ends of sweeps (Paulin, Whalley, Chada and Leimkuhler, arXiv 2410.19780).
///
/// Stable for h w < 2; `ubu` and `bub` for (h k/(gamma m)) tanh(gamma h/2) < 2.
///
/// Leimkuhler and Matthews, arXiv 1203.5428 (BAOAB, ABOBA); Bussi and Parrinello, arXiv 0803.4083 (OBABO);
/// Sanz-Serna and Zygalakis, arXiv 2104.12384 (UBU).
public struct UnderdampedLangevinSettings: SamplerSettings {
  /// The letters of a step.
  public var word = baoab
  /// h > 0, in time; 0.1 to 0.2 over the largest frequency is careful.
  public var stepSize: Schedule = 0.1
  /// T >= 0, in units of U.
  public var temperature: Schedule?
  /// gamma >= 0, in 1/time; about one over the longest relaxation time.
  public var friction = 1.0
  /// m > 0.
  public var mass = 1.0
  /// The defaults.
  public init() {}

  /// `baoab`
  package static let names = ["baoab"]
  /// A line for the list.
  package static let summary = "Langevin dynamics with momenta; the word of a step is a setting: baoab, obabo, ubu, ..."
  /// Every setting.
  package static let table: [Setting<Self>] = [
    .temperature(\.temperature), .stepSize(\.stepSize), .friction(\.friction), .mass(\.mass),
    Setting("word", \.word, "the letters of a step, such as BAOAB, OBABO, ABOBA or UBU"),
  ]
  /// The posterior's temperature, if none was given.
  package mutating func complete(for context: RunContext) {
    temperature = temperature ?? .constant(context.posteriorTemperature)
  }
  /// The sampler.
  package func sampler<Element: Scalar>(of type: Element.Type) throws(SamplingError) -> any Sampler<Element> {
    try Splitting<Element>(
      "\(word)".lowercased(), stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          word: word, temperature: try required(temperature), friction: friction, mass: .scalar(mass))
      ]
    ).described(by: self)
  }

  private static let baoab = SplittingWord(shared: [.kick, .drift, .frictionAndNoise, .drift, .kick])
}

/// The word of a step; see `SplittingLetter`.
public enum UnderdampedScheme: String, CaseIterable, Hashable, Sendable {
  /// Positions of a harmonic well are exact at any stable step: the choice for averages over positions.
  case baoab
  /// The same on a harmonic well, less accurate elsewhere.
  case aboba
  /// Momenta of a harmonic well are exact at any stable step; velocity Verlet between two thermostats.
  case obabo
  /// Momenta exact, too; with sweeps of minibatches the whole sweep is a palindrome.
  case oabao
  /// `baoab`, read after its kick.
  case aoab
  /// `baoab`, read before its kick.
  case baoa
  /// Free flight is exact: good paths whatever the friction, and the first choice with sweeps of minibatches.
  case ubu
  /// The kick in two halves around the flight.
  case bub
}

extension Splitting {
  /// Underdamped Langevin dynamics of all parameters; see ``UnderdampedLangevinSettings``.
  ///
  /// - Parameters:
  ///   - scheme: the splitting.
  ///   - stepSize: h > 0, in time; 0.1 to 0.2 over the largest frequency is careful.
  ///   - temperature: T >= 0, in units of U.
  ///   - friction: gamma >= 0, in 1/time; about one over the longest relaxation time.
  ///   - mass: m > 0.
  ///   - initialMomentum: drawn from N(0, mT), or zero.
  /// - Returns: The sampler.
  /// - Throws: ``SamplingError`` if a setting is outside its range.
  public static func underdamped(
    _ scheme: UnderdampedScheme = .baoab, stepSize: Schedule = UnderdampedLangevinSettings().stepSize,
    temperature: Schedule, friction: Double = UnderdampedLangevinSettings().friction,
    mass: PartitionDynamics<Element>.Mass = .scalar(UnderdampedLangevinSettings().mass),
    initialMomentum: InitialMomentum = .thermal
  ) throws(SamplingError) -> Splitting {
    try Splitting(
      scheme.rawValue, stepSize: stepSize,
      partitions: [
        PartitionDynamics(
          word: try SplittingWord(scheme.rawValue.uppercased()), temperature: temperature, friction: friction,
          mass: mass)
      ],
      initialMomentum: initialMomentum)
  }
}

extension Splitting: Exchangeable {
  /// The positions with their gradients. What is thermal stays: thermostats, and the momenta at the end of the word, so
  /// letters that wait there are undone for the one gradient and done for the other.
  public func exchangePoints(_ a: inout SplittingState<Element>, _ b: inout SplittingState<Element>) {
    swap(&a.position, &b.position)
    swap(&a.gradient, &b.gradient)
    keepMomentum(of: &a, old: b.gradient)
    keepMomentum(of: &b, old: a.gradient)
  }

  /// Waiting letters make c (p - t G) of momenta: p gains t (G - G') where G takes the place of G'.
  private func keepMomentum(of state: inout SplittingState<Element>, old: Tensor<Element>) {
    guard state.keepsGradient, state.step > 0 else { return }
    for route in state.routes where route.hasMomentum {
      let waiting = state.waiting(on: route).coefficients
      if waiting.p_g == 0 { continue }
      let time = -waiting.p_g / waiting.p_p
      for range in route.ranges {
        state.momentum.add(time, state.gradient, over: range)
        state.momentum.add(-time, old, over: range)
      }
    }
  }

  /// The same partitions at another temperature.
  public func tempered(at temperature: Double) throws(SamplingError) -> Splitting {
    var partitions = partitions
    for index in partitions.indices { partitions[index].temperature = .constant(temperature) }
    return try Splitting(
      name, stepSize: stepSize, partitions: partitions, initialMomentum: initialMomentum,
      stopsRunaways: stopsRunaways)
  }

  /// At the ends of palindromes positions and momenta are as good as independent, elsewhere they are not.
  public func checkExchange() throws(SamplingError) {
    for partition in partitions {
      let word = partition.word
      let isReadAtItsMiddle =
        word.isSymmetric && !partition.contains(.averagedOverdamped, .eulerLangevin, .eulerThermostat)
      guard isReadAtItsMiddle else {
        throw .refused(
          "\(name): positions and momenta depend on each other at the end of the word \(word), so chains cannot exchange "
            + "their positions there; use a word that reads the same in both directions, such as BAOAB, without H, N and Y"
        )
      }
    }
  }
}
