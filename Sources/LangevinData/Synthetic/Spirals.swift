import LangevinCore

/// Two interleaved spirals: the task on which Leimkuhler, Matthews and Vlaar (arXiv:1908.11843) compare partitions.
///
/// With t uniform in (0, 1), class 0 has the points (r cos a, r sin a), r = `scale` t^`exponent`, a = 2 pi `turns`
/// t^`exponent`, and class 1 the same points with both signs changed; the first half of the rows is class 0. Normal
/// noise is added to each coordinate. With exponent 1/2 the points fill the disc evenly.
public struct Spirals: SyntheticSet {
  /// Where the random numbers come from.
  package enum Generator: String, CaseIterable, Sendable {
    /// The counter-based stream of all other sets.
    case stream
    /// SplitMix64 in sequence, seeded with 1000 + seed for training and 2000 + seed for testing: easily made again
    /// in any language, so that results can be compared number by number.
    case splitmix
  }

  /// What a recipe can say of it.
  public static let recipe = RecipeEntry<Self>(
    "spirals", "two interleaved spirals in the plane, two classes",
    [
      .init("turns", \.turns, 0...1e6, "turns of a spiral"),
      .init("exponent", \.exponent, 0.01...100, "power of t that radius and angle grow with"),
      .init("scale", \.scale, 1e-6...1e6, "radius of the spirals"),
      .init("noise", \.noise, 0...1e6, "standard deviation of the noise on each coordinate"),
      .init("generator", \.generator, "stream, or splitmix for the portable recipe"),
    ])

  /// The turns of a spiral about the origin.
  public var turns = 4.0
  /// The power of t that radius and angle grow with.
  package var exponent = 0.5
  /// The radius.
  package var scale = 2.0
  /// The standard deviation of the noise on each coordinate.
  public var noise = 0.02
  /// Where the random numbers come from.
  package var generator = Generator.stream
  /// The sizes of its parts, and the seed.
  public var sizes = SetSizes(train: 500, test: 1000)

  /// The set with its default parameters.
  public init() {}

  /// How the rows of one part are made.
  public func rows(of part: DatasetPart) throws(LangevinError) -> SyntheticRows {
    let (noise, count, stream) = (noise, count(of: part), stream(of: part))
    try require(count % 2 == 0, "'\(part)' of the spirals", is: count, expected: "an even number, half for each class")
    if generator == .splitmix {
      let points = splitmixPoints(of: part)
      return SyntheticRows(inputWidth: 2, targets: .classes(2)) { row in
        row.targets[0] = row.index < count / 2 ? 0 : 1
        row.inputs[0] = points[2 * row.index]
        row.inputs[1] = points[2 * row.index + 1]
      }
    }
    return SyntheticRows(inputWidth: 2, targets: .classes(2)) { row in
      let label = row.index < count / 2 ? 0 : 1
      let t = stream.substream(0).uniform(element: row.index - label * (count / 2))
      let (x, y) = point(t, label: label)
      row.targets[0] = Double(label)
      row.inputs[0] = x + noise * row.random.normal()
      row.inputs[1] = y + noise * row.random.normal()
    }
  }

  private func point(_ t: Double, label: Int) -> (x: Double, y: Double) {
    let grown = PortableMath.power(t, exponent)
    let (cosine, sine) = PortableMath.cosineAndSine(turns: turns * grown)
    let radius = label == 0 ? scale * grown : -scale * grown
    return (radius * cosine, radius * sine)
  }

  /// All points, x and y in turn: first every t, then the noise row by row.
  private func splitmixPoints(of part: DatasetPart) -> [Double] {
    var random = SplitMix64(seed: seed &+ 1000 * (part.rawValue + 1))
    let count = count(of: part)
    let times = (0..<count / 2).map { _ in random.uniform() }
    return [0, 1].flatMap { label in
      times.flatMap { t in
        let (x, y) = point(t, label: label)
        let (xNoise, yNoise) = (random.normal(), random.normal())
        return [x + noise * xNoise, y + noise * yNoise]
      }
    }
  }
}

/// The generator of Steele, Lea and Flood (2014), as the specification's portable recipes use it.
struct SplitMix64 {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A uniform in 0..<1.
  mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
  }

  /// A standard normal from two uniforms.
  mutating func normal() -> Double {
    let radius = (-2 * PortableMath.log(1 - uniform())).squareRoot()
    return radius * PortableMath.cosineAndSine(turns: uniform()).cosine
  }
}
