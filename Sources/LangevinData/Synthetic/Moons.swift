import LangevinCore

/// Two half circles of radius 1 that interlock, with normal noise on each coordinate.
///
/// With an angle a uniform in (0, pi), class 0 has (cos a, sin a) and class 1 has (1 - cos a, 1/2 - sin a); a row's
/// class is a fair coin. Labels may be wrong on purpose, in all parts alike, so that no classifier gets more than 1 - `flip` right.
public struct Moons: SyntheticSet {
  /// What a recipe can say of it.
  public static let recipe = RecipeEntry<Self>(
    "moons", "two half circles that interlock, two classes",
    [
      .init("noise", \.noise, 0...1e6, "standard deviation of the noise on each coordinate"),
      .init("flip", \.flipProbability, 0...1, "probability that a label is wrong"),
    ])

  /// The standard deviation of the noise on each coordinate.
  public var noise = 0.1
  /// The probability that a label is wrong.
  package var flipProbability = 0.0
  /// The sizes of its parts, and the seed.
  public var sizes = SetSizes(train: 500, test: 1000)

  /// The set with its default parameters.
  public init() {}

  /// How the rows of one part are made.
  public func rows(of part: DatasetPart) -> SyntheticRows {
    let (noise, flipProbability) = (noise, flipProbability)
    return SyntheticRows(inputWidth: 2, targets: .classes(2)) { row in
      let label = row.random.integer(below: 2)
      let (cosine, sine) = PortableMath.cosineAndSine(turns: row.random.uniform() / 2)
      row.targets[0] = Double(label)
      row.inputs[0] = (label == 0 ? cosine : 1 - cosine) + noise * row.random.normal()
      row.inputs[1] = (label == 0 ? sine : 0.5 - sine) + noise * row.random.normal()
      if row.random.happens(flipProbability) { row.targets[0] = Double(1 - label) }
    }
  }
}
