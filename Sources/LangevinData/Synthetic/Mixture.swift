import LangevinCore

/// Gaussian classes: a centre drawn from N(0, `separation`^2) in each coordinate, and points N(0, 1) about it.
package struct Mixture: SyntheticSet {
  /// What a recipe can say of it.
  package static let recipe = RecipeEntry<Self>(
    "mixture", "Gaussian classes around random centres",
    [
      .init("classes", \.classes, 1...65536, "classes"),
      .init("dimension", \.dimension, 1...(1 << 24), "coordinates"),
      .init("separation", \.separation, 0...1e6, "spread of the centres, in standard deviations of a class"),
    ])

  /// The number of classes.
  package var classes = 3
  /// The number of coordinates.
  package var dimension = 2
  /// The spread of the centres, in standard deviations of a class.
  package var separation = 3.0
  /// The sizes of its parts, and the seed.
  package var sizes = SetSizes(train: 1000, test: 1000)

  /// The set with its default parameters.
  package init() {}

  /// How the rows of one part are made.
  package func rows(of part: DatasetPart) -> SyntheticRows {
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
