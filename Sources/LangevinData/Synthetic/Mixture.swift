import LangevinCore

/// Gaussian classes: a centre drawn from N(0, `separation`^2) in each coordinate, and points N(0, 1) about it.
public struct Mixture: SyntheticSet {
  /// The name in a recipe.
  public static let name = "mixture"
  /// One line about it.
  public static let line =
    "Gaussian classes around random centres"
  /// The parameters of a recipe.
  public static let fields: [RecipeField<Self>] =
    [
      .init("classes", \.classes, 1...65536, "classes"),
      .init("dimension", \.dimension, 1...(1 << 24), "coordinates"),
      .init("separation", \.separation, 0...1e6, "spread of the centres, in standard deviations of a class"),
    ] + commonFields

  /// The number of classes.
  public var classes = 3
  /// The number of coordinates.
  public var dimension = 2
  /// The spread of the centres, in standard deviations of a class.
  public var separation = 3.0
  /// The number of training examples.
  public var train = 1000
  /// The number of test examples.
  public var test = 1000
  /// The number of validation examples.
  public var validation = 0
  /// What all numbers are derived from.
  public var seed: UInt64 = 0

  /// The set with its default parameters.
  public init() {}

  /// How the rows of one part are made.
  public func rows(of part: DatasetPart) -> SyntheticRows {
    var centres: [Double] = []
    for label in 0..<classes {
      var random = RandomRow(sharedStream, row: label)
      for _ in 0..<dimension { centres.append(separation * random.normal()) }
    }
    let (classes, dimension, places) = (classes, dimension, centres)
    return SyntheticRows(inputWidth: dimension, targets: .classes(classes)) { row in
      let label = row.random.integer(below: classes)
      row.targets[0] = Double(label)
      for axis in 0..<dimension { row.inputs[axis] = places[label * dimension + axis] + row.random.normal() }
    }
  }
}
